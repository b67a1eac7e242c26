"""`yanray adapters`: those on this disk, which of them every chat puts on, and removing one."""

from __future__ import annotations

import argparse
import shutil

from yanray.errors import UsageError
from yanray.models.adapters import Adapter, choose, folder_of, folders, installed, own_folder
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
    used = {name.partition(":")[0]: name for name in load(options.config).adapters}
    for adapter in good:
        print(_line(adapter, used.pop(adapter.name, "")))
    for name in used.keys() - folders().keys():
        bad.append(f"{name}: config.yaml puts it on, but it is not there; yanray adapters use chooses anew")
    for sentence in bad:
        print(f"! {told(sentence)}")
    if not good and not bad:
        say(f"none yet; yanray learn or yanray train lora makes one, in {own_folder()}")
    return 0


def _use(options: argparse.Namespace) -> int:
    chosen = [choose(name)[0].name for name in options.names]
    twice = next((name for name in chosen if chosen.count(name) > 1), "")
    if twice:
        raise UsageError(f"{twice}: named twice; for more of it write {twice}:2")
    path = options.config or home("config") / "config.yaml"
    write_settings(path, {"adapters": options.names})
    say(f"{', '.join(options.names) or 'no adapter'} from now on; kept in {path}")
    return 0


def _remove(options: argparse.Namespace) -> int:
    folder = folder_of(options.name)  # a damaged one, too
    if folder.parent != own_folder():
        raise UsageError(f"{folder}: is shipped, not your own; it stays")
    if any(name.partition(":")[0] == folder.name for name in load(options.config).adapters):
        raise UsageError(f"{folder.name}: config.yaml puts it on; yanray adapters use takes it off first")
    shutil.rmtree(folder)
    say(f"removed {folder}")
    return 0


def _line(adapter: Adapter, used: str) -> str:
    """ADAPTER's line; USED: how config.yaml names it, "" where it does not."""
    mark = "*" if used else " "
    rank = padded(told(f"rank {adapter.rank}"), RANK)
    return f"{mark} {used or adapter.name:<24} {adapter.base:<24} {rank} {adapter.purpose}".rstrip()
