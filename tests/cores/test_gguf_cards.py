"""How many layers of a GGUF file go on which GPU. Cards are data here; the CPU's entry is read from ggml."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from tiny_models import EXACT, write_tiny

from yanray.cores.gguf import GgufCore
from yanray.cores.gguf_cards import RESERVE, GpuCard, Offload, _devices, gpu_cards, offload_of, plan_offload
from yanray.cores.gguf_model import read_metadata
from yanray.cores.machine import plan_context
from yanray.errors import ConfigError
from yanray.settings import load

GIB = 1 << 30
P102 = GpuCard("P102-100", round(9.6 * GIB), 10 * GIB)
P40 = GpuCard("Tesla P40", 24 * GIB, 24 * GIB)
SMALL = GpuCard("GT 1030", 2 * GIB, 2 * GIB)
CHATGLM3_Q8 = {"weights": 6_640_000_000, "layers": 28, "kv": 28_672 * 8192}


def test_a_p102_holds_chatglm3_in_q8_with_its_8k() -> None:
    assert plan_offload(**CHATGLM3_Q8, cards=[P102]) == Offload(28, (29,))
    assert plan_offload(**CHATGLM3_Q8, cards=[P102]).whole


def test_a_small_card_holds_what_fits_and_never_more() -> None:
    plan = plan_offload(**CHATGLM3_Q8, cards=[SMALL])
    each = (CHATGLM3_Q8["weights"] + CHATGLM3_Q8["kv"]) / 29
    assert not plan.whole and 0 < plan.count < 29
    assert plan.count * each <= SMALL.free - RESERVE < (plan.count + 1) * each
    nothing = plan_offload(**CHATGLM3_Q8, cards=[GpuCard("full", RESERVE, 8 * GIB)])
    assert nothing.count == 0 and not nothing.whole
    assert plan_offload(**CHATGLM3_Q8, cards=[]).count == 0


@pytest.mark.parametrize("cards", [(P102, P102), (P40, SMALL), (SMALL, P40, P102), (SMALL, SMALL, SMALL)])
@pytest.mark.parametrize("weights", [2 * GIB, 9 * GIB, 30 * GIB])
def test_several_cards_share_a_model_by_their_room(cards: tuple[GpuCard, ...], weights: int) -> None:
    plan = plan_offload(weights, 40, GIB, cards)
    each = -(-(weights + GIB) // 41)
    room = [(card.free - RESERVE) // each for card in cards]
    assert plan.count == min(41, sum(room))
    assert all(layers <= space for layers, space in zip(plan.split, room, strict=True))
    assert not plan.split or max(plan.split) == plan.split[room.index(max(room))]


def test_what_the_file_says_is_enough_to_plan(tmp_path: Path) -> None:
    path = write_tiny(tmp_path / "tiny.gguf")
    told = read_metadata(path)
    assert told["llama.block_count"] == "2" and "tokenizer.chat_template" in told
    size = path.stat().st_size
    kv = 2 * 1 * (32 + 32) * 2 * 512  # layers, KV heads, key and value, bytes, tokens
    exact = GpuCard("exact", RESERVE + 3 * -(-(size + kv) // 3), 0)
    assert offload_of(path, "auto", 512, [exact], told) == Offload(2, (3,))
    assert offload_of(path, "auto", 513, [exact], told) == Offload(2, (2,))
    assert offload_of(path, -1, 0, [SMALL], told) == Offload(2, (3,))
    assert offload_of(path, 1, 0, [SMALL], told) == Offload(2, (1,))
    assert read_metadata(tmp_path / "absent.gguf") == {}


def test_ggml_tells_its_devices() -> None:
    devices = _devices()
    assert [card for kind, card in devices if kind == 0]  # the CPU
    total = psutil.virtual_memory().total
    assert all(0 < card.free <= card.total for _, card in devices)
    assert any(card.total == pytest.approx(total, rel=0.05) for kind, card in devices if kind == 0)


def test_a_build_without_gpus_puts_nothing_there_and_says_nothing(tmp_path: Path) -> None:
    if gpu_cards():
        pytest.skip("this llama.cpp has a GPU")
    for wish in ("auto", 0, -1, 7):
        core = GgufCore(write_tiny(tmp_path / "tiny.gguf"), **EXACT, gpu_layers=wish)
        assert wish == -1 or core.offload.count == (wish if isinstance(wish, int) else 0)
        assert core.take_notices() == [] and core.plan.batch == 128
        core.close()


def test_a_gpu_reads_long_batches() -> None:
    sizes = {"weights": 6 * GIB, "trained": 32768, "values_per_token": 14_336, "memory": 4 * GIB}
    assert plan_context(**sizes, on_gpu=True).batch == 512 and not plan_context(**sizes, on_gpu=True).slow
    assert plan_context(**sizes).batch == 64 and plan_context(**sizes).slow


def test_the_setting_is_auto_or_a_number(tmp_path: Path) -> None:
    assert load().machine.options["gpu_layers"] == "auto"
    for value in ("-1", "0", "20", "auto"):
        path = tmp_path / "config.yaml"
        path.write_text(f"machine: {{gpu_layers: {value}}}")
        assert str(load(path).machine.gpu_layers) == value
    path.write_text("machine: {gpu_layers: -2}")
    with pytest.raises(ConfigError, match="gpu_layers"):
        load(path)
