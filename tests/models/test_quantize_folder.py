"""Checkpoint folders made smaller: saved, loaded again bit for bit, the tokenizer's files untouched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny_checkpoints import write_checkpoint

from yanray.cli import main
from yanray.errors import DataError
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
    with pytest.raises(DataError, match=r"config\.json"):
        quantize_folder(folder / "model.safetensors", tmp_path / "x", "int8")
    assert list(tmp_path.iterdir()) == []
