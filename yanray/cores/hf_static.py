"""A KV cache whose tensors stay where they are, so that a CUDA graph of one step can be replayed.

A step of a small batch is bound by launching its hundreds of kernels, not by the card: recorded once, they
start together. A graph is recorded when a step of its width and reach is first needed, and held against the
same step run kernel by kernel; where recording fails or the two differ, steps go on kernel by kernel, and
`notices` says so. Reach: how many slots attention looks at, a power of two, so that a short conversation does
not pay for a long context.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from yanray.cores import hf_int8
from yanray.cores.evaluator import MOST_OUTPUTS
from yanray.cores.hf_attention import ATTENTION, install
from yanray.cores.hf_context import HfContext
from yanray.cores.hf_slots import Slots, seen, unseen
from yanray.events import Notice

SHORTEST = 256  # slots
WIDTHS = (1, MOST_OUTPUTS)  # tokens of a step: one, or one and a draft
CLOSE = 0.02  # relative difference of logits that half precision explains


class StaticContext(HfContext):
    """`HfContext` on slots. graphs: whether steps are recorded; else they run kernel by kernel."""

    def __init__(self, model: Any, size: int, batch: int, *, graphs: bool) -> None:
        self._capacity = size + MOST_OUTPUTS  # a padded step writes past the end
        super().__init__(model, size, batch)
        self._graphs = graphs
        self._steps: dict[tuple[int, int], Step] = {}
        self._pool: Any = None
        install(model)
        if graphs:
            hf_int8.install(model)

    def forget_steps(self) -> None:
        """Record them anew: adapters came or went."""
        self._steps.clear()

    def close(self) -> None:
        """Free the cache and the graphs."""
        self._steps.clear()
        super().close()

    def _evaluate(self, ids: Sequence[int], rows: int) -> None:
        start, count = len(self.ledger.ids), len(ids)
        self._cache.length = start
        with torch.inference_mode():
            if count <= MOST_OUTPUTS:
                self._rows = self._step(count, start).run(ids, start)
            else:
                tokens = torch.tensor([list(ids)], device=self._model.device)
                places = torch.arange(start, start + count, device=self._model.device)
                self._rows = self.forward(tokens, places, start + count, rows)
        self.ledger.ids.extend(ids)  # after an exception the slots hold what nobody looks at

    def forward(self, tokens: Any, places: Any, reach: int, rows: int) -> Any:
        """Evaluate TOKENS [1, n] at PLACES [n], seeing REACH slots: the last ROWS rows of logits."""
        self._cache.places, self._cache.reach = places, reach
        few = len(places) <= MOST_OUTPUTS
        out = self._forward(
            input_ids=tokens,
            attention_mask=unseen(places, reach, self._model.dtype) if few else seen(places, reach),
            position_ids=places.clamp(max=self.size - 1)[None],
            logits_to_keep=rows,
        )
        return out.logits[0]

    def _step(self, count: int, start: int) -> Step:
        width = next(width for width in WIDTHS if width >= count)
        reach = min(self._capacity, max(SHORTEST, 1 << (start + width - 1).bit_length()))
        step = self._steps.get((width, reach))
        if step is None:
            step = self._steps[width, reach] = Step(self, width, reach, self._model.device)
        if self._graphs and step.graph is None:
            self._record(step, start)
        return step

    def _record(self, step: Step, start: int) -> None:
        """Record STEP; on failure no step is ever recorded again."""
        if self._pool is None:
            self._pool = torch.cuda.graph_pool_handle()
        try:
            step.record(start, self._pool)
        except (RuntimeError, ValueError, AssertionError) as error:
            self._graphs = False
            self._steps.clear()
            torch.cuda.synchronize()
            why = (str(error).strip().splitlines() or [type(error).__name__])[0]
            text = (
                f"this model's steps could not be recorded as a CUDA graph ({why}); each token takes longer"
            )
            self.notices.append(Notice("graphs-off", text))

    def _look(self, *_: object) -> None:
        if not (torch.cuda.is_available() and torch.cuda.is_current_stream_capturing()):
            super()._look()

    def _cut(self, length: int) -> int:
        return length

    def _empty(self) -> Any:
        return Slots(self._capacity)

    def _stored(self) -> list[tuple[Any, Any]]:
        length = len(self.ledger.ids)
        return [(keys[:, :, :length], values[:, :, :length]) for keys, values in self._cache.layers]

    def _store(self, layers: list[tuple[Any, Any]], length: int) -> bool:
        if any(part.shape[2] != length for pair in layers for part in pair):
            return False
        cache = self._cache
        if cache.layers and [pair[0].shape[:2] for pair in layers] != [k.shape[:2] for k, _ in cache.layers]:
            return False
        with torch.inference_mode():
            cache.places = torch.arange(length, device=self._model.device)
            for index, (keys, values) in enumerate(layers):
                cache.update(keys, values, index)
        return True


class Step:
    """An evaluation of WIDTH tokens over REACH slots, in tensors that stay where they are."""

    def __init__(self, context: StaticContext, width: int, reach: int, device: Any) -> None:
        self._context = context
        self.width, self.reach = width, reach
        pinned = torch.cuda.is_available()
        self._asked = torch.zeros((2, width), dtype=torch.int64, pin_memory=pinned)
        self._inputs = torch.zeros((2, width), dtype=torch.int64, device=device)
        self._out: Any = None  # logits, float32 [width, vocabulary], where the model is
        self._said: Any = None  # the same on the CPU
        self.graph: Any = None

    def run(self, ids: Sequence[int], start: int) -> Any:
        """The logits of IDS, at most WIDTH, behind START tokens: float32 [tokens, vocabulary] on the CPU."""
        self._ask(ids, start)
        if self.graph is None:
            self._compute()
        else:
            self.graph.replay()
        if self._said is None:
            pinned = self._out.is_cuda
            self._said = torch.empty(self._out.shape, dtype=torch.float32, pin_memory=pinned)
        count = len(ids)
        self._said[:count].copy_(self._out[:count], non_blocking=True)
        if self._out.is_cuda:
            torch.cuda.current_stream().synchronize()
        return self._said[:count]

    def record(self, start: int, pool: Any) -> None:
        """Record the step as a CUDA graph. Raises RuntimeError, also when the graph computes otherwise."""
        self._ask(range(self.width), start)
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(2):  # libraries choose their kernels and take their workspaces
                self._compute()
            expected = self._out.clone()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=pool, capture_error_mode="thread_local"):
            self._compute()
        self._out.zero_()
        graph.replay()
        difference = (self._out - expected).norm() / expected.norm()
        if not bool(difference < CLOSE):
            raise RuntimeError(f"its logits differ by {float(difference):.2g}")
        self.graph = graph

    def _ask(self, ids: Sequence[int], start: int) -> None:
        self._asked[0].zero_()
        self._asked[0, : len(ids)] = torch.tensor(list(ids), dtype=torch.int64)
        self._asked[1] = torch.arange(start, start + self.width)
        self._inputs.copy_(self._asked, non_blocking=True)

    def _compute(self) -> None:
        logits = self._context.forward(self._inputs[:1], self._inputs[1], self.reach, self.width)
        if self._out is None:
            self._out = torch.empty(logits.shape, dtype=torch.float32, device=logits.device)
        self._out.copy_(logits)


def suits(model: Any) -> bool:
    """Whether MODEL can be evaluated on slots: plain attention in every layer, by `sdpa` or ours."""
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer

    layers = DynamicCache(config=model.config).layers
    plain = all(type(layer) is DynamicLayer for layer in layers)
    return plain and model.config._attn_implementation in ("sdpa", ATTENTION)
