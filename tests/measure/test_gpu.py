"""benchmarks/gpu.py, rehearsed on the CPU with a tiny model: every part gives its figures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from yanray.paths import PACKAGE

pytest.importorskip("torch")
pytest.importorskip("peft")

SCRIPT = PACKAGE.parent / "benchmarks" / "gpu.py"


@pytest.mark.slow
def test_every_part_runs_without_an_error(tmp_path: Path) -> None:
    found = tmp_path / "gpu.json"
    command = [sys.executable, str(SCRIPT), "--tiny", "--tokens", "8", "--budget", "900"]
    subprocess.run(
        [*command, "--json", str(found), "--work", str(tmp_path / "work")], check=True, timeout=900
    )
    parts = json.loads(found.read_text())["parts"]
    assert set(parts) == {"machine", "fp16", "int8", "nf4", "gguf", "lora"}
    assert not [
        f"{part}: {key} {value}"
        for part, each in parts.items()
        for key, value in each.items()
        if "error" in key
    ]
    assert parts["int8"]["difference"] == parts["nf4"]["difference"] == 0
    assert len(parts["lora"]["nf4"]["losses"]) == 2 and parts["fp16"]["agree"]["same_best"]


def test_a_part_that_fails_leaves_its_error_and_the_others_their_figures(tmp_path: Path) -> None:
    found, work = tmp_path / "gpu.json", tmp_path / "work"
    work.mkdir()
    (work / "fp16").write_text("in the way")
    command = [sys.executable, str(SCRIPT), "--tiny", "--parts", "fp16,machine", "--json", str(found)]
    subprocess.run([*command, "--work", str(work)], check=True, timeout=300)
    parts = json.loads(found.read_text())["parts"]
    assert "config.json" in parts["fp16"]["part_error"] and "part_error" not in parts["machine"]
    assert parts["machine"]["versions"]["torch"] != "absent"
