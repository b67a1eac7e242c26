"""Sentences with slots and choices: `{A} [gave|handed] {x} {o} to {B}.`

`[a|b|]` is one of its parts, each as likely, and may hold slots and further choices; `{key}` is filled from a
mapping.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random

Node = str | tuple["Node", ...] | list["Node"]  # text | a choice of sequences | a slot is a one-item list
_TOKEN = re.compile(r"[\[\]|]|\{[^}]*\}|[^\[\]|{]+")


def write(template: str, rng: Random, slots: Mapping[str, object]) -> str:
    """TEMPLATE with its choices made and its slots filled. Raises KeyError for a slot that SLOTS lacks."""
    out: list[str] = []
    _write(_parsed(template), rng, slots, out)
    return "".join(out)


def pick(rng: Random, templates: Sequence[str], slots: Mapping[str, object]) -> str:
    """One of TEMPLATES, written."""
    return write(templates[int(rng.random() * len(templates))], rng, slots)


def lines(text: str) -> tuple[str, ...]:
    """The templates of a table: one on each line, blank lines left out."""
    return tuple(line.strip() for line in text.strip().splitlines() if line.strip())


def _write(nodes: Sequence[Node], rng: Random, slots: Mapping[str, object], out: list[str]) -> None:
    for node in nodes:
        if type(node) is str:
            out.append(node)
        elif type(node) is list:
            out.append(str(slots[node[0]]))  # type: ignore[index]
        else:
            choice = node[int(rng.random() * len(node))]
            _write(choice, rng, slots, out)


@cache
def _parsed(template: str) -> tuple[Node, ...]:
    """Nested: the sequence on top, in it choices, in each choice sequences."""
    stack: list[list[list[Node]]] = [[[]]]
    for token in _TOKEN.findall(template):
        if token == "[":
            stack.append([[]])
        elif token == "|" and len(stack) > 1:
            stack[-1].append([])
        elif token == "]":
            choice = tuple(tuple(option) for option in stack.pop())
            stack[-1][-1].append(choice)
        elif token.startswith("{"):
            stack[-1][-1].append([token[1:-1]])
        else:
            stack[-1][-1].append(token)
    if len(stack) != 1:
        raise ValueError(f"brackets do not match: {template!r}")
    return tuple(stack[0][0])
