"""The tensors of a KV cache that stay where they are."""

from __future__ import annotations

from typing import Any

import torch


class Slots:
    """Keys and values of every layer, in place. Quacks like transformers' Cache as far as models ask.

    places: where the next keys go, int64 [tokens]; reach: slots that attention sees. Both are set before each
    evaluation.
    """

    is_compileable = False

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self.layers: list[tuple[Any, Any]] = []
        self.places: Any = None
        self.reach = 0
        self.length = 0

    def update(self, keys: Any, values: Any, layer_idx: int, *_: Any, **__: Any) -> tuple[Any, Any]:
        """Put KEYS and VALUES of a layer into their places; what attention sees then."""
        held = self.held(layer_idx, keys, values)
        held[0].index_copy_(2, self.places, keys)
        held[1].index_copy_(2, self.places, values)
        return held[0][:, :, : self.reach], held[1][:, :, : self.reach]

    def held(self, layer_idx: int, keys: Any, values: Any) -> tuple[Any, Any]:
        """All slots of a layer, made at first for what is shaped like KEYS and VALUES."""
        if layer_idx == len(self.layers):
            self.layers.append((self._room(keys), self._room(values)))
        return self.layers[layer_idx]

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Tokens that stand."""
        return self.length

    def _room(self, like: Any) -> Any:
        return like.new_zeros((1, like.shape[1], self._capacity, like.shape[3]))


def seen(places: Any, reach: int) -> Any:
    """A mask, bool [1, 1, tokens, REACH]: the slots that a token at PLACES [tokens] sees."""
    return (torch.arange(reach, device=places.device) <= places[:, None])[None, None]


def unseen(places: Any, reach: int, dtype: Any) -> Any:
    """The same to be added to scores: -inf where a token sees nothing. Made once, not in each layer."""
    mask = torch.full((1, 1, len(places), reach), -torch.inf, dtype=dtype, device=places.device)
    return mask.masked_fill_(seen(places, reach), 0)
