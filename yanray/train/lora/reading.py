"""Files of training data, read whole; what cannot be learnt from is counted and named, never passed over in
silence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from yanray.errors import DataError, ModelError
from yanray.train.lora.forms import Broken, Conversation, parse
from yanray.train.lora.packing import Example
from yanray.train.lora.render import Renderer

HUGE = 1 << 20  # bytes of one line: no conversation that fits a row has as many
NAMED = 3  # places named for each reason


@dataclass(slots=True)
class Report:
    """What became of the data. read: examples by form; skipped: places by reason; warned: the same for what
    was kept."""

    read: Counter[str] = field(default_factory=Counter)
    skipped: dict[str, list[str]] = field(default_factory=dict)
    warned: dict[str, list[str]] = field(default_factory=dict)

    def skip(self, reason: str, place: str) -> None:
        """PLACE is left out for REASON."""
        self.skipped.setdefault(reason, []).append(place)

    def lines(self) -> list[str]:
        """The report for people."""
        read = ", ".join(f"{count:,} from {form}" for form, count in self.read.items()) or "none"
        found = [f"examples: {read}"]
        total = sum(map(len, self.skipped.values()))
        found += [f"skipped: {total:,}"] if total else []
        found += [f"  {len(places):,} {reason} ({_named(places)})" for reason, places in self.skipped.items()]
        found += [f"note: {len(places):,} {what} ({_named(places)})" for what, places in self.warned.items()]
        return found


def read_examples(files: Sequence[Path], renderer: Renderer, tokens: int) -> tuple[list[Example], Report]:
    """The examples in FILES (.jsonl, .json, else plain text), none longer than TOKENS; and the report.

    Raises DataError when a file cannot be read.
    """
    report = Report()
    found: list[Example] = []
    for path in files:
        for form, place, value in _items(path, report):
            found += _rendered(value, form, place, renderer, tokens, report)
    return found, report


def _items(path: Path, report: Report) -> Iterator[tuple[str, str, Conversation | str]]:
    try:
        data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise DataError(f"--data {path}: cannot be read: {error.strerror}") from None
    if path.suffix not in (".json", ".jsonl"):
        yield "text", path.name, _text_of(path, data, report)
        return
    lines = enumerate(data.split(b"\n"), 1) if path.suffix == ".jsonl" else _listed(path, data)
    for number, line in lines:
        if not line.strip():
            continue
        place = f"{path.name}:{number}"
        try:
            form, value = parse(_object(line))
        except Broken as broken:
            report.skip(str(broken), place)
            continue
        yield form, place, value


def _object(line: bytes) -> object:
    if len(line) > HUGE:
        raise Broken("longer than 1 MiB")
    try:
        return json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise Broken("not UTF-8") from None
    except (ValueError, RecursionError):
        raise Broken("not JSON") from None


def _listed(path: Path, data: bytes) -> Iterator[tuple[int, bytes]]:
    """The objects of a .json file: those of its list, or the one it is."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DataError(f"--data {path}: not JSON: {error}; is it a .jsonl?") from None
    for number, each in enumerate(value if isinstance(value, list) else [value], 1):
        yield number, json.dumps(each).encode()


def _text_of(path: Path, data: bytes, report: Report) -> str:
    """The text in DATA without the lines that are not UTF-8."""
    kept: list[str] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            kept.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            report.skip("not UTF-8", f"{path.name}:{number}")
    return "\n".join(kept)


def _rendered(
    value: Conversation | str, form: str, place: str, renderer: Renderer, tokens: int, report: Report
) -> list[Example]:
    """The examples of VALUE; none, with a word in REPORT, when it cannot be learnt."""
    if isinstance(value, str):
        found = list(renderer.text(value, tokens))
        _warn(renderer, [value], place, report)
        report.read[form] += len(found)
        return found
    try:
        example = renderer.conversation(value.messages, value.taught)
    except ModelError:
        report.skip("refused by the model's chat template", place)
        return []
    if len(example.ids) > tokens:
        report.skip(f"longer than {tokens} tokens", place)
        return []
    _warn(renderer, [message.content for message in value.messages], place, report)
    report.read[form] += 1
    return [example]


def _warn(renderer: Renderer, contents: Sequence[str], place: str, report: Report) -> None:
    if any(renderer.markers(content) for content in contents):
        report.warned.setdefault("with a role's token in the text, taken as text", []).append(place)


def _named(places: Sequence[str]) -> str:
    return ", ".join(places[:NAMED]) + (" ..." if len(places) > NAMED else "")
