"""Checkpoint folders made smaller: saved, loaded again bit for bit, the tokenizer's files untouched."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tiny_checkpoints import write_checkpoint

from yanray.cli import main
from yanray.errors import DataError, ModelError
from yanray.models.quantize_folder import quantize_folder

torch = pytest.importorskip("torch")
bitsandbytes = pytest.importorskip("bitsandbytes")

IDS = list(range(3, 60))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("whole") / "llama", "hf-llama")


def logits(folder: Path, **options: Any) -> Any:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder, device_map="cpu", **options).eval()
    for module in model.modules():
        if isinstance(module, bitsandbytes.nn.Linear4bit):
            module.support_avx512bf16_for_cpu = False
    with torch.no_grad():
        return model(torch.tensor([IDS])).logits


@pytest.mark.parametrize("kind", ["int8", "nf4"])
def test_what_was_saved_loads_bit_for_bit(folder: Path, tmp_path: Path, kind: str) -> None:
    from transformers import BitsAndBytesConfig

    target = tmp_path / kind
    quantize_folder(folder, target, kind)
    how = (
        BitsAndBytesConfig(load_in_8bit=True)
        if kind == "int8"
        else BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.float32
        )
    )
    direct = logits(folder, quantization_config=how, dtype="auto")
    assert torch.equal(logits(target, dtype="auto"), direct)
    assert not torch.equal(logits(folder), direct)  # something was quantized
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        assert (target / name).read_bytes() == (folder / name).read_bytes()
    weights = [(where / "model.safetensors").stat().st_size for where in (folder, target)]
    assert weights[1] < weights[0]


def test_the_command_makes_a_folder_that_answers(folder: Path, tmp_path: Path, capsys: Any) -> None:
    from yanray.cores.base import Sampling
    from yanray.cores.hf import HfCore
    from yanray.messages import Message

    target = tmp_path / "small"
    assert main(["quantize", str(folder), str(target), "--to", "int8"]) == 0
    assert f"-m {target}" in capsys.readouterr().out
    core = HfCore(target, context=256, threads=1)
    pieces = core.stream([Message("user", "hello")], Sampling(max_tokens=5))
    assert "".join(piece for piece in pieces if isinstance(piece, str))
    assert "MatMul" not in capsys.readouterr().err
    core.close()
    assert main(["quantize", str(folder), str(target), "--to", "int8"]) == 1
    assert "is there already" in capsys.readouterr().err
    assert main(["quantize", str(folder), str(tmp_path / "n"), "--to", "nf4", "--text", "x"]) == 2


def test_what_is_no_folder_is_refused_and_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a file; int8 is made of a folder .* --to q8_0"):
        quantize_folder(folder / "model.safetensors", tmp_path / "x", "int8")
    with pytest.raises(DataError, match=r"nothing: int8 is made of a folder with config\.json"):
        quantize_folder(tmp_path / "nothing", tmp_path / "x", "int8")
    assert list(tmp_path.iterdir()) == []


def test_what_is_quantized_is_not_quantized_again(folder: Path, tmp_path: Path) -> None:
    quantize_folder(folder, tmp_path / "once", "int8")
    with pytest.raises(DataError, match=r"once: is quantized already; give the 16-bit folder"):
        quantize_folder(tmp_path / "once", tmp_path / "twice", "nf4")
    assert [path.name for path in tmp_path.iterdir()] == ["once"]


def test_pickles_are_refused_with_what_to_take(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "base")
    (tmp_path / "base" / "model.safetensors").rename(tmp_path / "base" / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"take a folder of whole \.safetensors"):
        quantize_folder(tmp_path / "base", tmp_path / "x", "int8")


@pytest.mark.skipif(sys.platform == "win32", reason="ulimit")
def test_a_full_disk_is_told_and_nothing_is_left(folder: Path, tmp_path: Path) -> None:
    """No file may grow beyond 100 KiB: the weights do not fit."""
    command = [sys.executable, "-m", "yanray", "quantize", str(folder), str(tmp_path / "x"), "--to", "nf4"]
    limited = ["bash", "-c", 'ulimit -f 100; exec "$@"', "bash", *command]
    done = subprocess.run(limited, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "cannot be written" in done.stderr and "make room" in done.stderr
    assert list(tmp_path.iterdir()) == []
