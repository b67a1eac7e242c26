"""Finding a command in the text of one round while it streams.

A command is a line that begins with `/name` and a known name, with at most three spaces before it. Inside
code fences and `<think>` nothing is a command; nor are paths, URLs and slashes in the middle of a line. The
forms themselves, near misses among them, are read in `agent.commands`.

The filter reads one character at a time and each step depends only on the characters before it, so the way in
which the stream was cut into chunks cannot change the outcome. What a line may still become is held back; all
else is shown at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias

from yanray.agent.commands import (
    BRACKETS,
    CALLED,
    COLONS,
    FENCED_CALL,
    SLASHES,
    TAG,
    UNTAG,
    Command,
    Unknown,
    attempted,
    bare_call,
    ends_name,
    leaked_call,
    named_call,
    slash_command,
    takes_block,
    with_block,
)
from yanray.events import Text
from yanray.toolbox.spec import ToolSpec

Piece: TypeAlias = Text | Command | Unknown

END = ""  # what a step gets in place of a character when the round is over
LONGEST_NAME = 64
FENCE = re.compile(r" {0,3}(?P<marker>`{3,}(?=[^`]*$)|~{3,})")
OBJECT = '{"name":'
THINK, UNTHINK = "<think>", "</think>"


class CommandFilter:
    """The filter of one round. Feed it chunks until `found` is set; what follows a command is not read.

    tools: the tools that may be called; none: everything is text.
    alone: whether `Calculate: 6*7`, without a slash, is a command when it is the whole round. It is not once
        the turn
        has a result: then `Weather: 14 degrees` is an answer.
    named: whether the model writes a tool's name, on a line of its own, where a call begins; then also a name
        that no tool has is looked out for.
    """

    def __init__(self, tools: Iterable[ToolSpec] = (), *, alone: bool = True, named: bool = False) -> None:
        self.found: Command | Unknown | None = None
        self._tools = {spec.name.casefold(): spec for spec in tools}
        self._alone = alone
        self._named = named
        self._given = False
        self._held: list[str] = []  # may still become a command
        self._shown: list[str] = []  # to be yielded by the call in progress
        self._blank = True  # nothing but white space stands before the held text
        self._tail = ""  # the last characters shown, to see `<think>` in
        self._line: list[str] = []  # the line so far, where fences matter
        self._fence = ""
        self._depth = 0  # of brackets in a JSON object
        self._quoted = self._escaped = False
        self._command: Command | None = None  # complete, unless a block follows
        self._step: Callable[[str], None] = self._line_start if self._tools else self._shown.append

    def feed(self, chunk: str) -> list[Piece]:
        """Read CHUNK; return what it settled: text to show, and at most one command, last."""
        for char in chunk:
            if self.found is not None:
                break
            self._step(char)
        return self._take()

    def finish(self, *, cut: bool = False) -> list[Piece]:
        """The round is over: settle what was held. cut: it ended for want of room; half a command is text."""
        while self._held and self.found is None:
            if not cut:
                self._step(END)
            if self.found is None:
                self._release()
        return self._take()

    def _take(self) -> list[Piece]:
        text = "".join(self._shown)
        self._shown.clear()
        pieces: list[Piece] = [Text(text)] if text else []
        if self.found is not None and not self._given:
            self._given = True
            pieces.append(self.found)
        return pieces

    def _release(self, char: str = END) -> None:
        """The held text is prose after all; CHAR follows it. Lines below its first are looked at again."""
        held, self._held = self._held, []
        self._step = self._prose
        for each in (*held, char) if char else held:
            if self.found is None:
                self._step(each)

    def _settle(self, found: Command | Unknown | None, char: str) -> None:
        """The held text is FOUND, or prose."""
        if found is None:
            self._release(char)
        else:
            self.found = found
            self._held = []

    @property
    def _text(self) -> str:
        return "".join(self._held)

    # Where a line begins.

    def _line_start(self, char: str) -> None:
        """Nothing but up to three spaces was read of the line."""
        if char == " " and len(self._held) < 3:
            self._held.append(char)
        elif char and char in SLASHES:
            self._hold(char, self._slash_name)
        elif char and char in "`~":
            self._release()
            self._line = [char]
            self._shown.append(char)
            self._step = self._fence_head
        elif char == TAG[0]:
            self._hold(char, self._tag)
        elif char == OBJECT[0]:
            self._hold(char, self._object_head)
        elif char and self._may_be_name(char):
            self._hold(char, self._bare_name)
        else:
            self._release(char)

    def _hold(self, char: str, step: Callable[[str], None]) -> None:
        self._held.append(char)
        self._step = step

    def _prose(self, char: str) -> None:
        """The rest of the line is text."""
        self._shown.append(char)
        self._blank = self._blank and char.isspace()
        self._tail = (self._tail + char)[-len(UNTHINK) :]
        if char == "\n":
            self._step = self._line_start
        elif self._tail.endswith(THINK):
            self._step = self._thinking

    def _thinking(self, char: str) -> None:
        self._shown.append(char)
        self._tail = (self._tail + char)[-len(UNTHINK) :]
        if self._tail == UNTHINK:
            self._step, self._blank = self._line_start, True  # the answer begins here

    # Code fences.

    def _fence_head(self, char: str) -> None:
        """The line began with a fence's character; its end says whether it is a fence."""
        self._shown.append(char)
        self._blank = False
        if char != "\n":
            self._line.append(char)
            return
        fence = FENCE.match("".join(self._line))
        self._fence = fence["marker"] if fence else ""
        self._line = []
        self._step = self._fenced if fence else self._line_start

    def _fenced(self, char: str) -> None:
        self._shown.append(char)
        if char != "\n":
            self._line.append(char)
            return
        if self._closes("".join(self._line)):
            self._step = self._line_start
        self._line = []

    def _closes(self, line: str) -> bool:
        marker = line.strip()
        return (
            len(marker) >= len(self._fence)
            and set(marker) == {self._fence[0]}
            and not line.startswith(" " * 4)
        )

    # `/name ...`

    def _slash_name(self, char: str) -> None:
        if char and (char.isalnum() or char in "_.-") and len(self._held) < LONGEST_NAME:
            self._held.append(char)
            return
        name = self._text.strip()[1:]
        if ends_name(char) and (name.casefold() in self._tools or attempted(name)):
            self._step = self._slash_line
            self._slash_line(char)
        else:
            self._release(char)

    def _slash_line(self, char: str) -> None:
        if char not in ("\n", END):
            self._held.append(char)
            return
        found = slash_command(self._text, self._tools)
        if isinstance(found, Command) and char and takes_block(self._tools[found.name.casefold()]):
            self._command = found
            self._line = []
            self._hold(char, self._block_head)
        else:
            self._settle(found, char)

    # A fenced block under the command of a tool that takes one.

    def _block_head(self, char: str) -> None:
        self._held.append(char)
        self._line.append(char)
        line = "".join(self._line)
        if char == "\n" and (fence := FENCE.match(line[:-1])):
            self._fence, self._line = fence["marker"], []
            self._step = self._block
        elif char in ("\n", END) or not re.match(r" {0,3}(`|~|$)", line):
            self._settle(self._command, char)

    def _block(self, char: str) -> None:
        if char not in ("\n", END):
            self._held.append(char)
            self._line.append(char)
            return
        if char == END or self._closes("".join(self._line)):
            assert self._command is not None
            self._settle(with_block(self._command, self._text), char)
        else:
            self._held.append(char)
            self._line = []

    # `name(...)` and `Name: ...`, without a slash.

    def _may_be_name(self, start: str) -> bool:
        if any(name.startswith(start.casefold()) for name in self._tools):
            return True
        may_open = self._named and self._blank and len(start) < LONGEST_NAME
        return may_open and CALLED.fullmatch(start) is not None

    def _bare_name(self, char: str) -> None:
        name = self._text.strip()
        if char and self._may_be_name(name + char):
            self._held.append(char)
        elif name.casefold() in self._tools and char and char in BRACKETS:
            self._hold(char, self._bare_line)
        elif name.casefold() in self._tools and char and char in COLONS and self._alone and self._blank:
            self._hold(char, self._lone_line)
        elif char == "\n" and self._blank and (self._named or name.casefold() in self._tools):
            self._hold(char, self._under_name)
        else:
            self._release(char)

    def _bare_line(self, char: str) -> None:
        if char in ("\n", END):
            self._settle(bare_call(self._text, self._tools), char)
        else:
            self._held.append(char)

    def _lone_line(self, char: str) -> None:
        """Like `_bare_line`, but no other line may follow."""
        if char == END:
            self._settle(bare_call(self._text, self._tools), char)
        elif "\n" in self._held and not char.isspace():
            self._release(char)
        else:
            self._held.append(char)

    # A name on a line of its own, and under it a block or an object, to the round's end.

    def _under_name(self, char: str) -> None:
        """The first line was a name; what follows must begin like a call's arguments."""
        below = self._text.partition("\n")[2] + char
        body = below.lstrip(" ")
        if char and body.startswith(("{", FENCED_CALL)):
            self._hold(char, self._arguments)
        elif char and len(below) <= LONGEST_NAME and FENCED_CALL.startswith(body):
            self._held.append(char)
        else:
            self._release(char)

    def _arguments(self, char: str) -> None:
        if char == END:
            self._settle(named_call(self._text, self._tools), char)
        else:
            self._held.append(char)

    # `{"name": ...}` and `<tool_call>`.

    def _object_head(self, char: str) -> None:
        head = "".join(self._text.split()) + char.strip()
        if not char or not OBJECT.startswith(head):
            self._release(char)
        elif head == OBJECT:
            self._depth, self._quoted, self._escaped = 1, False, False
            self._hold(char, self._object)
        else:
            self._held.append(char)

    def _object(self, char: str) -> None:
        if char == END:
            self._release()
            return
        self._held.append(char)
        if self._escaped:
            self._escaped = False
        elif self._quoted:
            self._escaped, self._quoted = char == "\\", char != '"'
        else:
            self._quoted = char == '"'
            self._depth += (char in "{[") - (char in "}]")
            if self._depth == 0:
                self._step = self._after_leak

    def _tag(self, char: str) -> None:
        self._held.append(char)
        tag = self._text.lstrip(" ")
        if not char or not TAG.startswith(tag):
            self._held.pop()
            self._release(char)
        elif tag == TAG:
            self._step = self._tagged

    def _tagged(self, char: str) -> None:
        self._held.append(char)
        if char == END or (char == ">" and self._text.endswith(UNTAG)):
            self._step = self._after_leak
            if char == END:
                self._after_leak(END)

    def _after_leak(self, char: str) -> None:
        """Nothing but white space may follow a leaked call on its line."""
        if char in ("\n", END):
            self._settle(leaked_call(self._text, self._tools), char)
        elif char.isspace():
            self._held.append(char)
        else:
            self._release(char)
