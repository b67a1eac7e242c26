"""Learning: what marks make of conversations, what an exam counts, when an adapter is kept."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tiny_adapters import llama_sizes, write_adapter

from yanray.cli import main
from yanray.cores.base import CommandGrammar
from yanray.cores.scripted import ScriptedCore
from yanray.messages import Message
from yanray.store.conversations import Conversations
from yanray.toolbox.spec import Parameter, ToolSpec
from yanray.train.learn.exam import Marks, alike, ask, better, question, table
from yanray.train.learn.lessons import gather, split
from yanray.train.learn.session import _conversation
from yanray.train.lora.forms import Conversation

KIVA = ToolSpec("kiva", "Kiva", (Parameter("text"),))
TURN = (
    Message("user", "is the fern dry?"),
    Message("assistant", "/kiva fern", ids=(1, 2), core="c"),
    Message("tool", "fern: 12 %", name="kiva"),
    Message("assistant", "The fern is at 12 %.", ids=(3,), core="c"),
)


@pytest.fixture
def store() -> Conversations:
    return Conversations(None)


def _kept(store: Conversations, messages: tuple[Message, ...] = TURN) -> int:
    conversation = store.begin(system="tools")
    store.replace(conversation, 0, messages)
    return conversation


def _taught(row: dict[str, list[dict[str, object]]]) -> list[object]:
    return [each["content"] for each in row["messages"] if each.get("train")]


def test_good_teaches_the_turn_and_bad_nothing(store: Conversations) -> None:
    store.mark(_kept(store), 3, "good")
    store.mark(_kept(store), 3, "bad")
    _kept(store)
    rows, counts = gather(store)
    assert counts == {"good": 1, "bad": 1}
    (row,) = rows
    assert _taught(row) == ["/kiva fern", "The fern is at 12 %."]
    assert row["messages"][0] == {"role": "system", "content": "tools"}


def test_fix_teaches_the_command_or_the_answer_that_it_says(store: Conversations) -> None:
    store.mark(_kept(store), 3, "fix", "/kiva the fern")
    store.mark(_kept(store), 3, "fix", "Only 12 %.")
    (command, answer), _ = gather(store)
    assert [each["content"] for each in command["messages"]] == [
        "tools",
        "is the fern dry?",
        "/kiva the fern",
    ]
    assert _taught(command) == ["/kiva the fern"]
    assert _taught(answer) == ["Only 12 %."]
    assert len(answer["messages"]) == 5


def test_a_mark_on_an_answer_that_was_undone_still_teaches(store: Conversations) -> None:
    conversation = _kept(store)
    store.mark(conversation, 3, "fix", "/kiva fern 2")
    store.replace(conversation, 0, [Message("user", "another"), Message("assistant", "one")], model="m")
    (row,), counts = gather(store)
    assert counts == {"fix": 1}
    assert row["messages"][1]["content"] == "is the fern dry?"


def test_a_mended_command_teaches_and_the_owners_own_does_not(store: Conversations) -> None:
    mended = Message("assistant", "/kiva fern")
    _kept(store, (TURN[0], mended, *TURN[2:]))
    _kept(store, (Message("user", "/kiva fern"), mended, TURN[2]))
    (row,), counts = gather(store)
    assert counts == {"mended": 1}
    assert _taught(row) == ["/kiva fern"]
    assert [each["role"] for each in row["messages"]] == ["system", "user", "assistant"]


def test_every_fifth_lesson_of_a_kind_is_held_out(store: Conversations) -> None:
    for _ in range(11):
        store.mark(_kept(store), 3, "good")
    for _ in range(5):
        store.mark(_kept(store, (Message("user", "hello"), Message("assistant", "world"))), 1, "good")
    rows, _ = gather(store)
    taught, asked = split(rows)
    assert (len(taught), len(asked)) == (13, 3)
    assert not {row["id"] for row in taught} & {row["id"] for row in asked}


def _lesson() -> Conversation:
    return Conversation((Message("system", "tools"), *TURN), (False, False, True, False, True))


def test_an_exam_counts_tool_argument_and_answer() -> None:
    questions = [question(_lesson())] * 3
    core = ScriptedCore(
        [
            "/kiva fern\n",
            "The fern is at 12 %.",
            "/kiva moss\n",
            "It is wet.",
            "No idea.",
            "The fern is at 12 %.",
        ]
    )
    marks = ask(core, questions, [KIVA], CommandGrammar({"kiva": '" " [^\\n]+'}))
    assert (marks.of, marks.tool, marks.calls, marks.argument, marks.answers) == (3, 2, 2, 1, 3)
    assert marks.right == pytest.approx(1 / 3)
    assert 0.6 < marks.likeness < 0.8
    assert alike("It is 5.", "it is 5") == 1.0
    assert alike("十二度", "十三度") == pytest.approx(2 / 3)


def test_an_adapter_is_kept_only_if_it_is_better_and_forgets_nothing() -> None:
    bad, good = Marks(10, 1, 1, 1), Marks(10, 9, 9, 9)
    others, fewer = Marks(60, 58, 58, 58), Marks(60, 50, 50, 50)
    assert better((bad, others), (good, others)) == ""
    assert better((good, others), (good, others)) == "what was held out is answered no better"
    one = Marks(1, 0, 0, 0), others
    assert better(one, one).endswith("no better; 1 held out says little: mark more answers")
    assert "other tools: 97% became 83%" in better((bad, others), (good, fewer))
    assert "held out: tool and argument" in table((bad, others), (good, others))[2]


def test_a_row_that_gather_writes_is_read_back(store: Conversations) -> None:
    store.mark(_kept(store), 3, "good")
    (row,), _ = gather(store)
    lesson = _conversation(row)
    assert [m.content for m in lesson.messages][1:] == [m.content for m in TURN]
    assert lesson.taught == (False, False, True, False, True)


def test_adapters_are_listed_used_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path))
    folder = write_adapter(tmp_path / "adapters" / "poet", llama_sizes(), base_model_name_or_path="tiny")
    assert main(["adapters", "use", "poet:0.5"]) == 0
    capsys.readouterr()
    assert main(["adapters"]) == 0
    assert capsys.readouterr().out.split()[:3] == ["*", "poet:0.5", "tiny"]
    assert main(["adapters", "rm", "poet"]) == 2
    assert "takes it off first" in capsys.readouterr().err
    assert main(["adapters", "use"]) == 0
    assert main(["adapters", "rm", "poet"]) == 0
    assert not tmp_path.joinpath("adapters", "poet").exists() and folder is not None
    assert main(["adapters", "use", "poet"]) == 1


def test_adapters_tell_scale_and_what_is_gone_and_damaged_ones_can_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path))
    folders = [tmp_path / "adapters" / name for name in ("poet", "gone", "cut")]
    for folder in folders:
        write_adapter(folder, llama_sizes())
    assert main(["adapters", "use", "poet", "poet:2"]) == 2
    assert "poet: named twice" in capsys.readouterr().err
    assert main(["adapters", "use", "poet:0.5", "gone"]) == 0
    shutil.rmtree(folders[1])
    os.truncate(folders[2] / "adapter_model.safetensors", 100)
    capsys.readouterr()
    assert main(["adapters"]) == 0
    said = capsys.readouterr().out
    assert "* poet:0.5 " in said and "! gone: config.yaml puts it on, but it is not there" in said
    assert main(["adapters", "rm", "cut"]) == 0
    assert not folders[2].exists()


def test_a_file_is_gathered_or_learnt_not_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "--data", "a.jsonl", "--gather", "b.jsonl"]) == 2
    assert "give one of them" in capsys.readouterr().err


def test_too_few_lessons_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path))
    assert main(["learn"]) == 1
    assert "at least 8 are needed; mark answers in a chat with /good and /fix" in capsys.readouterr().err
