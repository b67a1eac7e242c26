"""The model that runs when none is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_models import Shape, write_tiny

from yanray.agent.session import Session
from yanray.errors import ModelError
from yanray.events import Notice
from yanray.models.choice import best_that_fits, choose
from yanray.models.shelf import shelf_folder
from yanray.paths import nano_model
from yanray.settings import Settings


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path / "home"))


def shelve(group: str, name: str, **sizes: int) -> Path:
    folder = shelf_folder() / group
    folder.mkdir(parents=True, exist_ok=True)
    return write_tiny(folder / f"{name}.gguf", shape=Shape(**sizes))


def test_the_largest_bearable_one_is_taken_and_said_in_one_line():
    shelve("a", "small")
    large = shelve("b", "large", layers=4)
    choice = choose(Settings())
    assert choice.path == large
    assert "large" in choice.said and "\n" not in choice.said


def test_what_is_named_is_taken_without_a_word(tmp_path):
    small, _ = shelve("a", "small"), shelve("b", "large", layers=4)
    assert choose(Settings(model="small")).path == small
    assert choose(Settings(), "a").path == small
    assert choose(Settings(model=str(small))).said == ""


def test_a_group_s_best_one_is_taken():
    shelve("a", "one")
    better = shelve("a", "two", layers=4)
    assert choose(Settings(model="a")).path == better


def test_a_half_fetched_or_broken_file_is_no_model():
    shelf_folder().mkdir(parents=True)
    (shelf_folder() / "half.gguf.part").write_bytes(b"GGUF")
    assert best_that_fits() is None
    broken = shelve("a", "broken")
    broken.write_bytes(broken.read_bytes()[:5000])
    assert best_that_fits() is None
    whole = shelve("b", "whole")
    assert best_that_fits() == whole


def test_an_unknown_name_says_what_there_is_and_how_to_get_it():
    shelve("a", "small")
    with pytest.raises(ModelError, match=r"pulled are: small\..*yanray pull nothing"):
        choose(Settings(model="nothing"))


def test_a_session_says_which_model_it_took_once():
    shelve("a", "small")
    with Session(Settings(), tools=False) as session:
        told = [[event for event in session.ask("hello") if isinstance(event, Notice)] for _ in range(2)]
    assert [notice.kind for notice in told[0]].count("model") == 1
    assert [notice.kind for notice in told[1]].count("model") == 0


def test_the_embedded_model_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nano").mkdir()
    monkeypatch.chdir(tmp_path)
    assert choose(Settings(), "nano").path == nano_model()
