"""From the text after a command's name to the arguments of a tool's `run`.

    one text parameter      the whole text as it stands
    anything else           words, in order or as `name=value`; "..." or '...' holds spaces
    a parameter `text`      may also be given as the lines that follow the command's line

The last parameter, when it is text, takes whatever words are left over. Values are checked with pydantic
against the function's own annotations; an error names the parameter and what would have been right.
"""

from __future__ import annotations

import functools
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from yanray.errors import ToolError
from yanray.toolbox.spec import Parameter, ToolSpec, usage

_WORD = re.compile(
    r"""(?:(?P<name>[A-Za-z_]\w*)=)?
        (?:"(?P<double>(?:\\.|[^"\\])*)"(?=\s|$) | '(?P<single>[^']*)'(?=\s|$) | (?P<bare>\S+))""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r'\\(["\\])')
_RIGHT = {"integer": "a whole number", "number": "a number", "yes|no": "yes or no", "text": "text"}


def bind(
    run: Callable[..., object], spec: ToolSpec, argument: str, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """The keyword arguments for RUN, or a ToolError that the model can act on."""
    values: dict[str, Any] = {**words(spec, argument), **settings}
    hints = _hints(run)
    if all(isinstance(value, str) and hints.get(name, str) is str for name, value in values.items()):
        return values
    return {name: _checked(spec, name, hints.get(name, str), value) for name, value in values.items()}


def words(spec: ToolSpec, argument: str) -> dict[str, str]:
    """Parameter name -> text, for the parameters that ARGUMENT gives."""
    parameters = spec.parameters
    if len(parameters) == 1 and parameters[0].kind == "text":
        given = {parameters[0].name: argument.strip()} if argument.strip() else {}
    else:
        given = _several(spec, parameters, argument)
    missing = [
        parameter.name for parameter in parameters if parameter.required and parameter.name not in given
    ]
    if missing:
        raise ToolError(f"{spec.name} needs {' and '.join(missing)}: write {_pattern(spec)}")
    return given


def _several(spec: ToolSpec, parameters: Sequence[Parameter], argument: str) -> dict[str, str]:
    given: dict[str, str] = {}
    if any(parameter.name == "text" for parameter in parameters):
        argument, _, block = argument.partition("\n")
        if block.strip():
            given["text"] = block.strip("\n")
    known = {parameter.name for parameter in parameters}
    loose: list[re.Match[str]] = []
    for word in _WORD.finditer(argument):
        name = word["name"]
        if name is None:
            loose.append(word)
        elif name not in known:
            raise ToolError(
                f'{spec.name} has no parameter {name} (put "{word[0]}" in quotes if it is text): '
                f"write {_pattern(spec)}"
            )
        elif name in given:
            raise ToolError(f"{name} is given twice: write {_pattern(spec)}")
        else:
            given[name] = _value(word)
    _place(spec, [p for p in parameters if p.name not in given], loose, argument, given)
    return given


def _place(
    spec: ToolSpec,
    free: Sequence[Parameter],
    loose: Sequence[re.Match[str]],
    argument: str,
    given: dict[str, str],
) -> None:
    for parameter, word in zip(free, loose, strict=False):
        given[parameter.name] = _value(word)
    if len(loose) <= len(free):
        return
    last = spec.parameters[-1]
    if not free or free[-1] is not last or last.kind != "text":
        extra = loose[len(free)][0]
        raise ToolError(f"{extra!r} is one word too many: write {_pattern(spec)}")
    given[last.name] = " ".join(_value(word) for word in loose[len(free) - 1 :])


def _value(word: re.Match[str]) -> str:
    if word["double"] is not None:
        return _ESCAPE.sub(r"\1", word["double"])
    return word["single"] if word["single"] is not None else word["bare"]


def _pattern(spec: ToolSpec) -> str:
    example = next((argument for argument, _ in spec.examples if argument), None)
    return f"{usage(spec)}, e.g. /{spec.name} {example}" if example else usage(spec)


@functools.lru_cache(maxsize=256)
def _hints(run: Callable[..., object]) -> dict[str, Any]:
    return typing.get_type_hints(run)


def _checked(spec: ToolSpec, name: str, hint: Any, value: Any) -> Any:
    from pydantic import PydanticUserError, ValidationError

    if typing.get_origin(hint) is typing.Literal:
        named = {str(choice): choice for choice in typing.get_args(hint)}
        value = named.get(str(value), value)
    try:
        return _adapter(hint).validate_python(value)
    except ValidationError as error:
        message = error.errors()[0]["msg"]
    except PydanticUserError as error:
        raise ToolError(f"the annotation of {name} cannot be checked: {error.message}") from None
    raise ToolError(f"{name} must be {_right(spec, name, message)}, not {value!r}: write {_pattern(spec)}")


def _right(spec: ToolSpec, name: str, message: str) -> str:
    kind = next((parameter.kind for parameter in spec.parameters if parameter.name == name), None)
    if kind in (None, "text"):
        return f"right ({message})"
    return _RIGHT.get(kind) or "one of " + ", ".join(kind.split("|"))


@functools.lru_cache(maxsize=256)
def _adapter(hint: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(hint)
