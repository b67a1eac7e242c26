"""`yanray models`: those on the disk and those that are known, what one is, and removing one."""

from __future__ import annotations

import argparse
import sys

from yanray.models.catalogue import catalogue, entry_named
from yanray.models.lookup import header_of
from yanray.models.shape import Header
from yanray.models.shelf import pulled, remove, shelf_folder
from yanray.options import add_config
from yanray.terminal.language import say, told
from yanray.terminal.lines import dim

TOOL_ROLES = ("tool_calls", "'tool'", '"tool"', "ipython", "observation", "tools")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray models` takes."""
    parser.set_defaults(action=_list)
    add_config(parser)
    actions = parser.add_subparsers(metavar="ACTION")
    show = actions.add_parser("show", help="what a model is: its header, its template, its tools")
    show.add_argument("name", help="a name, a path, an URL or hf:owner/repo/file")
    show.set_defaults(action=_show)
    removed = actions.add_parser("rm", help="delete a pulled model")
    removed.add_argument("name")
    removed.set_defaults(action=_remove)


def run(options: argparse.Namespace) -> int:
    """Do what OPTIONS say."""
    return int(options.action(options))


def _list(_: argparse.Namespace) -> int:
    here = pulled()
    say(f"on this disk, {sum(model.bytes for model in here) / 1e9:.2f} GB in {shelf_folder()}:")
    for model in here:
        print(f"  {model.name:<32} {model.bytes / 1e9:7.2f} GB")
    if not here:
        print(f"  {told('none yet')}")
    print()
    say("to pull by name:")
    for entry in catalogue().values():
        size = f"{entry.header.parameters / 1e9:.1f} B" if entry.header else "-"
        print(f"  {entry.name:<18} {size:>7}  {', '.join(entry.files):<26} {entry.licence}")
    print(dim("\n" + told("yanray fit says which of them suit this machine"), sys.stdout))
    return 0


def _show(options: argparse.Namespace) -> int:
    named = entry_named(options.name)
    if named is not None:
        entry = named[0]
        print(entry.title)
        _tell(f"licence: {entry.licence}")
        for kind, place in entry.files.items():
            print(f"  {kind}: {place}{f', sha256 {place.sha256}' if place.sha256 else ''}")
        _tell(f"template: {entry.template}; {_tools(entry.tools)}")
    _describe(header_of(options.name))
    return 0


def _describe(header: Header) -> None:
    shape = header.shape
    print(f"{header.name} ({header.kind}, {header.quantization})")
    _tell(f"{header.parameters / 1e9:.3f} B parameters, {header.weights_bytes / 1e9:.2f} GB of weights")
    _tell(f"{shape.family}: {shape.layers} layers of {shape.width}, feed-forward {shape.inner}")
    _tell(f"{shape.heads} heads, {shape.kv_heads} for keys and values, {shape.key} numbers each")
    _tell(f"{shape.vocabulary} tokens in the vocabulary, trained for {shape.context} of context")
    if shape.experts:
        _tell(f"{shape.experts} experts, {shape.experts_used} at a time")
    if header.kind == "gguf":
        template = str(header.metadata.get("tokenizer.chat_template", ""))
        tools = _tools(any(role in template for role in TOOL_ROLES))
        _tell(f"template: {len(template)} characters, {tools}" if template else "template: none in the file")


def _tools(known: bool) -> str:
    return "knows tools" if known else "no role for tools"


def _tell(fact: str) -> None:
    print(f"  {told(fact)}")


def _remove(options: argparse.Namespace) -> int:
    for model in remove(options.name):
        say(f"removed {model.name}, {model.bytes / 1e9:.2f} GB")
    return 0
