"""Finding tools' files and reading what they say about themselves, without running them.

A file is parsed, never imported: its first line runs in the worker, not here. So listing the tools loads
none of the libraries that they need, and a file that would hang or delete something when imported does
neither.

Covered: the module's docstring, `EXAMPLES`, `TIMEOUT`, `CONFIRM`, `NETWORK` and the signature of `run`.
Not covered: mistakes that only running the file shows; the worker reports those.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yanray.toolbox.spec import Parameter, ToolSpec

RESERVED = frozenset(  # a chat's own commands; not `search` and `system`, which are shipped tools
    "help new list resume find rename export undo redo regen edit fork model adapter prompt tools context "
    "why save set clear exit good bad fix".split()
)
NAME = re.compile(r"[a-z][a-z0-9_-]*")
_KINDS = {"str": "text", "int": "integer", "float": "number", "bool": "yes|no"}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about a tool that its owner should mend. `line` counts from 1."""

    path: Path
    line: int | None
    text: str

    def __str__(self) -> str:
        place = f"{self.path} line {self.line}" if self.line else str(self.path)
        return f"{place}: {self.text}"


@dataclass(frozen=True, slots=True)
class ToolFile:
    """A tool's file, read. settings: names of `run`'s keyword-only parameters.

    late: modules that are imported inside its functions, which the worker may load ahead.
    """

    spec: ToolSpec
    source: str
    settings: tuple[str, ...] = ()
    late: tuple[str, ...] = ()


class _BrokenError(Exception):
    """A file that is no tool: the line, and what to do."""

    def __init__(self, line: int | None, text: str) -> None:
        super().__init__(text)
        self.line = line


def find(folders: Sequence[Path]) -> dict[str, Path]:
    """Tool name -> file. A later folder wins; files that begin with `_` are none."""
    found: dict[str, Path] = {}
    for folder in folders:
        if folder.is_dir():
            found.update((path.stem, path) for path in sorted(folder.glob("*.py")) if path.stem[0] != "_")
    return dict(sorted(found.items()))


def read(path: Path, *, timeout: float, runnable: bool = True) -> ToolFile | Problem:
    """Read the tool in PATH. timeout: seconds for a call when the file does not say.

    runnable: a tool whose imports are not installed here is a Problem; False where it is only described.
    """
    try:
        return _describe(path, path.read_text(encoding="utf-8-sig"), timeout, runnable)
    except _BrokenError as error:
        return Problem(path, error.line, str(error))
    except (OSError, UnicodeDecodeError) as error:
        return Problem(path, None, f"cannot be read: {error}; save it as UTF-8 text")


def _describe(path: Path, source: str, timeout: float, runnable: bool) -> ToolFile:
    name = _checked_name(path)
    module = _parse(source)
    if runnable:
        _check_imports(module)
    run = _run_function(module)
    constants = _constants(module)
    documentation = (ast.get_docstring(module) or "").strip()
    if not documentation:
        raise _BrokenError(1, 'begin the file with """What the tool does, in one line."""')
    summary, _, more = documentation.partition("\n")
    notes = ast.get_docstring(run) or ""
    spec = ToolSpec(
        name=name,
        summary=summary.strip(),
        parameters=tuple(_parameters(run, notes)),
        examples=tuple(constants.get("EXAMPLES", {}).items()),
        help="\n\n".join(part for part in (more.strip(), notes.strip()) if part),
        timeout=float(constants.get("TIMEOUT", timeout)),
        confirm=bool(constants.get("CONFIRM", False)),
        confirm_when=confirm if isinstance(confirm := constants.get("CONFIRM"), str) else "",
        network=constants.get("NETWORK", False),
        path=path,
    )
    settings = tuple(argument.arg for argument in run.args.kwonlyargs)
    return ToolFile(spec, source, settings, tuple(_late_imports(module)))


def _checked_name(path: Path) -> str:
    if not NAME.fullmatch(path.stem):
        raise _BrokenError(None, "rename it: a tool's name is a lower-case letter, then a-z, 0-9, _ and -")
    if path.stem in RESERVED:
        raise _BrokenError(None, f"rename it: /{path.stem} is a command of the chat itself")
    return path.stem


def _parse(source: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        raise _BrokenError(error.lineno, f"not Python: {error.msg}; mend the line and save") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise _BrokenError(
            None, f"not Python: {error or type(error).__name__}; write a plain text file"
        ) from None


def _check_imports(module: ast.Module) -> None:
    for node in module.body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in names:
            package = name.partition(".")[0]
            if not _installed(package):
                raise _BrokenError(
                    node.lineno, f"needs {package}, which is not installed: pip install {package}"
                )


def _installed(package: str) -> bool:
    if package in sys.modules or package in sys.stdlib_module_names:
        return True
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _run_function(module: ast.Module) -> ast.FunctionDef:
    for node in module.body:
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "run":
            raise _BrokenError(node.lineno, "write `def run`, not `async def run`")
        if isinstance(node, ast.FunctionDef) and node.name == "run":
            if node.args.vararg or node.args.kwarg or node.args.posonlyargs:
                raise _BrokenError(node.lineno, "name each parameter of run: no *args, no **kwargs, no /")
            return node
    raise _BrokenError(None, "has no function `run`; write `def run(text: str) -> str:`")


def _constants(module: ast.Module) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, node in _assignments(module):
        if name not in ("EXAMPLES", "TIMEOUT", "CONFIRM", "NETWORK"):
            continue
        try:
            found[name] = ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError):
            raise _BrokenError(node.lineno, f"write the value of {name} out: it is read, not run") from None
        _check_constant(name, found[name], node.lineno)
    return found


def _assignments(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value


def _check_constant(name: str, value: object, line: int) -> None:
    if name == "EXAMPLES":
        good = isinstance(value, dict) and all(
            isinstance(text, str) for pair in value.items() for text in pair
        )
        wanted = 'a dict of argument -> result, both text: {"2+3": "5"}'
    elif name == "TIMEOUT":
        good = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        wanted = "a number of seconds above 0"
    elif name == "CONFIRM" and isinstance(value, str):
        good, wanted = _is_pattern(value), "True, False, or a regular expression of what to ask about"
    else:
        good, wanted = isinstance(value, bool), "True or False"
    if not good:
        raise _BrokenError(line, f"{name} must be {wanted}")


def _is_pattern(text: str) -> bool:
    try:
        return re.compile(text) is not None
    except re.error:
        return False


def _parameters(run: ast.FunctionDef, notes: str) -> Iterator[Parameter]:
    arguments = run.args.args
    defaults: list[ast.expr | None] = [None] * (len(arguments) - len(run.args.defaults)) + [
        *run.args.defaults
    ]
    for argument, default in zip(arguments, defaults, strict=True):
        help_line = re.search(rf"^\s*{argument.arg}:\s*(.+)$", notes, re.MULTILINE)
        yield Parameter(
            name=argument.arg,
            kind=_kind(argument.annotation),
            required=default is None,
            default=None if default is None else _shown(default),
            help=help_line[1].strip() if help_line else "",
        )


def _kind(annotation: ast.expr | None) -> str:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = _quoted(annotation.value, annotation.lineno)
    if isinstance(annotation, ast.Name):
        return _KINDS.get(annotation.id, "text")
    if isinstance(annotation, ast.BinOp):  # `int | None`
        return _kind(annotation.left)
    if isinstance(annotation, ast.Subscript):
        outer = ast.unparse(annotation.value).rpartition(".")[2]
        if outer == "Literal":
            return _choices(annotation.slice)
        if outer in ("Optional", "Annotated"):
            inner = annotation.slice
            return _kind(inner.elts[0] if isinstance(inner, ast.Tuple) else inner)
    return "text"


def _quoted(annotation: str, line: int) -> ast.expr:
    try:
        return ast.parse(annotation, mode="eval").body
    except SyntaxError:
        raise _BrokenError(line, f"the annotation {annotation!r} is not Python") from None


def _choices(node: ast.expr) -> str:
    items = node.elts if isinstance(node, ast.Tuple) else [node]
    choices = [str(item.value) for item in items if isinstance(item, ast.Constant)]
    return "|".join(choices) if len(choices) > 1 else "text"


def _shown(default: ast.expr) -> str:
    value = default.value if isinstance(default, ast.Constant) else ast.unparse(default)
    if value is None:
        return ""
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _late_imports(module: ast.Module) -> Iterator[str]:
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    for node in (inner for function in functions for inner in ast.walk(function)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
