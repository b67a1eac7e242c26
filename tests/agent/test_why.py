"""Where a turn's time went, in lines."""

from __future__ import annotations

from yanray.agent.record import TurnRecord
from yanray.agent.why import why
from yanray.events import Call, End, Result, RoundUsage, Usage

CALL = Call("calculate", "6*7", "/calculate 6*7")
ROUNDS = (
    RoundUsage(100, 90, 10, 5, prefill_seconds=0.5, decode_seconds=0.25, broke=90, broke_text=" Paris"),
    RoundUsage(112, 105, 7, 4, prefill_seconds=0.1, decode_seconds=0.2),
)


def test_every_part_of_a_turn_has_its_line():
    record = TurnRecord([CALL, Result(CALL, "42", True, 0.01), End("stop", Usage(ROUNDS, 0.3, 0.01))])
    lines = why(record)
    assert [line.split()[0] for line in lines] == [
        *("load", "round", "reuse", "generated", "round", "generated", "tool", "in")
    ]
    text = "\n".join(lines)
    for part in ("reused 90, read 10 in 0.50 s (20/s)", "token 90 (' Paris')", "5 in 0.25 s (20/s)"):
        assert part in text
    assert "/calculate 6*7: 0.01 s" in text
    assert lines[-1].endswith(f"{0.3 + 0.6 + 0.45 + 0.01:.2f} s")


def test_a_failed_tool_is_told_and_a_turn_without_a_core_has_no_rounds():
    lines = why(TurnRecord([CALL, Result(CALL, "no", False, 0.5), End("stop", Usage(tool_seconds=0.5))]))
    assert lines == ["tool     /calculate 6*7: 0.50 s, an error", "in all   0.50 s"]


def test_a_turn_that_was_stopped_has_no_counts():
    assert why(TurnRecord([])) == ["in all   0.00 s"]
