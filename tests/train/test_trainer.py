"""A tiny training on the CPU: it learns, a resume goes on exactly, and what it writes runs in llama.cpp."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
import pytest
import torch
from train_samples import KINDS, draw, write_data, write_tokenizer

from yanray.errors import DataError, UsageError
from yanray.train import export, nano
from yanray.train.feed import BlockMaker, Feed, Recipe
from yanray.train.optim import orthogonal
from yanray.train.plan import Plan
from yanray.train.probe import Vocabulary, continue_greedily, judge, spans
from yanray.train.session import train
from yanray.train.stages import STAGES, rate, stage_index
from yanray.train.text import TextStore, prepare_text
from yanray.train.weights import load_checkpoint, load_weights


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tokenizer(tmp_path_factory.mktemp("words") / "tokenizer.json")


@pytest.fixture(scope="module")
def recipe(data: Path, words: Path, tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    text = tmp_path_factory.mktemp("text")
    prepare_text(data, words, text, 1)
    return Recipe(
        draw, 1, words, text, KINDS, row=256, block_rows=4, workers=2, total_rows=400, ring=4, reuse=1
    )


def attempt(data: Path, words: Path, out: Path, *options: str) -> int:
    argv = [
        "--data",
        str(data),
        "--out",
        str(out),
        "--tokenizer",
        str(words),
        "--tiny",
        "--reuse",
        "1",
        *options,
    ]
    return train(nano.parser().parse_args(argv), draw, KINDS, time.monotonic())


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def whole(data: Path, words: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outcome of a training of 40 steps in one attempt."""
    out = tmp_path_factory.mktemp("whole")
    assert attempt(data, words, out, "--tokens", "163840") == 0
    return out


def test_the_loss_falls(whole: Path) -> None:
    losses = [line["loss"] for line in lines(whole) if "loss" in line]
    assert losses[1] < 0.8 * losses[0]


def test_a_resume_goes_on_exactly(data: Path, words: Path, whole: Path, tmp_path: Path) -> None:
    assert attempt(data, words, tmp_path, "--tokens", "163840", "--until", "0.5") == 0
    middle = load_checkpoint(tmp_path / "checkpoint.pt")["position"]
    assert middle["step"] == 20
    assert attempt(data, words, tmp_path, "--tokens", "163840", "--resume") == 0
    one, two = (load_checkpoint(out / "checkpoint.pt") for out in (whole, tmp_path))
    assert one["position"] == two["position"]
    assert all(torch.equal(one["weights"][name], two["weights"][name]) for name in one["weights"])


def test_the_weights_run_in_llama_cpp(whole: Path) -> None:
    """Greedy text of the exported file is the torch model's."""
    path = whole / "nano.gguf"
    assert export.main([str(whole / "nano.safetensors"), "--gguf", str(path), "--type", "f32"]) == 0
    llama = llama_cpp.Llama(str(path), n_ctx=256, verbose=False, type_k=0, type_v=0)
    weights, shape = load_weights(whole / "nano.safetensors")
    ids = [1, *llama.tokenize(b"what is 12 plus 3?", add_bos=False, special=False), 2]
    theirs = []
    for token in llama.generate(ids, temp=0.0, repeat_penalty=1.0):
        if token < 6 or len(theirs) == 8:
            break
        theirs.append(token)
    assert continue_greedily(weights, shape, ids, set(range(6)), limit=8) == theirs


def test_training_goes_on_from_a_gguf(data: Path, words: Path, whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "begin.gguf"
    assert export.main([str(whole / "nano.safetensors"), "--gguf", str(path), "--type", "q8_0"]) == 0
    argv = [
        "--data",
        str(data),
        "--out",
        str(tmp_path / "on"),
        "--tiny",
        "--tokens",
        "81920",
        "--init",
        str(path),
    ]
    assert train(nano.parser().parse_args(argv), draw, KINDS, time.monotonic()) == 0
    first = [next(line["loss"] for line in lines(out) if "loss" in line) for out in (whole, tmp_path / "on")]
    assert first[1] < 0.8 * first[0]


def test_a_training_that_does_not_learn_is_stopped(data: Path, words: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="matrix-rate"):
        attempt(data, words, tmp_path, "--tokens", "163840", "--matrix-rate", "1e6")


def test_minutes_move_the_fraction_evenly_to_its_end() -> None:
    now = time.monotonic()
    plan = Plan(until=0.6, deadline=now + 100, first=0.2)
    assert plan.fraction(10**9) == 0.2
    plan.began = now - 100
    assert plan.fraction(0) == pytest.approx(0.4, abs=0.01)
    plan.deadline = now - 1
    assert plan.over(plan.fraction(0))


def test_blocks_are_a_function_of_seed_worker_and_number(recipe: Recipe) -> None:
    one, two = BlockMaker(recipe).make(1, 3), BlockMaker(recipe).make(1, 3)
    assert np.array_equal(one.ids, two.ids)
    assert np.array_equal(one.meta, two.meta)
    others = [BlockMaker(recipe).make(0, 3), BlockMaker(replace(recipe, seed=2)).make(1, 3)]
    assert not any(np.array_equal(one.ids, other.ids) for other in others)


def test_the_share_of_conversations_follows_the_stage(recipe: Recipe) -> None:
    maker = BlockMaker(recipe)
    shares = [maker.make(0, number).counts["document_tokens"] / (4 * 256) for number in (0, 49)]
    assert shares[0] == pytest.approx(STAGES[0].conversations, abs=0.12)
    assert shares[1] > shares[0] + 0.2


def test_the_feed_goes_on_where_it_stood(recipe: Recipe) -> None:
    feed = Feed(recipe)
    try:
        blocks = [feed.block()[0] for _ in range(6)]
    finally:
        feed.close()
    later = Feed(recipe, (2, 2))
    try:
        assert all(np.array_equal(later.block()[0], block) for block in blocks[4:])
    finally:
        later.close()


def test_old_rows_are_shown_again_at_most_as_often_as_said(recipe: Recipe) -> None:
    feed = Feed(replace(recipe, workers=1, reuse=2, ring=4))
    try:
        seen = [feed.block()[0].tobytes() for _ in range(40)]
        totals = dict(feed.totals)
    finally:
        feed.close()
    assert totals["fresh"] + totals.get("again", 0) == 40
    assert len(set(seen)) == totals["fresh"]
    assert max(seen.count(block) for block in seen) <= 2


def faulty_draw(rng: Any, fraction: float) -> Any:
    raise ValueError("a generator's fault")


def odd_draw(rng: Any, fraction: float) -> Any:
    document = draw(rng, fraction)
    if rng.random() < 0.005:
        raise ValueError("a rare fault")
    return document


def test_a_worker_s_end_is_an_error_of_the_feed(recipe: Recipe) -> None:
    feed = Feed(replace(recipe, draw=faulty_draw, workers=1))
    try:
        with pytest.raises(DataError, match="Worker 0"):
            feed.block()
    finally:
        feed.close()


def test_a_rare_fault_of_a_generator_is_counted_and_told(
    recipe: Recipe, capsys: pytest.CaptureFixture[str]
) -> None:
    maker = BlockMaker(replace(recipe, draw=odd_draw, block_rows=32))
    blocks = [maker.make(0, number) for number in range(6)]
    faults = sum(rows.counts["faults"] for rows in blocks)
    assert 0 < faults == capsys.readouterr().err.count("ValueError: a rare fault")


def test_text_is_cut_from_its_documents(recipe: Recipe) -> None:
    import random

    store, rng = TextStore(recipe.text), random.Random(3)
    for _ in range(50):
        piece = store.sample(rng, 64)
        assert 0 < len(piece) <= 64
        assert 4 not in piece[:-1].tolist()  # the end token stands nowhere but at a document's end


def test_no_text_is_an_error_that_names_the_files(words: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="enwiki2015_core"):
        prepare_text(tmp_path, words, tmp_path / "text", 1)


def test_perfect_guesses_are_judged_perfect(recipe: Recipe) -> None:
    maker = BlockMaker(replace(recipe, block_rows=16))
    rows = maker.make(0, 5)
    vocabulary = Vocabulary(maker.renderer.tokenizer)
    ids = rows.ids.reshape(-1).astype(np.int64)
    counts = judge(rows, ids, KINDS, vocabulary)
    assert counts["sum", "calls"] == counts["sum", "named"] == counts["sum", "exact"] > 0
    assert counts["chat", "answers"] == counts["chat", "verbatim"] > 0
    wrong = ids.copy()
    for span in spans(rows, KINDS):
        wrong[span.end - 2] += 1  # the last token before the end: names stay right
    counts = judge(rows, wrong, KINDS, vocabulary)
    assert counts["sum", "named"] == counts["sum", "calls"]
    assert counts["sum", "exact"] == counts["chat", "verbatim"] == 0


def test_muon_s_update_is_near_orthogonal() -> None:
    batch = torch.randn((2, 24, 40), generator=torch.Generator().manual_seed(1))
    values = torch.linalg.svdvals(orthogonal(batch))
    assert values.min() > 0.5
    assert values.max() < 1.5


def test_the_rate_rises_stays_and_falls_to_nothing() -> None:
    rates = [rate(step / 1000) for step in range(1001)]
    assert 0 < rates[0] < 0.1
    assert rates[10] == rates[500] == 1.0
    assert rates[-1] == 0.0
    assert all(a >= b for a, b in itertools.pairwise(rates[10:]))
    assert [stage_index(f) for f in (0.0, 0.5, 1.0)] == [0, 2, 3]


def test_one_length_must_be_given(data: Path, tmp_path: Path) -> None:
    argv = ["--data", str(data), "--out", str(tmp_path), "--minutes", "1", "--tokens", "5"]
    with pytest.raises(UsageError):
        nano.run(nano.parser().parse_args(argv))
    assert nano.main(argv) == 2
