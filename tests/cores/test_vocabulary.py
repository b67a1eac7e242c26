"""The tokenizers inside tiny GGUFs: nothing is added to a text and nothing of it is lost."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_models import OpenCore

from yanray.cores.drafts import Drafter
from yanray.cores.ledger import Ledger, Plan, common_prefix
from yanray.cores.prompt import content_ids


@pytest.mark.parametrize("flavour", ["nano", "llama2", "chatglm3"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(text=st.text(max_size=40))
def test_a_text_goes_to_ids_and_back(open_core: OpenCore, flavour: str, text: str) -> None:
    vocabulary = open_core(flavour)._vocabulary
    for glued in (True, False):
        ids = content_ids(vocabulary, text, glued=glued)
        back = b"".join(map(vocabulary.piece, ids))
        added = b" " if text and vocabulary.starts_with_space and not glued else b""
        assert back == added + text.encode("utf-8", "replace")


def test_markers_are_special_only_where_they_are_meant(open_core: OpenCore) -> None:
    vocabulary = open_core("nano")._vocabulary
    (user,) = vocabulary.encode("<|user|>", special=True, glued=False)
    assert vocabulary.is_special(user) and vocabulary.ends(user) and vocabulary.piece(user) == b""
    assert user not in vocabulary.encode("<|user|>", special=False, glued=False)
    assert vocabulary.specials("<|user|>hi<|nobody|>") == ["<|user|>"]


def test_a_word_in_which_the_tokenizer_sees_a_control_token_stays_a_word(open_core: OpenCore) -> None:
    core = open_core("chatglm3")
    raw = core._vocabulary.encode("philosopher", special=False, glued=False)
    assert any(map(core._vocabulary.is_special, raw)), "the tiny vocabulary no longer shows llama.cpp's trap"
    mended = content_ids(core._vocabulary, "philosopher", glued=False)
    assert not any(map(core._vocabulary.is_special, mended))
    assert b"".join(map(core._vocabulary.piece, mended)) == b" philosopher"


@given(st.lists(st.integers(0, 3), max_size=20), st.lists(st.integers(0, 3), max_size=20))
def test_the_common_prefix_is_what_a_loop_would_find(a: list[int], b: list[int]) -> None:
    count = 0
    while count < min(len(a), len(b)) and a[count] == b[count]:
        count += 1
    assert common_prefix(a, b) == count


@pytest.mark.parametrize(
    ("standing", "prompt", "plan"),
    [
        ([], [1, 2], Plan(0, 2, None)),
        ([1, 2], [1, 2, 3], Plan(2, 1, None)),
        ([1, 2, 3], [1, 2, 3], Plan(2, 1, None)),
        ([1, 2, 9, 9], [1, 2, 3], Plan(2, 1, 2)),
        ([1, 2, 3, 4], [1, 2], Plan(1, 1, None)),
        ([9], [1], Plan(0, 1, 0)),
    ],
)
def test_the_ledger_says_what_is_read_and_what_broke_the_reuse(
    standing: list[int], prompt: list[int], plan: Plan
) -> None:
    assert Ledger(standing).plan(prompt) == plan


def test_drafts_are_proposed_where_they_pay_and_stop_where_they_fail() -> None:
    drafter = Drafter(8)
    drafter.begin([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3])
    assert drafter.propose(8) == []  # no time is known yet
    drafter.took(1, 1.0)
    for _ in range(40):
        drafter.took(4, 1.3)
    for token in (4, 5, 6, 7):
        drafter.chose(token)
    assert drafter.propose(8)[:3] == [8, 9, 1]
    assert drafter.propose(2) == [8, 9]
    for _ in range(40):  # the same three tokens now never go on as before
        drafter.begin([1, 2, 3, 4, 5, 6, 1, 2, 3])
        drafter.chose(7)
        assert drafter.propose(8) == []
    drafter.begin([1, 2, 3, 4, 5, 6, 1, 2, 3])
    assert drafter.propose(8) == []


def test_a_slow_batch_is_never_worth_it() -> None:
    drafter = Drafter(8)
    drafter.begin([5] * 20)
    drafter.took(1, 1.0)
    for _ in range(60):
        drafter.took(4, 4.0)
        drafter.chose(5)
    assert drafter.propose(8) == []
