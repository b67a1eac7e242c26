"""`yanray pull`: fetch a model, after saying what it takes and whether it fits."""

from __future__ import annotations

import argparse
import sys
from functools import cache

from yanray.models.machine import Machine, remembered_machine
from yanray.models.progress import Step
from yanray.models.pull import Plan, best_row, check_disk, fetch, plan
from yanray.options import add_config
from yanray.terminal.language import say, told
from yanray.terminal.lines import dim
from yanray.terminal.words import YES

STOPPED = 130


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray pull` takes."""
    parser.add_argument(
        "model", help="NAME, NAME:FORMAT, hf:owner/repo[/file], ms:owner/repo[/file] or an URL"
    )
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    add_config(parser)


def run(options: argparse.Namespace) -> int:
    """Fetch it; its path on stdout. 1 when the user would rather not, 130 when it was stopped."""
    machine = cache(remembered_machine)
    wanted = plan(options.model, machine)
    check_disk(wanted)
    fits = _tell_of(wanted, machine())
    if not options.yes and not _agreed(fits):
        say("nothing fetched", sys.stderr)
        return 1
    shown = _Shown()
    try:
        path = fetch(wanted, shown.tell)
    except KeyboardInterrupt:
        shown.end()
        say("stopped; the same command goes on from here", sys.stderr)
        return STOPPED
    shown.end()
    print(path)
    return 0


def _tell_of(wanted: Plan, machine: Machine) -> bool:
    """Say what would be fetched and how it would run; whether it fits."""
    files = f"{len(wanted.files)} files" if len(wanted.files) > 1 else wanted.files[0].path
    size = f"{wanted.bytes / 1e9:.2f} GB" if wanted.bytes else "of unknown size"
    say(
        f"{wanted.reference}: {told(files)}, {told(size)}, {wanted.header.parameters / 1e9:.2f} B parameters",
        sys.stderr,
    )
    row = best_row(wanted, machine)
    if row is None:
        say("it does not fit this machine: `yanray fit` shows what does", sys.stderr)
        return False
    speed = f", about {row.tokens_per_second:.1f} tokens/s" if row.tokens_per_second else ""
    where = {"vram": "fits in VRAM", "ram": "fits in RAM"}.get(
        row.fits, "fits only partly in VRAM and is slow"
    )
    taken = f"{row.total_bytes / 1e9:.2f} GB with {row.context} tokens"
    say(f"in {row.quantization} it {where}: {taken}{speed}", sys.stderr)
    return row.fits != "partly"


def _agreed(fits: bool) -> bool:
    """Ask; without a terminal, what fits is fetched and what does not is not."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return fits
    sys.stderr.write(told("fetch it? [Y/n]" if fits else "fetch it nevertheless? [y/N]") + " ")
    sys.stderr.flush()
    answer = sys.stdin.readline().strip().lower()
    return answer in YES if fits else answer in YES and answer != ""


class _Shown:
    """The progress line on stderr."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._line = False
        self._percent = -1

    def tell(self, step: Step | str) -> None:
        """Show STEP: on one line at a terminal, at every tenth elsewhere."""
        if isinstance(step, str):
            self.end()
            print(dim(f"! {told(step)}", sys.stderr), file=sys.stderr)
            return
        percent = 100 * step.done // step.total if step.total else 0
        if self._live:
            sys.stderr.write(f"\r\033[K{_line(step, percent)}")
            self._line = True
        elif step.phase == "fetch" and percent // 10 != self._percent // 10:
            print(_line(step, percent), file=sys.stderr)
        self._percent = percent
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._line:
            sys.stderr.write("\r\033[K")
            self._line = False


def _line(step: Step, percent: int) -> str:
    if step.phase == "check":
        return told(f"{step.name}: checking {percent} %")
    left = step.seconds_left
    to_go = "" if left is None else f", {int(left) // 60}:{int(left) % 60:02d} left"
    whole = f" of {step.total / 1e6:.0f}" if step.total else ""
    rate = f"{step.rate / 1e6:.1f} MB/s"
    return told(f"{step.name}: {percent} %, {step.done / 1e6:.0f}{whole} MB, {rate}{to_go}")
