"""One turn: from the user's line to the end of the answer, as events.

This is the only loop there is; chat, ask, eval and the tests all read it. The generator may be closed at any
time, and then the conversation holds what had been said, marked as stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from yanray.agent.commands import SLASHES, Command, Unknown, slash_command
from yanray.agent.conversation import Conversation
from yanray.agent.filter import CommandFilter
from yanray.agent.fitting import TooLongError, fit
from yanray.agent.guards import Guards
from yanray.agent.speaking import Spoken, speak
from yanray.agent.summary import sum_up
from yanray.cores.base import ChatCore, CommandGrammar, Sampling
from yanray.events import Call, End, EndReason, Event, Notice, Result, RoundUsage, Usage
from yanray.messages import Message
from yanray.toolbox.box import Outcome, Toolbox
from yanray.toolbox.spec import ToolSpec, asks, usage

# Why the user is asked: the tool always asks (`confirm`), or its argument repeats what a tool gave back
# (`tool-text`), which is asked whatever was allowed before.
Reason: TypeAlias = Literal["confirm", "tool-text"]
# The user's answer: yes, no, or the argument as the user mended it.
Allow: TypeAlias = Callable[[Call, ToolSpec, Reason], bool | str]
Cancelled: TypeAlias = Callable[[], bool]

STOPPED = Outcome("stopped by the user before it was done", False, 0.0)


def never() -> bool:
    """Nobody cancels."""
    return False


def run_turn(
    core: ChatCore,
    toolbox: Toolbox | None,
    conversation: Conversation,
    user_text: str,
    *,
    sampling: Sampling,
    rounds: int = 8,
    allow: Allow | None = None,
    cancelled: Cancelled = never,
    load_seconds: float = 0.0,
    schema: str = "",
    summary: str = "",
) -> Iterator[Event]:
    """Answer USER_TEXT; the last event is End.

    toolbox: None for no tools. rounds: stretches of generation; in the last one no command is recognised.
    allow: asked before a tool that writes, sends or spends; None: such calls are refused.
    cancelled: read between tokens and while a tool runs. load_seconds: what loading the core took, for the
        usage. schema: JSON schema, as JSON, that the answer keeps; then no tool is called.
    summary: how the model is asked to sum up turns that are left out; "" for no summary.

    Raises TooLongError when the message cannot be made to fit, and whatever the core raises.
    """
    # 1. A command of the user's own needs no core.
    own = own_command(toolbox, conversation, user_text, cancelled=cancelled)
    if own is not None:
        yield from own
        return
    turn = _Turn(core, toolbox, conversation, sampling, allow, cancelled, schema, summary)
    conversation.add(Message("user", user_text[1:] if user_text.startswith("//") else user_text))
    for number in range(1, rounds + 1):
        # 2. The conversation is fitted to the context.
        yield from turn.fit()
        # 3-5. The core reads what it lacks and streams, until it ends the round or a command's line is
        # complete.
        spoken = yield from turn.speak(last=number == rounds)
        if spoken.command is None:
            break
        # 6-9. Guards, permission, the tool itself; its result is what the next round reads first.
        yield from turn.respond(spoken.command, spoken.text)
        if cancelled():
            break
    # 10. The counts.
    yield from turn.closing(spoken)
    yield End(turn.reason(spoken), Usage(tuple(turn.usages), load_seconds, turn.tool_seconds))


def own_command(
    toolbox: Toolbox | None, conversation: Conversation, line: str, *, cancelled: Cancelled = never
) -> Iterator[Event] | None:
    """The turn of a LINE that the user began with `/name`; None when it is for the core. It needs no core."""
    if toolbox is None or not line.startswith(tuple(SLASHES)):
        return None
    head, newline, block = line.partition("\n")
    found = slash_command(head, {spec.name.casefold(): spec for spec in toolbox.specs})
    if isinstance(found, Command):
        call = Call(found.name, f"{found.argument}{newline}{block}", line)
        return _run_own(toolbox, conversation, call, cancelled)
    if isinstance(found, Unknown):
        text = f"{offer(found, toolbox)} (a message that begins with a slash is written with two: //)"
        return iter((Notice("unknown-tool", text), End("stop")))
    return None


def _run_own(
    toolbox: Toolbox, conversation: Conversation, call: Call, cancelled: Cancelled
) -> Iterator[Event]:
    """Run the user's own CALL at once. It stands in the conversation as if the model had made it."""
    conversation.add(Message("user", call.raw))
    conversation.add(Message("assistant", f"/{call.name} {call.argument}".rstrip()))
    outcome = STOPPED
    try:
        yield call
        outcome = toolbox.run(call.name, call.argument, cancelled=cancelled)
    finally:
        conversation.add(Message("tool", outcome.text, name=call.name))
    yield Result(call, outcome.text, outcome.ok, outcome.seconds)
    yield End("cancelled" if cancelled() else "stop", Usage(tool_seconds=outcome.seconds))


def offer(found: Unknown, toolbox: Toolbox) -> str:
    """A sentence that says which tools FOUND may have meant."""
    near = [spec for name in found.near if (spec := toolbox.get(name))]
    offered = ", ".join(usage(spec) for spec in near) or ", ".join(f"/{spec.name}" for spec in toolbox.specs)
    return f"there is no tool /{found.name}; {'did you mean' if near else 'there are'}: {offered}"


@dataclass(slots=True)
class _Turn:
    core: ChatCore
    toolbox: Toolbox | None
    conversation: Conversation
    sampling: Sampling
    allow: Allow | None
    cancelled: Cancelled
    schema: str
    summary: str
    guards: Guards = field(default_factory=Guards)
    usages: list[RoundUsage] = field(default_factory=list)
    tool_seconds: float = 0.0

    def fit(self) -> Iterator[Event]:
        """Fit the conversation to the core. A message that can never fit is taken back before the error
        leaves.
        """
        first = self.conversation.start
        try:
            yield from fit(self.core, self.conversation, self.sampling.max_tokens)
            if self.summary and self.conversation.start > first:
                yield from self._sum_up(first)
        except TooLongError:
            if self.conversation.messages[-1].role == "user":
                self.conversation.messages.pop()
            raise

    def _sum_up(self, first: int) -> Iterator[Event]:
        """Sum up what was left out, the messages from FIRST on, and make room for that too."""
        yield from sum_up(self.core, self.conversation, first, self.summary, self.cancelled)
        if self.core.finish is not None:
            self.usages.append(self.core.finish.usage)
        yield from fit(self.core, self.conversation, self.sampling.max_tokens)

    def speak(self, *, last: bool) -> Generator[Event, None, Spoken]:
        """One round. In the last one nothing is recognised as a command, so that it can only be an answer."""
        box = None if last or self.guards.answer_now or self.schema else self.toolbox
        spoken = yield from speak(
            self.core,
            self.conversation,
            self.sampling,
            tools=box.specs if box else (),
            grammar=CommandGrammar(box.grammar() if box else {}, self.schema) if box or self.schema else None,
            cancelled=self.cancelled,
        )
        self.usages.append(spoken.usage)
        yield from self.core.take_notices()
        return spoken

    def respond(self, found: Command | Unknown, said: str) -> Iterator[Event]:
        """Answer what the model called; the answer is recorded even if this generator is closed meanwhile."""
        outcome, result = STOPPED, None
        try:
            if isinstance(found, Unknown):
                assert self.toolbox is not None
                outcome = Outcome(offer(found, self.toolbox), False, 0.0)
                yield Notice("unknown-tool", outcome.text)
            else:
                if found.mended:
                    yield Notice("mended", f"{found.raw.strip()} was read as {found.canonical}")
                outcome, result = yield from self._call(Call(found.name, found.argument, found.raw), said)
        finally:
            self.conversation.add(Message("tool", outcome.text, name=found.name))
        if result is not None:
            yield result

    def _call(self, call: Call, said: str) -> Generator[Event, None, tuple[Outcome, Result | None]]:
        assert self.toolbox is not None
        *before, own = self.conversation.messages
        held = self.guards.before(call, [*before, replace(own, content=said)])
        if held is not None:
            yield held.notice
            outcome = Outcome(held.text, held.ok, 0.0)
            if not held.shown:
                return outcome, None
            yield call
            return outcome, Result(call, outcome.text, outcome.ok, 0.0)
        spec = self.toolbox.get(call.name)
        assert spec is not None
        call, refusal = self._permitted(call, spec)
        yield call
        if refusal:
            yield Notice("refused", f"/{call.name} was not run: {refusal}")
            return Outcome(f"not run: {refusal}", False, 0.0), Result(call, f"not run: {refusal}", False, 0.0)
        outcome = self.toolbox.run(call.name, call.argument, cancelled=self.cancelled)
        self.tool_seconds += outcome.seconds
        self.guards.after(call, outcome.text, ok=outcome.ok, changes=spec.confirm)
        return outcome, Result(call, outcome.text, outcome.ok, outcome.seconds)

    def _permitted(self, call: Call, spec: ToolSpec) -> tuple[Call, str]:
        """CALL, perhaps with the argument that the user mended, and why it must not run ("" when it may)."""
        origin = self.conversation.origin(call.argument) if spec.confirm else ""
        if not origin and not asks(spec, call.argument):
            return call, ""
        if self.allow is None:
            return call, "it writes, sends or spends, and nobody is there to be asked; -y allows it"
        answer = self.allow(call, spec, "tool-text" if origin else "confirm")
        if isinstance(answer, str):
            return self._rewritten(call, answer), ""
        return call, "" if answer else "it was not allowed; do not call it again, answer without it"

    def _rewritten(self, call: Call, argument: str) -> Call:
        """CALL with another ARGUMENT, in the conversation too."""
        *_, last = self.conversation.messages
        mended = Command(call.name, argument, call.raw, mended=True)
        forms = (call.raw, Command(call.name, call.argument, call.raw).canonical)
        written = next(form for form in forms if last.content.endswith(form))
        content = last.content.removesuffix(written) + mended.canonical
        self.conversation.messages[-1] = Message("assistant", content)
        return Call(call.name, argument, call.raw)

    def closing(self, spoken: Spoken) -> Iterator[Notice]:
        """What is to be said about the answer."""
        if spoken.ending == "stop" and (
            notice := self.guards.misquoted(spoken.text, self.conversation.messages[:-1])
        ):
            yield notice
        if self.reason(spoken) == "rounds":
            yield Notice("rounds", f"the model still wanted a tool after {len(self.usages)} rounds")

    def reason(self, spoken: Spoken) -> EndReason:
        """How the turn ended."""
        if spoken.ending == "length":
            return "length"
        if spoken.ending != "stop":  # stopped while speaking, or in the tool
            return "cancelled"
        tools = self.toolbox.specs if self.toolbox else ()
        scan = CommandFilter(tools, named=self.core.names_calls)
        scan.feed(spoken.text)
        scan.finish()
        return "rounds" if scan.found else "stop"
