"""Headers: of real files, whole, cut short, foreign; from the disk and over HTTP by range."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import Shape, write_tiny

from yanray.errors import YanrayError
from yanray.models.headers import read_header

LLAMA = {
    "model_type": "llama",
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 128,
    "vocab_size": 300,
    "max_position_embeddings": 512,
    "tie_word_embeddings": False,
    "torch_dtype": "float16",
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("headers") / "tiny.gguf", shape=Shape(vocabulary=500))


def write_safetensors(folder: Path, config: dict[str, object] = LLAMA) -> Path:
    """A model of two files in FOLDER, its tensors under Hugging Face's names."""
    import torch
    from safetensors.torch import save_file

    width, inner, kv = 64, 128, 32
    layer = {
        "self_attn.q_proj": (width, width),
        "self_attn.k_proj": (kv, width),
        "self_attn.v_proj": (kv, width),
        "self_attn.o_proj": (width, width),
        "mlp.gate_proj": (inner, width),
        "mlp.up_proj": (inner, width),
        "mlp.down_proj": (width, inner),
    }
    ends = {
        "model.embed_tokens.weight": (300, width),
        "lm_head.weight": (300, width),
        "model.norm.weight": (width,),
    }
    first = {name: torch.zeros(size, dtype=torch.float16) for name, size in ends.items()}
    second = {}
    for number in range(2):
        for name, size in layer.items():
            second[f"model.layers.{number}.{name}.weight"] = torch.zeros(size, dtype=torch.float16)
        for name in ("input_layernorm", "post_attention_layernorm"):
            second[f"model.layers.{number}.{name}.weight"] = torch.zeros(width, dtype=torch.float16)
    folder.mkdir(exist_ok=True)
    save_file(first, folder / "model-00001-of-00002.safetensors")
    save_file(second, folder / "model-00002-of-00002.safetensors")
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def test_a_gguf_header_says_what_the_gguf_package_reads(tiny):
    header, reader = read_header(tiny), gguf.GGUFReader(tiny)
    assert [tensor.name for tensor in header.tensors] == [tensor.name for tensor in reader.tensors]
    assert header.weights_bytes == sum(int(tensor.n_bytes) for tensor in reader.tensors)
    assert header.parameters == sum(int(tensor.n_elements) for tensor in reader.tensors)
    shape = header.shape
    assert (shape.layers, shape.width, shape.inner, shape.heads, shape.kv_heads) == (2, 64, 128, 2, 1)
    assert shape.vocabulary == 500 or shape.vocabulary == len(reader.fields["tokenizer.ggml.tokens"].data)
    assert shape.cache_values == 2 * 1 * (32 + 32)
    assert header.metadata["tokenizer.chat_template"]


def test_the_name_of_a_file_says_nothing(tiny, tmp_path):
    liar = tmp_path / "llama-70b-q8_0.gguf"
    liar.write_bytes(tiny.read_bytes())
    assert read_header(liar).parameters == read_header(tiny).parameters
    assert read_header(liar).quantization == "f32"


def test_a_gguf_cut_anywhere_is_an_error_that_says_so(tiny, tmp_path):
    whole = tiny.read_bytes()
    cut = tmp_path / "cut.gguf"
    for length in [0, 3, 4, 8, 23, 24, 100, 2000, len(whole) // 2, len(whole) - 1]:
        cut.write_bytes(whole[:length])
        with pytest.raises(YanrayError, match=r"cut short|begins with"):
            read_header(cut)


@settings(max_examples=200, deadline=None)
@given(place=st.integers(0, 5000), value=st.integers(0, 255))
def test_a_damaged_gguf_reads_or_is_refused_but_never_crashes(tiny, tmp_path_factory, place, value):
    data = bytearray(tiny.read_bytes())
    data[place] = value
    damaged = tmp_path_factory.mktemp("damaged") / "model.gguf"
    damaged.write_bytes(data)
    try:
        read_header(damaged)
    except YanrayError as error:
        assert str(damaged) in str(error)


@pytest.mark.parametrize(
    "data, said",
    [
        (b"PK\x03\x04 a zip file", "neither GGUF"),
        (b"", "neither GGUF"),
        (b"<html>sign in</html>", "neither GGUF"),
        (b"GGUF\x00\x00\x00\x03" + bytes(16), "big-endian"),
        (b"GGUF\x01\x00\x00\x00" + bytes(16), "version 1"),
        (b"GGUF\x03\x00\x00\x00" + b"\xff" * 16, "damaged"),
        (b'{"no": "model"}', "num_hidden_layers"),
        (b'{"cut": ', "not JSON"),
    ],
)
def test_foreign_files_are_named_as_such(tmp_path, data, said):
    path = tmp_path / "model.bin"
    path.write_bytes(data)
    with pytest.raises(YanrayError, match=said):
        read_header(path)


def test_safetensors_give_their_own_sizes(tmp_path):
    header = read_header(write_safetensors(tmp_path / "model"))
    assert header.kind == "safetensors"
    assert header.quantization == "f16"
    per_layer = 64 * 64 * 2 + 32 * 64 * 2 + 3 * 64 * 128 + 2 * 64
    assert header.parameters == 2 * per_layer + 2 * 300 * 64 + 64
    assert header.weights_bytes == 2 * header.parameters
    assert header.shape.kv_heads == 2


def test_a_safetensors_file_cut_short_is_refused(tmp_path):
    folder = write_safetensors(tmp_path / "model")
    shard = folder / "model-00002-of-00002.safetensors"
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(YanrayError, match="cut short"):
        read_header(folder)


def test_config_and_safetensors_of_one_model_agree(tmp_path):
    folder = write_safetensors(tmp_path / "model")
    reckoned = read_header(folder / "config.json")
    assert reckoned.parameters == read_header(folder).parameters


GPT2 = {
    "model_type": "gpt2",
    "n_layer": 12,
    "n_embd": 768,
    "n_head": 12,
    "vocab_size": 50257,
    "n_positions": 1024,
}
LARGE = {
    **LLAMA,
    "num_hidden_layers": 32,
    "hidden_size": 4096,
    "num_attention_heads": 32,
    "vocab_size": 32000,
}
LLAMA_7B = {**LARGE, "intermediate_size": 11008, "num_key_value_heads": 32}
MIXTRAL = {**LARGE, "intermediate_size": 14336, "num_key_value_heads": 8, "num_local_experts": 8}


@pytest.mark.parametrize("config, millions", [(GPT2, 124.4), (LLAMA_7B, 6738.4), (MIXTRAL, 46702.8)])
def test_parameters_of_published_models(tmp_path, config, millions):
    """GPT-2 small, LLaMA 7B, Mixtral 8x7B, as their authors count them; biases are left out here."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    assert read_header(path).parameters / 1e6 == pytest.approx(millions, rel=0.001)


class _Ranges(BaseHTTPRequestHandler):
    """Serves a folder by range and counts the bytes."""

    protocol_version = "HTTP/1.1"
    root: Path
    sent = 0

    def do_GET(self) -> None:
        path = self.root / self.path.lstrip("/")
        if not path.is_file():
            self.send_error(404)
            return
        data = path.read_bytes()
        begin, _, end = self.headers["range"].removeprefix("bytes=").partition("-")
        piece = data[int(begin) : int(end) + 1]
        type(self).sent += len(piece)
        self.send_response(206)
        self.send_header("content-length", str(len(piece)))
        self.send_header("content-range", f"bytes {begin}-{int(begin) + len(piece) - 1}/{len(data)}")
        self.end_headers()
        self.wfile.write(piece)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, Path, type[_Ranges]]]:
    handler = type("Ranges", (_Ranges,), {"root": tmp_path, "sent": 0})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", tmp_path, handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_over_http_a_header_costs_a_header(served):
    address, folder, handler = served
    shape = Shape(width=512, layers=4, heads=8, kv_heads=4, ffn=1024, vocabulary=2000)
    path = write_tiny(folder / "model.gguf", shape=shape)
    there, here = read_header(f"{address}/model.gguf"), read_header(path)
    assert (there.shape, there.tensors, there.size) == (here.shape, here.tensors, here.size)
    assert handler.sent <= 2 << 20 < path.stat().st_size / 4


def test_safetensors_and_config_are_read_over_http(served):
    address, folder, _ = served
    write_safetensors(folder / "m")
    there = read_header(f"{address}/m/model-00002-of-00002.safetensors")
    assert there.shape == read_header(folder / "m").shape
    assert read_header(f"{address}/m/config.json").parameters == read_header(folder / "m").parameters


def test_a_file_that_the_server_has_not_is_an_error_with_a_remedy(served):
    with pytest.raises(YanrayError, match=r"404 .*spelling"):
        read_header(f"{served[0]}/nothing.gguf")


def test_a_server_that_is_away_is_an_error_with_a_remedy():
    with pytest.raises(YanrayError, match="check the network"):
        read_header("http://127.0.0.1:9/model.gguf")


def test_quantized_tensors_are_counted_in_blocks(tmp_path):
    path = tmp_path / "q.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    for key in ("context_length", "embedding_length", "block_count", "feed_forward_length", "head_count"):
        getattr(writer, f"add_{key}")(64)
    kind = gguf.GGMLQuantizationType.Q8_0
    data = gguf.quants.quantize(np.ones((96, 64), np.float32), kind)
    writer.add_tensor("token_embd.weight", data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    header = read_header(path)
    assert header.weights_bytes == 96 * 64 // 32 * 34
    assert header.quantization == "q8_0"
