"""What fits: the figures that are known of real models and machines, and the rules of cards."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tiny_models import Shape, write_tiny

from yanray.cli import main
from yanray.errors import ConfigError, UsageError
from yanray.models.cards import advice, unsupported
from yanray.models.catalogue import catalogue
from yanray.models.fit import Row, choose, rows_for
from yanray.models.fit_training import training_rows
from yanray.models.formats import kinds_in
from yanray.models.headers import read_header
from yanray.models.machine import known_machines, named_machine, remembered_machine, this_machine
from yanray.models.memory import copied_bytes, need
from yanray.models.shape import Header
from yanray.models.speed import SHARES, read_bytes, tokens_per_second
from yanray.models.training import Method, adapter_parameters, training_bytes

GB = 1e9
CHATGLM3_6B = {  # config.json of THUDM/chatglm3-6b
    "model_type": "chatglm",
    "num_layers": 28,
    "hidden_size": 4096,
    "ffn_hidden_size": 13696,
    "num_attention_heads": 32,
    "multi_query_attention": True,
    "multi_query_group_num": 2,
    "kv_channels": 128,
    "padded_vocab_size": 65024,
    "seq_length": 8192,
    "tie_word_embeddings": False,
    "torch_dtype": "float16",
}
LLAMA = {
    "7B": (32, 4096, 11008),
    "13B": (40, 5120, 13824),
    "30B": (60, 6656, 17920),
    "65B": (80, 8192, 22016),
}


@pytest.fixture
def header_from(tmp_path: Path):
    """Reads a config as `yanray fit` would."""

    def read(config: Mapping[str, Any]) -> Header:
        path = tmp_path / "config.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        return read_header(path)

    return read


def llama(size: str) -> dict[str, Any]:
    layers, width, inner = LLAMA[size]
    return {
        "model_type": "llama",
        "num_hidden_layers": layers,
        "hidden_size": width,
        "intermediate_size": inner,
        "num_attention_heads": width // 128,
        "vocab_size": 32000,
        "max_position_embeddings": 2048,
        "tie_word_embeddings": False,
    }


def by_format(header: Header, machine: str, **options: Any) -> dict[str, Row]:
    return {row.quantization: row for row in rows_for(header, named_machine(machine), **options)}


def test_chatglm3_takes_what_its_owners_report(header_from):
    header = header_from(CHATGLM3_6B)
    rows = by_format(header, "rtx3090", context=2048)
    assert header.parameters == pytest.approx(6.2436e9, rel=0.001)
    assert rows["f16"].weights_bytes / GB == pytest.approx(12, rel=0.10)
    assert rows["f16"].total_bytes / GB == pytest.approx(13, rel=0.10)
    assert 7.5 * 0.9 <= rows["int8"].total_bytes / GB <= 8 * 1.1
    assert rows["nf4"].total_bytes / GB == pytest.approx(5, rel=0.15)
    assert rows["f32"].total_bytes / GB > 20


def test_chatglm3_s_weights_to_the_percent(header_from):
    """As counted on the model itself: fp16 12.49, int8 6.78, nf4 4.28, Q8_0 6.63 GB; 28672 bytes of KV a
    token."""
    rows = by_format(header_from(CHATGLM3_6B), "rtx3090", context=8192)
    expected = {"f16": 12.49, "int8": 6.78, "nf4": 4.28, "q8_0": 6.63}
    assert {name: round(rows[name].weights_bytes / GB, 2) for name in expected} == expected
    assert rows["f16"].kv_bytes == 28672 * 8192 == 224 << 20


@pytest.mark.parametrize(
    "size, four, eight",
    [
        ("7B", (3.9, 7.5), (8.5, 10)),
        ("13B", (7.8, 11), (13.5, 17.5)),
        ("30B", (19.5, 23), (28.5, 38.5)),
        ("65B", (38.5, 47), (71, 80)),
    ],
)
def test_llama_in_4_and_8_bits_lies_in_the_known_ranges(header_from, size, four, eight):
    header, card = header_from(llama(size)), named_machine("rtx3090")
    for bounds, formats in ((four, ("nf4", "q4_0")), (eight, ("int8", "q8_0"))):
        for name in formats:
            assert bounds[0] <= need(header, name, 2048, card).total / GB <= bounds[1], name


@pytest.mark.parametrize(
    "weights, bandwidth, expected",
    [(8, 56, 7), (8, 51, 6.3), (8, 89.6, 11.2), (8, 41.6, 5.1), (13, 115, 8.8)],
)
def test_speed_is_bandwidth_over_bytes(weights, bandwidth, expected):
    assert tokens_per_second(weights * GB, bandwidth * GB) == pytest.approx(expected, rel=0.02)


def test_a_machine_of_the_owners_gives_exactly_that(header_from, tmp_path, monkeypatch):
    """The same through the whole of `fit`: a machine that reaches all of its bandwidth."""
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path))
    entry = "mine: {title: mine, ram: 64, ram_bandwidth: 56, ram_tflops: 1, scale: 1}\n"
    (tmp_path / "machines.yaml").write_text(entry, encoding="utf-8")
    header = header_from(llama("7B"))
    row = by_format(header, "mine", context=2048)["q8_0"]
    reached = row.tokens_per_second * read_bytes(header, "q8_0") / 56e9
    assert reached == pytest.approx(SHARES["cpu"]["q8_0"], rel=0.01)


def test_openvla_does_not_train_on_16_gb_and_does_on_27(tmp_path):
    """OpenVLA-7B: 7.54 B parameters in bf16, LoRA of rank 32, one sequence of about 300 tokens, no
    checkpointing."""
    vision = {
        "model_type": "openvla",
        "torch_dtype": "bfloat16",
        "text_config": {"model_type": "llama", "vocab_size": 32064},
    }
    path = tmp_path / "config.json"
    path.write_text(json.dumps(vision), encoding="utf-8")
    text = read_header(path)
    towers = Header(
        "towers", "config", text.shape, text.tensors[:1] * 6, "bf16"
    )  # 0.79 B beside the language part
    whole = Header("openvla", "config", text.shape, text.tensors + towers.tensors, "bf16")
    assert whole.parameters == pytest.approx(7.54e9, rel=0.01)
    assert adapter_parameters(text, 32) == pytest.approx(80e6, rel=0.01)
    for checkpointing in (True, False):
        wanted = training_bytes(whole, "bf16", "lora", tokens=300, rank=32, checkpointing=checkpointing)
        assert 16 * GB < wanted <= 27 * GB


MEASURED = [  # in use on an H200, GB: benchmarks/results/gpu-h200-3.json and -4.json
    ("glm", 28, 2, "nf4", 6.997),
    ("glm", 28, 2, "int8", 12.223),
    ("glm", 8, 2, "nf4", 4.287),
    ("glm", 8, 2, "int8", 6.741),
    ("llama", 4, 4, "nf4", 3.755),
    ("llama", 4, 4, "int8", 4.854),
    ("llama", 12, 8, "nf4", 4.942),
    ("llama", 12, 8, "int8", 7.366),
]


@pytest.mark.parametrize(("family", "layers", "shared", "load", "used"), MEASURED)
def test_training_on_a_card_takes_what_was_measured(header_from, family, layers, shared, load, used):
    shape = {
        "model_type": family,
        "num_hidden_layers": layers,
        "hidden_size": 4096,
        "intermediate_size": 13696,
        "num_attention_heads": 32,
        "num_key_value_heads": shared,
        "vocab_size": 65024,
        "max_position_embeddings": 8192,
        "tie_word_embeddings": False,
    }
    method = "qlora" if load == "nf4" else "lora"
    planned = training_bytes(header_from(shape), load, method, tokens=1024, rank=8)
    assert planned is not None and planned / GB == pytest.approx(used, rel=0.10)


def trainable(header: Header, machine: str, method: Method, **options: Any) -> dict[str, Row]:
    rows = training_rows(header, named_machine(machine), method, **options)
    assert len({row.quantization for row in rows}) == len(rows)
    return {row.quantization: row for row in rows}


def test_training_methods_work_on_their_own_formats(header_from):
    header = header_from(CHATGLM3_6B)
    lora = trainable(header, "rtx3090", "lora")
    qlora = trainable(header, "rtx3090", "qlora")
    full = trainable(header, "rtx3090", "full")
    assert lora.keys() == {"f32", "f16", "int8"} and full.keys() == {"f32", "f16"} and qlora.keys() == {"nf4"}
    assert qlora["nf4"].training_bytes < lora["int8"].training_bytes < lora["f16"].training_bytes
    assert full["f16"].training_bytes > 16 * header.parameters


@pytest.mark.parametrize("name, device", [("pi5-8gb", "cpu"), ("rtx3090", "cuda")])
def test_training_is_reckoned_for_the_place_where_it_would_run(header_from, name, device):
    header = header_from(CHATGLM3_6B)
    told = trainable(header, name, "qlora")["nf4"].training_bytes
    places = {each: training_bytes(header, "nf4", "qlora", device=each) for each in ("cpu", "cuda")}
    assert told == places[device] and places["cpu"] != places["cuda"]


def test_pascal_gets_no_int8_and_is_told_what_to_do(header_from):
    card = named_machine("p102-100")
    assert card.compute == (6, 1)
    assert set(unsupported(card)) == {"int8", "bf16"}
    said = " ".join(advice(card))
    for word in ("7.5", "1/64", "cu126", "<2.15", "DCMAKE_CUDA_ARCHITECTURES=61", "580", "float32"):
        assert word in said
    rows = by_format(header_from(CHATGLM3_6B), "p102-100", context=8192)
    assert rows["int8"].tokens_per_second is None
    assert rows["q8_0"].fits == "vram"
    chosen = choose(rows.values())
    assert chosen is not None and chosen.quantization == "q8_0"


def test_cards_from_turing_on_run_int8():
    assert unsupported(named_machine("rtx2060")).keys() == {"bf16"}
    assert unsupported(named_machine("rtx3090")) == {}
    assert advice(named_machine("rtx3090")) == []


def test_a_model_too_large_for_the_card_is_split_and_told_slow(header_from):
    rows = by_format(header_from(CHATGLM3_6B), "p102-100", context=4096)
    assert rows["f16"].fits == "partly"
    whole = by_format(header_from(CHATGLM3_6B), "rtx3090", context=4096)["f16"]
    assert whole.fits == "vram"
    # What does not fit crosses a link of 0.48 GB/s for each token; of the embedding only a row.
    over = rows["f16"].total_bytes - named_machine("p102-100").vram
    assert rows["f16"].tokens_per_second < 1.1 * 0.48e9 / over
    assert rows["f16"].tokens_per_second < whole.tokens_per_second / 20


def test_nothing_fits_where_nothing_fits(header_from):
    rows = by_format(header_from(llama("65B")), "pi4-8gb", context=2048)
    assert {row.fits for row in rows.values()} == {"no"}
    assert all(row.tokens_per_second is None for row in rows.values())
    assert choose(rows.values()) is None


def test_the_choice_is_bearable_before_it_is_large():
    machine = named_machine("pi5-8gb")
    rows = [
        row
        for entry in catalogue().values()
        if entry.header
        for row in rows_for(entry.header, machine, context=4096)
    ]
    chosen = choose(rows)
    assert chosen is not None
    assert chosen.tokens_per_second >= 4
    larger = [row for row in rows if row.parameters > chosen.parameters and row.fits == "ram"]
    assert larger and all(row.tokens_per_second < 4 or row.prompt_seconds > 60 for row in larger)


def test_every_machine_states_its_sources():
    machines = known_machines()
    wanted = {"p102-100", "pi4-8gb", "pi5-8gb", "jetson-nano", "rtx3090", "rtx3050", "orin-64gb"}
    assert wanted <= machines.keys()
    assert all(machine.sources and machine.ram_bandwidth > 1e9 for machine in machines.values())


def test_an_unknown_machine_lists_those_there_are():
    with pytest.raises(UsageError, match="p102-100"):
        named_machine("zx81")


def test_a_machine_that_does_not_read_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path))
    (tmp_path / "machines.yaml").write_text("mine: {title: mine}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"machine mine: .*ram"):
        known_machines()


@pytest.mark.parametrize("kind", ["Q8_0", "Q4_K_M", "Q5_K_M"])
def test_reckoned_quantizations_are_what_llama_cpp_makes(tmp_path, kind):
    """Tensor by tensor, of a model whose layers the K mixtures treat differently."""
    import ctypes

    import llama_cpp

    shape = Shape(width=256, layers=9, heads=4, kv_heads=2, ffn=512, vocabulary=600)
    source, made = write_tiny(tmp_path / "f32.gguf", shape=shape), tmp_path / "made.gguf"
    options = llama_cpp.llama_model_quantize_default_params()
    options.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{kind}")
    assert (
        llama_cpp.llama_model_quantize(str(source).encode(), str(made).encode(), ctypes.byref(options)) == 0
    )
    reckoned = {tensor.name: name for tensor, name in kinds_in(read_header(source), kind.lower())}
    assert {tensor.name: tensor.kind for tensor in read_header(made).tensors} == reckoned


def test_only_repacked_formats_stand_in_memory_twice(header_from):
    header = header_from(llama("7B"))
    assert copied_bytes(header, "q8_0", "x86_64") == 0
    assert (
        copied_bytes(header, "q4_k_m", "x86_64")
        / need(header, "q4_k_m", 2048, named_machine("pi4-8gb")).weights
        > 0.6
    )
    assert copied_bytes(header, "q8_0", "aarch64") > 6 * GB
    assert need(header, "q8_0", 2048, named_machine("pi4-8gb")).copies == 0


def test_json_is_as_promised(capsys, tmp_path):
    path = write_tiny(tmp_path / "tiny.gguf")
    code = main(["fit", str(path), "--machine", "pi5-8gb", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert set(told) == {"machine", "choice", "rows"}
    keys = {
        "model",
        "quantization",
        "context",
        "weights_bytes",
        "kv_bytes",
        "total_bytes",
        "fits",
        "tokens_per_second",
    }
    assert all(set(row) == keys for row in told["rows"])
    assert keys < set(told["choice"])
    main(["fit", "chatglm3-6b-32k", "--machine", "rtx3090", "--json", "--train", "qlora"])
    told = json.loads(capsys.readouterr().out)
    assert [row["quantization"] for row in told["rows"] if "training_bytes" in row] == ["nf4"]


def test_the_table_marks_the_choice_and_says_it(capsys):
    assert main(["fit", "--machine", "p102-100"]) == 0
    shown = capsys.readouterr().out
    assert "cu126" in shown
    assert len([line for line in shown.splitlines() if line.startswith("> ")]) == 1
    assert "I would take " in shown


def test_this_machine_is_measured(capsys, tmp_path):
    path = write_tiny(tmp_path / "tiny.gguf")
    assert main(["fit", str(path), "--json"]) == 0
    machine = json.loads(capsys.readouterr().out)["machine"]
    assert machine["ram_bandwidth"] > 1e8
    assert machine["ram_bytes"] > 1e8


def nvidia_smi(folder: Path, *cards: str) -> None:
    """A program of that name which says what the real one says for CARDS."""
    program = folder / "nvidia-smi"
    lines = "\\n".join(cards)
    program.write_text(f"#!/bin/sh\nprintf '{lines}\\n'\n", encoding="utf-8")
    program.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
@pytest.mark.parametrize(
    "card, name, compute, bandwidth, pcie",
    [
        ("NVIDIA GeForce RTX 3090, 24576, 24100, 8.6, 4, 16", "RTX 3090", (8, 6), 936e9, 31.5e9),
        ("NVIDIA GeForce GTX 1060 6GB, 6144, 6000, 6.1, 3, 16", "GTX 1060", (6, 1), 192e9, 15.8e9),
        ("P102-100, 10240, 10200, 6.1, 1, 4", "P102-100", (6, 1), 440e9, 1e9),
        ("NVIDIA GeForce RTX 3090 Ti, 24576, 24100, 8.6, 4, 16", "3090 Ti", (8, 6), 0, 31.5e9),
        ("NVIDIA Unheard Of, 8192, 8000, 9.0, [N/A], [N/A]", "Unheard", (9, 0), 0, 0),
    ],
)
def test_the_card_is_read_from_nvidia_smi(tmp_path, monkeypatch, card, name, compute, bandwidth, pcie):
    nvidia_smi(tmp_path, "NVIDIA Small, 1024, 900, 5.2, 3, 16", card)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    machine = this_machine()
    assert name in machine.title
    assert (machine.compute, machine.bandwidth) == (compute, bandwidth)
    assert machine.pcie == pytest.approx(pcie, rel=0.01)
    assert machine.vram == int(card.split(", ")[2]) << 20


def test_what_the_machine_does_is_measured_once(tmp_path, monkeypatch):
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path))
    first, second = remembered_machine(), remembered_machine()
    assert first.ram_bandwidth == second.ram_bandwidth
    assert (tmp_path / "cache" / "machine.json").is_file()


def test_a_broken_file_on_the_shelf_is_named_and_the_rest_is_shown(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path))
    (tmp_path / "data" / "models").mkdir(parents=True)
    (tmp_path / "data" / "models" / "broken.gguf").write_bytes(b"GGUF")
    assert main(["fit", "--machine", "pi5-8gb"]) == 0
    shown = capsys.readouterr()
    assert "broken.gguf: cut short" in shown.err
    assert "qwen3-0.6b" in shown.out


def test_bfloat16_weights_are_read_as_float16_where_there_is_no_bfloat16():
    header = catalogue()["llama-3.2-1b"].header
    assert "f16" in by_format(header, "p102-100", context=4096)
    assert "bf16" in by_format(header, "rtx3090", context=4096)
