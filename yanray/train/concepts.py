"""The concept bank: kinds of requests for which somebody could write a tool.

One concept is a block of lines in `yanray/train/concepts/*.txt`:

    == watering_plan                                 a unique key
    names: watering water_plan garden_water          tool names that fit
    en: Say when a garden bed was last watered       descriptions, several for each language
    zh: 查看某块菜地的浇水安排
    slot bed en: tomato bed; rose border             parameters in order, with values
    slot bed zh: 番茄地; 玫瑰花坛
    ask en: when did i last water {bed}?             requests
    ask zh: {bed}该浇水了吗
    result en: {bed}: last watered 2 days ago        what the tool prints,
    say en: The {bed} was last watered two days ago. and what the assistant says then

`slot n: 2; 5` holds for both languages, `slot when? en: ...` may be left out, `slot mode choice: on|off` is
a choice (`slot mode zh: 开=on; 关=off`: what Chinese requests call it), `slot city builtin` is in words.txt,
`slot minutes en: ten minutes=10; 25` is said in one way and written by the command in another.

`python -m yanray.train.concepts FILE...` prints what the files hold and every fault with its line.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from yanray.errors import DataError
from yanray.train.articles import WHOLE, written
from yanray.train.document import Language

FOLDER = Path(__file__).parent / "concepts"
WORDS = FOLDER / "words.txt"
_KEY = re.compile(r"[a-z][a-z0-9_]*(:[A-Za-z0-9_]+)?")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_SLOT = re.compile(r"slot ([a-z][a-z0-9_]*)(\?)?(?: (en|zh|choice|builtin))?")
_HOLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(slots=True)
class Slot:
    """A parameter of a concept. values: language -> (as a request says it, as the command writes it)."""

    name: str
    optional: bool = False
    choices: tuple[str, ...] = ()
    values: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def pick(self, rng: random.Random, language: Language) -> tuple[str, str]:
        return rng.choice(self.values[language])


@dataclass(slots=True, eq=False)
class Concept:
    """One kind of request, as the bank describes it."""

    key: str
    line: int
    names: list[str] = field(default_factory=list)
    summaries: dict[str, list[str]] = field(default_factory=lambda: {"en": [], "zh": []})
    slots: list[Slot] = field(default_factory=list)
    asks: dict[str, list[str]] = field(default_factory=lambda: {"en": [], "zh": []})
    results: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: {"en": [], "zh": []})

    def slot(self, name: str) -> Slot:
        """The slot NAME, made when it is new."""
        for slot in self.slots:
            if slot.name == name:
                return slot
        self.slots.append(Slot(name))
        return self.slots[-1]


@dataclass(frozen=True, slots=True)
class Fault:
    """A line of a bank file that is not as it should be."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, list[str]]]:
    """The built-in values: word list -> language -> values."""
    lists: dict[str, dict[str, list[str]]] = {}
    for line in WORDS.read_text(encoding="utf-8").splitlines():
        head, colon, values = line.partition(": ")
        if not colon or line.startswith("#"):
            continue
        name, _, language = head.partition(" ")
        for each in (language,) if language else ("en", "zh"):
            lists.setdefault(name, {}).setdefault(each, []).extend(_split(values))
    return lists


def _split(values: str) -> list[str]:
    return [value.strip() for value in values.replace("；", ";").split(";") if value.strip()]


class _Reader:
    """Reads one file, line by line, and keeps what is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.concepts: list[Concept] = []
        self.faults: list[Fault] = []
        self._pending = ""

    def fault(self, line: int, text: str) -> None:
        self.faults.append(Fault(self.path, line, text))

    def read(self, text: str) -> None:
        for number, line in enumerate(text.splitlines(), 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            if line.startswith("=="):
                self._begin(number, line[2:].split()[0] if line[2:].split() else "")
            elif not self.concepts:
                self.fault(number, "stands before the first `== key`")
            else:
                self._line(self.concepts[-1], number, line)

    def _begin(self, number: int, key: str) -> None:
        if not _KEY.fullmatch(key):
            self.fault(number, f"key {key!r}: write one snake_case English word")
        self.concepts.append(Concept(key, number))
        self._pending = ""

    def _line(self, concept: Concept, number: int, line: str) -> None:
        if line.startswith("slot ") and line.endswith(" builtin"):
            line += ":"
        head, colon, value = (
            line.replace("：", ":", 1).partition(":") if ":" not in line else line.partition(":")
        )
        head, value = " ".join(head.split()), value.strip()
        if not colon:
            self.fault(number, "no `:` in the line")
        elif head == "names":
            concept.names.extend(value.replace(",", " ").split())
        elif head in ("en", "zh"):
            concept.summaries[head].append(value)
        elif head in ("ask en", "ask zh"):
            concept.asks[head[4:]].append(value)
        elif head in ("result en", "result zh"):
            self._pending = value
        elif head in ("say en", "say zh"):
            self._say(concept, number, head[4:], value)
        else:
            self._slot(concept, number, head, value)

    def _say(self, concept: Concept, number: int, language: str, value: str) -> None:
        if not self._pending:
            self.fault(number, f"`say {language}` without a `result {language}` before it")
        concept.results[language].append((self._pending, value))
        self._pending = ""

    def _slot(self, concept: Concept, number: int, head: str, value: str) -> None:
        match = _SLOT.fullmatch(head)
        if not match:
            self.fault(number, f"`{head}:` is no part of a concept")
            return
        name, optional, what = match.groups()
        slot = concept.slot(name)
        slot.optional = slot.optional or bool(optional)
        if what == "choice":
            slot.choices = tuple(each.strip() for each in value.split("|"))
            for language in ("en", "zh"):
                slot.values.setdefault(language, [(each, each) for each in slot.choices])
        elif what == "builtin":
            self._builtin(slot, number)
        else:
            self._values(slot, number, (what,) if what else ("en", "zh"), _split(value))

    def _builtin(self, slot: Slot, number: int) -> None:
        if slot.name not in words():
            self.fault(number, f"no built-in list `{slot.name}`; there are: {' '.join(sorted(words()))}")
        for language, values in words().get(slot.name, {}).items():
            slot.values[language] = [(value, written(slot.name, value)) for value in values]

    def _values(self, slot: Slot, number: int, languages: tuple[str, ...], values: list[str]) -> None:
        if not values:
            self.fault(number, f"slot {slot.name} has no values")
        if any(value.startswith((":", "：")) for value in values):
            self.fault(number, f"slot {slot.name}: a value begins with a colon")
        pairs = [(value.partition("=")[0].strip(), value.rpartition("=")[2].strip()) for value in values]
        if not slot.choices:
            pairs = [
                pair if "=" in value and slot.name not in WHOLE else (value, written(slot.name, value))
                for pair, value in zip(pairs, values, strict=True)
            ]
        elif any(written not in slot.choices for _, written in pairs):
            self.fault(number, f"slot {slot.name}: a value is none of its choices {'|'.join(slot.choices)}")
        for language in languages:
            slot.values[language] = pairs


def _faults(concept: Concept) -> Iterator[str]:
    """What is missing or wrong in CONCEPT as a whole."""
    if not concept.names:
        yield "no `names:`"
    for name in concept.names:
        if not _NAME.fullmatch(name):
            yield f"name {name!r}: small letters, digits and _, at most 32"
    if len(concept.slots) > 3:
        yield "more than three slots"
    for language in ("en", "zh"):
        yield from _language_faults(concept, language)


def _language_faults(concept: Concept, language: Language) -> Iterator[str]:
    if len(concept.summaries[language]) < 2:
        yield f"fewer than two `{language}:` descriptions"
    known = {slot.name for slot in concept.slots}
    for slot in concept.slots:
        if language not in slot.values and concept.asks[language]:
            yield f"slot {slot.name} has no values for {language}"
    for ask in concept.asks[language]:
        holes = _HOLE.findall(ask)
        for name in sorted(set(holes) - known):
            yield f"`ask {language}: {ask}`: no slot {name}"
        for slot in concept.slots:
            if slot.name not in holes and not slot.optional:
                yield f"`ask {language}: {ask}` lacks {{{slot.name}}}, which is not optional"
    for pair in concept.results[language]:
        first = _HOLE.match(pair[1])
        values = next(
            (slot.values.get(language, ()) for slot in concept.slots if first and slot.name == first[1]), ()
        )
        if any(spoken.startswith("/") for spoken, _ in values):
            yield f"`say {language}: {pair[1]}` may begin with a slash, as only a command does"
        for name in sorted({name for part in pair for name in _HOLE.findall(part)} - known):
            yield f"`result/say {language}`: no slot {name} ({pair[0]})"


def read(paths: Iterable[Path]) -> tuple[list[Concept], list[Fault]]:
    """All concepts of PATHS and all that is wrong with them, in the order of the files."""
    concepts: list[Concept] = []
    faults: list[Fault] = []
    seen: dict[str, Path] = {}
    for path in paths:
        reader = _Reader(path)
        reader.read(path.read_text(encoding="utf-8"))
        for concept in reader.concepts:
            found = [Fault(path, concept.line, f"{concept.key}: {each}") for each in _faults(concept)]
            if concept.key in seen:
                found.append(
                    Fault(path, concept.line, f"{concept.key}: stands in {seen[concept.key].name} too")
                )
            seen.setdefault(concept.key, path)
            reader.faults.extend(found)
        concepts.extend(reader.concepts)
        faults.extend(reader.faults)
    return concepts, faults


def parse(text: str, path: Path) -> list[Concept]:
    """The concepts of a TEXT in the bank's format; PATH is named in the DataError when a line is wrong."""
    reader = _Reader(path)
    reader.read(text)
    if reader.faults:
        raise DataError("\n".join(str(fault) for fault in reader.faults[:20]))
    return reader.concepts


def bank_files() -> list[Path]:
    """The files of the bank, the word lists left out."""
    return sorted(path for path in FOLDER.glob("*.txt") if path != WORDS)


@lru_cache(maxsize=1)
def bank() -> tuple[Concept, ...]:
    """Every concept of the bank. Raises DataError when a file has faults: they would teach nonsense."""
    concepts, faults = read(bank_files())
    if faults:
        shown = "\n".join(str(fault) for fault in faults[:20])
        raise DataError(f"{len(faults)} faults in the concept bank; mend these lines:\n{shown}")
    return tuple(concepts)


def fill(template: str, values: dict[str, str]) -> str:
    """TEMPLATE with each {slot} replaced; a hole without a value stays, so that a caller sees it.

    Digits of a value and of the text around it are kept apart: Chinese writes no blank there.
    """
    for name, value in values.items():
        before, hole, after = template.partition("{" + name + "}")
        while hole:
            left = " " if before[-1:].isdigit() and value[:1].isdigit() else ""
            right = " " if value[-1:].isdigit() and after[:1].isdigit() else ""
            before = f"{before}{left}{value}{right}"
            more, hole, after = after.partition("{" + name + "}")
            before += more
        template = before
    return template


def main(arguments: list[str]) -> int:
    """Print the counts and the faults of the files named (none: the whole bank)."""
    paths = [Path(argument) for argument in arguments] or bank_files()
    concepts, faults = read(paths)
    asks = {language: sum(len(each.asks[language]) for each in concepts) for language in ("en", "zh")}
    lines = [str(fault) for fault in faults]
    lines.append(f"{len(concepts)} concepts, {asks['en']} ask en, {asks['zh']} ask zh, {len(faults)} faults")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
