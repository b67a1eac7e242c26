"""Between an MCP server's words and Yanray's: its tools as `ToolSpec`s, a command's argument as JSON.

What a server says of itself is not to be believed: texts are cut and cleaned, and a tool whose name or
parameters no command could be written for is left out.
Format: https://modelcontextprotocol.io/specification/2025-06-18/server/tools
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from yanray.errors import ToolError
from yanray.toolbox.arguments import words
from yanray.toolbox.spec import Parameter, ToolSpec
from yanray.toolbox.text import clean

SUMMARY, HELP = 120, 2000  # characters
CHOICES = 12  # more of them are free text in the prompt
_KINDS = {"string": "text", "integer": "integer", "number": "number", "boolean": "yes|no"}
_NAME = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}

Schema = Mapping[str, Any]


def spec_for(
    server: str, tool: str, description: str, schema: Schema, *, timeout: float, confirm: bool
) -> ToolSpec:
    """The tool TOOL of SERVER. Raises ValueError when no command could be written for it."""
    if not re.fullmatch(r"[\w.-]{1,64}", tool, re.ASCII):
        raise ValueError(f"its tool {clean(tool)[:40]!r} has a name that no command can have")
    properties = schema.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    required = schema.get("required")
    needed = set(map(str, required)) if isinstance(required, list) else set()
    if bad := [name for name in properties if not _NAME.fullmatch(str(name))]:
        raise ValueError(
            f"its tool {tool} has a parameter {clean(str(bad[0]))[:40]!r}, which no command can name"
        )
    first = sorted(properties, key=lambda name: name not in needed)  # what must be given stands first
    parameters = tuple(_parameter(name, _plain(properties[name]), name in needed) for name in first)
    text = " ".join(clean(description).split())
    summary = re.split(r"(?<=[.。!?])\s", text, maxsplit=1)[0][:SUMMARY] or tool
    return ToolSpec(
        name=f"{server}.{re.sub(r'[^a-z0-9_-]', '_', tool.lower())}",
        summary=summary,
        parameters=parameters,
        help=text[:HELP],
        timeout=timeout,
        confirm=confirm,
    )


def arguments(spec: ToolSpec, schema: Schema, argument: str) -> dict[str, Any]:
    """ARGUMENT, as a command wrote it, as the JSON object that the server wants. Raises ToolError."""
    properties = schema.get("properties") or {}
    given = words(spec, argument)
    return {name: _value(name, text, _plain(properties[name])) for name, text in given.items()}


def shown(content: Iterable[Any], limit: int) -> str:
    """A result's parts as text, the beginning of it; parts that are not text are named."""
    parts: list[str] = []
    length = 0
    for part in content:
        text = getattr(part, "text", None)
        text = (
            text
            if isinstance(text, str)
            else f"[{clean(str(getattr(part, 'type', 'part')))[:30]}, not shown]"
        )
        parts.append(text[: limit + 1])
        length += len(text)
        if length > limit:
            break
    return clean("\n".join(parts))


def _parameter(name: str, schema: Schema, needed: bool) -> Parameter:
    choices = schema.get("enum")
    kind = _KINDS.get(str(schema.get("type")), "text")
    if (
        isinstance(choices, list)
        and 1 < len(choices) <= CHOICES
        and all(_is_word(choice) for choice in choices)
    ):
        kind = "|".join(choices)
    default = schema.get("default")
    help_text = " ".join(clean(str(schema.get("description", ""))).split())[:200]
    return Parameter(name, kind, needed, None if needed else _said(default), help_text)


def _is_word(choice: object) -> bool:
    return isinstance(choice, str) and re.fullmatch(r"[^\s|\"']{1,40}", choice) is not None


def _said(default: object) -> str:
    return "" if default is None else clean(json.dumps(default, ensure_ascii=False))[:60].strip('"')


def _plain(schema: object) -> Schema:
    """SCHEMA, or the first of its alternatives that is not null."""
    if not isinstance(schema, Mapping):
        return {}
    for key in ("anyOf", "oneOf"):
        options = schema.get(key)
        if isinstance(options, list):
            real = [one for one in options if isinstance(one, Mapping) and one.get("type") != "null"]
            return {
                **(real[0] if real else {}),
                **{k: v for k, v in schema.items() if k in ("description", "default")},
            }
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return {**schema, "type": next((kind for kind in kinds if kind != "null"), "string")}
    return schema


def _value(name: str, text: str, schema: Schema) -> Any:
    kind = schema.get("type")
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
        if kind == "boolean":
            return _YES[text.strip().lower()]
        if kind in ("array", "object"):
            return _structure(text, kind)
    except (ValueError, KeyError, RecursionError):
        wanted = {"integer": "a whole number", "number": "a number", "boolean": "yes or no"}.get(
            str(kind), f"JSON ({kind})"
        )
        raise ToolError(f"{name} must be {wanted}, not {clean(text)[:60]!r}") from None
    return text


def _structure(text: str, kind: str) -> Any:
    """JSON; a list may also be written with commas."""
    if kind == "array" and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    value = json.loads(text)
    if not isinstance(value, list if kind == "array" else dict):
        raise ValueError
    return value
