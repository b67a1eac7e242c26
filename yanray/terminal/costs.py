"""What each tool costs in the prompt: tokens of its line, and the seconds that reading them takes here.

Counting needs the model's tokenizer and the seconds the model itself, so it is done where that is loaded
(`yanray warm`) or when it is asked for (`yanray tools --cost`); what came of it is kept in the cache folder
and shown until the model's file, the way it is run, or a tool's line changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yanray.agent.session import open_core
from yanray.cores.base import ChatCore, Sampling
from yanray.errors import ModelError
from yanray.events import RoundUsage
from yanray.messages import Message
from yanray.models.choice import choose_model
from yanray.paths import home
from yanray.settings import Settings
from yanray.terminal.status import Status
from yanray.terminal.words import Words
from yanray.toolbox.spec import ToolSpec, prompt_line

SAMPLE = 128  # tokens that are read to learn how long one takes


@dataclass(frozen=True, slots=True)
class Costs:
    """tokens: a tool's name -> what its line takes, with the line's end. seconds: to read one token."""

    model: str
    tokens: dict[str, int]
    seconds: float

    def of(self, name: str) -> tuple[int, float]:
        """Tokens and seconds of the tool NAME."""
        return self.tokens[name], self.tokens[name] * self.seconds

    @property
    def total(self) -> tuple[int, float]:
        """Tokens and seconds of all."""
        count = sum(self.tokens.values())
        return count, count * self.seconds


def known_costs(settings: Settings, specs: Iterable[ToolSpec]) -> Costs | None:
    """What SPECS cost with the model of SETTINGS, as it was measured; None when it was not.

    Raises ModelError when there is no model.
    """
    lines = {spec.name: prompt_line(spec) for spec in specs}
    known = _kept().get(_key(_model(settings), settings))
    if not isinstance(known, dict) or not all(line in known["lines"] for line in lines.values()):
        return None
    counts = {name: known["lines"][line] for name, line in lines.items()}
    return Costs(known["name"], counts, known["seconds"])


def measure_costs(settings: Settings, specs: Iterable[ToolSpec], core: ChatCore | None = None) -> None:
    """Measure what SPECS cost, and keep that for `known_costs`.

    core: the model of SETTINGS where it is loaded already. Raises ModelError.
    """
    path = _model(settings)
    if core is not None:
        measured = _measured(core, [prompt_line(spec) for spec in specs])
    else:
        status = Status(Words(settings.spoken))
        with closing(open_core(path, settings, status.show)) as opened:
            measured = _measured(opened, [prompt_line(spec) for spec in specs])
        status.clear()
    _keep({**_kept(), _key(path, settings): measured})


def _model(settings: Settings) -> Path:
    path = choose_model(settings)
    if not path.exists():
        raise ModelError(f"{path} does not run on this machine; only a model's file is measured")
    return path


def _measured(core: ChatCore, lines: list[str]) -> dict[str, Any]:
    counts = {line: core.count(f"{line}\n") for line in lines}
    return {"name": core.name, "seconds": _seconds_per_token(core, lines, counts), "lines": counts}


def _seconds_per_token(core: ChatCore, lines: list[str], counts: dict[str, int]) -> float:
    """Read some of LINES, as a prompt is read; before that others, with which the weights come to memory."""
    taken, room = list[str](), min(SAMPLE, core.context // 2)
    for line in lines:
        if counts[line] <= room:
            taken.append(line)
            room -= counts[line]
    _read(core, "\n".join(reversed(taken)))
    usage = _read(core, "\n".join(taken))
    return usage.prefill_seconds / max(1, usage.evaluated_tokens)


def _read(core: ChatCore, text: str) -> RoundUsage:
    with closing(core.stream([Message("user", text)], Sampling(max_tokens=1))) as stream:
        for _ in stream:
            pass
    assert core.finish is not None
    return core.finish.usage


def _key(path: Path, settings: Settings) -> str:
    status = path.stat()
    return f"{path.resolve()} {status.st_size} {status.st_mtime_ns} {settings.machine!r}"


def _file() -> Path:
    return home("cache") / "tool-costs.json"


def _kept() -> dict[str, Any]:
    try:
        values = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet, or half of one: it is measured again
        return {}
    return values if isinstance(values, dict) else {}


def _keep(values: dict[str, Any]) -> None:
    """Write VALUES, where that is possible; else they are measured again the next time."""
    try:
        _file().parent.mkdir(parents=True, exist_ok=True)
        aside = _file().with_suffix(".new")
        aside.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
        aside.replace(_file())
    except OSError:
        return
