"""LoRA adapters on a transformers model: each layer adds its part to what it gives, and the weights stay as
they are, in whatever numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn import functional

from yanray.cores.base import Lora
from yanray.cores.lora import APART, QKV, Pair, check_norm, misfit, read_pairs, split

Held = dict[str, tuple[Any, Any]]  # layer -> (a, b), where the model is


class HfLora:
    """The adapters of MODEL, none at first. name: of the model, for messages. Adapters that were read stay in
    memory, so that one is swapped for another at once."""

    def __init__(self, model: Any, name: str) -> None:
        self._model = model
        self._name = name
        self._layers = dict(model.named_modules())
        self._held: dict[Lora, Held] = {}
        self._hooks: dict[str, Any] = {}

    def apply(self, adapters: Sequence[Lora]) -> None:
        """Add ADAPTERS, at their scales, in place of those before. Raises ModelError, and nothing changed."""
        held = [(lora.scale, self._read(lora.at(1.0))) for lora in adapters]
        self.close()
        for layer in {layer for _, each in held for layer in each}:
            parts = [(scale, *each[layer]) for scale, each in held if layer in each]
            self._hooks[layer] = self._layers[layer].register_forward_hook(_Added(parts))

    def close(self) -> None:
        """Take every adapter off."""
        for hook in self._hooks.values():
            hook.remove()
        self._hooks.clear()

    def _read(self, lora: Lora) -> Held:
        found = self._held.get(lora)
        if found is None:
            check_norm(lora, _last_norm(self._model), self._name)
            found = self._held[lora] = {
                layer: self._placed(lora, layer, pair)
                for name, each in read_pairs(lora).items()
                for layer, pair in self._apart(name, each)
            }
        return found

    def _apart(self, name: str, pair: Pair) -> list[tuple[str, Pair]]:
        """PAIR under the names that the model has: three where it keeps queries, keys and values apart."""
        if name in self._layers or not name.endswith(QKV):
            return [(name, pair)]
        names = [name.replace("qkv_proj", part) for part in APART]
        rows = [_sizes(self._layers[each])[1] for each in names if each in self._layers]
        if len(rows) < len(names) or sum(rows) != len(pair.b):
            return [(name, pair)]  # and it will be missed
        return list(zip(names, split(pair, rows), strict=True))

    def _placed(self, lora: Lora, layer: str, pair: Pair) -> tuple[Any, Any]:
        module = self._layers.get(layer)
        if module is None:
            raise misfit(lora, self._name, f"there is no layer {layer}")
        shape = (pair.a.shape[1], pair.b.shape[0])
        if shape != _sizes(module):
            raise misfit(lora, self._name, f"{layer} takes and gives {_sizes(module)} numbers, not {shape}")
        where = {"device": self._model.device, "dtype": self._model.dtype}
        return torch.from_numpy(pair.a).to(**where), torch.from_numpy(pair.b).to(**where)


class _Added:
    """A forward hook that adds b @ (scale * a @ x) for each of PARTS, (scale, a, b).

    Nothing is worked out when adapters are swapped: on a busy machine hundreds of products take seconds.
    """

    def __init__(self, parts: Sequence[tuple[float, Any, Any]]) -> None:
        self._parts = parts

    def __call__(self, module: Any, inputs: tuple[Any, ...], out: Any) -> Any:
        for scale, a, b in self._parts:
            low = functional.linear(inputs[0].to(a.dtype), a)
            out = out + functional.linear(low if scale == 1 else low * scale, b).to(out.dtype)
        return out


def _sizes(module: Any) -> tuple[int, ...]:
    """How many numbers a linear layer takes and gives; () for a layer of another kind."""
    if hasattr(module, "in_features"):
        return int(module.in_features), int(module.out_features)
    if type(module).__name__ == "Conv1D":  # GPT-2's
        return int(module.weight.shape[0]), int(module.weight.shape[1])
    return ()


def _last_norm(model: Any) -> Any:
    """The weights of MODEL's last norm: its last vector of weights outside the layers."""
    layers = [module for module in model.modules() if isinstance(module, torch.nn.ModuleList)]
    inside = {id(each) for module in layers for each in module.parameters()}
    outside = [(name, each) for name, each in model.named_parameters() if id(each) not in inside]
    norms = [each for name, each in outside if each.ndim == 1 and name.endswith("weight")]
    return norms[-1].detach().float().cpu().numpy()
