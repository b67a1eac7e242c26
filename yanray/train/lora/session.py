"""One training of an adapter, put together: base, data, plan, steps, the folder that is left."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from yanray.cores.hf_files import Load
from yanray.cores.machine import physical_cores
from yanray.errors import DataError, UsageError
from yanray.models.adapters import write_note
from yanray.train.lora.attach import attach
from yanray.train.lora.base import Base, last_norm, open_base, weights
from yanray.train.lora.diary import Diary
from yanray.train.lora.heap import give_back
from yanray.train.lora.packing import Example, batch, schedule
from yanray.train.lora.plan import plan
from yanray.train.lora.reading import read_examples
from yanray.train.lora.recipe import Recipe
from yanray.train.lora.render import Renderer
from yanray.train.lora.trainer import Trainer, read_checkpoint
from yanray.train.ranks import Ranks, local_ranks
from yanray.train.weights import unwritten

CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class Work:
    """What to train. base: a folder, or the embedded model's GGUF. out: the adapter's folder. threads: of the
    CPU, 0 for its cores, shared out among the processes."""

    base: Path
    data: tuple[Path, ...]
    out: Path
    recipe: Recipe
    load: Load = "auto"
    purpose: str = ""
    resume: bool = False
    plan_only: bool = False
    threads: int = 0


def train(work: Work, say: Callable[[str], None]) -> None:
    """Do WORK; what is to be known goes to SAY. Raises YanrayError, as early as it can."""
    torch.set_num_threads(work.threads or max(1, physical_cores() // local_ranks()))
    give_back()
    checkpoint = work.out / CHECKPOINT
    if checkpoint.exists() and not (work.resume or work.plan_only):
        raise UsageError(
            f"{checkpoint}: is there already; --resume goes on from it, another --out begins anew"
        )
    ranks = Ranks.join()
    try:
        _train(work, ranks, say if ranks.rank == 0 else _silent)
    finally:
        ranks.leave()


def _train(work: Work, ranks: Ranks, say: Callable[[str], None]) -> None:
    recipe = work.recipe
    base = open_base(work.base, work.load)
    longest = min(recipe.tokens, base.context)  # each example of a row begins at position 0
    examples, report = read_examples(work.data, Renderer(base.vocabulary, base.template), longest)
    for line in report.lines():
        say(line)
    if not examples:
        raise DataError(f"{', '.join(map(str, work.data))}: holds nothing to learn from; see above")
    if base.windowed:  # the mask of a shared head knows of no windows
        examples = [replace(each, head=0) for each in examples]
    steps = schedule(examples, recipe.tokens, recipe.accumulate, recipe.epochs, recipe.seed)
    planned = plan(base, recipe, examples, steps, local_ranks())
    for line in planned.lines():
        say(line)
    planned.check()
    if work.plan_only:
        return
    mark = print_of(base, recipe, examples)
    if work.resume:  # before the weights are read, which may take minutes
        read_checkpoint(work.out / CHECKPOINT, mark)
    model = attach(weights(base), recipe)
    trainer = Trainer(
        model,
        lambda number: [batch(examples, row) for row in steps[number]],
        len(steps),
        recipe,
        ranks=ranks,
        checkpoint=work.out / CHECKPOINT,
        print_of=mark,
    )
    try:
        _run(trainer, work, base, say)
        if ranks.rank == 0:
            keep(model, base, work.out, work.purpose)
            say(f"kept in {work.out}")
    except (OSError, SafetensorError) as error:
        raise unwritten(work.out, error) from None


def _run(trainer: Trainer, work: Work, base: Base, say: Callable[[str], None]) -> None:
    diary = Diary(
        work.out, trainer.steps, f"{work.out.name} on {base.name}: loss", active=trainer.ranks.rank == 0
    )
    done = trainer.resume() if work.resume else 0
    if work.resume:
        say(f"going on after step {done} of {trainer.steps}" + ("" if done < trainer.steps else ", the last"))
    diary.begin(done)
    try:
        for step in trainer.run():
            diary.note(step)
    finally:
        diary.close()


def keep(model: Any, base: Base, folder: Path, purpose: str) -> None:
    """Write MODEL's adapter and its note to FOLDER."""
    with warnings.catch_warnings():  # peft asks the base's folder for things that it has no need of
        warnings.simplefilter("ignore")
        model.save_pretrained(folder, save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)  # a form for a model card, not filled in
    write_note(folder, base=base.name, purpose=purpose, norm=last_norm(model.get_base_model()))


def print_of(base: Base, recipe: Recipe, examples: Sequence[Example]) -> dict[str, Any]:
    """What tells this training from any other, by name: base, data, and the recipe but for what changes no
    step."""
    digest = hashlib.sha256()
    for each in examples:
        digest.update(repr((each.ids, each.taught)).encode())
    settings = {f"--{name}": value for name, value in recipe.as_dict().items() if name != "save_every"}
    return {"--base or --load": base.fingerprint, "--data": digest.hexdigest(), **settings}


def _silent(line: str) -> None:
    """The other ranks say nothing."""
