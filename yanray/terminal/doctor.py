"""`yanray doctor`: this machine, versions, folders, the model, the tools, and what to do about problems."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from yanray import __version__
from yanray.errors import YanrayError
from yanray.options import add_config, read_settings
from yanray.paths import home, nano_model, shipped
from yanray.terminal.language import padded, told

if TYPE_CHECKING:
    from yanray.settings import Settings

LIBRARIES = ("llama-cpp-python", "prompt-toolkit", "rich", "pydantic", "torch", "transformers")
GIB = 1 << 30
FLASH = {-1: "auto (where llama.cpp can)", 0: "off", 1: "on"}

Finding = tuple[str, str, str]  # what, its value, the remedy ("" when all is well)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray doctor` takes."""
    parser.add_argument("-m", "--model", metavar="MODEL", help="look at this model")
    add_config(parser)


def run(options: argparse.Namespace) -> int:
    """Print the findings; 1 when something is wrong."""
    troubled = False
    for title, findings in SECTIONS:
        print(told(title))
        for what, value, remedy in findings(options):
            print(f"  {padded(told(what), 18)} {told(value)}")
            if remedy:
                print(f"  {'':<18} -> {told(remedy)}")
                troubled = True
    return 1 if troubled else 0


def _machine(options: argparse.Namespace) -> Iterator[Finding]:
    import psutil

    from yanray.cores.machine import physical_cores

    memory = psutil.virtual_memory()
    yield "system", f"{platform.system()} {platform.release()} {platform.machine()}", ""
    yield "cores", f"{physical_cores()} (threads that a model gets)", ""
    yield "memory", f"{memory.available / GIB:.1f} of {memory.total / GIB:.1f} GiB free", ""
    disk = shutil.disk_usage(_existing(home("data")))
    yield "disk", f"{disk.free / GIB:.1f} GiB free", "" if disk.free > GIB else "make room; models are large"
    for name in _gpus():
        yield "GPU", name, ""


def _gpus() -> list[str]:
    """Names and memory of the NVIDIA GPUs, as their driver tells them."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    query = [program, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ["nvidia-smi does not answer"]
    return done.stdout.splitlines() if done.returncode == 0 else []


def _versions(options: argparse.Namespace) -> Iterator[Finding]:
    yield "yanray", __version__, ""
    yield "python", sys.version.split()[0], ""
    for name in LIBRARIES:
        try:
            yield name, importlib.metadata.version(name), ""
        except importlib.metadata.PackageNotFoundError:
            needed = name not in ("torch", "transformers")
            yield name, "not installed", f"pip install {name}" if needed else ""


def _folders(options: argparse.Namespace) -> Iterator[Finding]:
    yield "your settings", _path(home("config") / "config.yaml"), ""
    yield "your tools", _path(home("config") / "tools"), ""
    yield "data", _path(home("data")), _unwritable(home("data"))
    yield "cache", _path(home("cache")), _unwritable(home("cache"))
    yield "shipped", str(shipped("config.yaml").parent), ""


def _unwritable(folder: Path) -> str:
    existing = _existing(folder)
    return "" if os.access(existing, os.W_OK) else f"{existing} cannot be written; see who owns it"


def _model(options: argparse.Namespace) -> Iterator[Finding]:
    from yanray.agent.session import open_core
    from yanray.models.choice import choose_model

    yield "embedded", _path(nano_model()), "" if nano_model().is_file() else "install Yanray again, or use -m"
    settings = _settings(options)
    if isinstance(settings, str):
        return
    try:
        path = choose_model(settings)
        core = open_core(path, settings)
    except YanrayError as error:
        yield "in use", settings.model or "(embedded)", str(error)
        return
    yield "in use", f"{core.name}, {path}", ""
    yield "context", f"{core.context} tokens", ""
    plan = getattr(core, "plan", None)
    if plan is not None:
        yield "threads", f"{plan.threads} reading, {plan.step_threads} generating", ""
        yield "batch", f"{plan.batch} tokens", ""
        yield "flash attention", FLASH[plan.flash], ""
        yield "KV cache", plan.kv, ""
    core.close()


def _tools(options: argparse.Namespace) -> Iterator[Finding]:
    from yanray.agent.session import open_toolbox

    settings = _settings(options)
    if isinstance(settings, str):
        yield "settings", "do not read", settings
        return
    with closing(open_toolbox(settings)) as toolbox:
        yield "working", ", ".join(spec.name for spec in toolbox.specs) or "none", ""
        for problem in toolbox.problems:
            yield "broken", problem.path.stem, str(problem)


def _conversations(options: argparse.Namespace) -> Iterator[Finding]:
    from yanray.store.conversations import Conversations, database_path

    if not database_path().is_file():
        yield "kept", "none yet", ""
        return
    try:
        with closing(Conversations(database_path())) as store:
            last = store.recent(1)
            yield "kept", f"{database_path()}, the last one {last[0].title!r}" if last else "none yet", ""
            if not store.keeping:
                yield "keeping", "off (yanray logs on turns it on)", ""
    except YanrayError as error:
        yield "kept", str(database_path()), str(error)


def _settings(options: argparse.Namespace) -> Settings | str:
    """The settings, or what is wrong with them."""
    try:
        return read_settings(options)
    except YanrayError as error:
        return str(error)


def _path(path: Path) -> str:
    return f"{path}{'' if path.exists() else ' (not there yet)'}"


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.parents) if each.exists())


SECTIONS: tuple[tuple[str, Callable[[argparse.Namespace], Iterator[Finding]]], ...] = (
    ("Machine", _machine),
    ("Versions", _versions),
    ("Folders", _folders),
    ("Model", _model),
    ("Tools", _tools),
    ("Conversations", _conversations),
)
