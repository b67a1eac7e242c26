"""What stands behind a chat, whichever screen shows it: the session, its record, what can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from yanray.agent.conversation import Conversation
from yanray.agent.record import TurnRecord
from yanray.agent.session import Session
from yanray.agent.turn import Allow, Cancelled, never, own_command
from yanray.cores.base import Sampling
from yanray.errors import DataError
from yanray.events import Event, Notice, Progress, Text, Usage
from yanray.messages import Message
from yanray.store.conversations import Conversations
from yanray.store.recorder import Recorder
from yanray.terminal.words import Words

LONG = 512  # tokens above which it is worth keeping on disk what the core has read


@dataclass(slots=True)
class Desk:
    """A chat. Its methods are called by one thread at a time.

    undone: turns that /undo took back, the last one last. once: the sampling of the next turn alone.
    changed: settings that were changed here, by their name in config.yaml. used: tokens that the conversation
    took when the core last answered. ahead: tokens that it takes before the core first answers. speed:
    tokens/s of the last answer. unkept: why the conversation is not on disk, as it was told.
    """

    session: Session
    store: Conversations
    words: Words
    recorder: Recorder = field(init=False)
    undone: list[list[Message]] = field(default_factory=list)
    last: TurnRecord = field(default_factory=TurnRecord)
    once: Sampling | None = None
    changed: dict[str, object] = field(default_factory=dict)
    used: int = 0
    ahead: int = 0
    speed: float = 0.0
    unkept: str = ""

    def __post_init__(self) -> None:
        self.recorder = self._new_recorder()

    @property
    def conversation(self) -> Conversation:
        """The conversation at hand."""
        return self.session.conversation

    @property
    def model(self) -> str:
        """The core's name; "" while it is not loaded."""
        return self.session.core.name if self.session.loaded else ""

    def ask(self, line: str, *, allow: Allow | None = None, cancelled: Cancelled = never) -> Iterator[Event]:
        """One turn, written to disk as it goes."""
        messages = self.conversation.messages
        before = len(messages)
        self.undone.clear()
        record = TurnRecord()
        self.recorder.asked(messages, line[1:] if line.startswith("//") else line)
        usual = self.session.sampling
        if self.once is not None:
            self.session.sampling, self.once = self.once, None
        try:
            yield from self._unkept()
            for event in self.session.ask(line, allow=allow, cancelled=cancelled):
                record.events.append(event)
                if isinstance(event, Text):
                    self.recorder.said(event.text)
                elif not isinstance(event, Progress) and len(messages) > before:
                    self.recorder.sync(messages, model=self.model)
                    yield from self._unkept()
                yield event
        finally:
            self.session.sampling = usual
            self.recorder.sync(messages, model=self.model)
            self.last = record
            self._count(record.usage)

    def weigh(self) -> int:
        """Tokens that the prompt takes as it stands, told without evaluating; nothing new before there is a
        core."""
        if not self.session.loaded:
            return self.ahead
        core, conversation = self.session.core, self.conversation
        if conversation.messages:
            self.ahead = core.prompt_tokens(conversation.view())
        else:  # without the role's markers, since some templates refuse a system prompt that is alone
            self.ahead = core.count(self.session.system_prompt())
        return self.ahead

    def is_tool(self, line: str) -> bool:
        """Whether LINE calls a tool, or tries to, so that no core is needed."""
        return own_command(self.session.toolbox, self.conversation, line) is not None

    def new(self) -> None:
        """Begin a new conversation."""
        self.session.new()
        self.undone.clear()
        self.last, self.used, self.speed = TurnRecord(), 0, 0.0
        self.recorder = self._new_recorder()
        self.weigh()

    def resume(self, conversation: int) -> int:
        """Go on with CONVERSATION; how many messages it has. Raises DataError."""
        stored = self.store.load(conversation)
        self.new()
        self.conversation.messages.extend(stored.messages)
        self.recorder = Recorder(
            self.store, system=stored.system, conversation=conversation, messages=stored.messages
        )
        self.weigh()
        self.restore_state()
        return len(stored.messages)

    @property
    def state_name(self) -> str:
        """Under which name the core keeps what it has read of this conversation; "" for not at all."""
        kept = self.store.path is not None and self.recorder.id is not None
        return str(self.recorder.id) if kept else ""

    def save_state(self) -> None:
        """Have the core keep what it has read of this conversation, where it is much."""
        if self.session.loaded and self.state_name and self.used >= LONG:
            self.session.core.save_state(self.state_name)

    def restore_state(self) -> bool:
        """Put back what `save_state` kept; False when there is nothing or no core yet."""
        if not self.session.loaded or not self.state_name:
            return False
        return self.session.core.restore_state(self.state_name) > 0

    def take_back(self) -> str:
        """Take the last turn back, for `bring_back`; what the user had said, "" when nothing was."""
        messages = self.conversation.messages
        first = max((i for i, message in enumerate(messages) if message.role == "user"), default=None)
        if first is None:
            return ""
        self.undone.append(messages[first:])
        self._cut(first)
        return self.undone[-1][0].content

    def bring_back(self) -> str:
        """Undo `take_back`; what the user had said, "" when there is nothing to bring back."""
        if not self.undone:
            return ""
        turn = self.undone.pop()
        self.conversation.messages.extend(turn)
        self.recorder.sync(self.conversation.messages)
        return turn[0].content

    def mark(self, mark: str, fix: str = "") -> bool:
        """Mark the last answer `good`, `bad`, or `fix` with what it should have been; False without one."""
        assert mark in ("good", "bad", "fix")
        messages = self.conversation.messages
        position = max((i for i, m in enumerate(messages) if m.role == "assistant"), default=None)
        if position is None or self.recorder.id is None:
            return False
        self.store.mark(self.recorder.id, position, mark, fix)  # type: ignore[arg-type]
        return True

    def fork(self, turns: int | None = None) -> tuple[int, int]:
        """Go on in a copy, which ends after TURNS turns (None: all); the old id and the new. Raises
        DataError."""
        old = self.recorder.id
        if old is None:
            raise DataError(self.words("nothing-said"))
        messages = self.conversation.messages
        users = [i for i, message in enumerate(messages) if message.role == "user"]
        length = users[turns] if turns is not None and 0 <= turns < len(users) else len(messages)
        new = self.store.fork(old, length)
        self.resume(new)
        return old, new

    def _unkept(self) -> Iterator[Notice]:
        """A notice when the conversation is not kept, and that was not told yet."""
        why = self.store.unkept or self.recorder.problem
        if why and why != self.unkept:
            yield Notice("unkept", why)
        self.unkept = why

    def _count(self, usage: Usage) -> None:
        if usage.rounds:
            self.used = usage.rounds[-1].prompt_tokens + usage.rounds[-1].generated_tokens
        if usage.decode_seconds:
            self.speed = sum(each.generated_tokens for each in usage.rounds) / usage.decode_seconds

    def _cut(self, first: int) -> None:
        """Drop the messages from FIRST on."""
        conversation = self.conversation
        del conversation.messages[first:]
        if first < conversation.start:
            conversation.start, conversation.summary = first, ""
        for index in [index for index in conversation.folded if index >= first]:
            del conversation.folded[index]
        self.recorder.sync(conversation.messages)

    def _new_recorder(self) -> Recorder:
        return Recorder(self.store, system=self.conversation.system)
