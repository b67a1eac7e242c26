"""What a tool says about itself, and the one line that stands for it in the prompt.

A `ToolSpec` is plain data: it can be made from a tool's file (`toolbox.loading`), an MCP server's answer,
or by the training corpus, and the prompt cannot tell the difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument that the model may give.

    kind: `text`, `number`, `integer`, `yes|no`, or the choices joined by `|`.
    default: as shown to a person, or None when the argument must be given.
    """

    name: str
    kind: str = "text"
    required: bool = True
    default: str | None = None
    help: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        """The only values allowed, or () when the value is free."""
        return tuple(self.kind.split("|")) if "|" in self.kind else ()


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as the prompt, the grammar, the help and the permission check see it."""

    name: str
    summary: str
    parameters: tuple[Parameter, ...] = ()
    examples: tuple[tuple[str, str], ...] = ()  # argument, result
    help: str = ""
    timeout: float = 10.0  # seconds
    confirm: bool = False  # writes, sends or spends: ask first
    confirm_when: str = ""  # regular expression: ask only about arguments in which it is found
    network: bool = False
    path: Path | None = None


def asks(spec: ToolSpec, argument: str) -> bool:
    """Whether the user is to be asked before a call with ARGUMENT, wherever its words come from."""
    return spec.confirm and re.search(spec.confirm_when, argument, re.IGNORECASE) is not None


def usage(spec: ToolSpec) -> str:
    """The command with its parameters: `/convert amount to`, `/dice sides [count]`, `/coin side=up|down`."""
    words = [f"/{spec.name}"]
    for parameter in spec.parameters:
        word = f"{parameter.name}={parameter.kind}" if parameter.choices else parameter.name
        words.append(word if parameter.required else f"[{word}]")
    return " ".join(words)


def prompt_line(spec: ToolSpec) -> str:
    """The tool's line in the prompt: what it does, then how it is written, then one example.

    The description stands before the name: when the name's tokens are read, the model has already read what
    the tool is for, so a later request finds the name by its meaning. (Small models do not learn it the other
    way round.)
    """
    line = f"{spec.summary.strip().rstrip('.。')}: {usage(spec)}"
    example = next((argument for argument, _ in spec.examples if argument and "\n" not in argument), None)
    return f"{line}, e.g. {example}" if example else line


def prompt_lines(specs: Iterable[ToolSpec]) -> str:
    """All tools for the prompt, sorted by name: a changed tool leaves what stands before it as it was."""
    return "\n".join(prompt_line(spec) for spec in sorted(specs, key=lambda spec: spec.name))
