"""`yanray chat`: the full screen where the terminal can show one, else plain lines."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import closing

from yanray.errors import UsageError
from yanray.options import add_session, read_settings
from yanray.store.conversations import Conversations, open_conversations
from yanray.terminal import plain


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray chat` takes."""
    parser.add_argument("-c", "--continue", dest="last", action="store_true", help="go on with the last one")
    parser.add_argument("-r", "--resume", metavar="NUMBER", type=int, help="go on with this conversation")
    parser.add_argument("--plain", action="store_true", help="plain lines, no screen")
    add_session(parser)


def run(options: argparse.Namespace) -> int:
    """Talk until the user leaves."""
    settings = read_settings(options)
    with closing(open_conversations()) as store:
        conversation = options.resume or _last(store, options)
        if options.plain or not has_screen():
            return plain.talk(settings, options, store, conversation)
        from yanray.terminal.talk import talk  # prompt_toolkit and rich: only where they are used

        return talk(settings, options, store, conversation)


def has_screen() -> bool:
    """Whether the terminal can show more than lines."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _last(store: Conversations, options: argparse.Namespace) -> int | None:
    if not options.last:
        return None
    last = store.last()
    if last is None:
        raise UsageError("there is no conversation to go on with; leave -c out")
    return last
