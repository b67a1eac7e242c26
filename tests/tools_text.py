"""Odd texts for tools, and what every answer must be."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

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

BITS = [
    "\0",
    "\ud800",
    "\udfff",
    "\u202e",
    "\u2067",
    "\u200f",
    "א",
    "١٢",
    "½",
    "²",
    "🙂",
    "\x1b[31m",
    "\r",
    "\u2028",
    "０",
]


def inputs(known: Sequence[str], parameters: Sequence[str]) -> st.SearchStrategy[str]:
    """Arguments for a tool: any text, surrogates and NUL too; its own words mixed with odd signs; values of
    wrong types, bare and by a parameter's name; any of it thousands of times over.

    known: words that the tool knows.
    """
    any_text = st.text(st.characters(), max_size=40)  # st.text() alone leaves surrogates out
    signs = st.sampled_from("0123456789+-*/^%()=.,: \"'")
    bit = st.sampled_from(BITS) | signs | st.text(st.characters(), max_size=8)
    mixed = st.lists(st.sampled_from(list(known)) | bit, max_size=12).map("".join)
    value = st.one_of(
        st.integers(),
        st.floats(),
        st.booleans(),
        st.none(),
        st.lists(st.integers(), max_size=3),
        st.binary(max_size=8),
    ).map(repr)
    named = st.tuples(st.sampled_from([*parameters, "text", "nonsense"]), value).map("=".join)
    huge = st.tuples(mixed, st.integers(1000, 5000)).map(lambda pair: pair[0] * pair[1])
    return any_text | mixed | value | named | huge


def answered(outcome: Outcome) -> None:
    """A result or a clear error, neither a crash nor a hang."""
    assert isinstance(outcome.text, str)
    outcome.text.encode("utf-8")
    if not outcome.ok:
        assert outcome.text
        assert "Error" not in outcome.text, "an error that the tool did not foresee"
        assert "took longer" not in outcome.text
        assert "ended its own process" not in outcome.text
