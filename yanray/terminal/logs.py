"""`yanray logs`: the conversations that were kept: list, search, show, export, remove; keep them or not."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import closing
from pathlib import Path

from yanray.errors import UsageError
from yanray.options import add_config
from yanray.store.conversations import Conversations, Entry, Hit, database_path
from yanray.store.export import as_json, as_markdown, export
from yanray.terminal.language import say, told

ACTIONS = ("list", "show", "export", "path", "rm", "on", "off")
AROUND = 60  # characters shown on each side of what was found


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray logs` takes."""
    parser.add_argument(
        "words",
        nargs="*",
        metavar="WORDS",
        help="list | show N | export N FILE | path | rm N... | on | off; else words to search for",
    )
    parser.add_argument("-n", "--limit", type=int, default=20, help="at most so many lines (20)")
    parser.add_argument("--json", action="store_true", help="show the conversation as JSON")
    add_config(parser)


def run(options: argparse.Namespace) -> int:
    """Do what OPTIONS say."""
    first, *rest = options.words or ["list"]
    if first == "path":
        print(database_path())
        return 0
    with closing(Conversations(database_path())) as store:
        if first not in ACTIONS or (first in ("list", "on", "off") and rest):
            return _search(store, " ".join(options.words), options.limit)
        if first == "list":
            return _list(store, options.limit)
        if first in ("on", "off"):
            store.keep(first == "on")
            return 0
        if first == "export":
            return _export(store, rest)
        return _each(store, first, rest, as_text=not options.json)


def _list(store: Conversations, limit: int) -> int:
    for entry in store.recent(limit):
        print(_line(entry))
    if not store.keeping:
        say("conversations are not kept; yanray logs on keeps them", sys.stderr)
    return 0


def _search(store: Conversations, words: str, limit: int) -> int:
    """Messages that hold WORDS on stdout; 1 when there is none, as grep does it."""
    hits = store.search(words, limit)
    for hit in hits:
        print(_found(hit, words))
    return 0 if hits else 1


def _each(store: Conversations, action: str, numbers: list[str], *, as_text: bool) -> int:
    if not numbers:
        raise UsageError(f"which one? yanray logs {action} NUMBER; yanray logs list shows them")
    for number in map(_number, numbers):
        if action == "rm":
            store.remove(number)
        else:
            sys.stdout.write((as_markdown if as_text else as_json)(store.load(number)))
    return 0


def _export(store: Conversations, words: list[str]) -> int:
    if len(words) != 2:
        raise UsageError("write yanray logs export NUMBER FILE.md (or FILE.json)")
    export(store.load(_number(words[0])), Path(words[1]))
    return 0


def _number(word: str) -> int:
    if not word.isdecimal():
        raise UsageError(f"{word!r} is no conversation's number; yanray logs list shows them")
    return int(word)


def _line(entry: Entry) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.changed))
    model = entry.model or told("no model")
    size = told(f"({entry.count} messages, {model})" if entry.count != 1 else f"(1 message, {model})")
    return f"{entry.id:>5}  {when}  {entry.title}  {size}"


def _found(hit: Hit, words: str) -> str:
    text = " ".join(hit.content.split())
    at = max(text.casefold().find(words.split()[0].casefold()), 0)
    first, end = max(0, at - AROUND), at + AROUND
    cut = f"{'…' if first else ''}{text[first:end]}{'…' if end < len(text) else ''}"
    return f"{hit.conversation:>5}  {hit.title}  [{hit.role}] {cut}"
