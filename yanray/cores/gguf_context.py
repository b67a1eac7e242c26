"""One llama.cpp context: the KV cache of one conversation, and its ledger, which always says what stands in
it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np

from yanray.cores.evaluator import MOST_OUTPUTS, Stopped
from yanray.cores.gguf_model import GgufModel
from yanray.cores.interrupt import Breaker, ctrl_c_asks
from yanray.cores.ledger import Ledger
from yanray.cores.llama import library, listening, reason
from yanray.cores.machine import ContextPlan
from yanray.errors import ModelError

ABORTED = 2  # llama_decode: the abort callback said stop
CROWD = 32  # tokens of a batch that keep all threads busy
LONG = 0.1  # seconds of a single token from which Ctrl-C is looked for inside it, which costs a millisecond


class GgufContext:
    """Evaluates token ids behind those in the ledger. clock: tells how long a token takes."""

    def __init__(
        self, model: GgufModel, plan: ContextPlan, clock: Callable[[], float] = perf_counter
    ) -> None:
        self._lib = library()
        self._model = model
        self._clock = clock
        self.plan = plan
        self.breaker = Breaker()
        self.ledger = Ledger()
        self.pointer = self._open(plan)
        self.size = int(self._lib.llama_n_ctx(self.pointer))
        self._memory = self._lib.llama_get_memory(self.pointer)
        self._one = (self._lib.llama_token * 1)()
        self._one_batch = self._lib.llama_batch_get_one(self._one, 1)
        self._many = self._lib.llama_batch_init(MOST_OUTPUTS, 0, 1)
        self._vocabulary = model.vocabulary.size
        self._watching_long: bool | None = None
        self._slow = plan.slow  # until a token was timed
        self._view: tuple[tuple[int, int], Any] = ((0, 0), None)

    @property
    def batch(self) -> int:
        """Tokens that `read` takes at once."""
        return self.plan.batch

    def read(self, ids: Sequence[int]) -> None:
        """Evaluate IDS, at most the plan's batch of them; logits only for the last."""
        array = (self._lib.llama_token * len(ids))(*ids)
        self._watch(long=True)
        self._employ(self.plan.threads if len(ids) >= CROWD else self.plan.step_threads)
        with ctrl_c_asks(self.breaker.request):
            code = self._lib.llama_decode(self.pointer, self._lib.llama_batch_get_one(array, len(ids)))
            self._settle(code, ids)

    def step(self, token: int) -> None:
        """Evaluate one TOKEN."""
        self._one[0] = token
        self._watch(long=self._slow)
        started = self._clock()
        code = self._lib.llama_decode(self.pointer, self._one_batch)
        if code:
            self._settle(code, (token,))
        self.ledger.ids.append(token)
        self._slow = self.plan.slow and self._clock() - started > LONG

    def verify(self, ids: Sequence[int]) -> None:
        """Evaluate IDS, at most MOST_OUTPUTS, with logits for each."""
        batch, start = self._many, len(self.ledger.ids)
        batch.n_tokens = len(ids)
        for index, token in enumerate(ids):
            batch.token[index] = token
            batch.pos[index] = start + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = 0
            batch.logits[index] = 1
        self._watch(long=self.plan.slow)
        self._employ(self.plan.step_threads)
        self._settle(self._lib.llama_decode(self.pointer, batch), ids)

    def logits(self, rows: int = 1) -> Any:
        """The last ROWS rows of logits, float32 [rows, vocabulary]; a view that the next evaluation
        overwrites."""
        pointer = self._lib.llama_get_logits_ith(self.pointer, -rows)
        if not pointer:
            raise ModelError(f"{self._model.path}: llama.cpp gave no logits")
        place = (ctypes.addressof(pointer.contents), rows)
        if place != self._view[0]:  # making a view takes as long as all else that is done for a token
            self._view = (place, np.ctypeslib.as_array(pointer, shape=(rows, self._vocabulary)))
        return self._view[1]

    def trim(self, length: int) -> None:
        """Keep the first LENGTH ids. A model whose state cannot be cut (recurrent ones) keeps nothing.

        The cache is cut even when the ledger is no longer than that: Ctrl-C may have come between an
        evaluation and its entry in the ledger."""
        length = min(length, len(self.ledger.ids))
        if not self._lib.llama_memory_seq_rm(self._memory, 0, length, -1):
            self._lib.llama_memory_clear(self._memory, True)
            length = 0
        del self.ledger.ids[length:]

    def state(self) -> bytearray:
        """The KV cache of the ledger's ids, as llama.cpp writes it."""
        size = self._lib.llama_state_seq_get_size(self.pointer, 0)
        data = bytearray(size)
        view = (ctypes.c_uint8 * size).from_buffer(data)
        written = self._lib.llama_state_seq_get_data(self.pointer, view, size, 0)
        if written != size:
            raise ModelError(f"{self._model.path}: llama.cpp wrote {written} of {size} bytes of its state")
        return data

    def restore(self, ids: Sequence[int], state: bytearray) -> bool:
        """Put STATE, the KV cache of IDS, in place of what stands. On False the cache is empty."""
        self.trim(0)
        view = (ctypes.c_uint8 * len(state)).from_buffer(state)
        if self._lib.llama_state_seq_set_data(self.pointer, view, len(state), 0) != len(state):
            self._lib.llama_memory_clear(self._memory, True)
            return False
        if self._lib.llama_memory_seq_pos_max(self._memory, 0) != len(ids) - 1:
            self._lib.llama_memory_clear(self._memory, True)
            return False
        self.ledger.ids = list(ids)
        return True

    def close(self) -> None:
        """Free the context; the model stays."""
        if self.pointer:
            self._lib.llama_batch_free(self._many)
            self._lib.llama_free(self.pointer)
            self.pointer = None

    def _employ(self, threads: int) -> None:
        """Have batches evaluated by so many THREADS."""
        self._lib.llama_set_n_threads(self.pointer, self.plan.step_threads, threads)

    def _watch(self, *, long: bool) -> None:
        if long is not self._watching_long:
            self._lib.llama_set_abort_callback(self.pointer, *self.breaker.callback(long=long))
            self._watching_long = long

    def _settle(self, code: int, ids: Sequence[int]) -> None:
        """Enter IDS into the ledger when llama_decode returned 0; else cut the cache back to the ledger."""
        if code == 0:
            self.ledger.ids.extend(ids)
            return
        if not self._lib.llama_memory_seq_rm(self._memory, 0, len(self.ledger.ids), -1):
            self._lib.llama_memory_clear(self._memory, True)
            self.ledger.ids.clear()
        if code == ABORTED:
            raise Stopped
        raise ModelError(f"{self._model.path}: llama.cpp could not evaluate {len(ids)} tokens (code {code})")

    def _open(self, plan: ContextPlan) -> Any:
        parameters = self._lib.llama_context_default_params()
        parameters.n_ctx = plan.context
        parameters.n_batch = parameters.n_ubatch = plan.batch
        parameters.n_outputs_max = MOST_OUTPUTS
        parameters.n_threads = plan.step_threads
        parameters.n_threads_batch = plan.threads
        parameters.flash_attn_type = plan.flash
        parameters.type_k = parameters.type_v = plan.kv_code
        parameters.swa_full = True
        parameters.no_perf = True
        with listening() as said:
            pointer = self._lib.llama_init_from_model(self._model.pointer, parameters)
        if not pointer:
            why = reason(said, "not enough memory?")
            raise ModelError(
                f"{self._model.path}: no context of {plan.context} tokens: {why}; lower `context`, or take a "
                "smaller model"
            )
        return pointer
