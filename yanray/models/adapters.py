"""LoRA adapters on this disk: `adapters/NAME/` beside the shipped files and in the owner's configuration.

A folder holds what PEFT writes (`adapter_config.json`, `adapter_model.safetensors`) and a note,
`adapter.yaml`:

    base: chatglm3-6b                # the model that it was trained on
    for: answering in Classical Chinese
    norm: [0.98, 1.02, ...]          # the first NORM values of its last norm: what tells it from others

The note may be missing: then `base` is what PEFT says, and only the shapes are held against the model. Not
here: loading one into a core (`cores.lora`). LoRA: Hu et al. 2021, arXiv:2106.09685.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from yanray.errors import ModelError, UsageError, YanrayError
from yanray.models.safetensors_header import read_safetensors
from yanray.models.shape import Tensor
from yanray.models.source import Opened
from yanray.paths import home, shipped

NOTE, CONFIG, WEIGHTS = "adapter.yaml", "adapter_config.json", "adapter_model.safetensors"
NORM = 8  # values of the base's last norm in a note
A, B = ".lora_A.weight", ".lora_B.weight"


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter that a core may load. alpha, root: its strength is alpha / rank, or alpha / sqrt(rank) where
    `root` (Kalajdzievski 2023, arXiv:2312.03732). norm: see the module; empty when the note has none."""

    name: str
    folder: Path
    base: str
    purpose: str
    alpha: float
    root: bool
    rank: int
    norm: tuple[float, ...] = ()

    @property
    def weights(self) -> Path:
        """The file of weights."""
        return self.folder / WEIGHTS


def own_folder() -> Path:
    """Where the owner's adapters lie, and new ones are put. It need not exist."""
    return home("config") / "adapters"


def folders() -> dict[str, Path]:
    """Name -> folder of every adapter, the owner's in place of shipped ones of the same name."""
    roots = [root for root in (shipped("adapters"), own_folder()) if root.is_dir()]
    return {
        path.name: path
        for root in roots
        for path in sorted(root.iterdir())
        if (path / CONFIG).is_file() or (path / NOTE).is_file()
    }


def find(name: str) -> Adapter:
    """The adapter NAME. Raises ModelError when there is none, it is damaged, or no core can load its kind."""
    return read(folder_of(name))


def folder_of(name: str) -> Path:
    """The folder of the adapter NAME, which may be damaged. Raises ModelError when there is none."""
    found = folders()
    if name not in found:
        names = ", ".join(found) or "none yet"
        raise ModelError(f"{name}: no such adapter; there are: {names}, looked for in {own_folder()}")
    return found[name]


def choose(text: str) -> tuple[Adapter, float]:
    """The adapter that TEXT (`NAME` or `NAME:SCALE`) names, its scale. Raises ModelError and UsageError."""
    name, colon, scale = text.partition(":")
    try:
        strength = float(scale) if colon else 1.0
    except ValueError:
        strength = math.nan
    if not math.isfinite(strength):
        raise UsageError(f"{text}: write NAME or NAME:SCALE, e.g. {name or 'poet'}:0.5")
    return find(name), strength


def installed() -> tuple[list[Adapter], list[str]]:
    """Every adapter that can be loaded, and a sentence for each that cannot."""
    good, bad = [], []
    for path in folders().values():
        try:
            good.append(read(path))
        except YanrayError as error:
            bad.append(str(error))
    return good, bad


def read(folder: Path) -> Adapter:
    """The adapter in FOLDER. Raises ModelError and DataError as `find` does."""
    config = _config(folder / CONFIG)
    note = _note(folder / NOTE)
    with Opened(folder / WEIGHTS) as source:
        tensors, _ = read_safetensors(source)
    _check_tensors(folder, tensors)
    return Adapter(
        name=folder.name,
        folder=folder,
        base=str(note.get("base") or config.get("base_model_name_or_path") or ""),
        purpose=str(note.get("for") or ""),
        alpha=float(config["lora_alpha"]),
        root=bool(config.get("use_rslora")),
        rank=int(config["r"]),
        norm=tuple(map(float, note.get("norm") or ())),
    )


def write_note(folder: Path, *, base: str, purpose: str, norm: list[float] | tuple[float, ...] = ()) -> None:
    """Write FOLDER's note. norm: the first NORM values of the base's last norm."""
    note = {"base": base, "for": purpose, "norm": [float(f"{value:.6g}") for value in norm[:NORM]]}
    text = yaml.safe_dump(note, allow_unicode=True, sort_keys=False, default_flow_style=None)
    (folder / NOTE).write_text(text, encoding="utf-8")


def _config(path: Path) -> dict[str, Any]:
    """PEFT's configuration, of a kind that both cores can load."""
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        float(config["lora_alpha"]), int(config["r"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{path}: not a LoRA adapter's configuration ({error!r}); give a folder that PEFT wrote"
        ) from None
    unsupported = {
        "kind": config.get("peft_type", "LORA") != "LORA" and config["peft_type"],
        "DoRA": config.get("use_dora"),
        "bias": config.get("bias", "none") != "none",
        "modules_to_save": config.get("modules_to_save"),
        "trainable_token_indices": config.get("trainable_token_indices"),
        "alpha_pattern": config.get("alpha_pattern"),
    }
    found = [name if value is True else f"{name} {value}" for name, value in unsupported.items() if value]
    if found:
        raise ModelError(
            f"{path}: holds {', '.join(found)}, which cannot be applied while running; merge it into its "
            "base model, or train a plain LoRA"
        )
    return dict(config)


def _note(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        note = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        [float(value) for value in note.get("norm") or ()]
    except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ModelError(
            f"{path}: not an adapter's note: {error}; write `base: ...` and `for: ...`"
        ) from None
    return dict(note)


def _check_tensors(folder: Path, tensors: tuple[Tensor, ...]) -> None:
    """Every tensor is half of a pair whose ranks agree."""
    shapes = {tensor.name: tensor.shape for tensor in tensors}
    strange = [name for name in shapes if not name.endswith((A, B))]
    pairs = [(shapes[name], shapes.get(name.removesuffix(A) + B)) for name in shapes if name.endswith(A)]
    broken = not pairs or 2 * len(pairs) != len(shapes)
    if strange or broken or any(b is None or len(a) != 2 or (b[1:] != a[:1]) for a, b in pairs):
        what = strange[0] if strange else "pairs that do not match"
        raise ModelError(
            f"{folder / WEIGHTS}: holds {what}; only lora_A and lora_B of linear layers can be applied"
        )
