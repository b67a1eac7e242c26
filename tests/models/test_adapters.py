"""Adapters on the disk: which there are, and which no core could load."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from yanray.errors import DataError, ModelError, UsageError
from yanray.models.adapters import Adapter, choose, find, installed, own_folder, read, write_note


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path / "home"))


def write(name: str, tensors: dict[str, Any] | None = None, **config: Any) -> Path:
    folder = own_folder() / name
    folder.mkdir(parents=True)
    written = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "base_model_name_or_path": "tiny", **config}
    (folder / "adapter_config.json").write_text(json.dumps(written))
    layer = "base_model.model.model.layers.0.self_attn.q_proj"
    pair = {f"{layer}.lora_A.weight": np.ones((2, 8)), f"{layer}.lora_B.weight": np.ones((16, 2))}
    save_file(pair if tensors is None else tensors, folder / "adapter_model.safetensors")
    return folder


def test_an_adapter_is_found_by_name_with_its_note() -> None:
    folder = write("poet")
    assert find("poet") == Adapter("poet", folder, "tiny", "", 4.0, False, 2)
    write_note(folder, base="chatglm3-6b", purpose="诗", norm=[1 / 3] * 20)
    found = find("poet")
    assert (found.base, found.purpose, found.norm) == ("chatglm3-6b", "诗", (0.333333,) * 8)
    write("other", use_rslora=True)
    good, bad = installed()
    assert [each.name for each in good] == ["other", "poet"] and not bad
    with pytest.raises(ModelError, match="there are: other, poet"):
        find("pet")


@pytest.mark.parametrize(
    "config, why",
    [
        ({"use_dora": True}, "DoRA"),
        ({"bias": "all"}, "bias"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"peft_type": "IA3"}, "kind IA3"),
        ({"alpha_pattern": {"q_proj": 3}}, "alpha_pattern"),
        ({"lora_alpha": "much"}, "not a LoRA adapter's configuration"),
    ],
)
def test_kinds_that_cannot_be_applied_are_named(config: dict[str, Any], why: str) -> None:
    folder = write("odd", **config)
    with pytest.raises(ModelError, match=why):
        read(folder)
    assert installed()[0] == [] and why in installed()[1][0]


def test_damaged_files_are_named() -> None:
    folder = write("cut")
    weights = folder / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-9])
    with pytest.raises(DataError, match="cut short"):
        read(folder)
    weights.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        read(folder)
    (folder / "adapter.yaml").write_text("- no\n- note")
    with pytest.raises(ModelError, match="not an adapter's note"):
        read(folder)
    half = write("half", {"a.lora_A.weight": np.ones((2, 8))})
    with pytest.raises(ModelError, match="pairs that do not match"):
        read(half)
    embedding = write("embedding", {"a.lora_embedding_A": np.ones((2, 8))})
    with pytest.raises(ModelError, match="lora_embedding_A"):
        read(embedding)


def test_a_scale_may_follow_the_name() -> None:
    write("poet")
    assert choose("poet") == (find("poet"), 1.0) and choose("poet:-0.5")[1] == -0.5
    for wrong in ("poet:", "poet:much", "poet:nan"):
        with pytest.raises(UsageError, match="NAME:SCALE"):
            choose(wrong)
