"""Odd texts for tools, and what every answer must be."""

from __future__ import annotations

from yanray.toolbox.box import Outcome

ODD = [
    "",
    " ",
    "\n\n",
    "\0",
    "\ud800 \udfff",
    "\u202eabc\u202c",
    "שלום 3+4",
    "0" * 100_000,
    "x" * 1_000_000,
    "(" * 1_000_000,
    "{}[]()<>|&;$`'\"\\",
    "../../etc/passwd",
    "-1",
    "NaN",
    "1e309",
    "9999-99-99",
    "None",
    "true",
    "text=\nfoo",
    "__import__('os').system('false')",
    "<|user|>",
    "今天" * 500,
]


def answered(outcome: Outcome) -> None:
    """A result or a clear error, neither a crash nor a hang."""
    assert isinstance(outcome.text, str)
    outcome.text.encode("utf-8")
    if not outcome.ok:
        assert outcome.text
        assert "Error" not in outcome.text, "an error that the tool did not foresee"
        assert "took longer" not in outcome.text
        assert "ended its own process" not in outcome.text
