"""A look at what the model would write, on documents that the training does not draw.

Greedy decoding writes a message to the letter exactly when, at each of its places, the true token scores
highest after the true tokens before it. So one pass over whole documents says what greedy generation would
get right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from yanray.train.batches import assemble, to_device
from yanray.train.model import (
    EMBEDDING,
    LAST_NORM,
    Shape,
    Tensor,
    hidden_states,
    logits,
    masked_attention,
)
from yanray.train.packing import KIND_SHIFT, Rows
from yanray.train.render import SPOKEN
from yanray.train.trainer import Engine

CHUNK = 8192  # tokens whose scores are held at a time
LONGEST_ANSWER = 48  # tokens of a sample


@dataclass(frozen=True, slots=True)
class Span:
    """What the model has to say: tokens START to END (the marker that ends it is the last) of a document of
    KIND.
    """

    start: int
    end: int
    document: int
    kind: str


class Vocabulary:
    """Which tokens begin a command, end its name, and say that a call waits for its result."""

    def __init__(self, tokenizer: Any) -> None:
        words = [tokenizer.id_to_token(i) for i in range(tokenizer.get_vocab_size())]
        self.slash = np.array([word.startswith("/") for word in words])
        self.border = np.array([word.startswith(("Ġ", "<|")) for word in words])
        self.observation = words.index("<|observation|>")


def spans(rows: Rows, kinds: tuple[str, ...]) -> Iterator[Span]:
    """All that has to be said in ROWS, laid end to end."""
    meta, positions = rows.meta.reshape(-1), rows.positions.reshape(-1)
    spoken = (meta & 3) == SPOKEN
    before = np.concatenate([[False], spoken[:-1]])
    after = np.concatenate([spoken[1:], [False]])
    ends = np.flatnonzero(spoken & ~after) + 1
    for start, end in zip(np.flatnonzero(spoken & ~before), ends, strict=True):
        kind = kinds[int(meta[start]) >> KIND_SHIFT]
        yield Span(int(start), int(end), int(start) - int(positions[start]), kind)


def best_tokens(engine: Engine, rows: Rows) -> NDArray[np.int64]:
    """For each token of ROWS, laid end to end, the one that scores highest in its place."""
    batch = to_device(assemble([(rows.ids, rows.meta, rows.positions)], (), {}), engine.ranks.device)
    x = hidden_states(
        engine.weights, batch.ids, batch.positions, batch.borders, engine.row, engine.shape,
        attend=engine.attend, dtype=engine.dtype,
    )  # fmt: skip
    norm, embedding = engine.weights[LAST_NORM], engine.weights[EMBEDDING]
    best = torch.cat([logits(part, norm, embedding).argmax(-1) for part in x.split(CHUNK)])
    return np.asarray(torch.roll(best, 1).cpu().numpy())


def judge(
    rows: Rows, best: NDArray[np.int64], kinds: tuple[str, ...], words: Vocabulary
) -> Counter[tuple[str, str]]:
    """Counts under (kind, what): calls, named (the right tool called), exact; answers, silent (no call),
    verbatim.
    """
    ids = rows.ids.reshape(-1)
    counts: Counter[tuple[str, str]] = Counter()
    for span in spans(rows, kinds):
        right = best[span.start : span.end] == ids[span.start : span.end]
        if ids[span.end - 1] == words.observation:
            name = 1 + int(np.argmax(words.border[ids[span.start + 1 : span.end]]))
            facts = {"calls": True, "named": bool(right[: name + 1].all()), "exact": bool(right.all())}
        else:
            silent = not words.slash[best[span.start]]
            facts = {"answers": True, "silent": silent, "verbatim": bool(right.all())}
        counts.update({(span.kind, what): 1 for what, holds in facts.items() if holds})
    return counts


def table(counts: Counter[tuple[str, str]]) -> list[str]:
    """COUNTS as lines for people: one for each kind, then all together."""
    lines = ["kind                    calls  named  exact  answers  silent  verbatim"]
    kinds = sorted({kind for kind, _ in counts})
    totals: Counter[str] = Counter()
    for kind in kinds:
        row = Counter({what: n for (k, what), n in counts.items() if k == kind})
        totals.update(row)
        lines.append(_line(kind, row))
    return [*lines, _line("all", totals)]


def _line(kind: str, row: Counter[str]) -> str:
    calls, answers = max(row["calls"], 1), max(row["answers"], 1)
    return (
        f"{kind:22} {row['calls']:6} {row['named'] / calls:6.1%} {row['exact'] / calls:6.1%}"
        f" {row['answers']:8} {row['silent'] / answers:7.1%} {row['verbatim'] / answers:9.1%}"
    )


def continue_greedily(
    weights: dict[str, Tensor], shape: Shape, ids: list[int], stops: set[int], limit: int = LONGEST_ANSWER
) -> list[int]:
    """What greedy decoding writes after IDS, without the stop that ends it. No cache: for a few samples."""
    device = weights[EMBEDDING].device
    said: list[int] = []
    while len(said) < limit:
        known = torch.tensor(ids + said, dtype=torch.int32, device=device)
        borders = torch.tensor([0, len(known)], dtype=torch.int32, device=device)
        places = torch.arange(len(known), device=device)
        x = hidden_states(weights, known, places, borders, len(known), shape, attend=masked_attention)
        token = int(logits(x[-1:], weights[LAST_NORM], weights[EMBEDDING]).argmax())
        if token in stops:
            break
        said.append(token)
    return said


def mistakes(
    engine: Engine, rows: Rows, best: NDArray[np.int64], kinds: tuple[str, ...], tokenizer: Any, count: int
) -> Iterator[str]:
    """COUNT messages not written to the letter: what was asked last, what was due, what is written."""
    ids = rows.ids.reshape(-1)
    words = Vocabulary(tokenizer)
    stops = {i for i in range(len(words.border)) if (tokenizer.id_to_token(i) or "").startswith("<|")}
    wrong = [s for s in spans(rows, kinds) if (best[s.start : s.end] != ids[s.start : s.end]).any()]
    for span in wrong[:: max(1, len(wrong) // max(count, 1))][:count]:
        prompt = [int(i) for i in ids[span.document : span.start]]
        said = continue_greedily(engine.weights, engine.shape, prompt, stops)
        due = tokenizer.decode([int(i) for i in ids[span.start : span.end - 1]])
        asked = tokenizer.decode(prompt[-40:])
        yield f"[{span.kind}] ...{asked!r}\n    due:     {due!r}\n    written: {tokenizer.decode(said)!r}"
