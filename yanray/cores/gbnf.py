"""GBNF, llama.cpp's notation of grammars, for cores that run without llama.cpp: read, and followed in bytes.

Format: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md. Covered: rules, alternatives,
groups, literals, character classes, `.`, `* + ? {m,n}`, comments. Not covered: tokens (`<[id]>`), left
recursion (an error). A grammar is followed as the set of all stacks that the text so far can have led to; a
set that was met before is known again, and so is the step from one to the next by a character. As in
llama.cpp no text holds a NUL; unlike there, bytes that are no UTF-8 never fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from yanray.errors import ModelError

TOKEN = re.compile(
    r"""(?P<space>(?:\s|\#[^\n]*)+)|(?P<define>[\w-]+\s*::=)|(?P<name>[\w-]+)|(?P<text>"(?:[^"\\]|\\.)*")"""
    r"""|(?P<chars>\[(?:[^\]\\]|\\.)*\])|(?P<count>\{\d*,?\d*\})|(?P<mark>[()|*+?.])""",
    re.DOTALL,
)
LETTER = re.compile(r"\\x([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})|\\(.)|(.)", re.DOTALL)
NAMED = {"n": "\n", "r": "\r", "t": "\t"}
MOST = 1000  # repetitions that a rule may ask for
MOST_OPEN = 4000  # stacks that one character may lead to
HIGHEST = 0x10FFFF


class Chars(NamedTuple):
    """One character out of RANGES (first, last), or, where NOT_THESE, none of them."""

    ranges: tuple[tuple[int, int], ...]
    not_these: bool

    def meets(self, low: int, high: int) -> bool:
        """Whether a code point from LOW to HIGH is one of these."""
        if self.not_these:
            return not any(first <= low and high <= last for first, last in self.ranges)
        return any(first <= high and low <= last for first, last in self.ranges)


Element: TypeAlias = "Chars | str"  # a str names a rule
Sequence: TypeAlias = tuple[Element, ...]
Rules: TypeAlias = dict[str, tuple[Sequence, ...]]
Stack: TypeAlias = "tuple[Element, Stack] | None"  # what is still to come, the next first


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: str
    text: str


class _Reader:
    """Reads the text of a grammar into rules."""

    def __init__(self, text: str) -> None:
        self._pieces = list(_pieces(text))
        self._at = 0
        self.rules: Rules = {}
        while self._at < len(self._pieces):
            self._rule()

    def _rule(self) -> None:
        head = self._take("define")
        self.rules[head.split()[0].removesuffix("::=")] = self._alternatives()

    def _alternatives(self) -> tuple[Sequence, ...]:
        found = [self._sequence()]
        while self._is("mark", "|"):
            self._at += 1
            found.append(self._sequence())
        return tuple(found)

    def _sequence(self) -> Sequence:
        found: list[Element] = []
        while (part := self._part()) is not None:
            found += self._repeated(part)
        return tuple(found)

    def _part(self) -> Sequence | None:
        """The next literal, class, name or group; None at the end of a sequence."""
        piece = self._pieces[self._at] if self._at < len(self._pieces) else _Piece("end", "")
        if piece.kind in ("text", "chars", "name") or piece.text in (".", "("):
            self._at += 1
        if piece.kind == "text":
            return tuple(Chars(((ord(letter), ord(letter)),), False) for letter in _letters(piece.text[1:-1]))
        if piece.kind == "chars":
            return (_class(piece.text[1:-1]),)
        if piece.kind == "name":
            return (piece.text,)
        if piece.text == ".":
            return (Chars((), True),)
        if piece.text != "(":
            return None
        inner = self._new(self._alternatives())
        self._take("mark", ")")
        return (inner,)

    def _repeated(self, part: Sequence) -> Sequence:
        """PART under the mark behind it, if there is one."""
        if self._is("mark", "*", "+", "?"):
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[self._take("mark")]
        elif self._is("count"):
            low, comma, high = self._take("count")[1:-1].partition(",")
            least, most = int(low or 0), (int(high) if high else None) if comma else int(low or 0)
        else:
            return part
        if max(least, most or 0) > MOST:
            raise ModelError(f"a grammar repeats something more than {MOST} times; write a smaller number")
        if most is None:
            again = self._name()
            self.rules[again] = ((*part, again), ())
            return (*part * least, again)
        tail: Sequence = ()
        for _ in range(most - least):
            tail = (self._new(((*part, *tail), ())),)
        return (*part * least, *tail)

    def _new(self, alternatives: tuple[Sequence, ...]) -> str:
        name = self._name()
        self.rules[name] = alternatives
        return name

    def _name(self) -> str:
        return f"({len(self.rules)}.{self._at}"  # no name in a grammar begins like this

    def _is(self, kind: str, *texts: str) -> bool:
        if self._at >= len(self._pieces):
            return False
        piece = self._pieces[self._at]
        return piece.kind == kind and (not texts or piece.text in texts)

    def _take(self, kind: str, *texts: str) -> str:
        if not self._is(kind, *texts):
            rest = " ".join(piece.text for piece in self._pieces[self._at :][:5])
            raise ModelError(
                f"not valid GBNF: {' '.join(texts) or kind} is wanted before: {rest or 'the end'}"
            )
        self._at += 1
        return self._pieces[self._at - 1].text


class State:
    """Where text that keeps to a grammar may stand. `over`: whether it may end here."""

    def __init__(self, grammar: Grammar, stacks: frozenset[Stack]) -> None:
        self._grammar = grammar
        self._stacks = stacks
        self._next: dict[str, State | None] = {}
        self.over = None in stacks

    def after(self, letter: str) -> State | None:
        """The state behind LETTER; None when it may not come here."""
        if letter not in self._next:
            self._next[letter] = self._grammar.step(self._stacks, ord(letter))
        return self._next[letter]

    def meets(self, low: int, high: int) -> bool:
        """Whether some code point from LOW to HIGH may come here."""
        return any(
            stack is not None and isinstance(stack[0], Chars) and stack[0].meets(low, high)
            for stack in self._stacks
        )


class Grammar:
    """The grammar that TEXT writes down, from its rule `root`. Raises ModelError."""

    def __init__(self, text: str) -> None:
        self._rules = _Reader(text).rules
        self._states: dict[frozenset[Stack], State] = {}
        used = {
            each for rule in self._rules.values() for row in rule for each in row if isinstance(each, str)
        }
        missing = sorted((used | {"root"}) - self._rules.keys())
        if missing:
            raise ModelError(f"not valid GBNF: there is no rule {', '.join(missing)}")
        self.start = self._state(self._opened([("root", None)]))

    def step(self, stacks: frozenset[Stack], code: int) -> State | None:
        """The state behind the code point CODE; None when no stack of STACKS lets it come."""
        left = [
            stack[1]
            for stack in stacks
            if stack is not None and isinstance(stack[0], Chars) and stack[0].meets(code, code)
        ]
        return self._state(self._opened(left)) if left else None

    def _state(self, stacks: frozenset[Stack]) -> State:
        return self._states.setdefault(stacks, State(self, stacks))

    def _opened(self, stacks: list[Stack]) -> frozenset[Stack]:
        """STACKS with the rules on top of them written out, until each begins with characters or is empty."""
        found: set[Stack] = set()
        waiting = list(stacks)
        seen: set[Stack] = set()
        while waiting:
            stack = waiting.pop()
            if stack in seen:
                continue
            seen.add(stack)
            if stack is None or isinstance(stack[0], Chars):
                found.add(stack)
                continue
            if len(seen) > MOST_OPEN:
                raise ModelError(f"not usable GBNF: its rule {stack[0]} begins with itself")
            for row in self._rules[stack[0]]:
                rest = stack[1]
                for element in reversed(row):
                    rest = (element, rest)
                waiting.append(rest)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Hold:
    """How far text has come in a grammar. begun: the bytes of a character that is not whole yet."""

    state: State
    begun: bytes = b""

    @property
    def over(self) -> bool:
        """Whether the text may end here."""
        return self.state.over and not self.begun

    def after(self, piece: bytes) -> Hold | None:
        """The hold behind PIECE; None when it may not come here."""
        whole, begun = _decoded(self.begun + piece)
        state: State | None = None if whole is None else self.state
        for letter in whole or "":
            state = state.after(letter) if state and letter != "\0" else None
        if state is None or (begun and not state.meets(*_span(begun))):
            return None
        return Hold(state, begun)


def _decoded(data: bytes) -> tuple[str | None, bytes]:
    """DATA as text, and the bytes of a last character that is not whole; (None, b"") when it is no UTF-8."""
    try:
        return data.decode(), b""
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":
            return None, b""
        return data[: error.start].decode(), data[error.start :]


def _span(begun: bytes) -> tuple[int, int]:
    """The lowest and the highest code point that begins with the bytes BEGUN (RFC 3629, section 3)."""
    size = 2 if begun[0] < 0xE0 else 3 if begun[0] < 0xF0 else 4
    code = begun[0] & (0x7F >> size)
    for byte in begun[1:]:
        code = code << 6 | byte & 0x3F
    left = 6 * (size - len(begun))
    least = {2: 0x80, 3: 0x800, 4: 0x10000}[size]
    return max(least, code << left), min(HIGHEST, (code + 1 << left) - 1)


def _pieces(text: str) -> Iterator[_Piece]:
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise ModelError(f"not valid GBNF at: {text[at : at + 30]!r}")
        at = found.end()
        if found.lastgroup != "space":
            yield _Piece(str(found.lastgroup), found.group())


def _letters(text: str) -> list[str]:
    return [_letter(found) for found in LETTER.finditer(text)]


def _letter(found: re.Match[str]) -> str:
    two, four, eight, named, plain = found.groups()
    code = two or four or eight
    return chr(int(code, 16)) if code else plain if plain is not None else NAMED.get(named, named)


def _class(text: str) -> Chars:
    not_these = text.startswith("^")
    found = list(LETTER.finditer(text[not_these:]))
    ranges, at = [], 0
    while at < len(found):
        first = last = ord(_letter(found[at]))
        if at + 2 < len(found) and found[at + 1].group() == "-":
            last = ord(_letter(found[at + 2]))
            at += 2
        ranges.append((first, last))
        at += 1
    return Chars(tuple(ranges), not_these)
