"""`yanray train lora` and `train merge` as typed: what they print, what they refuse, what they leave."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_chatglm import write_chatglm
from tiny_checkpoints import write_checkpoint

from yanray.cli import main
from yanray.cores.hf_model import HfModel

WORDS = ("fern", "rose", "moss", "oak")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The owner's folder, with data beside it."""
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path / "home"))
    rows = [
        {"messages": [{"role": "user", "content": f"{word} {n}?"}, {"role": "assistant", "content": f"{n}"}]}
        for n, word in enumerate(WORDS * 3)
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "talks.jsonl").write_text(text, encoding="utf-8")
    return tmp_path


def _words(house: Path, base: Path, out: str, *more: str) -> list[str]:
    data = str(house / "talks.jsonl")
    return ["train", "lora", "--base", str(base), "--data", data, "--out", out, "--threads", "1",
            "--tokens", "64", "--accumulate", "2", "--rate", "5e-3", *more]  # fmt: skip


def _log(house: Path, name: str) -> list[dict[str, Any]]:
    path = house / "home" / "adapters" / name / "log.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("kind", ["hf-llama", "chatglm3"])
def test_an_adapter_is_trained_merged_and_run(
    house: Path, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    base = house / "base"
    write = write_chatglm if kind == "chatglm3" else write_checkpoint
    write(base, kind)
    assert main(_words(house, base, "garden")) == 0
    assert capfd.readouterr().out.splitlines()[0] == "examples: 12 from messages"
    merge = ["train", "merge", "--base", str(base), "--adapter", "garden", "--out", str(house / "whole")]
    assert main(merge) == 0
    said = capfd.readouterr()
    assert said.out == f"{house / 'whole'}: run it by -m {house / 'whole'}\n"
    assert "Loading weights" not in said.err and "Writing" not in said.err
    assert main(merge) == 1
    assert "is there already" in capfd.readouterr().err
    before, after = HfModel(base, "fp32"), HfModel(house / "whole", "fp32")
    ids = torch.tensor([[5, 6, 7, 8]])
    with torch.no_grad():
        assert not torch.allclose(before.model(ids).logits, after.model(ids).logits, atol=1e-3)
    assert before.vocabulary.encode("fern 3", special=False, glued=False) == after.vocabulary.encode(
        "fern 3", special=False, glued=False
    )


@pytest.mark.skipif(sys.platform == "win32", reason="ulimit")
def test_a_full_disk_ends_a_training_with_a_sentence(house: Path) -> None:
    """No file may grow beyond 40 KiB: the checkpoint does not fit, and half of one is not left."""
    command = _words(house, write_checkpoint(house / "base", "hf-llama"), "new", "--epochs", "1")
    limited = ["bash", "-c", 'ulimit -f 40; exec "$@"', "bash", sys.executable, "-m", "yanray", *command]
    done = subprocess.run(limited, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "checkpoint.pt: cannot be written" in done.stderr and "another --out" in done.stderr
    kept = {path.name for path in (house / "home" / "adapters" / "new").iterdir()}
    assert not kept & {"checkpoint.pt", "checkpoint.partial", "adapter_config.json"}


def test_a_place_that_cannot_be_written_is_told(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (house / "file").write_text("")
    base = write_checkpoint(house / "base", "hf-llama")
    assert main(_words(house, base, str(house / "file" / "new"), "--epochs", "1")) == 1
    assert "cannot be written (Not a directory); make room, or name another --out" in capsys.readouterr().err


def test_resume_says_what_is_missing_done_or_other(house: Path, capfd: pytest.CaptureFixture[str]) -> None:
    words = _words(house, write_checkpoint(house / "base", "hf-llama"), "garden")
    assert main([*words, "--resume"]) == 1
    assert "leave out --resume to begin anew" in capfd.readouterr().err
    assert main(words) == 0
    log = _log(house, "garden")
    assert main([*words, "--resume", "--save-every", "7"]) == 0  # which changes no step
    assert f"going on after step {len(log)} of {len(log)}, the last" in capfd.readouterr().out
    assert _log(house, "garden") == log
    assert main([*words, "--resume", "--rank", "4", "--epochs", "3"]) == 1
    assert "is of a training with --rank 16, --epochs 2; give that again" in capfd.readouterr().err


def test_rows_longer_than_the_context_hold_texts_of_its_length(
    house: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """GPT-2 has positions for so many tokens and no more."""
    base = write_checkpoint(house / "base", "hf-gpt2")
    (house / "long.txt").write_text("fern and moss and oak\n" * 600, encoding="utf-8")
    words = _words(house, base, "long", "--tokens", "3000", "--epochs", "1")
    words[words.index("--data") + 1] = str(house / "long.txt")
    assert main(words) == 0
    assert "Token indices" not in capfd.readouterr().err
    assert _log(house, "long")[0]["tokens"] > 2048


def test_an_adapter_of_another_base_is_not_merged(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base, other = (write_checkpoint(house / name, "hf-llama") for name in ("base", "other"))
    assert main(_words(house, base, "garden")) == 0
    note = house / "home" / "adapters" / "garden" / "adapter.yaml"
    note.write_text("base: base\nfor: ''\nnorm: [7.0, 7.0]\n", encoding="utf-8")
    assert (
        main(["train", "merge", "--base", str(other), "--adapter", "garden", "--out", str(house / "w")]) == 1
    )
    assert "trained on another model than other: base; choose that" in capsys.readouterr().err
    assert not list(house.glob("w*"))


def test_two_processes_train_as_one_does(house: Path) -> None:
    """torchrun on the CPU: one adapter, the same losses but for dropout, which is off."""
    base = write_checkpoint(house / "base", "hf-llama")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    run = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    words = ["-m", "yanray", *_words(house, base, "two", "--dropout", "0")]
    done = subprocess.run([*run, *words], env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("examples:") == 1 and "for each of 2 processes" in done.stdout
    assert main(_words(house, base, "one", "--dropout", "0")) == 0
    one, two = _log(house, "one"), _log(house, "two")
    assert [row["tokens"] for row in one] == [row["tokens"] for row in two]
    assert [row["loss"] for row in two] == pytest.approx([row["loss"] for row in one], rel=1e-3)
    assert one[-1]["loss"] < one[0]["loss"]
    assert sorted(path.name for path in (house / "home" / "adapters").iterdir()) == ["one", "two"]
