"""Which model a command runs: the one that is named, else the best pulled one that fits, else the embedded
one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from yanray.errors import DataError, ModelError
from yanray.paths import nano_model
from yanray.settings import Settings

EMBEDDED = "nano"
REMOTE = "remote:"  # and a name under `remote` in config.yaml: a model on a server
SCRIPT = "scripted:"  # and a path: no model, but what one is to say (see `yanray.cores.script`)
LEAST_CONTEXT = 4096  # tokens that a model must fit with to be chosen


@dataclass(frozen=True, slots=True)
class Choice:
    """A model file, and the sentence that says why it was taken; "" where it was named."""

    path: Path
    said: str = ""


def choose_model(settings: Settings, name: str = "") -> Path:
    """The path of `choose`'s choice."""
    return choose(settings, name).path


def choose(settings: Settings, name: str = "") -> Choice:
    """The model NAME, else the one in SETTINGS, else the best that fits. Raises ModelError for want of it."""
    wanted = name or settings.model
    if not wanted:
        return _unasked()
    if wanted == EMBEDDED:
        return Choice(_embedded())
    if wanted.startswith(REMOTE):
        return _served(settings, wanted)
    path = Path(wanted).expanduser()
    if _exists(path) or wanted.startswith(SCRIPT):
        return Choice(path)
    from yanray.models.shelf import find, pulled

    found = find(wanted)
    if found:
        return Choice(best_that_fits(wanted) or found[0].path)
    names = ", ".join(model.name for model in pulled()) or "none yet"
    raise ModelError(
        f"{wanted}: no such file, and no pulled model of that name; pulled are: {names}. "
        f"Give -m the path of a GGUF file, or fetch one: yanray pull {wanted}"
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # no file can have such a long name
        return False


def _served(settings: Settings, wanted: str) -> Choice:
    if wanted.removeprefix(REMOTE) not in settings.remote:
        names = ", ".join(settings.remote) or "none yet"
        raise ModelError(f"{wanted}: no such server under `remote` in config.yaml; there are: {names}")
    return Choice(Path(wanted))


def best_that_fits(name: str = "") -> Path | None:
    """The best pulled GGUF file that this machine holds and runs bearably; only those that NAME means."""
    from yanray.models.shelf import find, pulled

    models = [model for model in (find(name) if name else pulled()) if model.path.is_file()]
    if not models:
        return None
    from yanray.models.fit import Row, rows_for
    from yanray.models.fit import choose as choose_row
    from yanray.models.headers import read_header
    from yanray.models.machine import remembered_machine

    machine = remembered_machine()
    rows: dict[Row, Path] = {}
    for model in models:
        try:
            header = read_header(model.path)
        except DataError:
            # `yanray models` and doctor name it; a broken file must not keep the others from running
            continue
        context = min(LEAST_CONTEXT, header.shape.context)
        rows[rows_for(header, machine, context=context, name=model.name)[0]] = model.path
    chosen = choose_row(rows)
    return None if chosen is None else rows[chosen]


def _unasked() -> Choice:
    best = best_that_fits()
    if best is not None:
        return Choice(best, f"model: {best.stem}, the best pulled one that fits; -m names another")
    why = "model: the embedded one; `yanray fit` shows larger ones that this machine can hold"
    return Choice(_embedded(), why)


def _embedded() -> Path:
    path = nano_model()
    if not path.is_file():
        raise ModelError(f"{path}: the embedded model is missing from this installation; give -m a GGUF file")
    return path
