"""One round: a core streams, the filter watches, and what was said is recorded however it ended."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from yanray.agent.commands import Command, Unknown
from yanray.agent.conversation import Conversation
from yanray.agent.filter import CommandFilter
from yanray.agent.repetition import Repetition
from yanray.cores.base import ChatCore, CommandGrammar, Finish, Sampling
from yanray.cores.base import Piece as CorePiece
from yanray.events import Notice, Progress, RoundUsage, Text
from yanray.messages import Message
from yanray.toolbox.spec import ToolSpec

LOOP = "the model said the same over and over and was stopped; ask in other words, or try /regen"
Ending: TypeAlias = Literal["command", "stop", "length", "stopped"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a round came to. text: all of it but the command."""

    text: str
    ending: Ending
    command: Command | Unknown | None
    usage: RoundUsage


def speak(
    core: ChatCore,
    conversation: Conversation,
    sampling: Sampling,
    *,
    tools: Iterable[ToolSpec] = (),
    grammar: CommandGrammar | None = None,
    cancelled: Callable[[], bool],
) -> Generator[Text | Progress | Notice, None, Spoken]:
    """Stream one round from CORE and add it to CONVERSATION, also when this generator is closed half-way."""
    alone = conversation.messages[-1].role != "tool"
    scan = CommandFilter(tools, alone=alone, named=core.names_calls)
    stream = core.stream(conversation.view(), sampling, grammar=grammar)
    said: list[str] = []
    ending: Ending = "stopped"
    sound = False  # whether the core's record can be trusted: not after an error inside it
    try:
        ending = yield from _shown(stream, scan, said, cancelled)
        sound = True
    except (GeneratorExit, KeyboardInterrupt):
        sound = True
        raise
    finally:
        stream.close()
        sound = sound and core.finish is not None
        found = scan.found if ending == "command" else None
        conversation.add(_message(core if sound else None, "".join(said), found, stopped=ending == "stopped"))
    usage = core.finish.usage if core.finish else RoundUsage(0, 0, 0, 0)
    return Spoken("".join(said), ending, found, usage)


def _shown(
    stream: Generator[CorePiece, None, Finish],
    scan: CommandFilter,
    said: list[str],
    cancelled: Callable[[], bool],
) -> Generator[Text | Progress | Notice, None, Ending]:
    """Yield what may be shown, note it in SAID, and return how the round ended."""
    again = Repetition()
    while not cancelled():
        try:
            piece = next(stream)
        except StopIteration as over:
            reason = over.value.reason
            if reason == "closed":
                break
            yield from _noted(scan.finish(cut=reason == "length"), said)
            return "command" if scan.found else reason
        if not isinstance(piece, str):
            yield piece
            continue
        yield from _noted(scan.feed(piece), said)
        if scan.found:
            return "command"
        if again.feed(piece):
            yield from _noted(scan.finish(cut=True), said)
            yield Notice("loop", LOOP)
            return "stop"
    return "stopped"


def _noted(pieces: Iterable[Text | Command | Unknown], said: list[str]) -> Iterator[Text]:
    for piece in pieces:
        if isinstance(piece, Text):
            said.append(piece.text)
            yield piece


def _message(core: ChatCore | None, said: str, found: Command | Unknown | None, *, stopped: bool) -> Message:
    """The round as the conversation keeps it: with the core's own ids unless the text is not what it
    generated.
    """
    if isinstance(found, Command) and found.mended:
        return Message("assistant", said + found.canonical)
    content = said + (found.raw if found else "")
    if core is None:
        return Message("assistant", content, stopped=stopped)
    return Message("assistant", content, ids=core.record(len(content)), core=core.identity, stopped=stopped)
