"""The toolbox as the agent uses it: what is on offer, settings, changes on disk, other sources."""

from __future__ import annotations

import os
from pathlib import Path

from yanray.toolbox.box import Outcome, Toolbox
from yanray.toolbox.spec import ToolSpec

ECHO = "def run(text: str) -> str:\n    return text\n"


GREET = """
def run(who: str, *, word: str = "Hi", times: int = 1) -> str:
    return f"{word} {who} " * times
"""


def rewrite(path: Path, text: str) -> None:
    """Write, so that the time of change surely differs."""
    stamp = path.stat().st_mtime_ns
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(stamp + 10**9, stamp + 10**9))


def test_specs_are_sorted_and_found_by_name(write, box):
    for name in ("two", "one", "three"):
        write(name, ECHO)
    tools = box()
    assert [spec.name for spec in tools.specs] == ["one", "three", "two"]
    assert tools.get("two").summary == "Do two."
    assert tools.get("four") is None
    assert set(tools.grammar()) == {"one", "two", "three"}


def test_only_enabled_tools_are_on_offer(write, box):
    for name in ("one", "two"):
        write(name, ECHO)
    tools = box(enabled=["two"])
    assert [spec.name for spec in tools.specs] == ["two"]
    assert not tools.run("one", "x").ok


def test_an_unknown_name_gets_the_nearest(write, box):
    for name in ("calculate", "clock", "weather"):
        write(name, ECHO)
    assert box().run("calcualte", "1").text == "there is no tool 'calcualte'; there is: calculate"
    assert box().run("\ud800", "1").text.endswith("there is: calculate, clock, weather")


def test_a_broken_file_is_a_problem_and_the_rest_work(write, box):
    write("fine", ECHO)
    path = write("broken", "def run(:\n")
    tools = box()
    assert [spec.name for spec in tools.specs] == ["fine"]
    assert [(problem.path, problem.line) for problem in tools.problems] == [(path, 2)]
    assert tools.run("fine", "x").ok


def test_a_file_that_fails_when_loaded_says_where(write, box):
    path = write("broken", "import math\nmath.nothing\n" + ECHO)
    tools = box()
    outcome = tools.run("broken", "x")
    assert not outcome.ok
    assert outcome.text.startswith(f"{path} does not load: AttributeError")
    assert "(broken.py line 3)" in outcome.text


def test_settings_reach_the_tool_and_are_checked(write, box, monkeypatch):
    write("greet", GREET)
    assert box().run("greet", "you").text == "Hi you "
    monkeypatch.setenv("GREETING", "Hello")
    tools = box(settings={"greet": {"word": "env:GREETING", "times": "2"}})
    assert tools.run("greet", "you").text == "Hello you Hello you "
    monkeypatch.setenv("GREETING", "Hey")
    assert tools.run("greet", "you").text.startswith("Hey")
    monkeypatch.delenv("GREETING")
    outcome = tools.run("greet", "you")
    assert not outcome.ok and "GREETING, which is not set" in outcome.text
    wrong = box(settings={"greet": {"wrod": "x"}})
    assert "no setting 'wrod'; it has: word, times" in wrong.problems[0].text
    assert wrong.run("greet", "you").ok
    assert "times must be right" in box(settings={"greet": {"times": "many"}}).run("greet", "you").text


def test_a_time_limit_of_the_file_wins(write, box):
    write("slow", "TIMEOUT = 0.3\nimport time\ndef run(text: str) -> str:\n    time.sleep(600)\n")
    assert "took longer than 0.3 s" in box(timeout=500).run("slow", "x").text


def test_a_saved_file_is_loaded_again(write, box):
    path = write("say", "def run(text: str) -> str:\n    return 'old'\n")
    tools = box()
    assert tools.run("say", "x").text == "old"
    assert tools.refresh() == []
    rewrite(path, '"""Say it anew."""\ndef run(text: str) -> str:\n    return "new"\n')
    assert tools.refresh() == ["/say is loaded again"]
    assert tools.get("say").summary == "Say it anew."
    assert tools.run("say", "x").text == "new"
    write("more", ECHO)
    assert tools.refresh() == ["/more is new"]
    path.unlink()
    assert tools.refresh() == ["/say is gone"]
    assert tools.get("say") is None
    assert tools.refresh() == []


def test_a_broken_save_keeps_the_old_version(write, box):
    path = write("say", "def run(text: str) -> str:\n    return 'old'\n")
    tools = box()
    for broken, told in (
        ('"""Say."""\ndef run(\n', "line 2: not Python"),
        ('"""Say."""\n1 / 0\ndef run(text: str) -> str:\n    return ""\n', "ZeroDivisionError"),
    ):
        rewrite(path, broken)
        (news,) = tools.refresh()
        assert told in news and news.endswith("; the version from before still serves")
        assert tools.run("say", "x").text == "old"
        assert tools.problems[0].path == path
        assert tools.refresh() == []
        assert tools.run("say", "x").text == "old"
    tools._worker.kill()  # the next worker gets the old version too
    assert tools.run("say", "x").text == "old"
    rewrite(path, '"""Say."""\ndef run(text: str) -> str:\n    return "mended"\n')
    assert tools.refresh() == ["/say is loaded again"]
    assert tools.run("say", "x").text == "mended"
    assert tools.problems == ()


def test_a_new_file_that_does_not_load_is_not_offered(write, box):
    write("fine", ECHO)
    tools = box()
    write("broken", "1 / 0\n" + ECHO)
    (news,) = tools.refresh()
    assert "ZeroDivisionError" in news
    assert [spec.name for spec in tools.specs] == ["fine"]
    assert tools.refresh() == []


def test_a_later_folder_takes_over_and_gives_back(write, tmp_path):
    write("say", "def run(text: str) -> str:\n    return 'shipped'\n", "a")
    tools = Toolbox([tmp_path / "a", tmp_path / "b"])
    assert tools.run("say", "x").text == "shipped"
    mine = write("say", "def run(text: str) -> str:\n    return 'mine'\n", "b")
    assert tools.refresh() == ["/say is loaded again"]
    assert tools.run("say", "x").text == "mine"
    mine.unlink()
    tools.refresh()
    assert tools.run("say", "x").text == "shipped"
    tools.close()


def test_warm_starts_the_worker_and_loads_what_is_imported_late(write, box):
    write("late", "def run(text: str) -> str:\n    import decimal, sys\n    return text\n")
    write("look", "import sys\ndef run(text: str) -> str:\n    return str(text in sys.modules)\n")
    write("broken", "1 / 0\n" + ECHO)
    tools = box()
    tools.warm().join()
    pid = tools._worker.pid
    assert pid is not None
    assert "ZeroDivisionError" in tools.refresh()[0]
    for _ in range(1000):
        if tools.run("look", "decimal").text == "True":
            break
    assert tools.run("look", "decimal").text == "True"
    assert tools._worker.pid == pid


def test_a_call_waits_for_the_warming_and_can_be_stopped_meanwhile(write, box, tmp_path):
    fifo = tmp_path / "go"
    write(
        "slow",
        f"import pathlib, time\nwhile not pathlib.Path({str(fifo)!r}).exists(): time.sleep(0.01)\n" + ECHO,
    )
    tools = box()
    warming = tools.warm()
    asked = iter([False, False, True, True, True])
    assert tools.run("slow", "x", cancelled=lambda: next(asked, True)).text == "slow was stopped"
    fifo.touch()
    warming.join()
    assert tools.run("slow", "x").text == "x"


class Elsewhere:
    specs = (ToolSpec("far.away", "Do it far away."),)
    problems = ()
    closed = False

    def run(self, name, argument, *, cancelled=None):
        return Outcome(f"{name} {argument}", True, 0.0)

    def close(self):
        self.closed = True


def test_other_sources_stand_beside_the_files(write, tmp_path):
    write("near", ECHO)
    other = Elsewhere()
    tools = Toolbox([tmp_path / "tools"], sources=[other])
    assert [spec.name for spec in tools.specs] == ["far.away", "near"]
    assert tools.run("far.away", "x").text == "far.away x"
    assert "far.away" in tools.grammar()
    tools.close()
    assert other.closed
