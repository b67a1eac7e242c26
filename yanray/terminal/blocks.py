"""Streaming Markdown, cut into blocks that are finished and the one that is not.

A finished block never changes again, whatever follows, so it can be drawn once and for all; only the last
one is drawn anew while it grows. Blocks are: a paragraph (also a table or a quotation), a heading, a rule,
one item of a list with all that belongs to it, a piece of a code block. What is inside is the renderer's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["text", "item", "code"]

FENCE = re.compile(r"(?P<indent> {0,3})(?P<marker>`{3,}(?=[^`]*$)|~{3,})\s*(?P<language>[^\s`{]*)")
HEADING = re.compile(r" {0,3}#{1,6}(\s|$)")
RULE = re.compile(r" {0,3}([-*_])( *\1){2,} *$")
ITEM = re.compile(r" {0,3}([-*+]|\d{1,9}[.)])(?P<space>\s+|$)")
LONGEST_CODE = 40  # lines after which a code block is drawn in pieces


@dataclass(frozen=True, slots=True)
class Block:
    """source: its Markdown, for code the lines alone. spaced: a blank line belongs before it.

    language: of code. opens, closes: whether it is the first, the last piece of its code block.
    """

    kind: Kind
    source: str
    spaced: bool = True
    language: str = ""
    opens: bool = True
    closes: bool = True


class Blocks:
    """Cuts text as it comes. `feed` gives the blocks that it finished; `rest` is the unfinished one."""

    def __init__(self) -> None:
        self._line: list[str] = []  # pieces of the line that has not ended
        self._lines: list[str] = []  # whole lines of the block at hand
        self._kind: Kind = "text"
        self._fence: re.Match[str] | None = None
        self._opened = False  # a piece of the code block at hand was given out
        self._blank = False  # a blank line stood before the next one
        self._previous: Kind | None = None
        self._done: list[Block] = []

    def feed(self, text: str) -> list[Block]:
        """Read TEXT; the blocks that are finished now."""
        *whole, rest = text.split("\n")
        for line in whole:
            self._take("".join([*self._line, line]))
            self._line = []
        if rest:
            self._line.append(rest)
        return self._taken()

    def finish(self) -> list[Block]:
        """The text is over: the last blocks."""
        if self._line:
            self._take("".join(self._line))
            self._line = []
        self._close()
        return self._taken()

    @property
    def rest(self) -> Block | None:
        """The unfinished block as it stands; None when nothing stands."""
        line = "".join(self._line)
        lines = [*self._lines, line] if line else list(self._lines)
        if self._fence is not None:
            return self._code(lines, closes=False) if lines else None
        if line and not self._lines and FENCE.match(line):
            return None  # the fence itself is not shown
        if not any(each.strip() for each in lines):
            return None
        kind = self._kind if self._lines else _kind(line)
        return Block(kind, "\n".join(lines), self._spaced(kind))

    def _taken(self) -> list[Block]:
        done, self._done = self._done, []
        return done

    def _take(self, line: str) -> None:
        if self._fence is not None:
            self._take_code(line)
        elif fence := self._opening(line):
            self._close()
            self._fence, self._opened = fence, False
        elif not line.strip():
            self._take_blank()
        else:
            self._take_text(line)

    def _opening(self, line: str) -> re.Match[str] | None:
        """A fence that LINE opens; one inside a list's item belongs to the item."""
        inside = self._kind == "item" and self._lines and line.startswith("  ")
        return None if inside else FENCE.match(line)

    def _take_code(self, line: str) -> None:
        assert self._fence is not None
        marker = self._fence["marker"]
        bare = line.strip()
        if len(bare) >= len(marker) and not bare.strip(marker[0]):
            self._give(self._code(self._lines, closes=True))
            self._fence = None
            return
        self._lines.append(line.removeprefix(self._fence["indent"]))
        if len(self._lines) >= LONGEST_CODE:
            self._give(self._code(self._lines, closes=False))
            self._opened = True

    def _take_blank(self) -> None:
        self._blank = True
        if self._kind == "item" and self._lines:
            self._lines.append("")  # the item may go on
        else:
            self._close()

    def _take_text(self, line: str) -> None:
        kind = _kind(line)
        alone = bool(HEADING.match(line) or RULE.match(line))
        underline = bool(self._lines) and self._kind == "text" and not self._blank and RULE.match(line)
        if underline and line.strip()[0] == "-":
            alone, kind = False, "text"  # the line above is a heading
        if self._lines and not self._continues(line, kind, alone=alone):
            self._close()
        if not self._lines:
            self._kind = kind
        self._lines.append(line)
        if alone and self._kind == "text":
            self._close()
        self._blank = False

    def _continues(self, line: str, kind: Kind, *, alone: bool) -> bool:
        """Whether LINE belongs to the block at hand."""
        if self._kind == "item":
            return line.startswith(("  ", "\t")) or not (self._blank or alone or kind == "item")
        return not alone and kind != "item"

    def _close(self) -> None:
        if self._fence is not None:
            if self._lines or not self._opened:
                self._give(self._code(self._lines, closes=True))
            self._fence = None
        elif any(line.strip() for line in self._lines):
            self._give(Block(self._kind, "\n".join(self._lines).rstrip(), self._spaced(self._kind)))
        self._lines = []

    def _give(self, block: Block) -> None:
        self._done.append(block)
        self._lines = []
        self._previous, self._blank = block.kind, False

    def _spaced(self, kind: Kind) -> bool:
        """Items of one list stand close together; the first block of all has nothing before it."""
        return self._previous is not None and not (kind == "item" == self._previous)

    def _code(self, lines: list[str], *, closes: bool) -> Block:
        assert self._fence is not None
        spaced = self._previous is not None and not self._opened
        source = "\n".join(lines)
        return Block("code", source, spaced, self._fence["language"], not self._opened, closes)


def _kind(line: str) -> Kind:
    return "item" if ITEM.match(line) and not RULE.match(line) else "text"
