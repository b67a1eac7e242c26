"""Where a turn's time went, as lines of text: for `/why` and `ask --verbose`."""

from __future__ import annotations

from collections.abc import Iterator

from yanray.agent.record import TurnRecord
from yanray.events import Result, RoundUsage

WIDTH = 8  # characters of the first column


def why(record: TurnRecord) -> list[str]:
    """What was loaded, read, reused and generated, round by round, and what each tool took."""
    usage = record.usage
    lines = [_line("load", f"{usage.load_seconds:.2f} s")] if usage.load_seconds else []
    for number, round_ in enumerate(usage.rounds, 1):
        first, *others = _round(round_)
        lines += [_line(f"round {number}", first), *(_line("", sentence) for sentence in others)]
    lines += [_tool(event) for event in record.events if isinstance(event, Result)]
    total = usage.load_seconds + usage.prefill_seconds + usage.decode_seconds + usage.tool_seconds
    return [*lines, _line("in all", f"{total:.2f} s")]


def _round(usage: RoundUsage) -> Iterator[str]:
    read = _rate(usage.evaluated_tokens, usage.prefill_seconds)
    yield f"prompt {usage.prompt_tokens} tokens: reused {usage.reused_tokens}, read {read}"
    if usage.broke is not None:
        token = f" ({usage.broke_text!r})" if usage.broke_text else ""
        yield f"reuse ended at token {usage.broke}{token}: the prompt differs from what stood there"
    yield f"generated {_rate(usage.generated_tokens, usage.decode_seconds)}"


def _tool(result: Result) -> str:
    command = f"/{result.call.name} {result.call.argument}".rstrip()
    return _line("tool", f"{command}: {result.seconds:.2f} s{'' if result.ok else ', an error'}")


def _rate(tokens: int, seconds: float) -> str:
    speed = f" ({tokens / seconds:.0f}/s)" if seconds > 0 else ""
    return f"{tokens} in {seconds:.2f} s{speed}"


def _line(name: str, text: str) -> str:
    return f"{name:<{WIDTH}} {text}"
