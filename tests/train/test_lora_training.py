"""The training of adapters: against a loop of peft's own making, packed rows, quantized bases, resuming."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from lora_samples import RECIPE, examples, load, rows_of

from yanray.errors import DataError, UsageError
from yanray.models.adapters import read
from yanray.train.lora.attach import attach, targets, trained
from yanray.train.lora.merge import merge
from yanray.train.lora.packing import Example, batch, pack, schedule, size
from yanray.train.lora.trainer import Trainer, logits

pytestmark = pytest.mark.filterwarnings(
    "ignore:.is_gradient_checkpointing:FutureWarning"
)  # peft's, plain loop

KINDS = ("hf-llama", "hf-glm", "hf-gpt2")


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_is_that_of_a_plain_loop(tmp_path: Path, kind: str) -> None:
    """Twenty steps: here rows packed and logits made where needed; there one example at a time, padded by
    nothing, all logits, torch's own mean."""
    from peft import LoraConfig, get_peft_model

    recipe = replace(RECIPE, dropout=0.0, epochs=8, checkpointing=True)
    given = examples()
    rows, steps = rows_of(given, recipe)
    trainer = Trainer(attach(load(tmp_path, kind), recipe), rows, steps, recipe)
    ours = [step.loss for step in islice(trainer.run(), 20)]

    base = load(tmp_path, kind)
    names, turned = targets(base, "all")
    torch.manual_seed(recipe.seed)
    plain = get_peft_model(
        base,
        LoraConfig(r=4, lora_alpha=8, target_modules=names, fan_in_fan_out=turned, task_type="CAUSAL_LM"),
    )
    plain.train()
    weights = [weight for weight in plain.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=recipe.rate, weight_decay=0.0)
    order = schedule(given, recipe.tokens, 2, 8, recipe.seed)
    theirs = []
    for step in range(20):
        alone = [given[index] for row in order[step] for index in row]
        taught = sum(each.targets for each in alone)
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate_at(step, steps)
        loss = sum(_summed(plain, each) for each in alone) / taught
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        theirs.append(float(loss.detach()))
    assert len(ours) == 20
    assert max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) < 1e-4
    assert ours[-1] < ours[0]


def _summed(model: Any, example: Example) -> Any:
    ids = torch.tensor([example.ids])
    labels = torch.tensor(
        [i if taught else -100 for i, taught in zip(example.ids, example.taught, strict=True)]
    )
    found = model(input_ids=ids).logits[0]
    return F.cross_entropy(found[:-1], labels[1:], ignore_index=-100, reduction="sum")


@pytest.mark.parametrize("kind", KINDS)
def test_no_example_of_a_row_sees_another(tmp_path: Path, kind: str) -> None:
    """Another first example of the same length changes nothing in what the second one gets."""
    model = load(tmp_path, kind)
    first, second, other = examples(3)
    other = Example((other.ids * 5)[: len(first.ids)], first.taught)
    together, changed = batch([first, second], (0, 1)), batch([other, second], (0, 1))
    with torch.no_grad():
        a, b = (logits(model, row) for row in (together, changed))
        alone = model(input_ids=torch.tensor([second.ids])).logits[0]
    start = len(first.ids)
    assert torch.equal(a[start:], b[start:])
    assert torch.allclose(a[start:], alone, atol=1e-4)
    assert not torch.allclose(a[1:start], b[1:start])


def test_rows_hold_every_example_once_and_no_more_tokens_than_they_may() -> None:
    rng = random.Random(2)
    given = [Example((1,) * size, (True,) * size) for size in (rng.randint(2, 100) for _ in range(500))]
    rows = pack(given, 100, random.Random(0))
    assert sorted(index for row in rows for index in row) == list(range(500))
    sizes = [size(given, row) for row in rows]
    assert sizes == [batch(given, row).ids.numel() for row in rows]
    assert max(sizes) <= 100
    assert sum(sizes) / (100 * len(rows)) > 0.9
    assert schedule(given, 100, 4, 2, 1) == schedule(given, 100, 4, 2, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_shared_head_changes_nothing_but_the_work(tmp_path: Path, kind: str) -> None:
    """The same loss and the same gradient as each example alone, from far fewer tokens."""
    model = attach(load(tmp_path, kind), replace(RECIPE, dropout=0.0))
    given = examples(8, head=50)
    rows = pack(given, 400, random.Random(0))
    alone = [Example(each.ids, each.taught) for each in given]
    assert sum(size(given, row) for row in rows) < 0.6 * sum(len(each.ids) for each in given)
    assert sum(batch(given, row).targets.numel() for row in rows) == sum(each.targets for each in given)
    found = [_gradient_of(model, given, rows), _gradient_of(model, alone, [(n,) for n in range(8)])]
    (loss, gradient), (loss_alone, gradient_alone) = found
    assert loss == pytest.approx(loss_alone, rel=1e-5)
    assert torch.nn.functional.cosine_similarity(gradient, gradient_alone, dim=0) > 0.99999
    assert float(gradient.norm()) == pytest.approx(float(gradient_alone.norm()), rel=1e-4)


def _gradient_of(model: Any, given: list[Example], rows: list[tuple[int, ...]]) -> tuple[float, Any]:
    """The summed loss of ROWS, and its gradient as one vector."""
    model.zero_grad()
    total = 0.0
    for row in rows:
        made = batch(given, row)
        loss = F.cross_entropy(logits(model, made, made.keep), made.targets, reduction="sum")
        loss.backward()
        total += float(loss.detach())
    return total, torch.cat([weight.grad.flatten() for weight in trained(model)])


@pytest.mark.parametrize("numbers", ("int8", "nf4"))
@pytest.mark.parametrize("kind", ("hf-llama", "hf-glm"))
def test_quantized_bases_learn(tmp_path: Path, kind: str, numbers: str) -> None:
    recipe = replace(RECIPE, epochs=8, optimizer="adamw8bit")
    rows, steps = rows_of(examples(8), recipe)
    trainer = Trainer(attach(load(tmp_path, kind, numbers), recipe), rows, steps, recipe)
    losses = [step.loss for step in trainer.run()]
    assert losses[-1] < 0.8 * losses[0]


def test_a_resumed_training_goes_on_as_if_it_had_not_been_stopped(tmp_path: Path) -> None:
    rows, steps = rows_of(examples(), RECIPE)

    def trainer(name: str) -> Trainer:
        model = attach(load(tmp_path / "base", "hf-llama"), RECIPE)
        return Trainer(
            model, rows, steps, RECIPE, checkpoint=tmp_path / name, print_of={"--data": "x", "--rank": 4}
        )

    whole = [step.loss for step in trainer("whole.pt").run()]
    first = trainer("cut.pt")
    begun = [step.loss for step in islice(first.run(), 6)]  # two steps after the checkpoint at 4
    second = trainer("cut.pt")
    assert second.resume() == 4
    assert begun[:4] + [step.loss for step in second.run()] == whole
    assert begun == whole[:6]
    with pytest.raises(DataError, match="with other --data, --rank 4; give that again"):
        other = trainer("whole.pt")
        other.print_of = {"--data": "y", "--rank": 8}
        other.resume()


def test_a_step_is_written_down_before_its_checkpoint_is(tmp_path: Path) -> None:
    """Else a kill between the two would leave a log without that step."""
    rows, steps = rows_of(examples(), RECIPE)
    model = attach(load(tmp_path / "base", "hf-llama"), RECIPE)
    checkpoint = tmp_path / "c.pt"
    for step in islice(Trainer(model, rows, steps, RECIPE, checkpoint=checkpoint).run(), 5):
        assert checkpoint.exists() == (step.step > RECIPE.save_every)


def _child(base: Path, checkpoint: Path, kill_after: int | None = None) -> dict[int, str]:
    """Step -> loss, as a process printed them; it is killed after KILL_AFTER of them."""
    here = Path(__file__).parent
    command = [sys.executable, str(here / "lora_child.py"), str(base), str(checkpoint)]
    paths = os.pathsep.join([str(here), str(here.parent), *sys.path])
    found: dict[int, str] = {}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            step, loss = line.split()
            found[int(step)] = loss
            if len(found) == kill_after:
                child.kill()
                break
    return found


@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.slow)])
def test_a_training_killed_at_random_steps_has_the_same_curve(tmp_path: Path, kills: int) -> None:
    load(tmp_path / "base", "hf-llama")
    whole = _child(tmp_path / "base", tmp_path / "whole.pt")
    rng = random.Random(kills)
    for number in range(kills):
        checkpoint = tmp_path / f"{number}.pt"
        cut = _child(tmp_path / "base", checkpoint, kill_after=rng.randrange(4, len(whole)))
        again = _child(tmp_path / "base", checkpoint)
        assert min(again) <= max(cut) + 1
        assert cut.items() <= whole.items() and again.items() <= whole.items()
        assert {**cut, **again} == whole


def test_a_merged_folder_says_what_base_and_adapter_say(tmp_path: Path) -> None:
    model = attach(load(tmp_path / "base", "hf-llama"), RECIPE)
    with torch.no_grad():
        for weight in trained(model):
            weight.normal_(0, 0.1)
    model.eval()
    model.save_pretrained(tmp_path / "adapter", save_embedding_layers=False)
    merge(tmp_path / "base", read(tmp_path / "adapter"), tmp_path / "out")
    ids = torch.tensor([[20, 30, 40, 50]])
    with torch.no_grad():
        ours, theirs = (each(ids).logits for each in (load(tmp_path / "out", "hf-llama"), model))
        bare = load(tmp_path / "base", "hf-llama")(ids).logits
    assert torch.allclose(ours, theirs, atol=1e-3)
    assert not torch.allclose(ours, bare, atol=0.1)
    assert (tmp_path / "out" / "tokenizer.json").is_file()


def test_targets_are_read_off_the_model(tmp_path: Path) -> None:
    model = load(tmp_path / "glm", "hf-glm")
    assert targets(model, "all") == (
        ["down_proj", "gate_up_proj", "k_proj", "o_proj", "q_proj", "v_proj"], False,
    )  # fmt: skip
    assert targets(model, "attention")[0] == ["k_proj", "o_proj", "q_proj", "v_proj"]
    assert targets(load(tmp_path / "gpt2", "hf-gpt2"), "all") == (["c_attn", "c_fc", "c_proj"], True)
    with pytest.raises(UsageError, match="no layer query; it has down_proj"):
        targets(model, "query")
