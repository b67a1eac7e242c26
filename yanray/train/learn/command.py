"""`yanray learn`: an adapter from what the owner's conversations teach, kept only if it answers better."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

from yanray.errors import UsageError
from yanray.options import add_config
from yanray.train.lora.command import LOADS, add_recipe, base_path, check_packages, recipe_of
from yanray.train.lora.recipe import Recipe

USUAL = dataclasses.replace(Recipe(), rate=5e-4, accumulate=1, epochs=3, tokens=0, checkpointing=False)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray learn` takes."""
    parser.add_argument("name", nargs="?", default="learnt", help="of the adapter; default: %(default)s")
    parser.add_argument(
        "--base", metavar="MODEL", default="nano", help="what is taught; default: %(default)s"
    )
    parser.add_argument("--gather", metavar="FILE", type=Path, help="write what there is to learn, and stop")
    parser.add_argument("--data", metavar="FILE", type=Path, help="learn this file, which --gather wrote")
    parser.add_argument(
        "--rehearse", metavar="N", type=int, default=120, help="requests for the shipped tools"
    )
    parser.add_argument("--load", choices=LOADS, default="auto", help="numbers of the base; nf4: QLoRA")
    parser.add_argument("--threads", metavar="N", type=int, default=0, help="of the CPU; 0: its cores")
    add_recipe(parser, USUAL)
    add_config(parser)


def run(options: argparse.Namespace) -> int:
    """Gather, train, measure; 1 when the adapter was not kept."""
    from yanray.options import read_settings
    from yanray.train.learn.lessons import gather, write_rows

    if Path(options.name).name != options.name:
        raise UsageError(f"{options.name}: a name, not a path; adapters stand in your own folder")
    if options.data is not None and options.gather is not None:
        raise UsageError("--gather writes a file and --data learns one: give one of them")
    if options.data is None:
        from yanray.store.conversations import Conversations, database_path

        store = Conversations(database_path())
        rows, counts = gather(store)
        store.close()
        _say(f"{len(rows)} turns to learn from; " + ", ".join(f"{n} {mark}" for mark, n in counts.items()))
        if options.gather is not None:
            write_rows(options.gather, rows)
            _say(f"written to {options.gather}: read it, mend it, then yanray learn --data {options.gather}")
            return 0
    check_packages()
    from yanray.train.learn.session import Lesson, learn, read_rows

    if options.data is not None:
        rows = read_rows(options.data)
    settings = read_settings(options)
    lesson = Lesson(
        name=options.name,
        rows=tuple(rows),
        base=base_path(options.base, settings),
        recipe=recipe_of(options),
        load=options.load,
        rehearse=options.rehearse,
        threads=options.threads,
    )
    return 0 if learn(lesson, settings, _say) else 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
