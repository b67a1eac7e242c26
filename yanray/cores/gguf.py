"""The GGUF core: a model in llama.cpp, driven through its low-level calls.

A round goes encode -> ledger -> read what is missing in batches -> choose tokens until the model ends the
round. Nothing that stands in the KV cache is evaluated again; after whatever ends a round early the ledger
says what stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from time import perf_counter

from yanray.cores.base import CommandGrammar, Finish, Piece, Sampling
from yanray.cores.drafts import Drafter
from yanray.cores.gguf_context import MOST_OUTPUTS, GgufContext, Stopped
from yanray.cores.gguf_model import GgufModel
from yanray.cores.gguf_reading import Reader
from yanray.cores.gguf_round import Reason, Round
from yanray.cores.gguf_sampling import Chooser
from yanray.cores.ledger import ContextError, Plan
from yanray.cores.llama import library
from yanray.cores.machine import ContextPlan, KvType, plan_context
from yanray.cores.prefix import StateFolder
from yanray.cores.prompt import Prompt, PromptEncoder
from yanray.cores.spoken import Spoken
from yanray.cores.template import ChatTemplate
from yanray.events import Notice, Progress, RoundUsage
from yanray.messages import Message

STATES_LIMIT = 1 << 30  # bytes of saved states


class GgufCore:
    """A `ChatCore` on a GGUF file.

    context, threads, batch, kv, flash: 0, `auto` and None let `machine.plan_context` choose.
    gpu_layers: layers put on a GPU, -1 for all. prefix_folder: where KV states are kept; None: nowhere.
    drafts: whether tokens are guessed from the conversation. template: replaces the one in the file.
    on_progress: told how far loading is. Raises ModelError and ConfigError.
    """

    def __init__(
        self,
        path: Path,
        *,
        context: int = 0,
        threads: int = 0,
        batch: int = 0,
        kv: KvType = "auto",
        flash: bool | None = None,
        gpu_layers: int = 0,
        prefix_folder: Path | None = None,
        states_limit: int = STATES_LIMIT,
        drafts: bool = True,
        template: str | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        started = perf_counter()
        self._model = model = GgufModel(path, gpu_layers=gpu_layers, on_progress=on_progress)
        self._vocabulary = model.vocabulary
        self.template = ChatTemplate(
            template or model.template, self._vocabulary.named(), self._vocabulary.specials
        )
        self._vocabulary.mark(self.template.source)
        self.name = model.metadata.get("general.name") or path.stem
        source = hashlib.sha256(self.template.source.encode()).hexdigest()[:16]
        self.identity = f"gguf:{model.fingerprint}:{source}"
        self.plan: ContextPlan = plan_context(
            weights=path.stat().st_size,
            trained=model.trained_context,
            values_per_token=model.cache_values,
            context=context,
            threads=threads,
            batch=batch,
            kv=kv,
            quantizable=all(size % 32 == 0 for size in model.head_sizes),
            flash=flash,
        )
        self._context = GgufContext(model, self.plan)
        self.context = self._context.size
        self.finish: Finish | None = None
        self._encoder = PromptEncoder(self.template, self._vocabulary, self.identity)
        self._drops_space = self.template.expects_space or self._vocabulary.starts_with_space
        self._drafter = Drafter(MOST_OUTPUTS - 1) if drafts else None
        states = StateFolder(prefix_folder, self._made_with(), states_limit) if prefix_folder else None
        self._reader = Reader(self._context, states, str(path.resolve()))
        self._start = 0  # ids of the last prompt
        self._spoken = Spoken()
        self.load_seconds = perf_counter() - started

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
        llama.cpp fails. Ctrl-C under Python's own handler raises KeyboardInterrupt with the ledger right.
        """
        self.finish = None
        self._context.breaker.clear()
        prompt = self._fitting(self._encoder.encode(messages))
        self._start = len(prompt.ids)
        self._spoken = Spoken(drops_space=self._drops_space)
        chooser = Chooser(self._vocabulary, sampling, grammar)
        plan = Plan(0, self._start, None)
        reason: Reason = "closed"
        spoken: Round | None = None
        reading = 0.0
        started = perf_counter()
        try:
            plan = yield from self._reader.read(prompt)
            reading = perf_counter() - started
            spoken = self._round(chooser, sampling)
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
        self._model.close()

    def _fitting(self, prompt: Prompt) -> Prompt:
        if len(prompt.ids) >= self.context:
            raise ContextError(len(prompt.ids), self.context)
        return prompt

    def _round(self, chooser: Chooser, sampling: Sampling) -> Round:
        return Round(
            self._context,
            self._vocabulary,
            chooser,
            self._spoken,
            stops=self.template.stops,
            drafter=self._drafter,
            most=sampling.max_tokens,
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

    def _made_with(self) -> dict[str, str]:
        """Everything that a KV state depends on but its ids."""
        return {
            "model": self.identity,
            "file time": str(self._model.path.stat().st_mtime_ns),
            "context": str(self.context),
            "cache type": f"{self.plan.kv} {self.plan.flash}",
            "llama.cpp": str(library().__version__),
        }
