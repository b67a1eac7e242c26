"""`yanray ask` with files, batches and code; `yanray logs`, `doctor` and `completion`: real processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_models import write_tiny

YANRAY = str(Path(sys.executable).with_name("yanray"))


@pytest.fixture
def yanray(tmp_path):
    """Run yanray with an owner's folder of its own; `rounds`: what the model says."""

    def run(*words, rounds=None, stdin="", check=True, **environment):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("YANRAY_", "LC_"))}
        if rounds is not None:
            (tmp_path / "script.json").write_text(json.dumps({"rounds": rounds}), encoding="utf-8")
            words = (*words, "-m", f"scripted:{tmp_path}/script.json")
        done = subprocess.run(
            [YANRAY, *map(str, words)],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            env={
                **kept,
                "YANRAY_HOME": str(tmp_path / "home"),
                "LANG": "C.UTF-8",
                "PYTHONUTF8": "1",
                **environment,
            },
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    return run


def pdf(text):
    """The smallest PDF that shows TEXT."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table) + end


class TestAsk:
    def test_files_and_stdin_come_before_the_question(self, yanray, tmp_path):
        (tmp_path / "a.txt").write_text("first file", encoding="utf-8")
        (tmp_path / "b.pdf").write_bytes(pdf("second file"))
        yanray(
            "ask",
            "-f",
            tmp_path / "a.txt",
            "-f",
            tmp_path / "b.pdf",
            "sum",
            "up",
            rounds=["Done."],
            stdin="in",
        )
        text = yanray("logs", "show", "1", "--json").stdout
        question = json.loads(text)["messages"][1]["content"]
        assert question == "a.txt:\nfirst file\n\nb.pdf:\nsecond file\n\nin\n\nsum up"

    def test_files_that_cannot_be_read(self, yanray, tmp_path):
        (tmp_path / "x.bin").write_bytes(b"\xff\xfe\x00\x80")
        (tmp_path / "x.pdf").write_bytes(b"%PDF-1.4 nothing")
        for name in ("x.bin", "x.pdf", "none.txt"):
            done = yanray("ask", "-f", tmp_path / name, "what?", rounds=[], check=False)
            assert done.returncode == 1 and done.stderr.startswith(f"yanray: {tmp_path}/{name}: ")
            assert done.stderr.count("\n") == 1

    def test_only_the_first_code_block(self, yanray):
        answer = "Here:\n```python\nprint(1)\n\nprint(2)\n```\nand\n```\nother\n```"
        assert yanray("ask", "-x", "code?", rounds=[answer]).stdout == "print(1)\n\nprint(2)\n"
        done = yanray("ask", "-x", "code?", rounds=["None."], check=False)
        assert done.returncode == 1 and done.stdout == "" and "no code block" in done.stderr

    def test_going_on_with_the_last(self, yanray):
        assert yanray("ask", "-c", "x", rounds=[], check=False).returncode == 2
        yanray("ask", "one", rounds=["First."])
        yanray("ask", "-c", "two", rounds=["Second."])
        shown = yanray("logs", "show", "1").stdout
        assert [word for word in ("one", "First.", "two", "Second.") if word in shown] == [
            "one",
            "First.",
            "two",
            "Second.",
        ]

    def test_nothing_is_kept_when_it_was_said_so(self, yanray, tmp_path):
        yanray("ask", "one", rounds=["First."], YANRAY_NOHISTORY="1")
        assert not (tmp_path / "home" / "data" / "conversations.db").exists()
        yanray("logs", "off")
        yanray("ask", "one", rounds=["First."])
        listed = yanray("logs")
        assert listed.stdout == "" and "not kept" in listed.stderr


class TestBatch:
    QUESTIONS = ('"/calculate 2*3"', '{"question": "hello", "id": 7}', '"/calculate 6*7"')

    def test_in_order_and_going_on_after_a_kill(self, yanray, tmp_path):
        batch, out = tmp_path / "batch.jsonl", tmp_path / "out.jsonl"
        batch.write_text("\n".join(self.QUESTIONS) + "\n", encoding="utf-8")
        yanray("ask", "--batch", batch, "--output", out, rounds=["Hi."])
        rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        assert [row["answer"] for row in rows] == ["6", "Hi.", "42"] and rows[1]["id"] == 7
        whole = out.read_text(encoding="utf-8").splitlines(keepends=True)
        out.write_text(whole[0] + whole[1][:20], encoding="utf-8")
        yanray("ask", "--batch", batch, "--output", out, rounds=["Hi again."])
        rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        assert [row["answer"] for row in rows] == ["6", "Hi again.", "42"]

    def test_a_question_that_fails_does_not_stop_the_others(self, yanray, tmp_path):
        (tmp_path / "batch.jsonl").write_text("\n".join(self.QUESTIONS), encoding="utf-8")
        done = yanray("ask", "--batch", tmp_path / "batch.jsonl", rounds=[], check=False)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        assert done.returncode == 1
        assert [row.get("answer", "failed") for row in rows] == ["6", "failed", "42"]

    @pytest.mark.parametrize("line", ["{", "3", '{"prompt": "x"}'])
    def test_a_line_that_is_no_question(self, yanray, tmp_path, line):
        (tmp_path / "batch.jsonl").write_text(f'"ok"\n{line}\n', encoding="utf-8")
        done = yanray("ask", "--batch", tmp_path / "batch.jsonl", rounds=[], check=False)
        assert done.returncode == 1 and "line 2" in done.stderr and done.stdout == ""


PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name", "age"],
}


class TestSchema:
    @pytest.fixture
    def schema(self, tmp_path):
        (tmp_path / "person.json").write_text(json.dumps(PERSON), encoding="utf-8")
        return tmp_path / "person.json"

    def test_an_answer_that_validates(self, yanray, schema):
        done = yanray("ask", "--schema", schema, "who?", rounds=['{"name": "Ada", "age": 36}'])
        assert json.loads(done.stdout) == {"name": "Ada", "age": 36}

    def test_a_blank_before_the_value_is_not_printed(self, yanray, schema):
        said = '{"name": "Ada", "age": 36}'
        assert yanray("ask", "--schema", schema, "who?", rounds=[f" {said}"]).stdout == f"{said}\n"
        assert yanray("ask", "who?", rounds=[f"\n    {said}"]).stdout == f"    {said}\n"  # may be code

    @pytest.mark.parametrize(
        "answer, language, said",
        [
            ('{"name": "Ada"', "C.UTF-8", "not whole JSON"),
            ('{"name": "Ada", "age": -1}', "C.UTF-8", "$.age: -1 is less"),
            ('{"name": "Ada"}', "zh_CN.UTF-8", "回答不符合模式"),
        ],
    )
    def test_one_that_does_not_is_1(self, yanray, schema, answer, language, said):
        done = yanray("ask", "--schema", schema, "who?", rounds=[answer], check=False, LANG=language)
        assert done.returncode == 1 and said in done.stderr

    def test_a_real_model_is_held_to_it(self, yanray, tmp_path):
        model = write_tiny(tmp_path / "tiny.gguf")
        (tmp_path / "s.json").write_text(json.dumps({"enum": ["red", "深蓝"]}), encoding="utf-8")
        for seed in range(3):
            options = ("-o", "temperature=1", "-o", f"seed={seed}")
            done = yanray("ask", "-m", model, *options, "--schema", tmp_path / "s.json", "colour?")
            assert json.loads(done.stdout) in ("red", "深蓝")

    def test_in_a_batch(self, yanray, schema, tmp_path):
        (tmp_path / "batch.jsonl").write_text('"one"\n"two"\n', encoding="utf-8")
        rounds = ['{"name": "Ada", "age": 36}', "nobody"]
        done = yanray(
            "ask", "--schema", schema, "--batch", tmp_path / "batch.jsonl", rounds=rounds, check=False
        )
        first, second = map(json.loads, done.stdout.splitlines())
        assert done.returncode == 1 and "error" not in first and "not whole JSON" in second["error"]

    @pytest.mark.parametrize("text", ["{", "3", '{"type": "nonsense"}', '{"required": 3}'])
    def test_a_file_that_is_no_schema(self, yanray, tmp_path, text):
        (tmp_path / "bad.json").write_text(text, encoding="utf-8")
        done = yanray("ask", "--schema", tmp_path / "bad.json", "who?", rounds=[], check=False)
        assert done.returncode == 1 and "bad.json: not" in done.stderr and done.stdout == ""


class TestLogs:
    def test_list_search_show_export_remove(self, yanray, tmp_path):
        yanray("ask", "where is the harbour?", rounds=["In 横滨."])
        assert "where is the harbour?" in yanray("logs").stdout
        assert "横滨" in yanray("logs", "横滨").stdout
        assert yanray("logs", "nowhere", check=False).returncode == 1
        yanray("logs", "export", "1", tmp_path / "out.md")
        assert (tmp_path / "out.md").read_text(encoding="utf-8") == yanray("logs", "show", "1").stdout
        assert yanray("logs", "path").stdout.strip().endswith("conversations.db")
        yanray("logs", "rm", "1")
        assert yanray("logs").stdout == ""
        done = yanray("logs", "show", "1", check=False)
        assert done.returncode == 1 and "no conversation 1" in done.stderr
        assert yanray("logs", "show", "one", check=False).returncode == 2


class TestDoctor:
    def test_what_is_wrong_comes_with_its_remedy(self, yanray, tmp_path):
        tools = tmp_path / "home" / "tools"
        tools.mkdir(parents=True)
        (tools / "broken.py").write_text("def run(:\n", encoding="utf-8")
        done = yanray("doctor", rounds=["x"], check=False)
        assert done.returncode == 1
        assert "broken.py line 1" in done.stdout and "script, scripted:" in done.stdout
        for title in ("Machine", "Versions", "Folders", "Model", "Tools", "Conversations"):
            assert f"\n{title}\n" in f"\n{done.stdout}"

    def test_broken_settings(self, yanray, tmp_path):
        (tmp_path / "home").mkdir()
        (tmp_path / "home" / "config.yaml").write_text("colour: red\n", encoding="utf-8")
        done = yanray("doctor", check=False)
        assert done.returncode == 1 and "unknown key 'colour'" in done.stdout


class TestCompletion:
    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_the_script_is_one_that_the_shell_reads(self, yanray, tmp_path, shell):
        script = tmp_path / "script"
        script.write_text(yanray("completion", shell).stdout, encoding="utf-8")
        assert "--batch" in script.read_text() or shell == "fish"
        if shutil.which(shell) is None:
            pytest.skip(f"no {shell} here")
        before = "autoload -Uz compinit; compinit -u; " if shell == "zsh" else ""
        done = subprocess.run(
            [shell, "-c", f"{before}source {script}"], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0 and done.stderr == ""

    @pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
    @pytest.mark.parametrize(
        "words, offered",
        [("yanray to", "tools"), ("yanray tools sh", "show"), ("yanray ask --ba", "--batch")],
    )
    def test_bash_completes(self, yanray, tmp_path, words, offered):
        script = yanray("completion", "bash").stdout
        typed = words.split()
        program = (
            f"{script}\nCOMP_WORDS=({words}); COMP_CWORD={len(typed) - 1}; _yanray; echo ${{COMPREPLY[@]}}"
        )
        done = subprocess.run(
            ["bash", "-c", program], capture_output=True, text=True, timeout=60, cwd=tmp_path
        )
        assert done.stdout.split() == [offered]
