"""The exported files run like the torch model: in llama.cpp, in transformers, and read back."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
import pytest
import torch
from train_samples import draw, words, write_tokenizer

from yanray.train import export
from yanray.train.model import EMBEDDING, LAST_NORM, Shape, hidden_states, logits, new_weights
from yanray.train.render import Renderer
from yanray.train.tokenizer import SPECIALS
from yanray.train.weights import read_gguf, save_weights

SHAPE = Shape(vocabulary=600, width=64, layers=3, heads=4, shared=2, inner=96, context=256)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """nano.safetensors (random weights, nothing zero) with its tokenizer, and nano.gguf in float32."""
    folder = tmp_path_factory.mktemp("nano")
    tokenizer = write_tokenizer(folder / "tokenizer.json", SHAPE.vocabulary)
    generator = torch.Generator().manual_seed(3)
    weights = new_weights(SHAPE, 3)
    for name, weight in weights.items():
        weight += torch.randn(weight.shape, generator=generator) * (0.3 if weight.ndim == 1 else 0.05)
        weights[name] = weight.half().float()
    save_weights(folder / "nano.safetensors", weights, SHAPE)
    export.write_gguf(folder / "nano.gguf", weights, SHAPE, tokenizer, "f32")
    return folder


@pytest.fixture(scope="module")
def llama(folder: Path) -> Any:
    return llama_cpp.Llama(
        str(folder / "nano.gguf"), n_ctx=256, logits_all=True, verbose=False, type_k=0, type_v=0
    )


def strings() -> list[str]:
    """10,000 strings: Chinese, all of up to three ASCII digits, emoji, code, spaces, mixtures, markers."""
    rng = random.Random(8)
    out = [str(n).zfill(width) for width in (1, 2, 3) for n in range(10**width)]
    pieces = "你好~天气，~🙂~👩‍👩‍👧~٣٤~²~½~Ⅷ~１２~12.50~、~é~_~\u0301~/a b".split("~")
    pieces += " ~  ~\n~\t\n ~\u3000~\u00a0".split("~")
    pieces += "\r\n~\x00~the~ sun~don't~I'VE~x=[1]*3;~<|user|>~<|end|>".split("~")
    out += ["".join(rng.choices(pieces, k=rng.randint(1, 7))) for _ in range(5_000)]
    out += [words(rng, rng.randint(1, 5)) for _ in range(2_000)]
    for _ in range(1_890):
        points = (rng.choice((rng.randrange(32, 0x3000), rng.randrange(0x4E00, 0xD7FF))) for _ in range(6))
        out.append("".join(map(chr, points)))
    return out


def test_llama_cpp_gives_the_same_ids(folder: Path, llama: Any) -> None:
    given = strings()
    assert len(given) == 10_000
    ours = Renderer(folder / "tokenizer.json").encode(given)
    wrong = [
        text
        for text, ids in zip(given, ours, strict=True)
        if llama.tokenize(text.encode(), add_bos=False, special=False) != ids
    ]
    assert wrong == []


def test_markers_are_control_tokens_that_end_a_round(llama: Any) -> None:
    ids = [llama.tokenize(marker.encode(), add_bos=False, special=True) for marker in SPECIALS]
    assert ids == [[number] for number in range(len(SPECIALS))]
    vocabulary = llama._model.vocab
    stops = [
        marker
        for marker, (i,) in zip(SPECIALS, ids, strict=True)
        if llama_cpp.llama_vocab_is_eog(vocabulary, i)
    ]
    assert stops == ["<|user|>", "<|observation|>", "<|end|>"]
    assert llama.metadata["tokenizer.chat_template"].startswith("{%- set roles")


def torch_logits(weights: dict[str, Any], ids: list[int], shape: Shape = SHAPE) -> Any:
    borders = torch.tensor([0, len(ids)], dtype=torch.int32)
    x = hidden_states(weights, torch.tensor(ids), torch.arange(len(ids)), borders, len(ids), shape)
    return logits(x, weights[LAST_NORM], weights[EMBEDDING])


def sample_ids(folder: Path) -> list[int]:
    rendered = Renderer(folder / "tokenizer.json").render([draw(random.Random(n), 0.0) for n in (1, 2)])
    return [int(i) for document in rendered for i in document.ids][:200]


def test_llama_cpp_gives_the_same_scores(folder: Path, llama: Any) -> None:
    weights, shape = export.load_weights(folder / "nano.safetensors")
    ids = sample_ids(folder)
    llama.reset()
    llama.eval(ids)
    theirs = np.array(llama.scores[: len(ids)])
    ours = torch_logits(weights, ids, shape).numpy()
    assert ours.std() > 0.1
    assert np.abs(ours - theirs).max() < 1e-4 * np.abs(ours).max() + 5e-5


def test_transformers_gives_the_same_scores_and_ids(folder: Path, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    assert export.main([str(folder / "nano.safetensors"), "--transformers", str(tmp_path)]) == 0
    model = transformers.AutoModelForCausalLM.from_pretrained(tmp_path)
    ids = sample_ids(folder)
    with torch.no_grad():
        theirs = model(torch.tensor([ids])).logits[0]
    weights, _ = export.load_weights(folder / "nano.safetensors")
    assert (torch_logits(weights, ids) - theirs).abs().max() < 5e-5
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    messages = [{"role": "user", "content": "what is 3 plus 4?"}]
    text = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    assert text == "<|user|>what is 3 plus 4?<|assistant|>"
    assert tokenizer("<|user|>").input_ids == [1]


def test_a_gguf_is_read_back(folder: Path) -> None:
    weights, shape = export.load_weights(folder / "nano.safetensors")
    again, same, tokenizer = read_gguf(folder / "nano.gguf")
    assert same == shape
    assert all(torch.equal(weights[name], again[name]) for name in weights)
    assert tokenizer.encode("<|user|>price: 15 天气").ids == [
        1,
        *Renderer(folder / "tokenizer.json").encode(["price: 15 天气"])[0],
    ]


def test_q8_0_is_small_and_near(folder: Path) -> None:
    out = folder / "small.gguf"
    assert export.main([str(folder / "nano.safetensors"), "--gguf", str(out), "--type", "q8_0"]) == 0
    weights, _ = export.load_weights(folder / "nano.safetensors")
    small = read_gguf(out)[0]
    assert all((weights[n] - small[n]).abs().max() <= weights[n].abs().max() / 127 for n in weights)
    assert out.stat().st_size < 0.5 * (folder / "nano.gguf").stat().st_size


def test_shape_of_the_shipped_model_stays_within_its_limit() -> None:
    shape = replace(Shape(), layers=1)
    per_layer = sum(w.numel() for name, w in new_weights(shape, 1).items() if ".layers." in name)
    total = per_layer * Shape().layers + Shape().vocabulary * Shape().width
    assert total * 34 / 32 < 47 * 2**20  # Q8_0: 34 bytes for 32 weights; the rest is the tokenizer
