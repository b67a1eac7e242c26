"""Measure the embedded model and print the table of its card.

    python benchmarks/nano_card.py                     the project's own questions, in tests/data
    python benchmarks/nano_card.py --more DIR          also every NAME.jsonl in DIR
    python benchmarks/nano_card.py --model FILE.gguf   another model
    python benchmarks/nano_card.py --bias 2            how readily it calls: `sampling.call_bias`

Every figure comes from `yanray eval`, greedy, in a process of its own. Kinds of tools are written out as real
tool files and shown twelve at a time: tests/data/unseen.txt and held_out/unseen_2.txt, which the training
never saw, held_out/kinds.txt, and held_out/values_2.txt, whose parameters want bare values. Questions about
errors are asked with the tools in tests/data/faulty, those of errors_2 with the ones in held_out/faulty_2.
The sets in tests/data/held_out are for measuring alone: whoever writes generators does not read them. Those
whose name ends in _2 were written later, by somebody who had not read the generators.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from yanray.train.concepts import Concept, fill, parse
from yanray.train.toollists import argument

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"
HELD_OUT = DATA / "held_out"
FAULTY = {"errors": DATA / "faulty", "errors_2": HELD_OUT / "faulty_2"}  # questions -> their tools
SHOWN = 12  # tools of unseen kinds in one list
Figures = dict[str, Any]


def main() -> int:
    """Measure all sets and print them as a Markdown table, then what went wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, help="GGUF file; default: the embedded model")
    parser.add_argument("--more", type=Path, help="folder with further NAME.jsonl files")
    parser.add_argument("--bias", type=float, help="sampling.call_bias; default: the model's own")
    parser.add_argument("--wrong", action="store_true", help="list every wrong answer")
    options = parser.parse_args()
    print("| set | rows | tool | argument | answer |\n|---|---|---|---|---|", flush=True)
    wrong: list[tuple[str, dict[str, Any]]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, file, tools in _sets(Path(scratch), options.more):
            figures = _measure(file, tools, options.model, options.bias)
            shares = " | ".join(_share(figures[key]) for key in ("tool", "argument", "answer"))
            print(f"| {name} | {figures['n']} | {shares} |", flush=True)
            wrong += [(name, each) for each in figures["wrong"]]
    if options.wrong:
        for name, each in wrong:
            call = f"/{each['called']} {each['argument']}" if each["called"] else "no call"
            print(f"{name}: {each['prompt']} -> {call}; {each['answer']}")
    return 0


def _sets(scratch: Path, more: Path | None) -> Iterator[tuple[str, Path, Path | None]]:
    """(name, questions, tools' folder or None for the shipped ones)."""
    for folder, told in ((DATA, ""), (HELD_OUT, ", held out")):
        for file in sorted(folder.glob("*.jsonl")):
            first = file.stem.removesuffix("_2")
            name = f"{first}, second held-out set" if first != file.stem else f"{first}{told}"
            yield name, file, FAULTY.get(file.stem)
    for file in sorted(more.glob("*.jsonl")) if more else ():
        yield file.stem, file, None
    for name, file in (
        ("unseen kinds", DATA / "unseen.txt"),
        ("unseen kinds, second held-out set", HELD_OUT / "unseen_2.txt"),
        ("known kinds", HELD_OUT / "kinds.txt"),
        ("bare values", HELD_OUT / "values_2.txt"),
    ):
        concepts = parse(file.read_text(encoding="utf-8"), file)
        for number in range(0, len(concepts), SHOWN):
            for language in ("en", "zh"):
                folder = scratch / f"{file.stem}-{number}-{language}"
                folder.mkdir()
                questions = _write_kinds(folder, concepts[number : number + SHOWN], language)
                yield f"{name} {number // SHOWN + 1}, {language}", questions, folder


def _write_kinds(folder: Path, concepts: list[Concept], language: str) -> Path:
    """Write CONCEPTS as tool files into FOLDER; the file with their questions."""
    rng = random.Random(7)
    rows = []
    for concept in concepts:
        names = ", ".join(f"{slot.name}: str" for slot in concept.slots)
        source = f'"""{concept.summaries[language][0]}."""\n\n\ndef run({names}) -> str:\n'
        (folder / f"{concept.names[0]}.py").write_text(
            source + f"    return {concept.results[language][0][0]!r}\n", encoding="utf-8"
        )
        for ask in concept.asks[language]:
            picked = {slot.name: slot.pick(rng, language) for slot in concept.slots}
            rows.append(
                {
                    "id": f"{concept.key}-{len(rows)}",
                    "prompt": fill(ask, {name: spoken for name, (spoken, _) in picked.items()}),
                    "tool": concept.names[0],
                    "argument": argument(
                        concept.slots, {name: written for name, (_, written) in picked.items()}
                    ),
                }
            )
    questions = folder.with_suffix(".jsonl")
    questions.write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
    )
    return questions


def _measure(file: Path, tools: Path | None, model: Path | None, bias: float | None) -> Figures:
    command = [sys.executable, "-m", "yanray", "eval", str(file), "--json"]
    command += ["--tools", str(tools)] if tools else []
    command += ["-m", str(model)] if model else []
    command += ["-o", f"call_bias={bias}"] if bias is not None else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{file.name}: {done.stderr.strip()}")
    figures: Figures = json.loads(done.stdout)
    return figures


def _share(count: dict[str, int]) -> str:
    return f"{100 * count['right'] / count['of']:.1f} %" if count["of"] else "-"


if __name__ == "__main__":
    raise SystemExit(main())
