"""Which model a command runs."""

from __future__ import annotations

from pathlib import Path

from yanray.errors import ModelError
from yanray.paths import nano_model
from yanray.settings import Settings

SCRIPT = "scripted:"  # and a path: no model, but what one is to say (see `yanray.cores.script`)


def choose_model(settings: Settings, name: str = "") -> Path:
    """The model NAME, else the one in SETTINGS, else the embedded one. Raises ModelError for want of it."""
    wanted = name or settings.model
    if not wanted:
        return _embedded()
    path = Path(wanted).expanduser()
    if path.exists() or wanted.startswith(SCRIPT):
        return path
    raise ModelError(f"{wanted}: no such file, and no model of that name; give -m the path of a GGUF file")


def _embedded() -> Path:
    path = nano_model()
    if not path.is_file():
        raise ModelError(f"{path}: the embedded model is missing from this installation; give -m a GGUF file")
    return path
