"""What a training says while it goes: a bar for people, and a log of every step, which a resumed training
goes on with."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from yanray.train.lora.curve import curve
from yanray.train.lora.trainer import Step

BAR = 30  # characters
TOLD = 10  # steps after which the time is told
EVERY = 30.0  # seconds between two lines where there is no terminal


class Diary:
    """Writes FOLDER/log.jsonl and curve.svg, and to stderr, when ACTIVE: one rank of many speaks."""

    def __init__(self, folder: Path, steps: int, title: str, *, active: bool = True) -> None:
        self._log, self._picture = folder / "log.jsonl", folder / "curve.svg"
        self._steps, self._title, self._active = steps, title, active
        self._rows: list[dict[str, Any]] = []
        self._live = sys.stderr.isatty()
        self._begun = self._said = time.monotonic()
        self._first = 0
        self._tokens = 0

    def begin(self, done: int) -> None:
        """The training goes on after step DONE: what an earlier process logged beyond that is taken out, as
        it will be done again."""
        self._begun = self._said = time.monotonic()
        self._first = done
        if not self._active:
            return
        self._log.parent.mkdir(parents=True, exist_ok=True)
        lines = self._log.read_text(encoding="utf-8").splitlines() if done and self._log.is_file() else []
        rows = [json.loads(line) for line in lines if line.endswith("}")]  # a kill may leave half a line
        self._rows = [row for row in rows if row["step"] <= done]
        text = "".join(json.dumps(row) + "\n" for row in self._rows)
        self._log.write_text(text, encoding="utf-8")

    def note(self, step: Step) -> None:
        """STEP is done."""
        if not self._active:
            return
        row = {name: float(f"{value:.8g}") if isinstance(value, float) else value
               for name, value in asdict(step).items()}  # fmt: skip
        self._rows.append(row)
        self._tokens += step.tokens
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")
        self._tell(step)

    def close(self) -> None:
        """Draw the curve, and end the bar's line."""
        if not self._active:
            return
        if self._live:
            sys.stderr.write("\n")
        if self._rows:
            self._picture.write_text(curve(self._rows, self._title), encoding="utf-8")

    def _tell(self, step: Step) -> None:
        now = time.monotonic()
        here = step.step - self._first
        left = (now - self._begun) / here * (self._steps - step.step)
        due = here == TOLD or step.step == self._steps or now - self._said > EVERY
        if not self._live and not due:
            return
        self._said = now
        speed = self._tokens / max(now - self._begun, 1e-9)
        text = (
            f"{step.step}/{self._steps}  loss {step.loss:.4f}  rate {step.rate:.2e}  {speed:,.0f} tokens/s  "
            f"{_time(left)} left"
        )
        filled = BAR * step.step // self._steps
        bar = f"{'#' * filled:<{BAR}}"
        sys.stderr.write(f"\r\033[K[{bar}] {text}" if self._live else f"{text}\n")
        sys.stderr.flush()


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
