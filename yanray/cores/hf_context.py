"""A transformers model's KV cache and its ledger: see `evaluator.Evaluator`."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Sequence
from typing import Any

import torch

from yanray.cores.evaluator import Stopped
from yanray.cores.ledger import Ledger
from yanray.events import Notice


class Asked:
    """A request to stop: see `evaluator.Stop`."""

    def __init__(self) -> None:
        self._event = threading.Event()

    @property
    def requested(self) -> bool:
        """Whether a stop was asked for since the last `clear`."""
        return self._event.is_set()

    def request(self) -> None:
        """Stop before the next layer."""
        self._event.set()

    def clear(self) -> None:
        """Forget earlier requests."""
        self._event.clear()


class HfContext:
    """Evaluates token ids behind those in the ledger. size: tokens; batch: tokens read at once.

    notices: what the user should know of how it runs.
    """

    def __init__(self, model: Any, size: int, batch: int) -> None:
        self._model = model
        self.size = size
        self.batch = batch
        self.breaker = Asked()
        self.ledger = Ledger()
        self.notices: list[Notice] = []
        self._cache: Any = self._empty()
        self._rows: Any = None
        taken = inspect.signature(model.forward).parameters
        self._cache_name = "cache" if "cache" in taken else "past_key_values"  # transformers 5.24 renamed it
        self._hooks = [layer.register_forward_pre_hook(self._look) for layer in _layers(model)]

    def read(self, ids: Sequence[int]) -> None:
        """Evaluate IDS, at most `batch` of them; logits only for the last. Raises Stopped."""
        self._evaluate(ids, rows=1)

    def step(self, token: int) -> None:
        """Evaluate one TOKEN. Raises Stopped."""
        self._evaluate((token,), rows=1)

    def verify(self, ids: Sequence[int]) -> None:
        """Evaluate IDS, with logits for each. Raises Stopped."""
        self._evaluate(ids, rows=len(ids))

    def logits(self, rows: int = 1) -> Any:
        """The last ROWS rows of logits, float32 [rows, vocabulary]."""
        return self._rows[-rows:].float().cpu().numpy()

    def trim(self, length: int) -> None:
        """Keep the first LENGTH ids; none when the model's state cannot be cut."""
        length = min(length, len(self.ledger.ids))
        del self.ledger.ids[self._cut(length) :]

    def state(self) -> bytearray:
        """The KV cache of the ledger's ids, as safetensors."""
        from safetensors.torch import save

        tensors: dict[str, Any] = {}
        for index, (keys, values) in enumerate(self._stored()):
            tensors[f"{index}.keys"] = keys.cpu().contiguous()
            tensors[f"{index}.values"] = values.cpu().contiguous()
        return bytearray(save(tensors))

    def restore(self, ids: Sequence[int], state: bytearray) -> bool:
        """Put STATE, the KV cache of IDS, in place of what stands. On False the cache is empty."""
        from safetensors import SafetensorError
        from safetensors.torch import load

        self.trim(0)
        device = self._model.device
        try:
            tensors = {name: tensor.to(device) for name, tensor in load(bytes(state)).items()}
            count = len(tensors) // 2
            layers = [(tensors[f"{index}.keys"], tensors[f"{index}.values"]) for index in range(count)]
            stands = self._store(layers, len(ids))
        except (SafetensorError, KeyError, IndexError):
            stands = False
        if not stands:
            self._cut(0)
            return False
        self.ledger.ids = list(ids)
        return True

    def forget_steps(self) -> None:
        """The model computes otherwise from now on."""

    def close(self) -> None:
        """Free the cache."""
        for hook in self._hooks:
            hook.remove()
        self._cache = self._rows = self._model = None

    def _evaluate(self, ids: Sequence[int], rows: int) -> None:
        tokens = torch.tensor([list(ids)], device=self._model.device)
        try:
            with torch.inference_mode():
                out = self._forward(input_ids=tokens, logits_to_keep=rows)
        except BaseException:  # also Ctrl-C: some layers have taken the tokens in, others have not
            del self.ledger.ids[self._cut(len(self.ledger.ids)) :]
            raise
        self._rows = out.logits[0]
        self.ledger.ids.extend(ids)

    def _forward(self, **arguments: Any) -> Any:
        return self._model(**{self._cache_name: self._cache}, use_cache=True, **arguments)

    def _look(self, *_: object) -> None:
        """Before each layer: whether to go on."""
        if self.breaker.requested:
            raise Stopped

    def _cut(self, length: int) -> int:
        """Cut each layer to LENGTH tokens; how many stand then: a sliding window cannot be wound back."""
        if length == 0:
            self._cache = self._empty()
            return 0
        for layer in self._cache.layers:
            more = layer.get_seq_length() - length
            if more and (layer.is_sliding or more < 0):
                self._cache = self._empty()
                return 0
            layer.crop(-more)
        return length

    def _stored(self) -> list[tuple[Any, Any]]:
        """Keys and values of each layer."""
        return [(layer.keys, layer.values) for layer in self._cache.layers]

    def _store(self, layers: list[tuple[Any, Any]], length: int) -> bool:
        """Put LAYERS into the empty cache; whether each then holds LENGTH tokens."""
        for index, (keys, values) in enumerate(layers):
            self._cache.update(keys, values, index)
        return {layer.get_seq_length() for layer in self._cache.layers} == {length}

    def _empty(self) -> Any:
        from transformers import DynamicCache

        return DynamicCache(config=self._model.config)


def _layers(model: Any) -> list[Any]:
    """The longest list of modules in MODEL: its layers, whatever they are called."""
    lists = [module for module in model.modules() if isinstance(module, torch.nn.ModuleList)]
    return list(max(lists, key=len, default=[]))
