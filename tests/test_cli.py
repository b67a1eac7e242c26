"""The command line in real processes: what goes where, exit codes, and one line for each error."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
import pytest
from tiny_adapters import write_adapter
from tiny_models import write_tiny

from yanray import __version__
from yanray.cli import COMMANDS
from yanray.paths import nano_model

YANRAY = str(Path(sys.executable).with_name("yanray"))
PATIENCE = 120  # seconds after which a child counts as hung

embedded = pytest.mark.skipif(
    not nano_model().is_file(), reason="the embedded model is not in this checkout yet"
)

DOUBLE = '''"""Double a number."""

def run(number: float) -> str:
    return format(number * 2, "g")
'''
SLEEP = '''"""Wait."""

import time

def run(seconds: float) -> str:
    time.sleep(seconds)
    return "awake"
'''
KEEP = '''"""Keep a note."""

CONFIRM = True

def run(words: str) -> str:
    return "kept " + words
'''


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An owner's folder with three tools."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "tools").mkdir()
    for name, source in {"double": DOUBLE, "sleep": SLEEP, "keep": KEEP}.items():
        (folder / "tools" / f"{name}.py").write_text(source, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A real model with random weights: it speaks nonsense, by the rules."""
    return write_tiny(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
def environment(home):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("YANRAY_") and k != "LC_ALL"}
    return {**kept, "YANRAY_HOME": str(home), "LANG": "C.UTF-8", "PYTHONUTF8": "1"}


@pytest.fixture
def yanray(environment):
    def run(*words, stdin="", **more):
        return subprocess.run(
            [YANRAY, *map(str, words)],
            input=stdin,
            capture_output=True,
            text=True,
            env={**environment, **more},
            timeout=PATIENCE,
        )

    return run


def error_line(done, code):
    """The one line that an error is; no traceback."""
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("yanray: ") and done.stderr.count("\n") == 1
    return done.stderr


class TestItself:
    def test_version(self, yanray):
        assert yanray("--version").stdout == f"yanray {__version__}\n"

    def test_help_names_every_command(self, yanray):
        done = yanray("--help")
        assert done.returncode == 0 and all(f"\n    {name} " in done.stdout for name in COMMANDS)

    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_has_help(self, yanray, command):
        done = yanray(command, "--help")
        assert done.returncode == 0 and done.stdout.startswith(f"usage: yanray {command}")

    @pytest.mark.parametrize("words", [[], ["nonsense"], ["ask", "--nonsense"], ["--nonsense"]])
    def test_wrong_usage_is_2(self, yanray, words):
        done = yanray(*words)
        assert done.returncode == 2 and "usage: yanray" in done.stderr and done.stdout == ""

    def test_help_costs_less_than_three_bare_starts(self, environment):
        def seconds(*command):
            begun = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, env=environment)
            return time.perf_counter() - begun

        pairs = [(seconds(sys.executable, "-c", "pass"), seconds(YANRAY, "--help")) for _ in range(7)]
        bare, with_help = (min(column) for column in zip(*pairs, strict=True))
        assert with_help < 3 * bare


class TestErrors:
    def test_no_question(self, yanray):
        assert "ask what?" in error_line(yanray("ask"), 2)

    def test_no_such_model(self, yanray):
        assert "nowhere.gguf: no such file" in error_line(yanray("ask", "-m", "nowhere.gguf", "hi"), 1)

    def test_no_such_model_from_the_environment(self, yanray):
        assert "other.gguf: no such file" in error_line(yanray("ask", "hi", YANRAY_MODEL="other.gguf"), 1)

    @pytest.mark.parametrize(
        "content", [b"", b"GGUF", b"hello world, I am no model", b"GGUF\x03\0\0\0" + b"\xff" * 64]
    )
    def test_a_file_that_is_no_model(self, yanray, tmp_path, content):
        path = tmp_path / "bad.gguf"
        path.write_bytes(content)
        assert str(path) in error_line(yanray("ask", "-m", path, "hi"), 1)

    def test_no_such_adapter_and_one_of_another_model(self, yanray, tiny, home):
        write_adapter(home / "adapters" / "wide", {"model.layers.0.mlp.up_proj": (256, 512)})
        said = error_line(yanray("ask", "-m", tiny, "--adapter", "poet", "hi"), 1)
        assert "poet: no such adapter; there are: wide" in said
        said = error_line(yanray("ask", "-m", tiny, "--adapter", "wide:0.5", "hi"), 1)
        assert "the adapter wide does not fit tiny.gguf" in said
        assert "NAME:SCALE" in error_line(yanray("ask", "-m", tiny, "--adapter", "wide:much", "hi"), 2)

    def test_a_model_that_was_cut(self, yanray, tmp_path, tiny):
        path = tmp_path / "cut.gguf"
        path.write_bytes(tiny.read_bytes()[:-5000])
        assert str(path) in error_line(yanray("ask", "-m", path, "hi"), 1)

    def test_an_unknown_key_in_config(self, yanray, tmp_path):
        path = tmp_path / "config.yaml"
        path.write_text("temprature: 1\n", encoding="utf-8")
        line = error_line(yanray("ask", "--config", path, "hi"), 2)
        assert str(path) in line and "'temprature'" in line

    @pytest.mark.parametrize("option", ["temperature", "temperature=hot", "warmth=1", "=1", "top_p=2"])
    def test_a_wrong_option(self, yanray, option):
        assert option.split("=")[0] in error_line(yanray("ask", "-o", option, "hi"), 2)

    def test_debug_shows_where_it_came_from(self, yanray):
        done = yanray("ask", "--debug", "-m", "nowhere.gguf", "hi")
        assert done.returncode == 1 and "Traceback" in done.stderr and "ModelError" in done.stderr

    def test_a_tool_that_does_not_load_is_named_and_the_rest_work(self, yanray, tmp_path):
        (tmp_path / "tools").mkdir()
        (tmp_path / "tools" / "broken.py").write_text('"""Break."""\n\ndef run(x: str\n', encoding="utf-8")
        (tmp_path / "tools" / "double.py").write_text(DOUBLE, encoding="utf-8")
        done = yanray("tools", YANRAY_HOME=str(tmp_path))
        assert "/double" in done.stdout and "broken.py line 3" in done.stderr
        asked = yanray("ask", "/double 21", YANRAY_HOME=str(tmp_path))
        assert asked.stdout == "42\n" and "broken.py line 3" in asked.stderr


class TestAsk:
    def test_the_users_own_command_needs_no_model(self, yanray):
        done = yanray("ask", "-m", "nowhere.gguf", "/double", "21")
        assert (done.returncode, done.stdout) == (0, "42\n")

    def test_the_answer_alone_on_stdout_and_the_trace_on_stderr(self, yanray):
        done = yanray("ask", "/double 21")
        assert (done.returncode, done.stdout) == (0, "42\n")
        assert done.stderr.startswith("> /double 21\n< 42  (")

    def test_json(self, yanray):
        done = yanray("ask", "--json", "/double 21")
        turn = json.loads(done.stdout)
        assert (turn["answer"], turn["finish"], turn["model"]) == ("42", "stop", "")
        call, result = turn["events"]
        assert call == {"event": "call", "name": "double", "argument": "21"}
        assert result.pop("seconds") > 0
        assert result == {"event": "result", "name": "double", "ok": True, "text": "42"}
        assert turn["usage"]["rounds"] == [] and turn["usage"]["tool_seconds"] > 0

    def test_json_of_a_real_model(self, yanray, tiny):
        done = yanray("ask", "--json", "--no-tools", "-m", tiny, "-o", "max_tokens=5", "hello")
        turn = json.loads(done.stdout)
        assert done.returncode == 0 and set(turn) == {"answer", "finish", "model", "events", "usage"}
        assert turn["model"] == "tiny-nano" and turn["finish"] in ("stop", "length")
        times = {"load_seconds", "prefill_seconds", "decode_seconds", "tool_seconds"}
        assert set(turn["usage"]) == {"rounds", *times} and turn["usage"]["load_seconds"] > 0
        (counts,) = turn["usage"]["rounds"]
        assert set(counts) == {"prompt_tokens", "reused_tokens", "evaluated_tokens", "generated_tokens"}
        assert counts["prompt_tokens"] == counts["reused_tokens"] + counts["evaluated_tokens"] > 0
        assert 0 < counts["generated_tokens"] <= 5
        text = "".join(event["text"] for event in turn["events"] if event["event"] == "text")
        assert turn["answer"] == text.strip()

    def test_the_same_question_has_the_same_answer(self, yanray, tiny):
        words = ("ask", "--no-tools", "-m", tiny, "-o", "max_tokens=8", "hello")
        assert yanray(*words).stdout == yanray(*words).stdout != ""

    def test_stdin_stands_before_the_question(self, yanray, tiny):
        words = ("ask", "--json", "--no-tools", "-m", tiny, "-o", "max_tokens=1")
        both = yanray(*words, "hello", stdin="some text\n")
        alone = yanray(*words, "some text\n\nhello")
        counts = [json.loads(done.stdout)["usage"]["rounds"][0]["prompt_tokens"] for done in (both, alone)]
        assert counts[0] == counts[1]
        assert yanray("ask", stdin="/double 4\n").stdout == "8\n"

    def test_the_system_prompt_is_replaced(self, yanray, tiny):
        words = ("ask", "--json", "--no-tools", "-m", tiny, "-o", "max_tokens=1", "hello")
        counts = [
            json.loads(done.stdout)["usage"]["rounds"][0]["prompt_tokens"]
            for done in (yanray(*words, "-s", "No."), yanray(*words, "-s", "No, never, not at all."))
        ]
        assert counts[0] < counts[1]

    def test_verbose_counts_on_stderr(self, yanray, tiny):
        done = yanray("ask", "--verbose", "--no-tools", "-m", tiny, "-o", "max_tokens=2", "hello")
        assert "round 1  prompt " in done.stderr and "load " in done.stderr and "in all" in done.stderr

    def test_a_wrong_command_is_told_with_the_nearest(self, yanray):
        assert "did you mean: /double" in yanray("ask", "/dubble 2").stderr

    def test_a_reader_that_goes_away_is_no_error(self, environment):
        done = subprocess.run(
            ["sh", "-c", f'"{YANRAY}" tools show double | true'],
            env=environment,
            capture_output=True,
            text=True,
        )
        # The hint of `tools` may come before the reader is found gone.
        said = done.stderr.replace("yanray tools --cost measures what each costs in the prompt\n", "")
        assert said == ""

    @pytest.mark.skipif(sys.platform == "win32", reason="SIGINT to one child")
    def test_ctrl_c_is_130_and_quick(self, environment):
        child = subprocess.Popen(
            [YANRAY, "ask", "/sleep 60"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert child.stderr is not None and child.stderr.readline() == "> /sleep 60\n"
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=30) == 130
        assert child.stderr.read() == "! stopped\n"
        child.stderr.close()


class TestTools:
    def test_the_list(self, yanray):
        done = yanray("tools")
        assert done.returncode == 0
        assert "/double number" in done.stdout and "Double a number." in done.stdout
        assert "asks first" in next(line for line in done.stdout.splitlines() if line.startswith("/keep"))

    def test_show(self, yanray):
        assert "number: number" in yanray("tools", "show", "double").stdout

    def test_run(self, yanray):
        done = yanray("tools", "run", "double", "-21")
        assert (done.returncode, done.stdout, done.stderr) == (0, "-42\n", "")

    def test_new(self, yanray, tmp_path):
        done = yanray("tools", "new", "words", YANRAY_HOME=str(tmp_path))
        tool, test = map(Path, done.stdout.split())
        assert done.returncode == 0 and tool == tmp_path / "tools" / "words.py" and test.is_file()
        assert yanray("tools", "run", "words", "one two three", YANRAY_HOME=str(tmp_path)).stdout == "3\n"
        assert "is there already" in error_line(yanray("tools", "new", "words", YANRAY_HOME=str(tmp_path)), 1)

    def test_an_error_of_the_tool(self, yanray):
        done = yanray("tools", "run", "double", "much")
        assert done.returncode == 1 and done.stdout == "" and "number" in done.stderr

    def test_an_unknown_one(self, yanray):
        assert "no tool 'triple'" in error_line(yanray("tools", "run", "triple", "1"), 2)


class TestChat:
    def test_in_a_pipe(self, yanray):
        done = yanray("chat", stdin="/double 1\n\n/double 2\n/dubble 3\n")
        assert (done.returncode, done.stdout) == (0, "2\n4\n")
        assert "did you mean: /double" in done.stderr

    def test_an_error_does_not_end_it(self, yanray):
        done = yanray("chat", "-m", "nowhere.gguf", stdin="hello\n/double 2\n")
        assert done.returncode == 0 and done.stdout == "4\n" and "no such file" in done.stderr

    @pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
    def test_at_a_terminal(self, environment):
        with terminal(environment, "chat", "--plain") as child:
            child.expect_exact("> ")
            child.sendline("/double 4")
            child.expect_exact("< 8")
            child.expect_exact("> ")
            child.sendline("/sleep 60")
            child.expect_exact("> /sleep 60\x1b")
            child.sendintr()
            child.expect_exact("stopped")
            child.expect_exact("> ")
            child.sendintr()
            child.expect_exact("Ctrl-D leaves")
            child.sendline("/double 5")
            child.expect_exact("< 10")
            child.expect_exact("> ")
            child.sendeof()
            child.expect(pexpect.EOF)
        assert child.exitstatus == 0


class TestEval:
    """The rows are commands of the user's own, so that what is right does not depend on a model."""

    def write(self, folder, *rows):
        path = folder / "rows.jsonl"
        path.write_text(
            "".join(r if isinstance(r, str) else json.dumps(r) + "\n" for r in rows), encoding="utf-8"
        )
        return path

    def test_counts(self, yanray, tiny, tmp_path):
        rows = [
            {"id": "a", "prompt": "/double 21", "tool": "double", "argument": " 21 ", "answer": 42},
            {"id": "b", "prompt": "/double 21", "tool": "keep", "argument": "22", "answer": "forty"},
            {"id": "c", "prompt": "/double 5", "tool": None},
            {"id": "d", "prompt": "/double 5", "answer": 10.0099, "before": ["/double 1"]},
            {"id": "e", "prompt": "/keep this", "tool": "keep", "answer": "KEPT THIS"},
        ]
        done = yanray("eval", self.write(tmp_path, *rows), "--json", "-m", tiny)
        assert done.returncode == 0, done.stderr
        figures = json.loads(done.stdout)
        assert figures.pop("seconds") > 0
        wrong = figures.pop("wrong")
        assert figures == {
            "n": 5,
            "tool": {"right": 2, "of": 4},
            "argument": {"right": 1, "of": 2},
            "answer": {"right": 3, "of": 4},
            "by_tool": {
                "none": {"right": 0, "of": 1},
                "double": {"right": 1, "of": 1},
                "keep": {"right": 1, "of": 2},
            },
        }
        assert [row["id"] for row in wrong] == ["b", "c"]
        assert wrong[0] == {
            "id": "b",
            "prompt": "/double 21",
            "called": "double",
            "argument": "21",
            "answer": "42",
        }
        assert "5/5" in done.stderr

    def test_a_table_for_people(self, yanray, tiny, tmp_path):
        path = self.write(
            tmp_path, {"id": "a", "prompt": "/double 21", "answer": 42}, {"id": "b", "prompt": "hi"}
        )
        done = yanray("eval", path, "--limit", 1, "-m", tiny)
        assert done.stdout.startswith("1 questions in ") and "100.0 %" in done.stdout

    @pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
    def test_ctrl_c_keeps_what_was_measured(self, environment, tiny, tmp_path):
        rows = [{"id": "a", "prompt": "/double 21", "answer": 42}, {"id": "b", "prompt": "/sleep 60"}]
        with terminal(environment, "eval", str(self.write(tmp_path, *rows)), "-m", str(tiny)) as child:
            child.expect_exact("1/2")
            child.sendintr()
            child.expect_exact("1 questions in")
            child.expect(pexpect.EOF)
        assert child.exitstatus == 130

    def test_other_tools(self, yanray, tiny, tmp_path):
        (tmp_path / "tools").mkdir()
        (tmp_path / "tools" / "triple.py").write_text(DOUBLE.replace("* 2", "* 3"), encoding="utf-8")
        path = self.write(tmp_path, {"id": "a", "prompt": "/triple 2", "tool": "triple", "answer": 6})
        done = yanray("eval", path, "--tools", tmp_path / "tools", "--json", "-m", tiny)
        assert json.loads(done.stdout)["answer"] == {"right": 1, "of": 1}

    @pytest.mark.parametrize(
        "line, said",
        [
            ('{"prompt": ', "line 2: "),
            ("[1]", "line 2: not an object"),
            ('{"id": 1}', 'line 2: "prompt" is missing'),
            ('{"prompt": "x", "tool": 3}', 'line 2: "tool" is 3'),
            ('{"prompt": "x", "answer": [4]}', 'line 2: "answer" is [4]'),
            ('{"prompt": "x", "answer": NaN}', "line 2: NaN"),
        ],
    )
    def test_a_broken_line_is_named(self, yanray, tmp_path, line, said):
        path = self.write(tmp_path, {"prompt": "fine"}, line + "\n")
        message = error_line(yanray("eval", path), 1)
        assert f"{path} {said}" in message

    def test_a_missing_or_empty_file(self, yanray, tmp_path):
        assert "cannot be read" in error_line(yanray("eval", tmp_path / "no.jsonl"), 1)
        assert "holds no questions" in error_line(yanray("eval", self.write(tmp_path)), 1)

    def test_wrong_options(self, yanray, tmp_path):
        path = self.write(tmp_path, {"prompt": "x"})
        assert "no such folder" in error_line(yanray("eval", path, "--tools", tmp_path / "no"), 2)
        assert "--limit 0" in error_line(yanray("eval", path, "--limit", 0), 2)

    def test_the_owners_things_are_left_alone(self, yanray, tiny, tmp_path, home):
        source = '''"""Keep a line."""

from yanray.toolbox.api import data_folder

CONFIRM = True

def run(line: str) -> str:
    path = data_folder() / "lines.txt"
    path.write_text(line)
    return str(path)
'''
        (tmp_path / "tools").mkdir()
        (tmp_path / "tools" / "line.py").write_text(source, encoding="utf-8")
        path = self.write(tmp_path, {"id": "a", "prompt": "/line x", "answer": str(home)})
        done = yanray("eval", path, "--tools", tmp_path / "tools", "--json", "-m", tiny)
        (wrong,) = json.loads(done.stdout)["wrong"]
        assert wrong["answer"].endswith("lines.txt") and not wrong["answer"].startswith(str(home))
        assert not Path(wrong["answer"]).exists()


@embedded
class TestEmbedded:
    """End to end, on the model that comes with Yanray."""

    def test_ask(self, yanray):
        done = yanray("ask", "--json", "What is 6.5*7.5?")
        turn = json.loads(done.stdout)
        call, result = (event for event in turn["events"] if event["event"] in ("call", "result"))
        assert done.returncode == 0 and turn["finish"] == "stop"
        assert call["name"] == "calculate" and "48.75" in result["text"] and "48.75" in turn["answer"]
        first, second = turn["usage"]["rounds"]
        assert second["reused_tokens"] >= first["prompt_tokens"]

    def test_the_answer_alone(self, yanray):
        done = yanray("ask", "What is 6.5*7.5?")
        assert "48.75" in done.stdout and "/calculate" not in done.stdout
        assert "> /calculate" in done.stderr

    def test_eval(self, yanray, tmp_path):
        path = tmp_path / "rows.jsonl"
        path.write_text('{"id": "1", "prompt": "What is 12*12?", "tool": "calculate", "answer": 144}\n')
        figures = json.loads(yanray("eval", path, "--json").stdout)
        assert figures["answer"] == {"right": 1, "of": 1}

    @pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
    def test_chat(self, environment):
        with terminal(environment, "chat") as child:
            child.expect_exact("> ")
            child.send("What is 6.5*7.5?\r")
            child.expect_exact("/calculate")
            child.expect_exact("48.75")
            child.expect_exact("48.75")
            child.expect_exact("> ")
            child.sendeof()
            child.expect(pexpect.EOF)
        assert child.exitstatus == 0


def terminal(environment, *words):
    return pexpect.spawn(
        YANRAY,
        list(words),
        env={**environment, "TERM": "xterm"},
        encoding="utf-8",
        timeout=PATIENCE,
        dimensions=(40, 100),
    )


class TestWarm:
    def test_what_was_kept_is_not_read_again(self, yanray, tiny, tmp_path):
        own = {"YANRAY_HOME": str(tmp_path)}
        words = ("-m", tiny, "--no-tools", "-s", "You are a clerk. " * 20)
        first, second = yanray("warm", *words, **own), yanray("warm", *words, **own)
        assert "were read" in first.stdout and "stood on disk" in second.stdout, (first, second)
        asked = yanray("ask", "--json", *words, "-o", "max_tokens=2", "hello", **own)
        round_ = json.loads(asked.stdout)["usage"]["rounds"][0]
        kept = int(re.search(r"the (\d+) tokens", first.stdout)[1])
        assert round_["reused_tokens"] == kept > 100
        assert round_["evaluated_tokens"] == round_["prompt_tokens"] - kept


@pytest.mark.parametrize(
    "command", ["chat", "tools run double 2", "ask /double 2", "logs list", "pull nothing"]
)
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(home, command, closed):
    """As some services and cron jobs leave them."""
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec '{YANRAY}' {command} {closed}"],
        env={**os.environ, "YANRAY_HOME": str(home), "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == (2 if command == "pull nothing" else 0)


def test_a_terminal_without_these_characters(home):
    done = subprocess.run(
        [YANRAY, "tools", "run", "keep", "北京 café"],
        env={**os.environ, "YANRAY_HOME": str(home), "PYTHONIOENCODING": "latin-1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout.strip()) == (0, b"kept ?? caf\xe9")
