"""The forms in which a command is written, each read from a whole line (or block) of text.

    /calculate 6*7                      the form itself
    /Calculate: 6*7   ／calculate 6*7   /calculate(6*7)   calculate(6*7)   Calculate: 6*7
    {"name": "calculate", "arguments": {"expression": "6*7"}}, also inside <tool_call> ... </tool_call>
                                        near misses: understood, and kept in the conversation in the form
                                        itself
    calculate                           a name on the round's first line, its arguments under it to the
     ```python                          round's end: ChatGLM3's own form, kept as it was written; and
    tool_call(expression='6*7')         GLM-4's, with the arguments as JSON in place of the block
    ```

Nothing here is evaluated; an argument is text until the toolbox checks it. The stream is cut in
`agent.filter`.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from yanray.toolbox.spec import ToolSpec

SLASHES = "/／"
COLONS = ":："
BRACKETS = {"(": ")", "（": "）"}

NAME = re.compile(r"[^\W\d][\w-]*(?:\.[\w-]+)*")
HEAD = re.compile(rf" {{0,3}}(?P<slash>[{SLASHES}])(?P<name>{NAME.pattern})")
KEYWORD = re.compile(r"\s*(?P<name>\w+)\s*=\s*(?P<value>.*)", re.DOTALL)
CALLED = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
FENCED_CALL = "```python"
FENCED = re.compile(r"```python\s*\n(?P<code>.*?)(?:\n\s*```)?\s*", re.DOTALL)
TAG, UNTAG = "<tool_call>", "</tool_call>"

# First parts of paths: a line that begins with one of them speaks of files.
ROOTS = frozenset("bin boot dev etc home lib media mnt opt proc root run sbin srv sys tmp usr var".split())


@dataclass(frozen=True, slots=True)
class Command:
    """A command for a tool that exists. raw: exactly what was generated; mended: not the form itself."""

    name: str
    argument: str
    raw: str
    mended: bool = False

    @property
    def canonical(self) -> str:
        """The command in the form itself, as the conversation keeps it."""
        line, newline, block = self.argument.partition("\n")
        written = f"/{self.name} {line}".rstrip()
        return f"{written}\n```\n{block}\n```" if newline else written


@dataclass(frozen=True, slots=True)
class Unknown:
    """What looks like a command for a tool that does not exist. near: the names it may have meant."""

    name: str
    argument: str
    raw: str
    near: tuple[str, ...] = ()


Tools = Mapping[str, ToolSpec]  # by case-folded name


def nearest(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names that NAME may have meant, the likeliest first."""
    return tuple(get_close_matches(name.casefold(), list(names), n=3, cutoff=0.6))


def slash_command(raw: str, tools: Tools) -> Command | Unknown | None:
    """Read the line RAW, which begins with a slash. None: it is text."""
    head = HEAD.match(raw)
    if head is None or not ends_name(raw[head.end() : head.end() + 1]):
        return None
    name, rest = head["name"], raw[head.end() :]
    spec = tools.get(name.casefold())
    if spec is None and not attempted(name):
        return None
    if spec is None:
        near, argument = nearest(name, tools), rest.strip()
        return Unknown(name, argument, raw, near) if near or argument else None
    spaced = not rest or rest[0].isspace()
    exact = head["slash"] == "/" and name == spec.name and spaced
    return Command(spec.name, rest.strip() if spaced else _unwrapped(rest, spec), raw, mended=not exact)


def ends_name(char: str) -> bool:
    """Whether CHAR, or "" for the end, may follow a command's name."""
    return not char or char.isspace() or char in COLONS or char in BRACKETS


def attempted(name: str) -> bool:
    """Whether NAME after a slash, though unknown, reads like a command's name and not like a path's
    beginning.
    """
    return NAME.fullmatch(name) is not None and name.casefold() not in ROOTS


def bare_call(raw: str, tools: Tools) -> Command | None:
    """Read `calculate(6*7)` or `Calculate: 6*7`, a whole line without a slash. None: it is text."""
    match = NAME.match(raw.lstrip())
    if match is None or match[0].casefold() not in tools:
        return None
    spec, rest = tools[match[0].casefold()], raw.lstrip()[match.end() :].rstrip()
    whole = _closing(rest) == len(rest) - 1 if rest[:1] in BRACKETS else bool(rest[1:].strip())
    return Command(spec.name, _unwrapped(rest, spec), raw, mended=True) if whole else None


def leaked_call(raw: str, tools: Tools) -> Command | Unknown | None:
    """Read a call written as JSON, with or without `<tool_call>` around it. None: it is text."""
    body = raw.strip().removeprefix(TAG).removesuffix(UNTAG)
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(call, dict) or not isinstance(call.get("name"), str):
        return None
    arguments = call.get("arguments", call.get("parameters"))
    if not isinstance(arguments, dict | str):
        return None
    name = call["name"].lstrip(SLASHES)
    spec = tools.get(name.casefold())
    if spec is None:
        return Unknown(name, str(arguments), raw, nearest(name, tools))
    text = arguments if isinstance(arguments, str) else _as_argument(arguments, spec)
    return Command(spec.name, text.strip(), raw, mended=True)


def named_call(raw: str, tools: Tools) -> Command | Unknown | None:
    """Read a name on a line of its own and its arguments below, as ChatGLM3 and GLM-4 write calls. None: it
    is text."""
    name, _, body = raw.partition("\n")
    name, body = name.strip(), body.strip()
    fenced = FENCED.fullmatch(body)
    arguments = _keywords(fenced["code"]) if fenced else _object(body)
    if arguments is None:
        return None
    spec = tools.get(name.casefold())
    if spec is None:
        return Unknown(name, json.dumps(arguments, ensure_ascii=False), raw, nearest(name, tools))
    return Command(spec.name, _as_argument(arguments, spec).strip(), raw)


def _keywords(code: str) -> dict[str, Any] | None:
    """The arguments of `tool_call(name=literal, ...)`; None when CODE is anything else. It is only parsed."""
    try:
        call = ast.parse(code.strip(), mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.args:
            return None
        if call.func.id != "tool_call" or any(keyword.arg is None for keyword in call.keywords):
            return None
        return {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return None


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def takes_block(spec: ToolSpec) -> bool:
    """Whether a fenced block may follow the tool's command: it has a parameter called `text`."""
    return any(parameter.name == "text" for parameter in spec.parameters)


def with_block(command: Command, raw: str) -> Command:
    """COMMAND with the fenced block that ends RAW: its inner lines follow the argument after a newline."""
    lines = raw[len(command.raw) + 1 :].split("\n")
    fence = lines[0].strip()[:3]
    closed = len(lines) > 1 and lines[-1].strip().startswith(fence)
    text = "\n".join(lines[1:-1] if closed else lines[1:])
    return replace(command, argument=f"{command.argument}\n{text}", raw=raw)


def _closing(text: str) -> int:
    """Index of the bracket that closes the one TEXT begins with, or -1."""
    opening, depth = text[0], 0
    for index, char in enumerate(text):
        depth += (char == opening) - (char == BRACKETS[opening])
        if depth == 0:
            return index
    return -1


def _unwrapped(rest: str, spec: ToolSpec) -> str:
    """The argument in REST, which begins with a colon or a bracket."""
    rest = rest.strip()
    if rest[0] in COLONS:
        return rest[1:].strip()
    if _closing(rest) != len(rest) - 1:
        return rest
    return _unquoted(rest[1:-1].strip(), spec)


def _unquoted(inner: str, spec: ToolSpec) -> str:
    """The text of a call's only argument without its keyword and quotes; several as shell words."""
    if len(spec.parameters) != 1:
        return re.sub(r",\s*", " ", inner)
    keyword = KEYWORD.fullmatch(inner)
    if keyword and keyword["name"] == spec.parameters[0].name:
        inner = keyword["value"]
    if len(inner) > 1 and inner[0] in "\"'" and inner[0] == inner[-1] and inner[0] not in inner[1:-1]:
        return inner[1:-1]
    return inner


def _as_argument(arguments: Mapping[str, Any], spec: ToolSpec) -> str:
    """JSON arguments as a command writes them: one alone as it is, several as `name="value"`, lines as a
    block.
    """
    values = {key: _plain(value) for key, value in arguments.items()}
    if len(spec.parameters) == 1 and len(values) == 1:
        return next(iter(values.values()))
    block = "\n" + values.pop("text") if "\n" in values.get("text", "") else ""
    return " ".join(f"{key}={_quoted(value)}" for key, value in values.items()) + block


def _quoted(value: str) -> str:
    if value and not re.search(r"[\s\"']", value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
