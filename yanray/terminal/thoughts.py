"""Telling what a model thinks, between `<think>` and `</think>`, from what it says, while both stream."""

from __future__ import annotations

from collections.abc import Iterator

THINK, UNTHINK = "<think>", "</think>"


class Thoughts:
    """Splits a stream. The tags themselves are left out, wherever the stream was cut."""

    def __init__(self) -> None:
        self.thinking = False
        self._held = ""  # may be the beginning of a tag

    def feed(self, text: str) -> Iterator[tuple[bool, str]]:
        """TEXT in pieces, each with whether it is a thought."""
        text, self._held = self._held + text, ""
        while text:
            tag = UNTHINK if self.thinking else THINK
            before, found, after = text.partition(tag)
            if not found:
                held = next((n for n in range(len(tag) - 1, 0, -1) if before.endswith(tag[:n])), 0)
                before, self._held = before[: len(before) - held], before[len(before) - held :]
            if before:
                yield self.thinking, before
            if found:
                self.thinking = not self.thinking
            text = after

    def finish(self) -> Iterator[tuple[bool, str]]:
        """The stream is over: what was held was no tag."""
        held, self._held = self._held, ""
        if held:
            yield self.thinking, held
        self.thinking = False
