"""LoRA adapters in both cores, against weights that they were merged into; swapped; refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tiny_adapters import Sizes, deltas, llama_sizes, write_adapter
from tiny_chatglm import GROUPS, HEAD, HEADS, INNER, LAYERS, WIDTH, write_chatglm
from tiny_checkpoints import write_checkpoint
from tiny_models import EXACT

from yanray.cores.base import Lora, Sampling
from yanray.cores.gguf import GgufCore
from yanray.cores.gguf_tensors import Tensors
from yanray.errors import ModelError
from yanray.messages import Message
from yanray.models.convert import convert

pytest.importorskip("torch")
pytest.importorskip("transformers")

from yanray.cores.hf import HfCore

LIMIT = 5e-5
ASK = [Message("system", "You are the assistant. " * 4), Message("user", "hello world")]
SHORT = Sampling(max_tokens=8)
QKV = (HEADS + 2 * GROUPS) * HEAD


def glm_sizes(width: int, queries: int, kv: int, inner: int, layers: int) -> dict[str, tuple[int, int]]:
    """The linear layers of a GLM, under transformers' names."""
    parts = {
        "self_attn.q_proj": (width, queries),
        "self_attn.k_proj": (width, kv),
        "self_attn.v_proj": (width, kv),
        "self_attn.o_proj": (queries, width),
        "mlp.gate_up_proj": (width, 2 * inner),
        "mlp.down_proj": (inner, width),
    }
    return {f"model.layers.{n}.{name}": size for n in range(layers) for name, size in parts.items()}


def old_sizes() -> dict[str, tuple[int, int]]:
    """The linear layers of the tiny ChatGLM, as its authors call them."""
    parts = {
        "self_attention.query_key_value": (WIDTH, QKV),
        "self_attention.dense": (HEADS * HEAD, WIDTH),
        "mlp.dense_h_to_4h": (WIDTH, 2 * INNER),
        "mlp.dense_4h_to_h": (INNER, WIDTH),
    }
    return {
        f"transformer.encoder.layers.{n}.{part}": size for n in range(LAYERS) for part, size in parts.items()
    }


def gpt2_sizes() -> dict[str, tuple[int, int]]:
    """The linear layers of the tiny GPT-2."""
    parts = {
        "attn.c_attn": (64, 192),
        "attn.c_proj": (64, 64),
        "mlp.c_fc": (64, 256),
        "mlp.c_proj": (256, 64),
    }
    return {f"transformer.h.{n}.{part}": size for n in range(2) for part, size in parts.items()}


SIZES: dict[str, Sizes] = {
    "hf-llama": llama_sizes(),
    "hf-glm": glm_sizes(64, 64, 32, 128, 2),
    "hf-gpt2": gpt2_sizes(),
    "chatglm3": old_sizes(),
}
INNER_NAMES = {"chatglm3": glm_sizes(WIDTH, HEADS * HEAD, GROUPS * HEAD, INNER, LAYERS)}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lora")


def folder_of(root: Path, kind: str) -> Path:
    folder = root / kind
    if not folder.exists() and kind == "chatglm3":
        write_chatglm(folder, kind)
    elif not folder.exists():
        write_checkpoint(folder, kind)
        calm(folder / "model.safetensors")
        tokenizer = folder / "tokenizer.json"  # one whose rules llama.cpp has
        text = tokenizer.read_text(encoding="utf-8")
        tokenizer.write_text(text.replace('"use_regex": false', '"use_regex": true'), encoding="utf-8")
    return folder


def calm(path: Path) -> None:
    """Halve the layers' weights and shrink the output's, so that rounding is not blown up by the model."""
    tensors = load_file(path)
    for name, weights in tensors.items():
        if weights.ndim > 1:
            tensors[name] = weights * np.float32(0.3 if name == "lm_head.weight" else 0.5)
    save_file(tensors, path, metadata={"format": "pt"})


def gguf_of(root: Path, kind: str) -> Path:
    path = root / f"{kind}.gguf"
    if not path.exists():
        convert(folder_of(root, kind), path)
    return path


def open_hf(folder: Path, **options: Any) -> HfCore:
    return HfCore(folder, **{"context": 512, "threads": 1, "drafts": False, **options})


def open_gguf(path: Path, **options: Any) -> GgufCore:
    return GgufCore(path, **{**EXACT, "context": 512, "drafts": False, **options})


def merged(root: Path, kind: str, target: Path, adapters: list[Lora]) -> Path:
    """The folder of KIND with ADAPTERS, which name its own tensors, added to its weights, at TARGET."""
    shutil.copytree(folder_of(root, kind), target)
    added = [delta for lora in adapters for delta in deltas(lora).items()]
    for path in target.glob("*.safetensors"):
        tensors = load_file(path)
        for layer, delta in added:
            name = f"{layer}.weight"
            if name in tensors:
                turned = delta.T if kind == "hf-gpt2" else delta
                tensors[name] = (tensors[name] + turned).astype(np.float32)
        save_file(tensors, path, metadata={"format": "pt"})
    return target


def logits(core: Any) -> Any:
    """What CORE expects after a prompt and after each of eight tokens of its own."""
    ids = core._encoder.encode(ASK).ids
    context, found = core._context, []
    context.trim(0)
    for at in range(0, len(ids), context.batch):
        context.read(ids[at : at + context.batch])
    for token in range(8):
        found.append(context.logits()[0].copy())
        context.step(token + 40)
    return np.array(found)


def say(core: Any) -> str:
    return "".join(piece for piece in core.stream(ASK, SHORT) if isinstance(piece, str))


def differ(a: Any, b: Any) -> float:
    return float(np.abs(a - b).max())


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("kind", SIZES)
def test_an_adapter_in_transformers_is_as_if_merged(
    root: Path, tmp_path: Path, kind: str, in_place: bool
) -> None:
    lora = write_adapter(tmp_path / "one", SIZES[kind])
    core = open_hf(folder_of(root, kind), in_place=in_place)
    plain = logits(core)
    core.adapt([lora])
    right = logits(open_hf(merged(root, kind, tmp_path / "merged", [lora])))
    assert differ(logits(core), right) <= LIMIT
    assert differ(plain, right) > 0.05
    core.adapt([])
    assert differ(logits(core), plain) == 0


@pytest.mark.parametrize("kind", ["hf-llama", "hf-glm", "chatglm3"])
def test_an_adapter_in_llama_cpp_is_as_if_merged(root: Path, tmp_path: Path, kind: str) -> None:
    lora = write_adapter(tmp_path / "one", SIZES[kind])
    core = open_gguf(gguf_of(root, kind))
    plain = logits(core)
    core.adapt([lora])
    right = logits(open_hf(merged(root, kind, tmp_path / "merged", [lora])))
    assert differ(logits(core), right) <= LIMIT
    assert differ(plain, right) > 0.05
    core.adapt([])
    assert differ(logits(core), plain) <= 1e-6
    core.close()


def test_queries_keys_and_values_in_one_matrix(root: Path, tmp_path: Path) -> None:
    """A ChatGLM as llama.cpp's own converter writes it: an adapter of either kind fits it."""
    fused = fuse(gguf_of(root, "chatglm3"), tmp_path / "fused.gguf")
    core, apart = open_gguf(fused), open_gguf(gguf_of(root, "chatglm3"))
    partly = {name: size for name, size in INNER_NAMES["chatglm3"].items() if "k_proj" not in name}
    for sizes in (SIZES["chatglm3"], INNER_NAMES["chatglm3"], partly):
        lora = write_adapter(tmp_path / "one", sizes)
        hf = open_hf(folder_of(root, "chatglm3"))
        for each in (core, apart, hf):
            each.adapt([lora])
        right = logits(hf)
        assert max(differ(logits(core), right), differ(logits(apart), right)) <= LIMIT
        for each in (core, apart):
            each.adapt([])  # the next adapter has the same name and size
            each._lora.close()


def fuse(source: Path, target: Path) -> Path:
    """SOURCE with the matrices of queries, keys and values put into one for each layer."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, "chatglm")
    for field in reader.fields.values():
        if field.name != "general.architecture" and not field.name.startswith("GGUF."):
            kind = field.types[0]
            inner = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(field.name, field.contents(), kind, sub_type=inner)
    tensors = {tensor.name: tensor.data for tensor in reader.tensors}
    for name, data in tensors.items():
        if ".attn_q." in name:
            parts = [tensors[name.replace("attn_q", part)] for part in ("attn_q", "attn_k", "attn_v")]
            writer.add_tensor(name.replace("attn_q", "attn_qkv"), np.concatenate(parts))
        elif ".attn_k." not in name and ".attn_v." not in name:
            writer.add_tensor(name, data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


Opens = Callable[..., Any]


def openers(root: Path) -> list[tuple[str, Opens]]:
    folder, path = folder_of(root, "hf-llama"), gguf_of(root, "hf-llama")
    return [
        ("hf", lambda **options: open_hf(folder, **options)),
        ("in place", lambda **options: open_hf(folder, in_place=True, **options)),
        ("gguf", lambda **options: open_gguf(path, **options)),
    ]


@pytest.mark.parametrize("core_kind", range(3))
def test_several_at_once_with_their_scales(root: Path, tmp_path: Path, core_kind: int) -> None:
    attention = {name: size for name, size in llama_sizes().items() if "attn" in name}
    first = write_adapter(tmp_path / "first", llama_sizes(), rank=2, alpha=3).at(0.5)
    second = write_adapter(tmp_path / "second", attention, rank=4, seed=6, use_rslora=True).at(-1.25)
    core = openers(root)[core_kind][1]()
    core.adapt([first, second])
    right = logits(open_hf(merged(root, "hf-llama", tmp_path / "merged", [first, second])))
    assert differ(logits(core), right) <= LIMIT
    core.close()


@pytest.mark.parametrize("core_kind", range(3))
def test_after_a_swap_nothing_old_is_used(root: Path, tmp_path: Path, core_kind: int) -> None:
    one = write_adapter(tmp_path / "one", llama_sizes(), strength=1.0)
    two = write_adapter(tmp_path / "two", llama_sizes(), seed=9, strength=1.0)
    open_core = openers(root)[core_kind][1]
    core = open_core(prefix_folder=tmp_path / "states")
    texts = {}
    for adapters in ([], [one], [two], [one, two.at(0.5)], [one], []):
        core.adapt(adapters)
        text = say(core)
        fresh = open_core()
        fresh.adapt(adapters)
        assert text == say(fresh)
        fresh.close()
        known = texts.setdefault(str(adapters), text)
        assert known == text
        again = say(core)
        assert again == text and core.finish.usage.evaluated_tokens == 1
    assert len(set(texts.values())) == 4
    assert not core.take_notices()  # no state of the one was tried for the other
    core.close()


@pytest.mark.parametrize("core_kind", range(3))
def test_what_does_not_fit_is_an_error_and_changes_nothing(
    root: Path, tmp_path: Path, core_kind: int
) -> None:
    good = write_adapter(tmp_path / "good", llama_sizes())
    core = openers(root)[core_kind][1]()
    core.adapt([good])
    before = logits(core)
    layer = "model.layers.0.self_attn.q_proj"
    other = write_adapter(tmp_path / "wide", {layer: (128, 64)})
    deeper = write_adapter(tmp_path / "deep", {layer.replace("0", "7"): (64, 64)})
    alien = write_adapter(tmp_path / "alien", {"model.layers.0.mixer.in_proj": (64, 64)})
    norm = Lora("foreign", good.weights, 6.0, norm=(3.0, 1.0, 1.0))
    cut = write_adapter(tmp_path / "cut", llama_sizes())
    cut.weights.write_bytes(cut.weights.read_bytes()[:-100])
    gone = Lora("gone", tmp_path / "gone.safetensors", 6.0)
    for bad in (other, deeper, alien, norm, cut, gone):
        with pytest.raises(ModelError, match=r"does not fit|another model|damaged"):
            core.adapt([good, bad])
        assert differ(logits(core), before) == 0
    core.adapt([Lora("known", good.weights, 6.0, norm=(1.0, 1.005, 0.995))])
    core.close()


def test_tensors_are_read_as_the_gguf_package_reads_them(root: Path) -> None:
    for kind in ("hf-llama", "chatglm3"):
        path = gguf_of(root, kind)
        ours, theirs = Tensors(path), gguf.GGUFReader(path).tensors
        assert ours.shapes == {tensor.name: tuple(map(int, tensor.shape)) for tensor in theirs}
        norm = next(tensor.data for tensor in theirs if tensor.name == "output_norm.weight")
        assert ours.vector("output_norm.weight").tolist() == norm.tolist()
        assert len(ours.vector("nothing")) == 0
