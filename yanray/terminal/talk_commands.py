"""Session commands about conversations: begin, find, go on with, name, take back, mark."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from yanray.store.conversations import Entry, Hit
from yanray.store.export import export as write_out
from yanray.terminal.desk import Desk
from yanray.terminal.render import clipped
from yanray.terminal.reply import Reply

WIDTH = 100  # columns of a line in a list, at most
REGEN_TEMPERATURE = 0.7  # with 0 the same answer would come again


def new(desk: Desk, argument: str) -> Reply:
    """Begin a new conversation."""
    desk.new()
    return Reply(desk.words("new"))


def clear(desk: Desk, argument: str) -> Reply:
    """Begin a new conversation on an empty screen."""
    desk.new()
    return Reply(clear=True)


def list_conversations(desk: Desk, argument: str) -> Reply:
    """The last conversations."""
    return Reply("\n".join(map(entry_line, desk.store.recent())) or desk.words("nothing-kept"))


def resume(desk: Desk, argument: str) -> Reply:
    """Go on with a conversation: by number, or the last other one."""
    number = argument.strip().lstrip("#")
    if not number:
        others = [entry.id for entry in desk.store.recent(2) if entry.id != desk.recorder.id]
        number = str(others[0]) if others else ""
    if not number.isdecimal():
        return Reply(desk.words("which-conversation"))
    count = desk.resume(int(number))
    title = desk.store.load(int(number)).title
    return Reply(desk.words("resumed", id=number, title=title, count=count), replay=True)


def find(desk: Desk, argument: str) -> Reply:
    """Search in all conversations."""
    if not argument:
        return Reply(desk.words("find-needed"))
    lines = [hit_line(hit, argument) for hit in desk.store.search(argument)]
    return Reply("\n".join(lines) or desk.words("nothing-found", words=argument))


def rename(desk: Desk, argument: str) -> Reply:
    """Give this conversation a title."""
    if not argument:
        return Reply(desk.words("title-needed"))
    if desk.recorder.id is None:
        return Reply(desk.words("nothing-said"))
    desk.store.rename(desk.recorder.id, argument)
    return Reply(desk.words("renamed", title=argument))


def export(desk: Desk, argument: str) -> Reply:
    """Write this conversation to a file, .md or .json."""
    if not argument:
        return Reply(desk.words("export-needed"))
    if desk.recorder.id is None:
        return Reply(desk.words("nothing-said"))
    path = Path(argument).expanduser()
    write_out(desk.store.load(desk.recorder.id), path)
    return Reply(desk.words("exported", path=path))


def undo(desk: Desk, argument: str) -> Reply:
    """Take the last turn back."""
    line = desk.take_back()
    return Reply(desk.words("undone", line=_short(line)) if line else desk.words("nothing-said"))


def redo(desk: Desk, argument: str) -> Reply:
    """Bring back what /undo took."""
    line = desk.bring_back()
    return Reply(desk.words("redone", line=_short(line)) if line else desk.words("nothing-to-redo"))


def regen(desk: Desk, argument: str) -> Reply:
    """Answer the last message anew, with other random choices."""
    line = desk.take_back()
    if not line:
        return Reply(desk.words("nothing-said"))
    usual = desk.session.sampling
    desk.once = replace(
        usual, temperature=usual.temperature or REGEN_TEMPERATURE, seed=time.time_ns() % 2**31
    )
    return Reply(ask=f"/{line}" if line.startswith("/") and not desk.is_tool(line) else line)


def edit(desk: Desk, argument: str) -> Reply:
    """Take the last turn back and put what you said into the input line."""
    line = desk.take_back()
    if not line:
        return Reply(desk.words("nothing-said"))
    return Reply(desk.words("undone", line=_short(line)), prefill=line)


def fork(desk: Desk, argument: str) -> Reply:
    """Go on in a copy of this conversation, or of its first N turns."""
    if argument and not (argument.isdecimal() and int(argument)):
        return Reply(desk.words("fork-usage"))
    turns = int(argument) if argument else None
    old, copy = desk.fork(turns)
    return Reply(desk.words("forked", id=copy, old=old))


def good(desk: Desk, argument: str) -> Reply:
    """Mark the last answer as good."""
    return _marked(desk, "good")


def bad(desk: Desk, argument: str) -> Reply:
    """Mark the last answer as bad."""
    return _marked(desk, "bad")


def fix(desk: Desk, argument: str) -> Reply:
    """Say what the last answer should have been."""
    return _marked(desk, "fix", argument) if argument else Reply(desk.words("fix-needed"))


def entry_line(entry: Entry) -> str:
    """A conversation in a list."""
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.changed))
    return clipped(f"{entry.id:>5}  {when}  {entry.title}  ({entry.count})", WIDTH)


def hit_line(hit: Hit, words: str) -> str:
    """A found message: its conversation, and the text around the first of WORDS."""
    text = " ".join(hit.content.split())
    first = words.split()[0].casefold()
    at = max(0, text.casefold().find(first) - 20)
    return clipped(f"{hit.conversation:>5}  {hit.role}: {'…' if at else ''}{text[at:]}", WIDTH)


def _marked(desk: Desk, mark: str, fixed: str = "") -> Reply:
    done = desk.mark(mark, fixed)
    return Reply(desk.words("marked", mark=mark) if done else desk.words("no-answer"))


def _short(line: str) -> str:
    return clipped(" ".join(line.split()), 60)
