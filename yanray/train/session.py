"""One attempt of a training, put together from its parts: prepare, feed, train, look at the outcome, save."""

from __future__ import annotations

import argparse
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from yanray.errors import UsageError
from yanray.train.batches import Batches
from yanray.train.feed import BlockMaker, Draw, Feed, Recipe
from yanray.train.log import Log
from yanray.train.model import Shape, Tensor, new_weights
from yanray.train.optim import Optimizer
from yanray.train.packing import MOST_KINDS
from yanray.train.plan import Plan
from yanray.train.probe import Vocabulary, best_tokens, judge, mistakes, table
from yanray.train.ranks import Ranks
from yanray.train.text import prepare_text
from yanray.train.trainer import Engine, Position, Trainer
from yanray.train.vocabulary import learn_tokenizer
from yanray.train.weights import load_checkpoint, load_weights, read_gguf, save_weights

TINY = Shape(vocabulary=0, width=64, layers=2, heads=4, shared=2, inner=96)
TINY_OPTIONS = {"rows": 8, "row": 512, "vocabulary": 1_024, "workers": 1}
HELD_OUT = 1_000_003  # added to the seed: the training never draws these documents
PROBED = 16  # blocks
SHOWN = 12  # mistakes, where a GPU makes them cheap


def train(args: argparse.Namespace, draw: Draw, kinds: tuple[str, ...], began: float) -> int:
    """Run the attempt that ARGS describe; BEGAN: `time.monotonic()` of the command's start. Returns the exit
    code.
    """
    if args.tiny:
        vars(args).update(TINY_OPTIONS)
    ranks = Ranks.join()
    log = Log(args.out / "log.jsonl", active=ranks.rank == 0)
    if ranks.rank == 0:
        prepare(args, draw, log)
    ranks.wait()
    if not args.prepare:
        attempt(args, recipe_of(args, draw, kinds, ranks), ranks, log, began)
    ranks.leave()
    return 0


def prepare(args: argparse.Namespace, draw: Draw, log: Log) -> None:
    """Tokenizer and tokenised text in the out folder, unless they stand there."""
    began = time.monotonic()
    cores = os.cpu_count() or 1
    path = args.out / "tokenizer.json"
    if not path.is_file():
        args.out.mkdir(parents=True, exist_ok=True)
        if args.tokenizer:
            shutil.copyfile(args.tokenizer, path)
        elif args.init and args.init.suffix == ".gguf":
            read_gguf(args.init)[2].save(str(path))
        elif args.init:
            shutil.copyfile(args.init.parent / "tokenizer.json", path)
        else:
            learn_tokenizer(path, draw, args.data, args.vocabulary, args.seed, cores)
    log.say(prepare_text(args.data, path, args.out / "text", cores))
    log.say(f"prepared in {time.monotonic() - began:.0f} s")


def recipe_of(args: argparse.Namespace, draw: Draw, kinds: tuple[str, ...], ranks: Ranks) -> Recipe:
    """What the feed of this rank makes."""
    if len(kinds) > MOST_KINDS:
        raise UsageError(f"The mixture has {len(kinds)} kinds; {MOST_KINDS} fit into a token's mark.")
    block_rows = min(32, args.rows)
    if args.rows % block_rows:
        raise UsageError(f"--rows {args.rows} is no multiple of {block_rows}.")
    workers = args.workers or max(1, (os.cpu_count() or 1) - 2 * ranks.world)
    return Recipe(
        draw=draw,
        seed=args.seed,
        tokenizer=args.out / "tokenizer.json",
        text=args.out / "text",
        kinds=kinds,
        row=args.row,
        block_rows=block_rows,
        workers=max(1, workers // ranks.world),
        rank=ranks.rank,
        world=ranks.world,
        total_rows=int(args.tokens) // args.row,
        reuse=args.reuse,
    )


def attempt(args: argparse.Namespace, recipe: Recipe, ranks: Ranks, log: Log, began: float) -> None:
    """Train, then look at what came out, then write the weights."""
    state = load_checkpoint(args.out / "checkpoint.pt") if args.resume else None
    position = Position(**state["position"]) if state else Position(fraction=args.begin)
    same = position.layout == recipe.layout
    if not same:  # counters of another layout mean nothing here; other documents are drawn under it anyway
        log.say(f"the feed begins anew: {recipe.layout}")
    feed = Feed(recipe, position.taken[ranks.rank] if same else None)
    weights, shape = starting_weights(args, state, recipe)
    engine = Engine(weights, shape, ranks, recipe.row)
    count = sum(w.numel() for w in weights.values())
    machine = f"{ranks.world} x {ranks.device}, {recipe.layout}"
    log.say(f"{count / 1e6:.1f}M parameters, {machine}; {engine.attention}")
    optimizer = Optimizer(engine.weights, matrix_rate=args.matrix_rate)
    if state:
        optimizer.restore(state["optimizer"])
    deadline = began + args.minutes * 60
    plan = Plan(until=args.until, tokens=int(args.tokens), deadline=deadline, first=position.fraction)
    batches = Batches(feed, args.rows)
    try:
        path = args.out / "checkpoint.pt"
        Trainer(engine, optimizer, batches, plan, position, log, path, recipe.kinds).run()
    finally:
        batches.close()
    if ranks.rank == 0:
        save_weights(args.out / "nano.safetensors", engine.weights, shape)
        with torch.no_grad():
            report(engine, recipe, log)
    ranks.wait()


def starting_weights(
    args: argparse.Namespace, state: dict[str, Any] | None, recipe: Recipe
) -> tuple[dict[str, Tensor], Shape]:
    """From the checkpoint, from --init, or fresh."""
    if state:
        return state["weights"], Shape(**state["shape"])
    if args.init:
        return read_gguf(args.init)[:2] if args.init.suffix == ".gguf" else load_weights(args.init)
    from yanray.train.tokenizer import tokens_and_merges

    size = len(tokens_and_merges(Path(recipe.tokenizer))[0])
    shape = replace(TINY if args.tiny else Shape(), vocabulary=size)
    return new_weights(shape, args.seed), shape


def report(engine: Engine, recipe: Recipe, log: Log) -> None:
    """Print what greedy decoding gets right on held-out documents, kind by kind, and some of what it gets
    wrong.
    """
    maker = BlockMaker(replace(recipe, seed=recipe.seed + HELD_OUT, rank=0))
    words = Vocabulary(maker.renderer.tokenizer)
    blocks = [maker.make(0, number, 1.0) for number in range(PROBED if recipe.block_rows > 8 else 1)]
    best = [best_tokens(engine, rows) for rows in blocks]
    counts = judge(blocks[0], best[0], recipe.kinds, words)
    for rows, guesses in zip(blocks[1:], best[1:], strict=True):
        counts += judge(rows, guesses, recipe.kinds, words)
    lines = table(counts)
    facts = {f"{kind}/{what}": n for (kind, what), n in sorted(counts.items())}
    log.note("\n".join(lines), probe=facts)
    shown = SHOWN if engine.ranks.device.type == "cuda" else 2
    for mistake in mistakes(engine, blocks[0], best[0], recipe.kinds, maker.renderer.tokenizer, shown):
        log.say(mistake)
