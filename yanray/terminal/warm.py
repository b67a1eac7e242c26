"""`yanray warm`: read the system prompt and the tools once and keep them on disk: no start has to again."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from yanray.agent.session import Session, prefix_folder
from yanray.cores.base import ChatCore
from yanray.events import Progress
from yanray.messages import Message
from yanray.models.choice import choose_model
from yanray.options import add_prompt, read_settings
from yanray.terminal.costs import measure_costs
from yanray.terminal.language import say, told
from yanray.terminal.status import Status
from yanray.terminal.words import Words

STOPPED = 130


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray warm` takes."""
    add_prompt(parser)


def run(options: argparse.Namespace) -> int:
    """Read and keep; 0 when what every conversation begins with is on disk."""
    settings = read_settings(options)
    status = Status(Words(settings.spoken))
    with Session(settings, tools=not options.no_tools, on_progress=status.show) as session:
        core = session.core
        try:
            sentence, read = _warm(core, session.system_prompt(), status)
        except KeyboardInterrupt:
            status.clear()
            sys.stderr.write(f"! {told('stopped; nothing was kept')}\n")
            return STOPPED
        notices = core.take_notices()
        if session.toolbox is not None and choose_model(settings).exists():
            measure_costs(settings, session.toolbox.specs, core)
    unsaved = any(notice.kind == "state-unsaved" for notice in notices)
    for notice in notices:
        sys.stderr.write(f"! {told(notice.text)}\n")
    say(f"{sentence}; {_place(prefix_folder())}" if read and not unsaved else sentence)
    return 1 if unsaved else 0


def _warm(core: ChatCore, system: str, status: Status) -> tuple[str, bool]:
    """Read SYSTEM; a sentence that says what that came to, and whether it had to be read."""
    begun = time.perf_counter()
    steps = core.warm([Message("system", system)])
    read = 0
    while True:
        try:
            progress: Progress = next(steps)
        except StopIteration as over:
            tokens = over.value
            break
        read = progress.total
        status.show(progress)
    seconds = time.perf_counter() - begun
    what = f"{core.name}: the {tokens} tokens of the system prompt and the tools"
    if read <= 1:  # the last token is always evaluated, so that its logits are there
        return f"{what} stood on disk already; {seconds:.2f} s to restore them", False
    return f"{what} were read in {seconds:.2f} s", True


def _place(folder: Path) -> str:
    kept = sorted(folder.glob("*.kv"), key=lambda path: path.stat().st_mtime_ns)
    if not kept:
        return "they are too few to be worth keeping"
    return f"kept in {kept[-1]} ({kept[-1].stat().st_size / 2**20:.1f} MiB)"
