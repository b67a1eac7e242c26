"""`yanray fit`: which models this machine, or another, can hold, and how fast they would answer."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence

from yanray.errors import DataError, UsageError
from yanray.models.cards import advice
from yanray.models.catalogue import catalogue
from yanray.models.fit import Row, as_json, choose, rows_for
from yanray.models.fit_training import Named, able, all_rows, choose_training, room, what_fits
from yanray.models.lookup import header_of
from yanray.models.machine import Machine, known_machines, named_machine, this_machine
from yanray.models.shelf import pulled
from yanray.models.training import Method
from yanray.options import add_config
from yanray.terminal.language import padded, say, told, width

CONTEXT = 4096  # tokens, when every model of the catalogue is shown
PLACES = {"vram": "VRAM", "partly": "partly", "ram": "RAM", "no": "no"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray fit` takes."""
    known = "a name, a path, an URL, hf:owner/repo/file; default: all that are known"
    parser.add_argument("model", nargs="?", help=known)
    parser.add_argument("--context", type=int, default=0, metavar="N", help="tokens to reckon with")
    parser.add_argument("--train", choices=("lora", "qlora", "full"), help="what training would need")
    machines = f"reckon for another: {', '.join(known_machines())}"
    parser.add_argument("--machine", metavar="NAME", help=machines)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_config(parser)


def run(options: argparse.Namespace) -> int:
    """Print the table, and the choice below it; 1 when nothing fits."""
    if options.context < 0:
        raise UsageError("--context takes a number of tokens, e.g. --context 8192")
    machine = named_machine(options.machine) if options.machine else this_machine()
    if options.train:
        rows, chosen, verdict = _training(options.model, machine, options.context, options.train)
    else:
        rows = _rows(options.model, machine, options.context)
        chosen = choose(rows)
        verdict = _verdict(chosen)
    if options.json:
        print(json.dumps(as_json(machine, rows, chosen), indent=2))
    else:
        _show(machine, rows, chosen, training=options.train is not None)
        say(verdict)
    return 0 if chosen else 1


def _rows(model: str | None, machine: Machine, context: int) -> list[Row]:
    if model:
        return rows_for(header_of(model), machine, context=context)
    found = []
    for entry in catalogue().values():
        header = entry.header
        if header is None:
            continue  # its files would have to be asked over the network: `yanray fit NAME` does
        size = min(context or CONTEXT, header.shape.context)
        rows = rows_for(header, machine, context=size, name=entry.name)
        found += [row for row in rows if row.quantization in entry.formats]
    for name, header in _own():
        size = min(context or CONTEXT, header.shape.context)
        found += rows_for(header, machine, context=size, name=name)[:1]
    return found


def _own() -> Iterator[Named]:
    """The pulled models that read; the others are named on stderr."""
    for own in pulled():
        try:
            yield own.name, header_of(str(own.path))
        except DataError as error:
            print(f"yanray: {told(str(error))}", file=sys.stderr)


def _training(
    model: str | None, machine: Machine, context: int, method: Method
) -> tuple[list[Row], Row | None, str]:
    """The rows, the choice, and what is to be said about it."""
    if model:
        header = header_of(model)
        models = [(header.name, header)]
    else:
        models = [(entry.name, entry.header) for entry in catalogue().values() if entry.header]
        models += [(name, header) for name, header in _own() if header.kind != "gguf"]
    rows = all_rows(models, machine, method, context)
    chosen = choose_training(rows, machine)
    size, where = _size(room(machine)), "VRAM" if machine.vram else "RAM"
    if chosen is not None:
        what = f"{chosen.model} in {chosen.quantization}, in sequences of {chosen.context} tokens"
        return (
            rows,
            chosen,
            f"I would train {what}: {_size(chosen.training_bytes or 0)} of {size} of {where}.",
        )
    if not rows:
        return rows, None, f"{models[0][0]}: a GGUF file is not trained; name the folder that it was made of."
    least = min(able(rows, machine) or rows, key=lambda row: row.training_bytes or 0)
    needed = f"{least.model} in {least.quantization} takes {_size(least.training_bytes or 0)}"
    offers = ", ".join(what_fits(models, machine, method, context)) or told("none")
    return rows, None, f"Nothing of this can be trained in {size} of {where}: {needed}. What fits: {offers}."


def _show(machine: Machine, rows: Sequence[Row], chosen: Row | None, *, training: bool) -> None:
    print(_describe(machine))
    for sentence in advice(machine):
        print(f"  {told(sentence)}")
    titles = ["model", "format", "context", "weights", "KV", "total", "fits", "tokens/s", "500 read in"]
    if training:
        titles = ["model", "format", "tokens", "weights", "training", "fits"]
    cells = _training_cells if training else _cells
    table = [[told(title) for title in titles], *map(cells, rows)]
    widths = [max(width(line[column]) for line in table) for column in range(len(table[0]))]
    print()
    for line, row in zip(table, [None, *rows], strict=True):
        mark = "> " if row is not None and row is chosen else "  "
        print(mark + _aligned(line, widths))
    print()


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    """Names to the left, figures to the right."""
    columns = enumerate(zip(line, widths, strict=True))
    return "  ".join(padded(cell, room, right=column > 1) for column, (cell, room) in columns).rstrip()


def _describe(machine: Machine) -> str:
    parts = [f"{machine.title}: {_size(machine.ram)} of RAM at {machine.ram_bandwidth / 1e9:.0f} GB/s"]
    if machine.vram:
        speed = f" at {machine.bandwidth / 1e9:.0f} GB/s" if machine.bandwidth else ""
        parts.append(f"{_size(machine.vram)} of VRAM{speed}")
    if machine.compute:
        parts.append(f"compute capability {machine.compute[0]}.{machine.compute[1]}")
    return told(", ").join(map(told, parts))


def _verdict(chosen: Row | None) -> str:
    if chosen is None:
        return "Nothing of this fits; take a smaller model, a shorter --context, or another --machine."
    speed = f"about {chosen.tokens_per_second:.1f} tokens/s" if chosen.tokens_per_second else "speed unknown"
    where = "VRAM" if chosen.fits == "vram" else "RAM"
    what = f"{chosen.model} in {chosen.quantization} with {chosen.context} tokens"
    return f"I would take {what}: in {where}, {speed}."


def _cells(row: Row) -> list[str]:
    speed = "-" if row.tokens_per_second is None else f"{row.tokens_per_second:.1f}"
    reading = "-" if row.prompt_seconds is None else f"{row.prompt_seconds:.1f} s"
    sizes = [_size(size) for size in (row.weights_bytes, row.kv_bytes, row.total_bytes)]
    return [row.model, row.quantization, str(row.context), *sizes, told(PLACES[row.fits]), speed, reading]


def _training_cells(row: Row) -> list[str]:
    sizes = [_size(size) for size in (row.weights_bytes, row.training_bytes or 0)]
    return [row.model, row.quantization, str(row.context), *sizes, told(PLACES[row.fits])]


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e8 else f"{count / 1e6:.0f} MB"
