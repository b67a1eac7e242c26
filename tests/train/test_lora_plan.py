"""The memory plan: against what was measured, told for every process, refused with what would fit."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from lora_samples import RECIPE
from tiny_checkpoints import write_checkpoint

from yanray.errors import ModelError
from yanray.models.shape import Header, Shape, tensors_of
from yanray.models.training import training_bytes
from yanray.train.lora.base import open_base
from yanray.train.lora.packing import Example, schedule
from yanray.train.lora.plan import Plan, plan

SHAPES = {
    "Llama 20M": Shape("llama", 6, 512, 1408, 8, 8, 64, 64, 4096, 8192),
    "Llama 80M": Shape("llama", 8, 768, 2048, 12, 4, 64, 64, 16384, 8192),
    "GLM 60M": Shape("glm", 6, 768, 2304, 12, 2, 64, 64, 12288, 8192),
}
# MB, by `python benchmarks/train_memory.py`: docs/training.md
MEASURED = (
    ("Llama 20M", "f32", 16, 512, True, 0.05, "text", 496),
    ("Llama 20M", "f32", 64, 2048, True, 0.05, "half", 687),
    ("Llama 80M", "f32", 16, 1024, False, 0.05, "half", 1604),
    ("Llama 80M", "f32", 8, 1024, True, 0.0, "text", 891),
    ("Llama 80M", "int8", 16, 1024, True, 0.05, "half", 692),
    ("Llama 80M", "nf4", 16, 1024, True, 0.05, "text", 735),
    ("GLM 60M", "f32", 16, 1024, True, 0.05, "half", 751),
    ("GLM 60M", "f32", 32, 512, False, 0.0, "text", 889),
    ("GLM 60M", "int8", 16, 1024, False, 0.05, "text", 1095),
    ("GLM 60M", "nf4", 8, 2048, True, 0.05, "half", 771),
    ("Llama 80M", "f32", 16, 1024, True, 0.05, "shared", 871),
    ("Llama 20M", "f32", 16, 768, False, 0.05, "shared", 763),
    ("GLM 60M", "int8", 16, 1024, True, 0.0, "shared", 614),
    ("Llama 80M", "bf16", 16, 1024, True, 0.05, "text", 754),
)


@pytest.mark.parametrize("row", MEASURED)
def test_the_plan_is_what_was_measured(row: tuple[str, str, int, int, bool, float, str, int]) -> None:
    name, load, rank, tokens, checkpointing, dropout, data, measured = row
    shape = SHAPES[name]
    header = Header(name, "config", shape, tensors_of(shape), "f16")
    taught = {"text": tokens, "half": tokens // 2, "shared": tokens // 4}[data]
    found = training_bytes(
        header, load, "qlora" if load == "nf4" else "lora", tokens=tokens, taught=taught, rank=rank,
        dropout=dropout > 0, checkpointing=checkpointing, shared=data == "shared", device="cpu",
    )  # fmt: skip
    assert found == pytest.approx(measured * 1e6, rel=0.1)


@pytest.fixture
def planned(tmp_path: Path) -> Plan:
    base = open_base(write_checkpoint(tmp_path / "base", "hf-llama"))
    given = [Example((3,) * 600, (True,) * 600)]
    recipe = replace(RECIPE, tokens=600, checkpointing=False)
    return plan(base, recipe, given, schedule(given, 600, 1, 1, 1), local=2)


def test_processes_of_one_cpu_share_its_memory(planned: Plan) -> None:
    assert "for each of 2 processes" in planned.lines()[-1]
    replace(planned, free=2 * planned.needed).check()
    with pytest.raises(ModelError, match="fewer processes"):
        replace(planned, free=2 * planned.needed - 1).check()


def test_what_cannot_fit_is_refused_with_what_would(planned: Plan) -> None:
    with pytest.raises(ModelError, match=r"--checkpointing \(0\.\d\d GiB\)"):
        replace(planned, free=planned.needed - 1, processes=1).check()
    with pytest.raises(ModelError, match="a smaller model: with --checkpointing --load nf4 --tokens 256"):
        replace(planned, free=1 << 20, processes=1).check()


def test_rows_are_halved_until_they_fit(planned: Plan) -> None:
    long = replace(planned, run=replace(planned.run, tokens=1 << 20, taught=1 << 20), processes=1)
    with pytest.raises(ModelError, match=r"--tokens \d+ \(") as refused:
        replace(long, needed=1 << 40, free=1 << 30).check()
    tokens = int(str(refused.value).split("--tokens ")[1].split()[0])
    assert 256 <= tokens < 1 << 19


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's switch")
def test_gaps_between_blocks_are_given_back() -> None:
    """After one large block was freed glibc keeps 3 MiB ones in its heap, where the gaps between those that
    live stay taken; told otherwise, it gives them back."""
    program = (
        "import sys, re, numpy\n"
        "from pathlib import Path\n"
        "from yanray.train.lora.heap import give_back\n"
        "if sys.argv[1] == 'told' and not give_back(): sys.exit(3)\n"
        "block = numpy.ones(16 << 20, numpy.uint8); del block\n"
        "blocks = [numpy.ones(3 << 20, numpy.uint8) for _ in range(64)]\n"
        "del blocks[::2]\n"
        "print(re.search(r'RssAnon:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])\n"
    )
    held = {}
    for how in ("told", "usual"):
        done = subprocess.run([sys.executable, "-c", program, how], capture_output=True, text=True)
        if done.returncode == 3:
            pytest.skip("this C library has no mallopt")
        held[how] = int(done.stdout) // 1024
    assert held["told"] < held["usual"] - 60
