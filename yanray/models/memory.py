"""The memory that running a model takes: weights, KV cache, buffers."""

from __future__ import annotations

from dataclasses import dataclass

from yanray.models.formats import kinds_in, role, runner_of, sizes_in
from yanray.models.machine import Machine
from yanray.models.shape import Header

KV_BYTES = 2  # for one number: the KV cache in f16
BATCH = 256  # prompt tokens read at once

# Measured as resident memory of llama.cpp 0.3.36 on x86 (benchmarks/fit_check.py): libraries and
# bookkeeping, and what the tokenizer keeps for each token.
LLAMA_FIXED, LLAMA_TOKEN = 4_700_000, 163
# A CUDA context with its kernels and cuBLAS; torch carries more of them than llama.cpp. From the difference
# between what nvidia-smi and the programs report; 300 to 600 MB on most cards.
CUDA = {"llama.cpp": 350_000_000, "torch": 550_000_000}
# Types that llama.cpp's CPU back end copies into another order when it loads them, while the file stays
# mapped (ggml/src/ggml-cpu/repack.cpp).
COPIED = {"x86_64": {"Q4_0", "Q4_K", "IQ4_NL"}, "aarch64": {"Q4_0", "Q4_K", "Q5_K", "Q6_K", "Q8_0", "IQ4_NL"}}


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes. copies: weights that stand in memory twice; the file's own pages can be dropped when memory is
    short."""

    weights: int
    kv: int
    buffers: int
    copies: int = 0

    @property
    def least(self) -> int:
        """What must be there."""
        return self.weights + self.kv + self.buffers

    @property
    def total(self) -> int:
        """What is taken where there is room."""
        return self.least + self.copies


def need(header: Header, quantization: str, context: int, machine: Machine) -> Need:
    """What HEADER's model needs in QUANTIZATION with CONTEXT tokens on MACHINE."""
    gpu = bool(machine.vram)
    weights = sum(size for _, size in sizes_in(header, quantization))
    kv = kv_bytes(header, context)
    if runner_of(header, quantization) == "torch":
        return Need(weights, kv, _torch_buffers(header, context) + (CUDA["torch"] if gpu else 0))
    buffers = LLAMA_FIXED + LLAMA_TOKEN * header.shape.vocabulary + _compute_buffer(header)
    copies = 0 if gpu else copied_bytes(header, quantization, machine.architecture)
    return Need(weights, kv, buffers + (CUDA["llama.cpp"] if gpu else 0), copies)


def kv_bytes(header: Header, context: int) -> int:
    """Bytes of the KV cache of CONTEXT tokens: 2 x layers x KV heads x head size x 2 bytes each."""
    return header.shape.cache_values * KV_BYTES * context


def copied_bytes(header: Header, quantization: str, architecture: str) -> int:
    """Bytes of weights that llama.cpp's CPU back end keeps a second time on ARCHITECTURE, as `uname -m`
    says it."""
    copied = COPIED.get({"AMD64": "x86_64", "arm64": "aarch64"}.get(architecture, architecture), set())
    kinds = dict(kinds_in(header, quantization))
    sizes = sizes_in(header, quantization)
    return sum(size for tensor, size in sizes if kinds[tensor] in copied and role(tensor) != "embedding")


def _compute_buffer(header: Header) -> int:
    """What one evaluation of a batch holds at a time: eight rows of the model's width and three of the
    inner one, in float32."""
    return BATCH * (8 * header.shape.width + 3 * header.shape.inner) * 4


def _torch_buffers(header: Header, context: int) -> int:
    """A prompt of BATCH tokens through the widest layer in 16 bits, and its last logits in float32."""
    shape = header.shape
    return min(BATCH, context) * (8 * shape.width + 4 * shape.inner) * 2 + shape.vocabulary * 4
