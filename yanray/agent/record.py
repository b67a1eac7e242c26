"""What a turn came to, gathered from its events: for JSON, for measuring, for showing why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from yanray.events import Call, End, Event, Notice, Result, Text, Usage

THOUGHTS = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)


@dataclass(slots=True)
class TurnRecord:
    """The events of one turn, in order."""

    events: list[Event] = field(default_factory=list)

    @property
    def answer(self) -> str:
        """What was said after the last result, thoughts left out; or the result of the user's own command."""
        last = max((i for i, event in enumerate(self.events) if isinstance(event, Result)), default=-1)
        text = "".join(event.text for event in self.events[last + 1 :] if isinstance(event, Text))
        result = self.events[last] if last >= 0 else None
        if isinstance(result, Result) and not self.usage.rounds:
            return result.text
        return THOUGHTS.sub("", text).strip()

    @property
    def calls(self) -> list[Call]:
        """The calls, in order."""
        return [event for event in self.events if isinstance(event, Call)]

    @property
    def end(self) -> End:
        """How the turn ended; `cancelled` as long as it did not."""
        last = self.events[-1] if self.events else None
        return last if isinstance(last, End) else End("cancelled")

    @property
    def usage(self) -> Usage:
        """The turn's counts."""
        return self.end.usage

    def as_json(self, model: str) -> dict[str, Any]:
        """The turn as `yanray ask --json` prints it."""
        usage = self.usage
        counted = ("prompt_tokens", "reused_tokens", "evaluated_tokens", "generated_tokens")
        return {
            "answer": self.answer,
            "finish": self.end.reason,
            "model": model,
            "events": list(self._events()),
            "usage": {
                "rounds": [{key: getattr(round_, key) for key in counted} for round_ in usage.rounds],
                "load_seconds": usage.load_seconds,
                "prefill_seconds": usage.prefill_seconds,
                "decode_seconds": usage.decode_seconds,
                "tool_seconds": usage.tool_seconds,
            },
        }

    def _events(self) -> Iterator[dict[str, Any]]:
        """The events as JSON objects, neighbouring texts joined; progress and the end stand elsewhere."""
        for kind, group in groupby(self.events, key=type):
            if kind is Text:
                yield {
                    "event": "text",
                    "text": "".join(event.text for event in group if isinstance(event, Text)),
                }
            else:
                yield from (_as_json(event) for event in group if isinstance(event, Call | Result | Notice))


def _as_json(event: Call | Result | Notice) -> dict[str, Any]:
    if isinstance(event, Call):
        return {"event": "call", "name": event.name, "argument": event.argument}
    if isinstance(event, Result):
        result = {"name": event.call.name, "ok": event.ok, "text": event.text, "seconds": event.seconds}
        return {"event": "result", **result}
    return {"event": "notice", "kind": event.kind, "text": event.text}
