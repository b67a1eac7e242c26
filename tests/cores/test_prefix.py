"""KV states on disk: exact, atomic, never trusted when they are stale, cut short, damaged or another's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tiny_models import OpenCore

from yanray.cores.base import Sampling
from yanray.cores.gguf import GgufCore
from yanray.cores.prefix import StateFolder, Untrusted
from yanray.messages import Message

SYSTEM = Message("system", "You are a tool. " + "The number of the answer is the result. " * 8)
QUESTION = [SYSTEM, Message("user", "hello world")]


def say(core: GgufCore, messages: list[Message]) -> tuple[str, int, int]:
    """One round: its text, tokens reused, tokens evaluated."""
    text = "".join(
        piece for piece in core.stream(messages, Sampling(max_tokens=12)) if isinstance(piece, str)
    )
    assert core.finish is not None
    return text, core.finish.usage.reused_tokens, core.finish.usage.evaluated_tokens


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*"))


@pytest.mark.parametrize("flavour", ["nano", "chatml", "chatglm3", "gemma"])
def test_a_second_start_reads_only_the_question(open_core: OpenCore, tmp_path: Path, flavour: str) -> None:
    first = open_core(flavour, prefix_folder=tmp_path)
    prefix = first._encoder.encode(QUESTION).prefix
    text, reused, evaluated = say(first, QUESTION)
    assert reused == 0
    (path,) = files(tmp_path)
    assert path.name.startswith("prefix-")
    second = open_core(flavour, prefix_folder=tmp_path)
    assert say(second, QUESTION) == (text, prefix, evaluated - prefix)
    assert second.finish is not None and second.finish.usage.broke is None
    assert say(second, [SYSTEM, Message("user", "and you")])[1] >= prefix
    assert second.take_notices() == [] and files(tmp_path) == [path]


def test_warm_makes_what_the_first_question_uses(open_core: OpenCore, tmp_path: Path) -> None:
    core = open_core(prefix_folder=tmp_path)
    events = core.warm([SYSTEM])
    progress = []
    try:
        while True:
            progress.append(next(events))
    except StopIteration as over:
        count = over.value
    assert count == core._encoder.encode(QUESTION).prefix == progress[-1].done == progress[-1].total
    assert len(files(tmp_path)) == 1
    fresh = open_core(prefix_folder=tmp_path)
    assert say(fresh, QUESTION)[1] == count
    assert say(core, QUESTION)[1] == count


def _cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def _flip(data: bytes, share: float) -> bytes:
    at = min(int(len(data) * share), len(data) - 1)
    return data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :]


DAMAGES = {
    "empty": lambda data: b"",
    "foreign": lambda data: b"ggsn" + os.urandom(500),
    "longer": lambda data: data + b"\0",
    "header alone": lambda data: data[: data.index(b"}") + 1],
    "header says nothing": lambda data: data[:12] + b"\x02\0\0\0{}" + data[200:],
    "header is a list": lambda data: data[:12] + b"\x02\0\0\0[]" + data[200:],
    **{
        f"cut at {share}": lambda data, share=share: _cut(data, share) for share in (0.0002, 0.001, 0.3, 0.99)
    },
    **{
        f"flipped at {share}": lambda data, share=share: _flip(data, share)
        for share in (0.0, 0.006, 0.02, 0.5, 1.0)
    },
}


@pytest.mark.parametrize("damage", [*DAMAGES])
def test_a_damaged_file_is_made_anew_with_a_notice(open_core: OpenCore, tmp_path: Path, damage: str) -> None:
    first = open_core(prefix_folder=tmp_path)
    text, _, evaluated = say(first, QUESTION)
    (path,) = files(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(DAMAGES[damage](whole))
    second = open_core(prefix_folder=tmp_path)
    assert say(second, QUESTION) == (text, 0, evaluated)
    (notice,) = second.take_notices()
    assert notice.kind == "state-rebuilt" and str(path) in notice.text
    assert path.read_bytes() == whole
    assert second.take_notices() == []


@pytest.mark.parametrize("change", [{"context": 1024}, {"kv": "f16"}, {"flash": True}])
def test_a_state_made_with_other_settings_is_stale(
    open_core: OpenCore, tmp_path: Path, change: dict[str, object]
) -> None:
    say(open_core(prefix_folder=tmp_path), QUESTION)
    other = open_core(prefix_folder=tmp_path, **change)
    assert say(other, QUESTION)[1] == 0
    (notice,) = other.take_notices()
    assert "was made with another" in notice.text


def test_a_model_file_that_was_replaced_makes_its_states_stale(
    open_core: OpenCore, tmp_path: Path, models: Path
) -> None:
    say(open_core(prefix_folder=tmp_path), QUESTION)
    model = models / "nano.gguf"
    stat = model.stat()
    os.utime(model, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    try:
        touched = open_core(prefix_folder=tmp_path)
        assert say(touched, QUESTION)[1] == 0
        (notice,) = touched.take_notices()
        assert "file time" in notice.text
    finally:
        os.utime(model, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_the_state_of_another_model_under_this_name_is_refused(open_core: OpenCore, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    say(open_core("nano", prefix_folder=one), QUESTION)
    text, _, evaluated = say(open_core("chatml", prefix_folder=two), QUESTION)
    (mine,), (other) = files(two), files(one)
    mine.write_bytes(other[0].read_bytes())
    again = open_core("chatml", prefix_folder=two)
    assert say(again, QUESTION) == (text, 0, evaluated)
    assert [notice.kind for notice in again.take_notices()] == ["state-rebuilt"]


def test_llama_cpp_s_own_refusal_is_a_notice_too(open_core: OpenCore, tmp_path: Path) -> None:
    core = open_core(prefix_folder=tmp_path)
    text = say(core, QUESTION)[0]
    states = core._reader._states
    assert states is not None
    name = files(tmp_path)[0].stem
    states.save(name, core._encoder.encode(QUESTION).ids, bytearray(os.urandom(1000)))
    fresh = open_core(prefix_folder=tmp_path)
    assert say(fresh, QUESTION)[:2] == (text, 0)
    (notice,) = fresh.take_notices()
    assert "refused by the model" in notice.text


def test_a_folder_that_cannot_be_written_costs_a_notice_and_no_answer(
    open_core: OpenCore, tmp_path: Path
) -> None:
    blocked = tmp_path / "a file, no folder"
    blocked.write_text("here")
    core = open_core(prefix_folder=blocked)
    assert say(core, QUESTION)[0]
    assert {notice.kind for notice in core.take_notices()} <= {"state-unsaved", "state-rebuilt"}
    assert blocked.read_text() == "here"


def test_a_conversation_that_was_left_goes_on_where_it_stood(open_core: OpenCore, tmp_path: Path) -> None:
    first = open_core(prefix_folder=tmp_path)
    text, _, _ = say(first, QUESTION)
    messages = [*QUESTION, Message("assistant", text, ids=first.record(len(text)), core=first.identity)]
    messages.append(Message("user", "and then?"))
    assert first.save_state("42")
    standing = len(first._context.ledger.ids)
    expected = say(first, messages)
    second = open_core(prefix_folder=tmp_path)
    assert second.restore_state("42") == standing
    assert say(second, messages) == expected
    second.forget_state("42")
    assert open_core(prefix_folder=tmp_path).restore_state("42") == 0


def test_without_a_folder_nothing_is_kept(open_core: OpenCore) -> None:
    core = open_core()
    say(core, QUESTION)
    assert core.save_state("x") is False and core.restore_state("x") == 0
    core.forget_state("x")


def test_the_least_recently_used_states_go_first(tmp_path: Path) -> None:
    states = StateFolder(tmp_path, {"model": "a"}, limit=3500)
    for index, name in enumerate(("first", "second", "third")):
        states.save(name, [1, 2], bytearray(1000))
        os.utime(states.path(name), (index, index))
    assert states.load("first") is not None  # which makes it the latest used
    states.save("fourth", [1], bytearray(1000))
    assert {path.stem for path in files(tmp_path)} == {"first", "third", "fourth"}
    states.save("huge", [1], bytearray(9000))
    assert [path.stem for path in files(tmp_path)] == ["huge"]


def test_nothing_half_written_is_left_or_read(tmp_path: Path) -> None:
    states = StateFolder(tmp_path, {}, limit=10**6)
    stale, fresh = tmp_path / "x.1.tmp", tmp_path / "y.2.tmp"
    stale.write_bytes(b"half")
    fresh.write_bytes(b"half")
    os.utime(stale, (0, 0))
    states.save("x", [1], bytearray(10))
    assert files(tmp_path) == [states.path("x"), fresh]
    states.path("dir").mkdir()
    with pytest.raises(Untrusted, match="cannot be read"):
        states.load("dir")
