"""The kernels of a decoding step: against the layers' own code, in Triton's interpreter; and without them."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from transformers import GlmConfig, GlmForCausalLM  # noqa: E402

from yanray.cores import hf_decoding  # noqa: E402
from yanray.cores.hf_slots import seen, unseen  # noqa: E402

PROGRAM = """
import sys

import torch
import transformers
from yanray.cores import hf_attention, hf_decoding
from yanray.cores.hf_static import StaticContext

family, dtype = sys.argv[1], getattr(torch, sys.argv[2])
rope = {"rope_type": "default", "rope_theta": 1e4}
if family == "Glm":
    rope["partial_rotary_factor"] = 0.5
shape = {
    "hidden_size": 96, "intermediate_size": 80, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 24, "vocab_size": 64, "max_position_embeddings": 512,
    "rope_parameters": rope, "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": None,
}
if family == "Mistral":
    shape["sliding_window"] = None
if family == "Gemma2":
    shape["hidden_activation"] = "gelu_pytorch_tanh"
torch.manual_seed(1)
config = getattr(transformers, family + "Config")(**shape)
model = getattr(transformers, family + "ForCausalLM")(config).eval()
with torch.no_grad():
    for weights in model.parameters():
        weights.add_(torch.randn_like(weights) * 0.2)
model.to(dtype)
context = StaticContext(model, 300, 64, graphs=False)


def evaluated():
    context.trim(0)
    rows = []
    for count in (5, 40, 16, 60, 1):
        context.verify([each % 60 for each in range(count, 2 * count)])
        rows.append(context._rows.float().clone())
    kept = [part.float().clone() for pair in context._stored() for part in pair]
    return [torch.cat(rows), *kept]


right = evaluated()
hf_decoding.install(model)
made = [vars(module)["forward"].func.__name__ for module in model.modules() if "forward" in vars(module)]
ours = evaluated()
difference = max(float((a - b).norm() / b.norm()) for a, b in zip(ours, right, strict=True))
print(" ".join(sorted(made)), difference < {"float32": 1e-5, "float16": 0.01}[sys.argv[2]])
print(difference, file=sys.stderr)
"""


def tried(family: str, numbers: str) -> str:
    """What a tiny model of FAMILY replaces, and whether it then computes the same."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, family, numbers],
        env={**os.environ, "TRITON_INTERPRET": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="Triton is not here")
@pytest.mark.parametrize(
    "family, numbers",
    # no bfloat16: the interpreter's dot multiplies its bits as whole numbers
    [("Llama", "float32"), ("Glm", "float16"), ("Qwen2", "float16"), ("Mistral", "float32"),
     ("Qwen3", "float32")],
)  # fmt: skip
def test_a_layer_computes_as_before(family: str, numbers: str) -> None:
    assert tried(family, numbers) == "_attention _attention _gated _gated _layer _layer True"


@pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="Triton is not here")
def test_what_computes_otherwise_stays() -> None:
    assert tried("Cohere", "float32") == "_gated _gated True"  # its rotation is of a third kind


def test_where_a_trial_fails_all_stays() -> None:
    model = GlmForCausalLM(
        GlmConfig(
            hidden_size=64, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
            num_key_value_heads=1, head_dim=32, vocab_size=32, pad_token_id=0,
        )
    )  # fmt: skip
    hf_decoding.install(model)  # on a CPU, without the interpreter, no kernel runs
    assert not any("forward" in vars(module) for module in model.modules())


def test_masks_say_the_same() -> None:
    places = torch.tensor([3, 4, 7])
    mask = unseen(places, 8, torch.float16)
    assert mask.dtype == torch.float16 and mask.shape == (1, 1, 3, 8)
    assert torch.equal(mask == 0, seen(places, 8)) and bool((mask[~seen(places, 8)] == -torch.inf).all())
    assert seen(places, 8).sum(-1).flatten().tolist() == [4, 5, 8]
