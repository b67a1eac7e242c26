"""How fast a model answers: decoding waits for memory, reading a prompt for arithmetic.

Each new token reads every active weight and the KV cache once, so tokens/s = bandwidth / bytes. No program
reaches the whole bandwidth; SHARES say what they were measured to reach.
"""

from __future__ import annotations

from yanray.models.formats import role, runner_of, sizes_in
from yanray.models.machine import Machine
from yanray.models.memory import kv_bytes
from yanray.models.shape import Header, Tensor

PROMPT = 500  # tokens: the prompt whose reading is told, and what stands in the KV cache when speed is told

# Of the memory's bandwidth. llama.cpp on a GPU: Tesla P40, 8B Q8_0 and 7B Q4_0 (vllm PR 4290, llama.cpp PR
# 4766).
# torch on a GPU: 7B in f16, int8, nf4 on an A10G (optimum-quanto PR 62) and a 3090 (bitsandbytes issue 347).
# On a CPU: benchmarks/fit_check.py for llama.cpp, a 304 M Llama for torch.
SHARES = {
    "gpu": {"f32": 0.6, "f16": 0.55, "bf16": 0.55, "int8": 0.06, "nf4": 0.155, "q8_0": 0.75, "": 0.62},
    "cpu": {"f32": 0.43, "f16": 0.30, "bf16": 0.30, "int8": 0.16, "nf4": 0.18, "q8_0": 0.49, "": 0.47},
}
GGUF_PLAIN = {"gpu": 0.75, "cpu": 0.6}  # f16 and f32 run by llama.cpp
# What stands between a layer's matrices: launching, waiting for each other, norms. Measured with the shares
# above on three Llama shapes of 60 M to 300 M, of which benchmarks/fit_check.py uses none.
LAYER_SECONDS = {"gpu": 20e-6, "cpu": 60e-6}
# Of the rate at which matrices are multiplied, while a prompt is read.
PROMPT_SHARE = {"gpu": 0.5, "cpu": 1.0}


def tokens_per_second(read: float, bandwidth: float, share: float = 1.0) -> float:
    """New tokens a second when each reads READ bytes at SHARE of BANDWIDTH (bytes/s)."""
    return bandwidth * share / read


def read_bytes(header: Header, quantization: str, cached: int = PROMPT) -> int:
    """Bytes that one new token reads: active weights, and the KV cache of CACHED tokens.

    Of the embedding table one row is read, unless the same table gives the output; of experts the active
    ones.
    """
    shape = header.shape
    active = shape.experts_used / shape.experts if shape.experts and shape.experts_used else 1.0
    weights = 0.0
    for tensor, size in sizes_in(header, quantization):
        if role(tensor) == "embedding" and not shape.tied:
            continue
        weights += size * (active if _of_experts(tensor) else 1.0)
    return int(weights) + kv_bytes(header, cached)


def share_of(header: Header, quantization: str, place: str) -> float:
    """The share of bandwidth that HEADER's model reaches in QUANTIZATION on a `gpu` or `cpu`."""
    if header.kind == "gguf" and quantization in ("f32", "f16", "bf16"):
        return GGUF_PLAIN[place]
    return SHARES[place].get(quantization, SHARES[place][""])


def decode_speed(header: Header, quantization: str, machine: Machine, on_gpu: float) -> float | None:
    """Expected tokens/s with the share ON_GPU of the weights in VRAM; None where the memory's speed is
    unknown.

    What does not fit in VRAM: llama.cpp works it out on the CPU; torch sends it over PCIe for each token.
    """
    read = read_bytes(header, quantization)
    seconds = 0.0
    if on_gpu > 0:
        if not machine.bandwidth:
            return None
        seconds += on_gpu * read / (machine.bandwidth * share_of(header, quantization, "gpu") * machine.scale)
    if on_gpu < 1:
        sent = on_gpu > 0 and runner_of(header, quantization) == "torch"
        rate = machine.ram_bandwidth * machine.scale * share_of(header, quantization, "cpu")
        seconds += (1 - on_gpu) * read / ((machine.pcie or rate) if sent else rate)
    each = on_gpu * LAYER_SECONDS["gpu"] + (1 - on_gpu) * LAYER_SECONDS["cpu"]
    return 1 / (seconds + header.shape.layers * each)


def prompt_seconds(header: Header, quantization: str, machine: Machine, on_gpu: float) -> float | None:
    """Expected seconds to read a prompt of PROMPT tokens: two operations for each active weight and token."""
    shape = header.shape
    active = shape.experts_used / shape.experts if shape.experts and shape.experts_used else 1.0
    each = sum(
        tensor.count * (active if _of_experts(tensor) else 1.0)
        for tensor in header.tensors
        if role(tensor) not in ("embedding", "output", "position")
    )
    work = 2 * PROMPT * each
    seconds = 0.0
    if on_gpu > 0:
        if not machine.flops:
            return None
        seconds += on_gpu * work / (machine.flops * PROMPT_SHARE["gpu"])
    if on_gpu < 1 and on_gpu > 0 and machine.pcie and runner_of(header, quantization) == "torch":
        sent = (1 - on_gpu) * read_bytes(header, quantization, 0) / machine.pcie
        return seconds / on_gpu + sent
    return seconds + (1 - on_gpu) * work / (machine.ram_flops * PROMPT_SHARE["cpu"])


def _of_experts(tensor: Tensor) -> bool:
    return "_exps" in tensor.name or ".experts." in tensor.name
