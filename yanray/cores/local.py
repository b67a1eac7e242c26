"""A core that evaluates on this machine: encode -> ledger -> read what is missing in batches -> choose tokens
until the model ends the round.

Nothing that stands in the KV cache is evaluated again; after whatever ends a round early the ledger says what
stands. What differs between libraries (opening a model, evaluating, tokenizer, choosing) is given by the
cores built on this.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Protocol

from yanray.cores.base import CommandGrammar, Finish, Lora, Piece, Sampling
from yanray.cores.drafts import Drafter
from yanray.cores.evaluator import MOST_OUTPUTS, Choosing, Evaluator, Pieces, Stopped
from yanray.cores.ledger import ContextError, Plan
from yanray.cores.lora import digest
from yanray.cores.prefix import StateFolder
from yanray.cores.prompt import Prompt, PromptEncoder, Tokenizer
from yanray.cores.reading import Reader
from yanray.cores.round import Reason, Round
from yanray.cores.spoken import Spoken
from yanray.cores.template import ChatTemplate
from yanray.events import Notice, Progress, RoundUsage
from yanray.messages import Message

STATES_LIMIT = 1 << 30  # bytes of saved states


class Words(Tokenizer, Pieces, Protocol):
    """All that a core needs of a model's vocabulary."""

    @property
    def starts_with_space(self) -> bool:
        """Whether the tokenizer puts a space before the first word of a text."""
        ...


def identify(kind: str, fingerprint: str, template: ChatTemplate) -> str:
    """The identity of a core: it changes with the model's files and with the template."""
    return f"{kind}:{fingerprint}:{hashlib.sha256(template.source.encode()).hexdigest()[:16]}"


def heads(template: ChatTemplate, starts_with_space: bool) -> tuple[str, ...]:
    """What a round may begin with that is not its text: see `Spoken`."""
    own = (" ",) if template.expects_space or starts_with_space else ()
    if not template.names_calls:
        return own
    return (*own, *(f"{before}\n{after}" for before in ("", *own) for after in ("", *own)))


class LocalCore(ABC):
    """A `ChatCore` over an `Evaluator`.

    path: of the model. made_with: what a saved KV state depends on beside the identity. prefix_folder: where
    KV states are kept; None: nowhere. drafts: whether tokens are guessed from the conversation.
    call_bias: what the model's file says of it; see `base.Sampling`.
    """

    name: str
    load_seconds: float

    def __init__(
        self,
        path: Path,
        identity: str,
        evaluator: Evaluator,
        vocabulary: Words,
        template: ChatTemplate,
        *,
        made_with: Mapping[str, str],
        prefix_folder: Path | None,
        states_limit: int,
        drafts: bool,
        call_bias: float = 0.0,
    ) -> None:
        self.template = template
        self.names_calls = template.names_calls
        self.identity = identity
        self.context = evaluator.size
        self.finish: Finish | None = None
        self._context = evaluator
        self._vocabulary = vocabulary
        self._encoder = PromptEncoder(template, vocabulary, identity)
        self._drops = heads(template, vocabulary.starts_with_space)
        self._drafter = Drafter(MOST_OUTPUTS - 1) if drafts else None
        needs = {"model": identity, "context": str(evaluator.size), **made_with}
        states = StateFolder(prefix_folder, needs, states_limit) if prefix_folder else None
        self._reader = Reader(evaluator, states, str(path.resolve()))
        self._adapters: tuple[Lora, ...] = ()
        self._call_bias = call_bias
        self._start = 0  # ids of the last prompt
        self._spoken = Spoken()

    @abstractmethod
    def _chooser(self, sampling: Sampling, grammar: CommandGrammar | None) -> Choosing:
        """Who chooses the tokens of one round."""

    @abstractmethod
    def _apply(self, adapters: Sequence[Lora]) -> None:
        """Put ADAPTERS on the weights. Raises ModelError, and nothing changed."""

    @abstractmethod
    def _free(self) -> None:
        """Free the weights."""

    def count(self, text: str) -> int:
        """Tokens of TEXT as content."""
        return self._encoder.count(text)

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens that MESSAGES take when rendered for the next round."""
        return len(self._encoder.encode(messages).ids)

    def stream(
        self, messages: Sequence[Message], sampling: Sampling, *, grammar: CommandGrammar | None = None
    ) -> Generator[Piece, None, Finish]:
        """Evaluate what the ledger lacks, then generate one round. See `base.ChatCore`.

        Raises ContextError before anything is evaluated when the prompt does not fit, ModelError when
        the model's library fails. Ctrl-C under Python's own handler raises KeyboardInterrupt with the ledger
        right.
        """
        self.finish = None
        self._context.breaker.clear()
        prompt = self._fitting(self._prompt(messages, grammar))
        self._start = len(prompt.ids)
        self._spoken = Spoken(drops=self._drops)
        chooser = self._chooser(sampling, grammar)
        plan = Plan(0, self._start, None)
        reason: Reason = "closed"
        spoken: Round | None = None
        reading = 0.0
        started = perf_counter()
        try:
            plan = yield from self._reader.read(prompt)
            reading = perf_counter() - started
            may_call = grammar is not None and bool(grammar.commands) and messages[-1].role == "user"
            spoken = self._speaker(chooser, sampling, self._bias(sampling) if may_call else {})
            reason = yield from spoken.run()
        except Stopped:
            pass  # `reason` says so
        finally:
            chooser.close()
            self.finish = self._finished(reason, prompt, plan, spoken, reading)
        return self.finish

    def record(self, length: int) -> tuple[int, ...]:
        """The ids of the first LENGTH characters of the last round, which then stand in the KV cache, and no
        more.

        A token that holds the border counts whole. What of it was not evaluated yet is evaluated here, so
        that the next round pays for nothing but what is new.
        """
        ids = self._spoken.ids[: self._spoken.tokens(length)]
        context = self._context
        context.breaker.clear()
        context.trim(self._start + len(ids))
        standing = len(context.ledger.ids) - self._start
        if standing >= 0:  # else the round never got to speak, or the model's state cannot be cut
            for token in ids[standing:]:
                context.step(token)
        return tuple(ids)

    def adapt(self, adapters: Sequence[Lora]) -> None:
        """See `base.ChatCore`. States on disk are told apart by the adapters that they were made with."""
        if tuple(adapters) == self._adapters:
            return
        self._apply(adapters)
        self._adapters = tuple(adapters)
        self._context.trim(0)
        self._reader.variant = digest(adapters)

    def cancel(self) -> None:
        """End the running stream soon, in prefill too; may be called from a signal handler or another
        thread."""
        self._context.breaker.request()

    def warm(self, messages: Sequence[Message]) -> Generator[Progress, None, int]:
        """Read what every conversation that begins with MESSAGES begins with, and keep it on disk.

        Returns how many tokens that is; fewer stand when `cancel` stopped it.
        """
        self._context.breaker.clear()
        ids = self._encoder.opening(messages)
        try:
            yield from self._reader.read(self._fitting(Prompt(ids, len(ids))))
        except Stopped:
            return len(self._context.ledger.ids)
        return len(ids)

    def save_state(self, name: str) -> bool:
        """Keep the KV cache as it stands under NAME (file-name characters); False when there is nowhere or
        nothing."""
        return self._reader.save(f"chat-{name}")

    def restore_state(self, name: str) -> int:
        """Put the KV cache kept under NAME in place; how many tokens stand then, 0 when it could not be
        used."""
        return self._reader.restore(f"chat-{name}")

    def forget_state(self, name: str) -> None:
        """Remove what was kept under NAME."""
        self._reader.forget(f"chat-{name}")

    def take_notices(self) -> list[Notice]:
        """What the user should know since the last call: a saved state that could not be used or written."""
        taken = list(self._reader.notices)
        self._reader.notices.clear()
        return taken

    def close(self) -> None:
        """Free the model."""
        self._context.close()
        self._free()

    def _prompt(self, messages: Sequence[Message], grammar: CommandGrammar | None) -> Prompt:
        """MESSAGES as ids. What a schema holds cannot begin with its role's line: the prompt ends with it."""
        prompt = self._encoder.encode(messages)
        if not (self.names_calls and grammar and grammar.answer):
            return prompt
        line = self._vocabulary.encode(self.template.gap, special=True, glued=False)
        return Prompt([*prompt.ids, *line], prompt.prefix)

    def _fitting(self, prompt: Prompt) -> Prompt:
        if len(prompt.ids) >= self.context:
            raise ContextError(len(prompt.ids), self.context)
        return prompt

    def _bias(self, sampling: Sampling) -> dict[int, float]:
        """See `Sampling.call_bias`: for each token that can be the slash of a round's first line.

        A model that names its call on its role's line begins with that line, not with a slash.
        """
        if self.names_calls:
            return {}
        more = self._call_bias if sampling.call_bias == "auto" else sampling.call_bias
        slashes = {self._vocabulary.encode("/", special=False, glued=glued)[-1] for glued in (False, True)}
        return dict.fromkeys(slashes, more) if more else {}

    def _speaker(self, chooser: Choosing, sampling: Sampling, bias: Mapping[int, float]) -> Round:
        return Round(
            self._context,
            self._vocabulary,
            chooser,
            self._spoken,
            stops=self.template.stops,
            drafter=self._drafter,
            most=sampling.max_tokens,
            bias=bias,
        )

    def _finished(
        self, reason: Reason, prompt: Prompt, plan: Plan, spoken: Round | None, reading: float
    ) -> Finish:
        ids = spoken.ids if spoken else ()
        usage = RoundUsage(
            prompt_tokens=self._start,
            reused_tokens=plan.reused,
            evaluated_tokens=plan.evaluated,
            generated_tokens=len(ids),
            prefill_seconds=reading,
            decode_seconds=spoken.seconds if spoken else 0.0,
            broke=plan.broke,
            broke_text="" if plan.broke is None else self._vocabulary.text(prompt.ids[plan.broke]),
        )
        return Finish(reason, ids, usage)
