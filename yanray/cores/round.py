"""One stretch of generation: choose a token, give out its text, evaluate it together with a guess at what
follows."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from time import perf_counter
from typing import Any, Literal, TypeAlias

from yanray.cores.drafts import Drafter
from yanray.cores.evaluator import Choosing, Evaluator, Pieces
from yanray.cores.spoken import Spoken, StopText

Reason: TypeAlias = Literal["stop", "length", "closed"]


class Round:
    """Generates behind what CONTEXT holds, which has the logits of its last token.

    most: tokens to generate. bias: token -> what is added to its first logit. `seconds` counts the core's
    work only, not what the reader does between two texts.
    """

    def __init__(
        self,
        context: Evaluator,
        vocabulary: Pieces,
        chooser: Choosing,
        spoken: Spoken,
        *,
        stops: tuple[str, ...],
        drafter: Drafter | None,
        most: int,
        bias: Mapping[int, float] | None = None,
    ) -> None:
        self._context = context
        self._vocabulary = vocabulary
        self._chooser = chooser
        self._spoken = spoken
        self._stop = StopText(stops)
        self._drafter = drafter
        self._most = min(most, context.size - len(context.ledger.ids))
        self._bias = bias
        self._shown = 0
        self.seconds = 0.0

    @property
    def ids(self) -> tuple[int, ...]:
        """What was generated; without a stop text and the token that ended the round."""
        count = self._spoken.tokens(self._shown) if self._stop.reached else len(self._spoken.ids)
        return tuple(self._spoken.ids[:count])

    def run(self) -> Generator[str, None, Reason]:
        """Yield text until the round ends. Raises Stopped when the breaker stops an evaluation."""
        if self._drafter:
            self._drafter.begin(self._context.ledger.ids)
        rows, draft, row = self._biased(self._context.logits()), list[int](), 0
        started = perf_counter()
        while not self._context.breaker.requested:
            token = self._chooser.choose(rows[row])
            text, ended = self._take(token)
            now = perf_counter()
            self.seconds += now - started
            if text:
                self._shown += len(text)
                yield text
                now = perf_counter()
            started = now
            if ended:
                return ended
            if row < len(draft) and draft[row] == token:  # it stands in the cache already
                row += 1
            else:
                rows, draft = self._evaluate(token, len(draft) - row)
                row = 0
        return "closed"

    def _biased(self, rows: Any) -> Any:
        """ROWS, a view of the evaluator's, or a copy with the bias."""
        if self._bias:
            rows = rows.copy()
            for token, more in self._bias.items():
                rows[0, token] += more
        return rows

    def _take(self, token: int) -> tuple[str, Reason | None]:
        """Enter TOKEN: the text that it makes ready, and whether the round is over."""
        if self._vocabulary.ends(token):
            return self._last_words(), "stop"
        text = self._stop.feed(self._spoken.add(token, self._vocabulary.piece(token)))
        if self._drafter:
            self._drafter.chose(token)
        if self._stop.reached:
            return text, "stop"
        if len(self._spoken.ids) >= self._most:
            return text + self._last_words(), "length"
        return text, None

    def _last_words(self) -> str:
        return self._stop.feed(self._spoken.flush()) + self._stop.flush()

    def _evaluate(self, token: int, wrong: int) -> tuple[Any, list[int]]:
        """Evaluate TOKEN in place of the WRONG last ids in the cache; the logits and the draft that they go
        with."""
        context, drafter = self._context, self._drafter
        if wrong:
            context.trim(len(context.ledger.ids) - wrong)
        if drafter is None:
            context.step(token)
            return context.logits(), []
        draft = drafter.propose(self._most - len(self._spoken.ids) - 1)
        started = perf_counter()
        if draft:
            context.verify([token, *draft])
        else:
            context.step(token)
        rows = context.logits(len(draft) + 1)
        drafter.took(len(draft) + 1, perf_counter() - started)
        return rows, draft
