"""One tool in words: what it takes and gives, as `yanray tools show` and the chat print it."""

from __future__ import annotations

from collections.abc import Callable

from yanray.errors import UsageError
from yanray.toolbox.box import Toolbox
from yanray.toolbox.spec import ToolSpec, usage


def described(spec: ToolSpec, told: Callable[[str], str]) -> str:
    """SPEC in lines, in the language of TOLD."""
    lines = [usage(spec), f"  {told(spec.summary)}{marks(spec, told)}"]
    for parameter in spec.parameters:
        default = "" if parameter.default in (None, "") else f" ({told(f'default: {parameter.default}')})"
        lines.append(f"  {parameter.name}: {parameter.kind}{default}  {parameter.help}".rstrip())
    lines += [f"  /{spec.name} {argument}  ->  {result}" for argument, result in spec.examples]
    return "\n".join([*lines, "", spec.help] if spec.help else lines)


def place(spec: ToolSpec, told: Callable[[str], str]) -> str:
    """Where SPEC comes from and how long a call may take."""
    source = spec.path or f"config.yaml: mcpServers.{spec.name.partition('.')[0]}"
    return told(f"{source}, at most {spec.timeout:g} s")


def marks(spec: ToolSpec, told: Callable[[str], str]) -> str:
    """Whether SPEC asks first and whether it needs the network, in brackets; "" for neither."""
    asking = "asks before some calls" if spec.confirm_when else "asks first"
    found = [word for word, on in ((asking, spec.confirm), ("needs the network", spec.network)) if on]
    return f" ({', '.join(map(told, found))})" if found else ""


def known(toolbox: Toolbox, name: str) -> ToolSpec:
    """The tool NAME. Raises UsageError, with why it did not load or with those there are."""
    spec = toolbox.get(name.lstrip("/"))
    if spec is None:
        broken = [str(problem) for problem in toolbox.problems if problem.path.stem == name]
        names = ", ".join(spec.name for spec in toolbox.specs) or "none"
        raise UsageError(broken[0] if broken else f"no tool {name!r}; there are: {names}")
    return spec
