"""Text out of tokens: whole characters, borders, stop texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yanray.cores.spoken import Spoken, StopText


@given(st.text(max_size=30), st.lists(st.integers(1, 5), max_size=60))
def test_any_cut_of_the_bytes_gives_the_same_text_in_whole_characters(text: str, cuts: list[int]) -> None:
    data = text.encode("utf-8", "replace")
    spoken, said, at = Spoken(), [], 0
    for token, size in enumerate([*cuts, len(data)]):
        said.append(spoken.add(token, data[at : at + size]))
        at += size
    assert "".join(said) + spoken.flush() == data.decode()
    for length in range(len(text) + 1):
        count = spoken.tokens(length)
        assert sum(map(len, said[:count])) >= length
        assert count == 0 or sum(map(len, said[: count - 1])) < length


def test_a_sequence_that_breaks_off_is_shown_as_a_replacement_only_at_the_end() -> None:
    spoken = Spoken()
    assert spoken.add(1, "天".encode()[:2]) == ""
    assert spoken.length == 0
    assert spoken.flush() == "\ufffd"
    assert spoken.tokens(1) == 1


def test_the_space_that_opens_a_round_is_dropped_once() -> None:
    spoken = Spoken(drops=(" ",))
    assert [spoken.add(n, piece) for n, piece in enumerate((b"", b"  a", b" b"))] == ["", " a", " b"]


@given(st.lists(st.sampled_from(["\n", "User", ":", "U", "x", "Tools:"]), max_size=12), st.data())
def test_a_stop_text_ends_the_round_at_its_line_under_every_split(
    parts: list[str], data: st.DataObject
) -> None:
    text = "".join(parts)
    stop, shown, at = StopText(("User:", "Tools:")), "", 0
    while at < len(text) and not stop.reached:
        size = data.draw(st.integers(1, len(text) - at))
        shown += stop.feed(text[at : at + size])
        at += size
    ends = [found for mark in ("\nUser:", "\nTools:") if (found := text.find(mark)) >= 0]
    assert shown + stop.flush() == (text[: min(ends)] if ends else text)
    assert stop.reached == bool(ends)
