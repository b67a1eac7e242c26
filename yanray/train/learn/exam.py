"""Whether something was learnt: questions that were not taught, asked without the adapter and with it.

A question is a conversation up to the first answer that a lesson teaches. Right is the tool, then its
argument to the letter (white space and case aside). No tool is run: the result that the lesson holds is
given, and the answer to it is compared by the words that both have (their F1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from yanray.agent.commands import Command
from yanray.agent.conversation import Conversation as Record
from yanray.agent.filter import CommandFilter
from yanray.agent.speaking import speak
from yanray.agent.turn import never
from yanray.cores.base import ChatCore, CommandGrammar, Sampling
from yanray.messages import Message
from yanray.toolbox.spec import ToolSpec
from yanray.train.lora.forms import Conversation

SAMPLING = Sampling(temperature=0.0, max_tokens=160)
FEW = 4  # held-out turns: a single one decides
LOSS = 0.02  # share of other questions that a kept adapter may answer worse


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked (it ends with a user's message or a result), what a lesson then says, and what leads to
    its last answer; "" where that is the same."""

    system: str
    before: tuple[Message, ...]
    wanted: str
    leading: tuple[Message, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Marks:
    """Counts over questions. tool, argument: right ones of `calls`, of which `of` is the number of all
    questions; likeness: mean of the answers' F1, of `answers` answers."""

    of: int = 0
    tool: int = 0
    calls: int = 0
    argument: int = 0
    answers: int = 0
    likeness: float = 0.0

    @property
    def right(self) -> float:
        """Share of questions whose tool was right and, where one was to be called, its argument."""
        return (self.tool - (self.calls - self.argument) if self.of else 0) / max(1, self.of)


def question(lesson: Conversation) -> Question:
    """The question of LESSON."""
    messages = lesson.messages
    system = messages[0].content if messages[0].role == "system" else ""
    body = messages[1:] if system else messages
    taught = lesson.taught[1:] if system else lesson.taught
    first = taught.index(True)
    last = max(at for at, said in enumerate(taught) if said)
    answered = last > first or not body[first].content.startswith("/")
    return Question(
        system,
        body[:first],
        body[first].content,
        body[:last],
        body[last].content if answered else "",
    )


def ask(
    core: ChatCore, questions: Iterable[Question], tools: Sequence[ToolSpec], grammar: CommandGrammar
) -> Marks:
    """How CORE does. TOOLS: those that there are; GRAMMAR holds their commands as in a chat."""
    of = tool = calls = argument = answers = 0
    likeness = 0.0
    for each in questions:
        of += 1
        wanted = _command(each.wanted, tools)
        called, said = _round(core, each.system, each.before, tools, grammar)
        name, given = (called.name, called.argument) if called else (None, "")
        same = name == (wanted.name if wanted else None)
        tool += same
        if wanted is not None and same:
            calls += 1
            argument += _folded(given) == _folded(wanted.argument)
        if each.answer:
            if each.leading != each.before:
                _, said = _round(core, each.system, each.leading, tools, grammar)
            answers += 1
            likeness += alike(said, each.answer)
    return Marks(of, tool, calls, argument, answers, likeness / answers if answers else 0.0)


def better(before: tuple[Marks, Marks], after: tuple[Marks, Marks]) -> str:
    """Why an adapter is not to be kept, "" when it is: (held out, others) BEFORE and AFTER."""
    held, others = zip(before, after, strict=True)
    if others[1].right < others[0].right - LOSS:
        return f"other tools: {others[0].right:.0%} became {others[1].right:.0%}"
    gained = (held[1].right, round(held[1].likeness, 2)) > (held[0].right, round(held[0].likeness, 2))
    few = f"; {held[0].of} held out says little: mark more answers" if held[0].of < FEW else ""
    return "" if gained else f"what was held out is answered no better{few}"


def table(before: tuple[Marks, Marks], after: tuple[Marks, Marks]) -> list[str]:
    """The marks for people."""
    lines = [f"{'':<32}{'base':>10}{'adapter':>10}"]
    for what, old, new in zip(("held out", "other tools"), before, after, strict=True):
        if not old.of:
            continue
        rows = [
            (f"{what}: tool of {old.of}", old.tool / old.of, new.tool / new.of),
            (f"{what}: tool and argument", old.right, new.right),
        ]
        if old.answers:
            rows.append((f"{what}: words of the answer", old.likeness, new.likeness))
        lines += [f"{name:<32}{a:>10.1%}{b:>10.1%}" for name, a, b in rows]
    return lines


def alike(said: str, wanted: str) -> float:
    """F1 of the words of SAID and WANTED; a Chinese character is a word."""
    ours, theirs = Counter(_words(said)), Counter(_words(wanted))
    both = sum((ours & theirs).values())
    return 2 * both / max(1, sum(ours.values()) + sum(theirs.values()))


def _round(
    core: ChatCore, system: str, before: Sequence[Message], tools: Sequence[ToolSpec], grammar: CommandGrammar
) -> tuple[Command | None, str]:
    """What CORE calls after BEFORE, and what it says."""
    stream = speak(
        core, Record(system, list(before)), SAMPLING, tools=tools, grammar=grammar, cancelled=never
    )
    while True:
        try:
            next(stream)
        except StopIteration as over:
            found = over.value.command
            return found if isinstance(found, Command) else None, over.value.text


def _command(text: str, tools: Sequence[ToolSpec]) -> Command | None:
    """The command that TEXT ends with."""
    scan = CommandFilter(tools)
    scan.feed(text)
    scan.finish()
    return scan.found if isinstance(scan.found, Command) else None


def _words(text: str) -> list[str]:
    spaced = "".join(f" {letter} " if letter >= "\u2e80" else letter for letter in text.casefold())
    return [word.strip(".,!?;:，。！？；：") for word in spaced.split()]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
