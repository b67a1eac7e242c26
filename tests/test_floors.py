"""The floors of the house: who may import whom, and what a light command must not load.

The rules stand here as tables; the imports are read from the source, those inside functions too.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from yanray.paths import PACKAGE, shipped

GROUND = ("errors", "events", "messages", "paths", "settings", "options", "chatglm")
ABOVE_GROUND = ("cores", "toolbox", "models", "store")
UPPER = ("terminal", "train", "measure")
FLOOR = {
    **dict.fromkeys(GROUND, 0),
    **dict.fromkeys(ABOVE_GROUND, 1),
    "agent": 2,
    **dict.fromkeys(UPPER, 3),
    "cli": 4,
    "__main__": 5,
}
NANO = "nano"  # a folder of data, not of code

# Who may import what, inside functions or not; a name stands for everything below it.
HEAVY = {
    "torch": ("chatglm.weights", "cores.hf", "models.quantize", "train"),
    "transformers": ("chatglm.weights", "cores.hf", "models", "train"),
    "peft": ("cores.hf", "train"),
    "bitsandbytes": ("cores.hf", "models.quantize", "train"),
    "llama_cpp": ("cores.llama", "cores.gguf", "models"),
    "prompt_toolkit": ("terminal",),
    "rich": ("terminal",),
    "sympy": (),
    "pint": (),
    "httpx": ("cores.remote", "models", "toolbox.fetch"),
}
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if "_defaults" not in p.parts)


def dotted(path: Path) -> str:
    """The module's name below `yanray`."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that the file names in an import, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import"
            yield node.module or "", node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def room(name: str) -> str:
    return name.split(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: dotted(path) or "yanray")
def test_a_room_imports_from_lower_floors_only(path):
    here = room(dotted(path))
    if not here:
        assert not [name for name, _ in imports(path) if name.startswith("yanray.")]
        return
    assert here in FLOOR or here == NANO, f"{path}: a room that the design does not know"
    for name, line in imports(path):
        if not name.startswith("yanray.") or name == "yanray.__version__":
            continue
        there = room(name.removeprefix("yanray."))
        allowed = there == here or FLOOR[there] < FLOOR[here] or FLOOR[there] == FLOOR[here] == 0
        assert allowed, f"{path}:{line}: {here} must not import {there}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: dotted(path) or "yanray")
def test_heavy_libraries_stay_where_they_belong(path):
    here = dotted(path)
    for name, line in imports(path):
        owners = HEAVY.get(name.split(".")[0])
        if owners is not None:
            assert here.startswith(owners), f"{path}:{line}: {here} must not import {name}"


@pytest.mark.parametrize("path", sorted(shipped("tools").glob("*.py")), ids=lambda path: path.stem)
def test_a_tool_knows_the_api_and_nothing_else_of_yanray(path):
    for name, line in imports(path):
        known = name == "yanray.toolbox.api" or name.startswith("yanray.toolbox.api.")
        assert known or not name.startswith("yanray"), f"{path}:{line}: {name}"


def test_no_module_imports_itself_in_a_circle():
    """Imports at the top of modules make no circle; those inside functions are not looked at."""
    names = {f"yanray.{dotted(path)}".rstrip("."): path for path in MODULES}
    graph = {name: _top_imports(path, names) - {name} for name, path in names.items()}
    done: set[str] = set()
    for name in graph:
        _walk(name, graph, [], done)


def _top_imports(path: Path, names: dict[str, Path]) -> set[str]:
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module in names:
            parts = {f"{node.module}.{alias.name}" for alias in node.names} & names.keys()
            found |= parts or {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & names.keys()
    return found


def _walk(name: str, graph: dict[str, set[str]], trail: list[str], done: set[str]) -> None:
    assert name not in trail, " -> ".join([*trail, name])
    if name in done:
        return
    for other in graph[name]:
        _walk(other, graph, [*trail, name], done)
    done.add(name)


MODEL_LIBRARIES = ["torch", "transformers", "llama_cpp", "sympy", "pint", "numpy"]
LIGHT = [*MODEL_LIBRARIES, "pydantic", "yaml", "prompt_toolkit", "rich", "httpx", "jinja2", "platformdirs"]


@pytest.mark.parametrize(
    "code, absent",
    [
        ("import yanray", LIGHT),
        ("import yanray.cli; yanray.cli.main(['--version'])", LIGHT),
        ("import yanray.cli; yanray.cli.main(['--help'])", LIGHT),
        (
            "import yanray.cli; yanray.cli.main(['tools'])",
            [*MODEL_LIBRARIES, "prompt_toolkit", "rich", "httpx"],
        ),
        ("import yanray.cli; yanray.cli.main(['ask', '/clock'])", ["torch", "llama_cpp", "sympy", "pint"]),
    ],
)
def test_light_commands_load_no_heavy_library(code, absent, tmp_path):
    program = (
        f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\n"
        f"print('loaded:', [name for name in {absent!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "YANRAY_HOME": str(tmp_path)},
        timeout=120,
    )
    assert done.stdout.splitlines()[-1:] == ["loaded: []"], done.stderr
