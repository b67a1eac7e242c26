"""The chat as it is used: a real process in a pseudo-terminal, its screen compared cell by cell."""

from __future__ import annotations

import os
import random
import re
import signal
import sys
import time
from contextlib import closing
from itertools import cycle, pairwise

import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals", allow_module_level=True)

from chatting import Chat

from yanray.store.conversations import Conversations

SLOW_TOOL = '''"""Wait."""

import time

TIMEOUT = 60


def run(seconds: float) -> str:
    time.sleep(seconds)
    return "awake"
'''
KEEP = '''"""Keep a note."""

CONFIRM = True

def run(words: str) -> str:
    return "kept " + words
'''
LINES = '''"""Give some lines."""

def run(count: int) -> str:
    return "\\n".join(f"line {n}" for n in range(count))
'''
SUM = ["/calculate 6.5*7.5", "6.5*7.5 is **48.75**."]
ITEMS = "\n".join(f"{n}. item number {n}" for n in range(1, 61))
PROSE = " ".join(f"word{n}" for n in range(300))
ON = "word word " + " ".join(f"w{n}" for n in range(3000))  # never twice the same: that would be stopped
LONG = (
    f"# A title\n\n{PROSE}\n\n{ITEMS}\n\n```python\n"
    + "\n".join(f"value_{n} = {n}" for n in range(90))
    + "\n```\n\n| name | value |\n|---|---|\n| one | 1 |\n\nThe end."
)


@pytest.fixture
def chat(tmp_path):
    opened = []

    def start(*rounds, pace=0.0, loading=0, batch=256, **more):
        (tmp_path / "home" / "tools").mkdir(parents=True, exist_ok=True)
        for name, source in {"slow": SLOW_TOOL, "keep": KEEP, "lines": LINES}.items():
            (tmp_path / "home" / "tools" / f"{name}.py").write_text(source, encoding="utf-8")
        script = {"name": "demo", "context": 65536, "rounds": list(rounds), "pace": pace}
        script |= {"loading": loading, "batch": batch}
        opened.append(Chat(tmp_path, script, **more))
        return opened[-1]

    yield start
    for each in opened:
        each.child.close(force=True)


def stored(tmp_path):
    """The messages of the last conversation."""
    with closing(Conversations(tmp_path / "home" / "data" / "conversations.db")) as store:
        last = store.last()
        return [] if last is None else list(store.load(last).messages)


def scrolled(chat):
    """Everything above the input line, the greeting left out."""
    text = chat.everything.rstrip()
    return text[text.index("\n> ") + 1 : text.rindex("\n>")].rstrip().splitlines()


class TestAnswers:
    def test_a_question_its_call_and_the_answer(self, chat, tmp_path):
        with chat(*SUM) as c:
            c.ready()
            c.type("What is 6.5*7.5?\r")
            c.until(r"48\.75\.")
            c.ready()
            lines = scrolled(c)
            assert lines[0] == "> What is 6.5*7.5?"
            assert re.fullmatch(r"/calculate 6\.5\*7\.5 · \d+\.\d\d s", lines[1])
            assert lines[2:] == ["  48.75", "6.5*7.5 is 48.75."]
            bold = [cell.data for row in c.screen.buffer.values() for cell in row.values() if cell.bold]
            assert "48.75" in "".join(bold)
            c.type("\x04")
            assert c.over() == 0
        assert [m.content for m in stored(tmp_path)] == ["What is 6.5*7.5?", SUM[0], "48.75", SUM[1]]

    @pytest.mark.parametrize("columns, rows", [(40, 12), (80, 24), (200, 50)])
    def test_an_answer_longer_than_the_screen_stands_there_once_and_whole(self, chat, columns, rows):
        with chat(LONG, pace=0.001, columns=columns, rows=rows) as c:
            c.ready()
            c.type("go\r")
            c.until("The end")
            c.ready()
            words = " ".join(line.strip() for line in scrolled(c)).split()
        expected = re.sub(r"[#`|]|python\n|---|(?<=\n\d)(?=Z)", "", LONG).split()
        shown = [word for word in words if not re.fullmatch("[─>]+|go", word)]
        assert shown == expected

    def test_chinese_at_forty_columns(self, chat):
        text = "今天天气很好，我们去公园散步吧。" * 10
        with chat(text, pace=0.001, columns=40, LANG="zh_CN.UTF-8") as c:
            c.until("个工具")
            c.type("你好\r")
            c.until(r"(?s)吧。\n\n>")
            lines = scrolled(c)
            assert lines[0] == "> 你好"
            # pyte keeps an empty cell after each wide one.
            assert "".join(line.replace(" ", "") for line in lines[1:]) == text
            assert max(len(line) for line in lines) <= 40

    def test_resizing_while_it_streams(self, chat):
        with chat(LONG, pace=0.002, columns=100, rows=30) as c:
            c.ready()
            c.type("go\r")
            for columns, pattern in ((60, "word40"), (120, "item number 20"), (80, "value_20")):
                c.until(pattern, scrolled=True)
                c.resize(columns, 24)
            c.until("The end")
            c.ready()
            text = " ".join(c.everything.split())
        for n in range(61, 90):
            assert text.count(f"value_{n} =") == 1
        assert text.count("The end.") == 1

    def test_a_folded_result_opens_with_a_key(self, chat):
        with chat("/lines 12", "Read.") as c:
            c.ready()
            c.type("read it\r")
            c.until("more lines: Ctrl-T")
            c.until("Read\\.")
            assert "line 11" not in c.everything
            c.type("\x14")
            c.until("line 11")

    def test_reading_the_prompt_is_told(self, chat):
        with chat("Done.", pace=0.05, batch=64) as c:
            c.ready()
            c.type("x" * 600 + "\r")
            c.until(r"reading \d+/\d+ tokens")
            c.until("Done")

    def test_typing_ahead_is_seen_and_asked_next(self, chat):
        with chat("One " * 100, "Two.", pace=0.01) as c:
            c.ready()
            c.type("first\r")
            c.until("One One")
            c.type("second")
            c.until("^> second")
            c.type("\r")
            c.until("next: second")
            c.until("Two")
            lines = scrolled(c)
            assert lines[-2:] == ["> second", "Two."]


class TestInput:
    def test_several_lines_and_quotes(self, chat, tmp_path):
        with chat("One.", "Two.", "Three.") as c:
            c.ready()
            c.type("a\nb\x1b\rc\r")
            c.until("One")
            c.ready()
            c.type('"""\r')
            c.until('"""')
            c.type('d\re"""\r')
            c.until("Two")
            c.ready()
            c.type("\x1b[200~f\ng\x1b[201~\r")
            c.until("Three")
        users = [m.content for m in stored(tmp_path) if m.role == "user"]
        assert users == ["a\nb\nc", "d\ne", "f\ng"]

    def test_what_the_editor_wrote_comes_back_and_is_sent(self, chat, tmp_path):
        editor = tmp_path / "editor"
        editor.write_text("#!/bin/sh\nprintf ' one\\ntwo' >> \"$1\"\n", encoding="utf-8")
        editor.chmod(0o755)
        with chat("One.", VISUAL=str(editor)) as c:
            c.ready()
            c.type("begun")
            c.until("> begun")
            c.type("\x07")
            c.until("> begun one\n  two")
            c.type(" three\r")
            c.until("One")
        assert [m.content for m in stored(tmp_path) if m.role == "user"] == ["begun one\ntwo three"]

    def test_a_home_that_cannot_be_written(self, chat, tmp_path):
        (tmp_path / "home").mkdir()
        (tmp_path / "home" / "data").write_text("no folder", encoding="utf-8")
        with chat("One.", "Two.", LANG="zh_CN.UTF-8", columns=200) as c:
            c.ready()
            c.type("hello\r")
            c.until("(?s)! 这个对话没有保存：.*One")
            c.ready()
            c.type("again\r")
            c.until("Two")
            assert "Press ENTER" not in c.everything and c.everything.count("没有保存") == 1

    def test_a_command_that_is_none_and_one_too_early(self, chat):
        with chat("One.") as c:
            c.ready()
            c.type("/nosuchthing\r")
            c.until("there is no /nosuchthing")
            c.type("/context\r")
            c.until(r"\d+ of \d+ tokens")

    def test_history_lasts_and_is_searched(self, chat):
        with chat("One.") as c:
            c.ready()
            c.type("an unusual question\r")
            c.until("One")
            c.ready()
            c.type("\x04")
            c.over()
        with chat("Two.") as c:
            c.ready()
            c.type("\x1b[A")
            c.until("^> an unusual question")
            c.type("\x03")
            c.ready()
            c.type("\x12unus")
            c.until("^> an unusual question")

    def test_completion_shows_help_beside_names(self, chat):
        with chat() as c:
            c.ready()
            c.type("/ca")
            c.until(r"/calculate +Work out")
            c.type("\t")
            c.until("^> /calculate")
            c.type(" 6*7\r")
            c.until("^  42")

    def test_the_gauge_counts_the_prompt_before_the_first_turn(self, chat):
        with chat() as c:
            c.ready()
            c.until(r"█.* [1-9]\d*% of")

    def test_paths_are_completed(self, chat, tmp_path):
        (tmp_path / "remarkable.txt").write_text("seen")
        with chat() as c:
            c.ready()
            c.type(f"/read {tmp_path}/rem\t")
            c.until(r"arkable\.txt")

    def test_a_tool_runs_while_the_model_still_loads(self, chat):
        with chat("Later.", loading=30) as c:
            c.until("^>")
            c.type("/calculate 6*7\r")
            c.until("^  42")
            assert any("loading" in line for line in c.lines)


class TestStopping:
    def test_an_answer_keeps_what_was_said(self, chat, tmp_path):
        with chat(ON, "Second.", pace=0.01) as c:
            c.ready()
            c.type("go\r")
            c.until("word word")
            begun = time.monotonic()
            c.type("\x03")
            c.until("stopped")
            assert time.monotonic() - begun < 5
            c.ready()
            c.type("next\r")
            c.until("Second")
            c.ready()
        first, second = (m for m in stored(tmp_path) if m.role == "assistant")
        assert first.stopped and first.content.startswith("word word") and first.ids
        assert second.content == "Second."

    def test_a_tool(self, chat):
        with chat("/slow 50", "Never.") as c:
            c.ready()
            c.type("sleep\r")
            c.until("/slow 50 · ")
            c.type("\x03")
            c.until("stopped")
            c.ready()
            c.type("/calculate 6*7\r")
            c.until("^  42")

    def test_reading_the_prompt(self, chat):
        with chat("One.", pace=0.05, batch=16) as c:
            c.ready()
            c.type("x" * 2000 + "\r")
            c.until("reading")
            c.type("\x03")
            c.until("stopped")
            c.ready()

    def test_waiting_for_the_model_gives_the_line_back(self, chat):
        with chat("One.", loading=20) as c:
            c.until("^>")
            c.type("hello\r")
            c.until("(?s)> hello.*^>$")
            c.type("\x03")
            c.until("(?s)> hello.*> hello")

    def test_at_an_empty_prompt_it_says_how_to_leave(self, chat):
        with chat() as c:
            c.ready()
            c.type("\x03")
            c.until("Ctrl-D leaves\\)")
            c.type("text\x03")
            c.until("^>$")
            c.type("\x04")
            assert c.over() == 0

    def test_a_terminal_that_goes_away(self, chat, tmp_path):
        with chat(ON, pace=0.01) as c:
            c.ready()
            c.type("go\r")
            c.until("word word")
            os.kill(c.child.pid, signal.SIGHUP)
            assert c.over() == 0
        last = stored(tmp_path)[-1]
        assert last.role == "assistant" and last.content.startswith("word word")

    def test_a_failing_model_ends_the_turn_not_the_chat(self, chat):
        with chat("One.") as c:
            c.ready()
            c.type("first\r")
            c.until("One")
            c.type("second\r")
            c.until("asked for one more")
            c.ready()
            c.type("/calculate 6*7\r")
            c.until("^  42")


class TestConfirming:
    @pytest.mark.parametrize(
        "answer, shown", [("y", "kept milk"), ("n", "not run"), ("e\rsugar", "kept sugar")]
    )
    def test_a_tool_that_writes_asks_first(self, chat, answer, shown):
        with chat("/keep milk", "Done.") as c:
            c.ready()
            c.type("keep milk\r")
            c.until(r"run /keep milk\? \[Y/n/e/a/\?\]")
            for part in answer.split("\r"):
                c.type(f"{part}\r")
            c.until(shown)
            c.until("Done")


class TestReminders:
    def test_one_that_falls_due_is_told_and_gone(self, chat):
        with chat() as c:
            c.ready()
            c.type("/remind in 1 second: turn off the oven\r")
            c.until("⏰.*reminder: turn off the oven")
            assert b"\a" in c.sent
            c.type("/remind list\r")
            c.until("> /remind list\n.*(?i:no)")

    def test_it_does_not_cut_an_answer_that_streams(self, chat):
        code = "".join(f"x = {n}\n" for n in range(400))
        with chat(f"```python\n{code}```", pace=0.01, LANG="zh_CN.UTF-8") as c:
            c.until("个工具")
            c.type("/remind 1秒后: 关火\r")
            c.until("关火")
            c.type("go\r")
            c.until("⏰.*提醒：关火")
            c.until(r"(?s)x = 399\n\n.*提醒：关火\n")
            assert c.everything.count("x = ") == 400


def kill_at_random(chat, tmp_path, times):
    """Kill a chat at random moments: what was finished is there each time, and the next chat goes on."""
    chance = random.Random(3)
    before: list[str] = []  # what the conversation holds for certain
    for first in range(0, 4 * times, 4):
        resume = ["-c"] if before else []
        c = chat(*[f"answer {n} " + "word " * 20 for n in range(first, first + 4)], pace=0.002, words=resume)
        c.ready()
        for text in before:  # resumed: all of it is shown
            assert text in c.everything
        finished = chance.randint(0, 3)
        for n in range(first, first + finished):
            c.type(f"question {n}\r")
            c.until(rf"(?s)> question {n}\n+answer {n} .*\n\n>")
            c.ready()
        c.type("the last question\r")
        until = time.monotonic() + chance.random() / 4
        while time.monotonic() < until:
            c.read(0.01)
        c.child.kill(signal.SIGKILL)
        c.child.wait()
        said = [m.content.split(" word")[0].strip() for m in stored(tmp_path)]
        now = [text for n in range(first, first + finished) for text in (f"question {n}", f"answer {n}")]
        assert said[: len(before) + len(now)] == [*before, *now]
        assert len(said) <= len(before) + len(now) + 2
        before = said if len(said) < 12 else []
        if said and not before:
            with closing(Conversations(tmp_path / "home" / "data" / "conversations.db")) as store:
                store.remove(store.last())
        c.child.close(force=True)


def test_killed_at_random_moments(chat, tmp_path):
    kill_at_random(chat, tmp_path, 3)


@pytest.mark.slow
def test_killed_at_200_moments(chat, tmp_path):
    kill_at_random(chat, tmp_path, 200)


PHASES = {
    "loading": {"rounds": ["Never said."], "loading": 30, "shows": r"(?s)> question.*^>$"},
    "reading": {
        "rounds": ["Hi.", "Never said."],
        "pace": 0.03,
        "batch": 64,
        "shows": "reading",
        "long": True,
    },
    "generating": {"rounds": [ON], "pace": 0.002, "shows": "word word"},
    "in a tool": {"rounds": ["/slow 50", "Never said."], "shows": "/slow 50 · "},
    "saving": {"rounds": ["It is so."], "shows": r"It is so"},
}


def stop_in(chat, phase, chance):
    """Stop one turn somewhere in PHASE; what the conversation holds then, but for the roles' order."""
    plan = {"pace": 0.0, "loading": 0, "batch": 256, "long": False, **PHASES[phase]}
    c = chat(*plan["rounds"], pace=plan["pace"], loading=plan["loading"], batch=plan["batch"])
    c.until("^>") if plan["loading"] else c.ready()
    if plan["long"]:  # until the system prompt is read, a question waits for the model as while it loads
        c.type("first\r")
        c.until("Hi")
        c.until(r"(?s)^>\s*\n[^>]*$")
    c.type("\x1b[200~question" + " x" * 1500 * plan["long"] + "\x1b[201~\r")
    c.until(plan["shows"])
    until = time.monotonic() + chance.random() / 4
    while phase != "saving" and time.monotonic() < until:
        c.read(0.01)
    c.type("\x03")
    if phase == "loading":
        c.until("(?s)> question.*> question")  # the line is given back
        c.type("\x15")
    c.until(r"(?s)^>\s*\n[^>]*$")
    c.type("/calculate 1000+1\r")
    c.until("^  1001")
    c.child.kill(signal.SIGKILL)
    c.child.wait()


def stop_at_random(chat, tmp_path, times):
    """Stop TIMES turns, in every phase in turn, and see that nothing is lost and the next result is right."""
    chance = random.Random(4)
    for number, phase in zip(range(times), cycle(PHASES), strict=False):
        (tmp_path / "home" / "data" / "conversations.db").unlink(missing_ok=True)
        stop_in(chat, phase, chance)
        messages = stored(tmp_path)
        said = [m.content for m in messages]
        assert said[-3:] == ["/calculate 1000+1", "/calculate 1000+1", "1001"], (number, phase)
        questions = [text for text in said if text.startswith("question")]
        assert len(questions) == (phase != "loading")
        assert "Never said." not in said
        for one, other in pairwise(messages):
            assert (one.role, other.role) in {
                ("user", "assistant"),
                ("assistant", "tool"),
                ("tool", "assistant"),
                ("assistant", "user"),
                ("tool", "user"),
            }
        if phase == "in a tool":
            assert said[1:3] == ["/slow 50", "slow was stopped"]
        if phase == "generating":
            assert messages[1].stopped and messages[1].content.startswith("word word")
        if phase == "saving":
            assert said[:2] == ["question", "It is so."] and not messages[1].stopped


def test_ctrl_c_in_every_phase(chat, tmp_path):
    stop_at_random(chat, tmp_path, len(PHASES))


@pytest.mark.slow
def test_ctrl_c_at_100_moments(chat, tmp_path):
    stop_at_random(chat, tmp_path, 100)


def test_no_color_is_heeded(chat):
    with chat("**Bold** and `code`.\n\n```python\nx = 1\n```", NO_COLOR="1") as c:
        c.ready()
        c.type("go\r")
        c.until("x = 1")
        c.ready()
        codes = {int(n) for m in re.findall(rb"\x1b\[([\d;]*)m", c.sent) for n in m.split(b";") if n}
    assert 1 in codes and not {n for n in codes if 30 <= n <= 49 or 90 <= n <= 107}


def test_a_dumb_terminal_gets_lines(chat):
    with chat("It is so.", TERM="dumb") as c:
        c.until("^> ?$")
        c.type("go\r")
        c.until("It is so")
        c.type("/list\r")
        c.until("go +\\(2\\)")
        assert not re.search(rb"\x1b\[[\d;]*[A-HJm]", c.sent)
