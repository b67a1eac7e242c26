"""How the transformers core loads weights: numbers from the card, what fits, INT8 tried before it is trusted.

Cards are data here: what is said of a P102 is reckoned for it, and run on the CPU.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_chatglm import write_chatglm
from tiny_checkpoints import write_checkpoint
from tiny_quantized import write_quantized

from yanray.errors import ConfigError, ModelError

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from yanray.cores.hf_card import Card, check_card, this_card  # noqa: E402
from yanray.cores.hf_fit import Weights, fitting_load, weigh  # noqa: E402
from yanray.cores.hf_int8_trial import instead_of_int8, int8_fault  # noqa: E402
from yanray.cores.hf_model import HfModel  # noqa: E402

GIB = 2**30
P102 = Card("cuda:0", "P102-100", round(9.6 * GIB), (6, 1), ("sm_50", "sm_60", "sm_70", "compute_70"))
P100 = replace(P102, name="P100", capability=(6, 0))
T4 = replace(P102, name="T4", capability=(7, 5))
H100 = replace(P102, name="H100", capability=(9, 0), free=80 * GIB)
CPU = Card(free=64 * GIB)
CHATGLM3 = Weights(6_243_584_000, 5_710_544_896, 28 * (4608 + 4096 + 27392 + 4096))
HERE = Card("cpu", "P102-100", 8 * GIB, (6, 1))  # a P102's facts, its arithmetic on the CPU


@pytest.mark.parametrize(
    "card, native, int8",
    [
        (CPU, "fp32", "bf16"),
        (P102, "fp32", "fp32"),
        (P100, "fp16", "fp16"),
        (T4, "fp16", "fp16"),
        (H100, "bf16", "bf16"),
    ],
)
def test_numbers_are_the_cards(card: Card, native: str, int8: str) -> None:
    assert card.native == native and card.computes("nf4") == native and card.computes("int8") == int8
    assert card.computes("fp16") == "fp16"


def test_a_card_is_not_asked_for_what_it_is_bad_at() -> None:
    for card, load in ((P102, "fp16"), (P102, "bf16"), (T4, "bf16")):
        with pytest.raises(ConfigError, match=f"machine.load: {card.name}.*set it to auto"):
            check_card(card, load)
    for card, load in ((P102, "int8"), (P100, "fp16"), (T4, "fp16"), (H100, "bf16"), (CPU, "bf16")):
        check_card(card, load)


def test_a_torch_without_code_for_the_card_is_named() -> None:
    modern = ("sm_75", "sm_80", "sm_90", "compute_90")
    for card in (P102, P100):
        with pytest.raises(ModelError, match=r"no code for its compute capability 6\.[01].*docs/hardware"):
            check_card(replace(card, kernels=modern), "auto")
    check_card(replace(T4, kernels=modern), "auto")
    check_card(replace(H100, capability=(12, 0), kernels=modern), "auto")  # compute_90 is compiled for it
    check_card(replace(H100, capability=(8, 6), kernels=modern), "auto")


def test_auto_takes_the_best_that_fits_and_says_so(tmp_path: Path) -> None:
    assert fitting_load(CHATGLM3, "auto", H100, tmp_path) == ("bf16", "")
    assert fitting_load(CHATGLM3, "auto", CPU, tmp_path) == ("fp32", "")
    load, said = fitting_load(CHATGLM3, "auto", P102, tmp_path)
    assert load == "int8" and "fp32 would need 25.6 GiB" in said and "9.6 GiB free" in said
    load, said = fitting_load(CHATGLM3, "auto", replace(P102, free=6 * GIB), tmp_path)
    assert load == "nf4" and said
    load, said = fitting_load(CHATGLM3, "auto", replace(CPU, free=20 * GIB), tmp_path)
    assert load == "bf16" and said


def test_what_does_not_fit_is_refused_with_what_would(tmp_path: Path) -> None:
    for card, load, wanted in (
        (P102, "fp32", r"25\.6 GiB as fp32, P102-100 has 9\.6 GiB free; set .* to int8 \(8\.\d GiB\) or nf4"),
        (
            replace(P102, free=2 * GIB),
            "auto",
            r"as fp32.*give a GGUF of it, q8_0 \(6\.2 GiB\) or q4_k_m",
        ),
        (replace(CPU, free=1 * GIB), "nf4", "yanray quantize"),
    ):
        with pytest.raises(ModelError, match=wanted):
            fitting_load(CHATGLM3, load, card, tmp_path)


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("loading") / "llama", "hf-llama")


def test_weights_are_counted_from_headers(llama: Path, tmp_path: Path) -> None:
    for folder in (llama, write_chatglm(tmp_path / "bin", pickled=True)):
        counted = weigh(folder)
        model = HfModel(folder).model
        layers = model.base_model.layers
        matrices = [p for p in layers.parameters() if p.ndim == 2]
        extra = 8 if folder != llama else 0  # ChatGLM's file keeps the rotary frequencies, too
        assert counted.all == sum(p.numel() for p in model.parameters()) + extra
        assert counted.matrices == sum(p.numel() for p in matrices)
        assert counted.rows == sum(p.shape[0] for p in matrices)


def test_int8_is_right_here_and_a_wrong_layer_is_found_out() -> None:
    pytest.importorskip("bitsandbytes")
    for numbers in (torch.float32, torch.bfloat16, torch.float16):
        assert int8_fault("cpu", numbers) == ""

    def swapped(weights: Any) -> Any:  # as if the card had mixed up the rows of its tiles
        return lambda inputs: inputs.float() @ weights.roll(8, 0).T, weights

    def refusing(weights: Any) -> Any:
        def layer(inputs: Any) -> Any:
            raise RuntimeError("cublasLt ran into an error!\n  at ops.cu")

        return layer, weights

    assert "off by" in int8_fault("cpu", torch.float32, swapped)
    assert int8_fault("cpu", torch.float32, refusing) == "cublasLt ran into an error!"


def test_where_int8_is_wrong_something_else_is_loaded_and_said(llama: Path) -> None:
    pytest.importorskip("bitsandbytes")
    asked: list[tuple[str, Any]] = []

    def fault(device: str, numbers: Any) -> str:
        asked.append((device, numbers))
        return "cublasLt ran into an error!"

    model = HfModel(llama, "int8", card=HERE, fault=fault)
    assert asked == [("cpu", torch.float32)]
    assert model.load == instead_of_int8() and model.model.dtype == torch.float32
    assert len(model.said) == 1 and "cublasLt" in model.said[0] and model.load in model.said[0]
    right = HfModel(llama, "int8", card=HERE, fault=lambda *_: "")
    assert right.load == "int8" and right.said == []
    assert HfModel(llama, "nf4", card=HERE, fault=fault).load == "nf4" and len(asked) == 1


def test_nf4_computes_in_the_cards_numbers_whoever_saved_it(llama: Path, tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes")
    from yanray.models.quantize_folder import quantize_folder

    quantize_folder(llama, tmp_path / "nf4", "nf4")
    for card, wanted in ((HERE, torch.float32), (replace(HERE, capability=(9, 0)), torch.bfloat16)):
        model = HfModel(tmp_path / "nf4", card=card).model
        kinds = {m.compute_dtype for m in model.modules() if type(m).__name__ == "Linear4bit"}
        assert kinds == {wanted}


def test_an_int8_folder_on_a_card_that_cannot_is_refused(llama: Path, tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes")
    from yanray.models.quantize_folder import quantize_folder

    quantize_folder(llama, tmp_path / "int8", "int8")
    assert HfModel(tmp_path / "int8", card=HERE, fault=lambda *_: "").load == "as stored"
    with pytest.raises(ModelError, match=r"does not compute rightly \(wrong\).*--to nf4"):
        HfModel(tmp_path / "int8", card=HERE, fault=lambda *_: "wrong")
    with pytest.raises(ModelError, match="GGUF core puts on a card what fits"):
        HfModel(tmp_path / "int8", card=replace(HERE, free=1000), fault=lambda *_: "")


def test_torchao_loads_8_bits_where_bitsandbytes_cannot(llama: Path) -> None:
    pytest.importorskip("torchao")
    model = HfModel(llama, "int8", card=HERE, fault=lambda *_: "wrong")
    assert model.load == "int8-torchao"
    whole = HfModel(llama, "fp32", card=HERE)
    ids = torch.tensor([list(range(3, 40))])
    with torch.inference_mode():
        a, b = (each.model(ids).logits for each in (whole, model))
    kinds = {type(layer.self_attn.q_proj.weight).__name__ for layer in model.model.base_model.layers}
    assert kinds == {"Int8Tensor"}
    assert 0 < float((a - b).norm() / a.norm()) < 0.2


@pytest.mark.parametrize("method, package", [("gptq", "gptqmodel"), ("awq", "gptqmodel")])
def test_gptq_and_awq_name_the_package_that_they_need(
    llama: Path, tmp_path: Path, method: str, package: str
) -> None:
    import importlib.util

    if importlib.util.find_spec(package):
        pytest.skip(f"{package} is installed")
    folder = shutil.copytree(llama, tmp_path / method)
    config = json.loads((folder / "config.json").read_text())
    config["quantization_config"] = {"quant_method": method, "bits": 4, "group_size": 128}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=f"are {method}; that needs {package}.*pip install {package}"):
        HfModel(folder)


@pytest.mark.parametrize("method", ["gptq", "awq"])
def test_gptq_and_awq_folders_compute_what_they_hold(llama: Path, tmp_path: Path, method: str) -> None:
    pytest.importorskip("gptqmodel")
    quantized, whole = (HfModel(folder) for folder in write_quantized(llama, tmp_path, method))
    assert quantized.load == "as stored" and whole.load == "fp32"
    ids = torch.tensor([list(range(3, 40))])
    with torch.inference_mode():
        a, b = (each.model(ids).logits.float() for each in (whole, quantized))
    assert float((a - b).norm() / a.norm()) < 0.02


def test_this_machines_card_is_found() -> None:
    card = this_card()
    assert card.free > 0 and (card.device == "cpu") == (not torch.cuda.is_available())
