"""`yanray adapters`: those on this disk, which of them every chat puts on, and removing one."""

from __future__ import annotations

import argparse
import shutil

from yanray.errors import UsageError
from yanray.models.adapters import Adapter, choose, find, installed, own_folder
from yanray.options import add_config
from yanray.paths import home
from yanray.settings import load
from yanray.terminal.core_commands import write_settings
from yanray.terminal.language import padded, say, told

RANK = 9  # cells


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray adapters` takes."""
    parser.set_defaults(action=_list)
    add_config(parser)
    actions = parser.add_subparsers(metavar="ACTION")
    actions.add_parser("list", help="those on this disk").set_defaults(action=_list)
    use = actions.add_parser("use", help="put these on in every chat; without a name: none")
    use.add_argument("names", nargs="*", metavar="NAME[:SCALE]")
    use.set_defaults(action=_use)
    removed = actions.add_parser("rm", help="delete one of your own")
    removed.add_argument("name")
    removed.set_defaults(action=_remove)


def run(options: argparse.Namespace) -> int:
    """Do what OPTIONS say."""
    return int(options.action(options))


def _list(options: argparse.Namespace) -> int:
    good, bad = installed()
    used = {name.partition(":")[0] for name in load(options.config).adapters}
    for adapter in good:
        print(_line(adapter, adapter.name in used))
    for sentence in bad:
        print(f"! {told(sentence)}")
    if not good and not bad:
        say(f"none yet; yanray learn or yanray train lora makes one, in {own_folder()}")
    return 0


def _use(options: argparse.Namespace) -> int:
    for name in options.names:
        choose(name)
    path = options.config or home("config") / "config.yaml"
    write_settings(path, {"adapters": options.names})
    say(f"{', '.join(options.names) or 'no adapter'} from now on; kept in {path}")
    return 0


def _remove(options: argparse.Namespace) -> int:
    adapter = find(options.name)
    if adapter.folder.parent != own_folder():
        raise UsageError(f"{adapter.folder}: is shipped, not your own; it stays")
    if any(name.partition(":")[0] == adapter.name for name in load(options.config).adapters):
        raise UsageError(f"{adapter.name}: config.yaml puts it on; yanray adapters use takes it off first")
    shutil.rmtree(adapter.folder)
    say(f"removed {adapter.folder}")
    return 0


def _line(adapter: Adapter, used: bool) -> str:
    mark = "*" if used else " "
    rank = padded(told(f"rank {adapter.rank}"), RANK)
    return f"{mark} {adapter.name:<24} {adapter.base:<24} {rank} {adapter.purpose}".rstrip()
