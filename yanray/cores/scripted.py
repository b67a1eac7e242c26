"""A core that says what it is told to, for tests and examples: no model, but a real template and a real
ledger.

Its tokenizer gives one id to each character and one to each role marker, so that token counts can be done by
hand.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Generator, Sequence
from time import perf_counter
from typing import Literal

from yanray.cores.base import CommandGrammar, Finish, Lora, Piece, Sampling
from yanray.cores.ledger import ContextError, Ledger, Plan
from yanray.cores.prompt import PromptEncoder
from yanray.cores.spoken import Spoken
from yanray.cores.template import ChatTemplate
from yanray.errors import ModelError
from yanray.events import Notice, Progress, RoundUsage
from yanray.messages import Message

ROLES = ("system", "user", "assistant", "tool")
MARKER = re.compile(r"<\|(?:" + "|".join(ROLES) + r")\|>")
FIRST_MARKER = 0x110000  # the first id that is no character
TEMPLATE = (
    "{%- for message in messages -%}{{- '<|' + message.role + '|>' + message.content -}}{%- endfor -%}"
    "{%- if add_generation_prompt -%}<|assistant|>{%- endif -%}"
)


class Letters:
    """The tokenizer: a character's id is its code point. See `prompt.Tokenizer`."""

    bos: tuple[int, ...] = ()

    def encode(self, text: str, *, special: bool, glued: bool) -> list[int]:
        """Ids of TEXT, role markers as one id each where they are meant."""
        ids: list[int] = []
        at = 0
        for found in MARKER.finditer(text) if special else ():
            ids += map(ord, text[at : found.start()])
            ids.append(FIRST_MARKER + ROLES.index(found.group()[2:-2]))
            at = found.end()
        return [*ids, *map(ord, text[at:])]

    def is_special(self, token: int) -> bool:
        """Whether TOKEN is a role marker."""
        return token >= FIRST_MARKER

    def text(self, token: int) -> str:
        """The character, or the marker."""
        return f"<|{ROLES[token - FIRST_MARKER]}|>" if self.is_special(token) else chr(token)


class ScriptedCore:
    """A `ChatCore` that streams ROUNDS in order, each a text or the chunks of one.

    `prompts` and `grammars` keep what each round was asked with. context: tokens; batch: tokens read between
    two `Progress`; pace: seconds that a chunk, or a batch, takes. Raises ModelError when the script is over.
    """

    def __init__(
        self,
        rounds: Sequence[str | Sequence[str]],
        *,
        name: str = "scripted",
        context: int = 4096,
        batch: int = 256,
        pace: float = 0.0,
    ) -> None:
        self.name = name
        self.identity = f"scripted:{name}"
        self.context = context
        self.names_calls = False
        self.finish: Finish | None = None
        self.load_seconds = 0.0
        self.adapters: tuple[Lora, ...] = ()
        self.prompts: list[tuple[Message, ...]] = []
        self.grammars: list[CommandGrammar | None] = []
        self._rounds = [[text] if isinstance(text, str) else list(text) for text in rounds]
        self._batch = batch
        self._pace = pace
        self._ledger = Ledger()
        self._encoder = PromptEncoder(
            ChatTemplate(TEMPLATE, specials=MARKER.findall), Letters(), self.identity
        )
        self._spoken = Spoken()
        self._start = 0
        self._cancelled = threading.Event()

    def count(self, text: str) -> int:
        """Characters of TEXT."""
        return len(text)

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens that MESSAGES take when rendered for the next round."""
        return len(self._encoder.encode(messages).ids)

    def stream(
        self, messages: Sequence[Message], sampling: Sampling, *, grammar: CommandGrammar | None = None
    ) -> Generator[Piece, None, Finish]:
        """Read the prompt, then say the next round of the script. See `base.ChatCore`."""
        self.finish = None
        self._cancelled.clear()
        ids = self._encoder.encode(messages).ids
        if len(ids) >= self.context:
            raise ContextError(len(ids), self.context)
        if len(self.prompts) == len(self._rounds):
            raise ModelError(
                f"the script of {self.name} has {len(self._rounds)} rounds and was asked for one more"
            )
        chunks = self._rounds[len(self.prompts)]
        self.prompts.append(tuple(messages))
        self.grammars.append(grammar)
        plan = self._ledger.plan(ids)
        del self._ledger.ids[plan.reused :]
        self._start, self._spoken = len(ids), Spoken()
        reason: Literal["stop", "length", "closed"] = "closed"
        begun = read = perf_counter()
        try:
            yield from self._read(ids, plan)
            read = perf_counter()
            reason = yield from self._say(chunks, sampling.max_tokens)
        finally:
            usage = RoundUsage(
                len(ids),
                plan.reused,
                plan.evaluated,
                len(self._spoken.ids),
                prefill_seconds=read - begun,
                decode_seconds=perf_counter() - read,
                broke=plan.broke,
            )
            self.finish = Finish(reason, tuple(self._spoken.ids), usage)
        return self.finish

    def record(self, length: int) -> tuple[int, ...]:
        """The ids of the first LENGTH characters of the last round; the ledger then ends with them."""
        ids = self._spoken.ids[: self._spoken.tokens(length)]
        if len(self._ledger.ids) >= self._start:
            self._ledger.ids[self._start :] = ids
        return tuple(ids)

    def adapt(self, adapters: Sequence[Lora]) -> None:
        """Keep ADAPTERS in `adapters`; what was read is stale."""
        if tuple(adapters) != self.adapters:
            self.adapters = tuple(adapters)
            self._ledger.ids.clear()

    def cancel(self) -> None:
        """End the running stream at its next chunk."""
        self._cancelled.set()

    def warm(self, messages: Sequence[Message]) -> Generator[Progress, None, int]:
        """Read what every conversation that begins with MESSAGES begins with."""
        ids = self._encoder.opening(messages)
        plan = self._ledger.plan(ids)
        del self._ledger.ids[plan.reused :]
        yield from self._read(ids, plan)
        return len(ids)

    def save_state(self, name: str) -> bool:
        """Nothing is kept on disk."""
        return False

    def restore_state(self, name: str) -> int:
        """Nothing is kept on disk."""
        return 0

    def forget_state(self, name: str) -> None:
        """Nothing is kept on disk."""

    def take_notices(self) -> list[Notice]:
        """A script has nothing to tell."""
        return []

    def close(self) -> None:
        """Nothing to free."""

    def _read(self, ids: list[int], plan: Plan) -> Generator[Progress, None, None]:
        while (at := len(self._ledger.ids)) < len(ids) and not self._cancelled.wait(self._pace):
            yield Progress("read", at - plan.reused, plan.evaluated)
            self._ledger.ids += ids[at : at + self._batch]
        yield Progress("read", len(self._ledger.ids) - plan.reused, plan.evaluated, 0.0)

    def _say(
        self, chunks: Sequence[str], most: int
    ) -> Generator[str, None, Literal["stop", "length", "closed"]]:
        for chunk in chunks:
            if self._cancelled.wait(self._pace):
                return "closed"
            said = chunk[: min(most, self.context - self._start) - len(self._spoken.ids)]
            for letter in said:
                self._spoken.add(ord(letter), letter.encode("utf-8", "replace"))
            if said:
                self._ledger.ids += map(
                    ord, said[:-1]
                )  # the last one is evaluated when the reader asks for more
                yield said
                self._ledger.ids.append(ord(said[-1]))
            if len(said) < len(chunk):
                return "length"
        return "stop"
