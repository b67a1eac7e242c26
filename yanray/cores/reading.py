"""Reading a prompt into the KV cache: from disk where its state was kept, else in batches with progress."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from time import perf_counter

from yanray.cores.evaluator import Evaluator
from yanray.cores.ledger import Plan
from yanray.cores.prefix import StateFolder, Untrusted
from yanray.cores.prompt import Prompt
from yanray.events import Notice, Progress

PREFIX_WORTH = 32  # tokens below which a prefix is read as fast as it is looked up


class Reader:
    """Fills CONTEXT. `notices` gathers what the user should know of saved states.

    states: where KV states are kept, None: nowhere. model: names the model in a prefix's file name.
    """

    def __init__(self, context: Evaluator, states: StateFolder | None, model: str) -> None:
        self._context = context
        self._states = states
        self._model = model
        self.variant = ""  # what beside the model the states depend on
        self.notices: list[Notice] = []

    def read(self, prompt: Prompt) -> Generator[Progress, None, Plan]:
        """Make the KV cache hold PROMPT, with logits for its last token.

        The state of the prompt's prefix is looked for on disk when less of it stands, and kept there when it
        had to be read.
        """
        ledger = self._context.ledger
        plan = ledger.plan(prompt.ids)
        name = self._prefix_name(prompt, plan)
        restored = self.restore(name) if name else 0
        reused = ledger.plan(prompt.ids).reused
        self._context.trim(reused)
        reused = len(ledger.ids)  # nothing, when the model's state cannot be cut
        plan = Plan(reused, len(prompt.ids) - reused, None if restored else plan.broke)
        started = perf_counter()
        if name and not restored:
            yield from self._evaluate(prompt.ids[: prompt.prefix], plan, started)
            self.save(name)
        yield from self._evaluate(prompt.ids, plan, started)
        yield Progress("read", plan.evaluated, plan.evaluated, 0.0)
        return plan

    def save(self, name: str) -> bool:
        """Keep the KV cache as it stands; a disk that refuses is a notice."""
        if self._states is None or not self._context.ledger.ids:
            return False
        try:
            self._states.save(self._kept(name), self._context.ledger.ids, self._context.state())
        except OSError as error:
            path = self._states.path(self._kept(name))
            text = f"{path}: could not be written ({error.strerror}); the next start reads the prompt again"
            self.notices.append(Notice("state-unsaved", text))
            return False
        return True

    def restore(self, name: str) -> int:
        """Put the state NAME in place of what stands: its tokens, or 0, and then nothing stands or all as
        before."""
        if self._states is None:
            return 0
        try:
            stored = self._states.load(self._kept(name))
            if stored is None:
                return 0
            if len(stored.ids) > self._context.size or not self._context.restore(stored.ids, stored.state):
                raise Untrusted("was refused by the model")
        except Untrusted as problem:
            text = f"{self._states.path(self._kept(name))}: the saved state {problem}; it is made anew"
            self.notices.append(Notice("state-rebuilt", text))
            return 0
        return len(stored.ids)

    def forget(self, name: str) -> None:
        """Remove the state NAME."""
        if self._states is not None:
            self._states.forget(self._kept(name))

    def _prefix_name(self, prompt: Prompt, plan: Plan) -> str:
        """The name of the prefix's state; "" when nothing is to be gained by it."""
        stands = plan.reused >= min(prompt.prefix, len(prompt.ids) - 1)
        if self._states is None or stands or prompt.prefix < PREFIX_WORTH:
            return ""
        return self._states.prefix_name(self._model, prompt.ids[: prompt.prefix])

    def _kept(self, name: str) -> str:
        return f"{name}-{self.variant}" if self.variant else name

    def _evaluate(self, ids: Sequence[int], plan: Plan, started: float) -> Generator[Progress, None, None]:
        ledger, batch = self._context.ledger, self._context.batch
        while (at := len(ledger.ids)) < len(ids):
            done = at - plan.reused
            left = (perf_counter() - started) / done * (plan.evaluated - done) if done else None
            yield Progress("read", done, plan.evaluated, left)
            self._context.read(ids[at : at + batch])
