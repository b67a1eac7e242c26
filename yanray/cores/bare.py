"""The least that llama.cpp needs to go from token to token: what `GgufCore` is measured against.

A context of its own on the same weights, with the same settings; no ledger, no text,
nothing that could stop it.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from yanray.cores.gguf import GgufCore
from yanray.cores.llama import library
from yanray.errors import ModelError
from yanray.messages import Message


class BareLoop:
    """Greedy decoding, straight on the low-level calls, with the model that CORE has opened."""

    def __init__(self, core: GgufCore) -> None:
        self._lib = lib = library()
        self._core = core
        plan = core.plan
        parameters = lib.llama_context_default_params()
        parameters.n_ctx = core.context
        parameters.n_batch = parameters.n_ubatch = plan.batch
        parameters.n_threads = plan.step_threads
        parameters.n_threads_batch = plan.threads
        parameters.flash_attn_type = plan.flash
        parameters.type_k = parameters.type_v = plan.kv_code
        parameters.no_perf = True
        self._pointer = lib.llama_init_from_model(core._model.pointer, parameters)
        if not self._pointer:
            raise ModelError(f"{core.name}: not enough memory for a second context of {core.context} tokens")
        self._sampler = lib.llama_sampler_init_greedy()
        self._one = (lib.llama_token * 1)()
        self._one_batch = lib.llama_batch_get_one(self._one, 1)

    def read(self, messages: Sequence[Message]) -> float:
        """Seconds for evaluating MESSAGES from the first token on; then the next one is chosen."""
        lib, ids, batch = self._lib, self._core._encoder.encode(messages).ids, self._core.plan.batch
        lib.llama_memory_clear(lib.llama_get_memory(self._pointer), True)
        started = perf_counter()
        for at in range(0, len(ids), batch):
            part = ids[at : at + batch]
            array = (lib.llama_token * len(part))(*part)
            self._decode(lib.llama_batch_get_one(array, len(part)))
        lib.llama_synchronize(self._pointer)
        seconds = perf_counter() - started
        self._one[0] = lib.llama_sampler_sample(self._sampler, self._pointer, -1)
        return seconds

    def generate(self, tokens: int) -> float:
        """Seconds for evaluating the token chosen last and choosing the next, TOKENS times."""
        lib, one = self._lib, self._one
        started = perf_counter()
        for _ in range(tokens):
            self._decode(self._one_batch)
            one[0] = lib.llama_sampler_sample(self._sampler, self._pointer, -1)
        return perf_counter() - started

    def close(self) -> None:
        """Free the context; the core stays."""
        if self._pointer:
            self._lib.llama_sampler_free(self._sampler)
            self._lib.llama_free(self._pointer)
            self._pointer = None

    def _decode(self, batch: object) -> None:
        if self._lib.llama_decode(self._pointer, batch):
            raise ModelError(f"{self._core.name}: llama.cpp could not evaluate")
