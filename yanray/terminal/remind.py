"""`yanray remind`: the reminders that are set, and telling them when they are due, outside of a chat."""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime

from yanray.options import add_config
from yanray.terminal.language import told
from yanray.toolbox import reminders

LONGEST_WAIT = 20.0  # seconds between looks: a reminder may be set, and the clock be changed, at any time
CHAT_WAIT = 1.0  # the same in a chat, where a timer of some seconds is not rare
_NOTIFY_SECONDS = 10.0

Tell = Callable[[str], None]


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray remind` takes."""
    parser.add_argument("--watch", action="store_true", help="stay, and tell each reminder when it is due")
    parser.add_argument("--bell", action="store_true", help="ring the terminal's bell with each")
    add_config(parser)


def run(options: argparse.Namespace) -> int:
    """Show what is set; with --watch tell what falls due until Ctrl-C."""
    if not options.watch:
        for reminder in reminders.all_set():
            print(f"{reminder.due:%Y-%m-%d %H:%M}  {reminder.text}")
        return 0
    watch(lambda line: _tell(line, bell=options.bell))
    return 0


def watch(tell: Tell, *, stop: threading.Event | None = None, longest: float = LONGEST_WAIT) -> None:
    """Tell reminders as they fall due, until STOP is set (None: for ever).

    longest: seconds between two looks; a reminder that is set meanwhile may be told so much too late.
    """
    stopped = stop or threading.Event()
    while not stopped.wait(_seconds_left(datetime.now(), longest)):
        tell_due(tell, datetime.now())


def watch_beside(tell: Tell, stop: threading.Event) -> threading.Thread:
    """`watch` on a thread, for a chat: until STOP is set. What goes wrong is told, once."""

    def run() -> None:
        try:
            watch(tell, stop=stop, longest=CHAT_WAIT)
        except (OSError, sqlite3.Error) as error:
            tell(told(f"reminders cannot be read: {error}"))

    thread = threading.Thread(target=run, name="yanray-remind", daemon=True)
    thread.start()
    return thread


def tell_due(tell: Tell, now: datetime) -> None:
    """Tell what is due at NOW. What cannot be told stays due."""
    for reminder in reminders.due(now):
        tell(said(reminder, now))
        reminders.told(reminder, now)


def said(reminder: reminders.Reminder, now: datetime) -> str:
    """The line that tells REMINDER; when it is late, with its time."""
    if (now - reminder.due).total_seconds() < 60:
        return reminder.text
    when = f"{reminder.due:%H:%M}" if reminder.due.date() == now.date() else f"{reminder.due:%Y-%m-%d %H:%M}"
    return f"{reminder.text} ({when})"


def _seconds_left(now: datetime, longest: float) -> float:
    following = next(iter(reminders.all_set()), None)
    if following is None:
        return longest
    return max(0.0, min(longest, (following.due - now).total_seconds()))


def _tell(line: str, *, bell: bool) -> None:
    """Print LINE, and show it on the desktop where there is one."""
    print(f"{datetime.now():%H:%M}  {line}" + ("\a" if bell else ""), flush=True)
    notify = shutil.which("notify-send")
    if notify is None:
        return
    try:
        subprocess.run(
            [notify, "--", "Yanray", line], check=False, timeout=_NOTIFY_SECONDS, capture_output=True
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"yanray: notify-send: {error}", file=sys.stderr)
