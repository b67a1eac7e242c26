"""`yanray fit`: which models this machine, or another, can hold, and how fast they would answer."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from yanray.errors import DataError, UsageError
from yanray.models.cards import advice
from yanray.models.catalogue import catalogue
from yanray.models.fit import Row, as_json, choose, rows_for
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
    rows = _rows(options.model, machine, options.context, options.train)
    chosen = choose(rows, machine, train=options.train is not None)
    if options.json:
        print(json.dumps(as_json(machine, rows, chosen), indent=2))
    else:
        _show(machine, rows, chosen)
    return 0 if chosen else 1


def _rows(model: str | None, machine: Machine, context: int, train: Method | None) -> list[Row]:
    if model:
        return rows_for(header_of(model), machine, context=context, train=train)
    found = []
    for entry in catalogue().values():
        header = entry.header
        if header is None:
            continue  # its files would have to be asked over the network: `yanray fit NAME` does
        size = min(context or CONTEXT, header.shape.context)
        rows = rows_for(header, machine, context=size, train=train, name=entry.name)
        found += [row for row in rows if row.quantization in entry.formats or train]
    for own in pulled():
        try:
            header = header_of(str(own.path))
        except DataError as error:
            print(f"yanray: {told(str(error))}", file=sys.stderr)
            continue
        size = min(context or CONTEXT, header.shape.context)
        found += rows_for(header, machine, context=size, train=train, name=own.name)[:1]
    return found


def _show(machine: Machine, rows: Sequence[Row], chosen: Row | None) -> None:
    print(_describe(machine))
    for sentence in advice(machine):
        print(f"  {told(sentence)}")
    training = any(row.training_bytes is not None for row in rows)
    titles = ["model", "format", "context", "weights", "KV", "total", "fits", "tokens/s", "500 read in"]
    head = [told(title) for title in titles + ["training"] * training]
    table = [head, *(_cells(row, training) for row in rows)]
    widths = [max(width(line[column]) for line in table) for column in range(len(table[0]))]
    print()
    for line, row in zip(table, [None, *rows], strict=True):
        mark = "> " if row is not None and row is chosen else "  "
        print(mark + _aligned(line, widths))
    print()
    say(_verdict(chosen, training))


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


def _verdict(chosen: Row | None, training: bool) -> str:
    if chosen is None and training:
        return "Nothing of this can be trained here; try --train qlora, a smaller model or another --machine."
    if chosen is None:
        return "Nothing of this fits; take a smaller model, a shorter --context, or another --machine."
    speed = f"about {chosen.tokens_per_second:.1f} tokens/s" if chosen.tokens_per_second else "speed unknown"
    where = "VRAM" if chosen.fits == "vram" else "RAM"
    what = f"{chosen.model} in {chosen.quantization} with {chosen.context} tokens"
    return f"I would take {what}: in {where}, {speed}."


def _cells(row: Row, training: bool) -> list[str]:
    speed = "-" if row.tokens_per_second is None else f"{row.tokens_per_second:.1f}"
    reading = "-" if row.prompt_seconds is None else f"{row.prompt_seconds:.1f} s"
    sizes = [_size(size) for size in (row.weights_bytes, row.kv_bytes, row.total_bytes)]
    cells = [row.model, row.quantization, str(row.context), *sizes, told(PLACES[row.fits]), speed, reading]
    needed = "-" if row.training_bytes is None else _size(row.training_bytes)
    return [*cells, needed] if training else cells


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e8 else f"{count / 1e6:.0f} MB"
