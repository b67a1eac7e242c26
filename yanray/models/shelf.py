"""The models on this disk: what `yanray pull` fetched, and GGUF files that the owner put beside it.

They lie in the data folder under models/NAME/. A file that is still being fetched ends in `.part` and is
none.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from yanray.chatglm.weights import weight_files
from yanray.errors import ModelError
from yanray.paths import home


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model on the disk. group: the folder it lies in, which is the catalogue's name for it; path: the GGUF
    file, or the folder of safetensors."""

    name: str
    group: str
    path: Path
    bytes: int


def shelf_folder() -> Path:
    """Where pulled models lie. It need not exist."""
    return home("data") / "models"


def pulled() -> list[Pulled]:
    """Every model on the shelf, by name."""
    root = shelf_folder()
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    found = [_file(folder, path) for folder in folders for path in sorted(folder.glob("*.gguf"))]
    found += [Pulled(each.name, each.name, each, _size(each)) for each in folders if _whole(each)]
    loose = [Pulled(path.stem, path.stem, path, path.stat().st_size) for path in sorted(root.glob("*.gguf"))]
    return sorted(found + loose, key=lambda model: model.name.lower())


def find(name: str) -> list[Pulled]:
    """The models that NAME may mean: one of exactly that name, else all of that group."""
    models = pulled()
    exact = [model for model in models if model.name == name]
    return exact or [model for model in models if model.group == name]


def remove(name: str) -> list[Pulled]:
    """Delete what `find` finds, with what was begun. Raises ModelError when there is nothing."""
    models = find(name)
    if not models:
        names = ", ".join(model.name for model in pulled()) or "none"
        raise ModelError(f"{name}: no pulled model of that name; there are: {names}")
    for model in models:
        if model.path.is_dir():
            shutil.rmtree(model.path)
            continue
        model.path.unlink()
        folder = model.path.parent
        if folder != shelf_folder() and not any(folder.glob("*.gguf")):
            shutil.rmtree(folder)
    return models


def _file(folder: Path, path: Path) -> Pulled:
    return Pulled(path.stem, folder.name, path, path.stat().st_size)


def _whole(folder: Path) -> bool:
    """Whether FOLDER holds weights for transformers, and nothing of them is still to be fetched."""
    begun = any(folder.glob("*.part"))
    return (folder / "config.json").is_file() and bool(weight_files(folder)) and not begun


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
