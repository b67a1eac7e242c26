"""`yanray tools`: what there is, what it takes, and running one without a model."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from yanray.agent.session import open_toolbox
from yanray.errors import YanrayError
from yanray.options import add_config, read_settings
from yanray.terminal.described import described, known, marks, place
from yanray.terminal.language import say, told
from yanray.terminal.lines import dim
from yanray.toolbox.box import Toolbox
from yanray.toolbox.skeleton import write_skeleton
from yanray.toolbox.spec import ToolSpec, usage

if TYPE_CHECKING:
    from yanray.terminal.costs import Costs


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray tools` takes."""
    parser.add_argument("-m", "--model", metavar="MODEL", help="say what they cost with this model")
    parser.add_argument("--cost", action="store_true", help="measure what each costs in the prompt")
    add_config(parser)
    parser.set_defaults(action=_list)
    actions = parser.add_subparsers(metavar="ACTION")
    show = actions.add_parser("show", help="what one tool takes and gives")
    show.add_argument("name")
    show.set_defaults(action=_show)
    new = actions.add_parser("new", help="write a tool to begin from, and its test")
    new.add_argument("name")
    new.set_defaults(action=_new)
    run_one = actions.add_parser("run", help="run one without a model")
    run_one.add_argument("name")
    run_one.add_argument("argument", nargs=argparse.REMAINDER, help="as the model would write it")
    run_one.set_defaults(action=_run)


def run(options: argparse.Namespace) -> int:
    """Do what OPTIONS say."""
    toolbox = open_toolbox(read_settings(options))
    try:
        return int(options.action(toolbox, options))
    finally:
        toolbox.close()


def _list(toolbox: Toolbox, options: argparse.Namespace) -> int:
    """A line for each tool on stdout, a line for each problem on stderr; 1 when there was one."""
    width = max((len(usage(spec)) for spec in toolbox.specs), default=0)
    costs = _costs(toolbox, options)
    if costs and toolbox.specs:
        say("tokens  seconds")
    for spec in toolbox.specs:
        cost = _row(*costs.of(spec.name)) if costs else ""
        print(f"{cost}{usage(spec):<{width}}  {told(spec.summary)}{marks(spec, told)}")
    if costs and toolbox.specs:
        all_of_it = told(f"all together; {costs.model} reads them once and keeps that on disk")
        print(_row(*costs.total) + all_of_it)
    for problem in toolbox.problems:
        print(f"yanray: {told(str(problem))}", file=sys.stderr)
    return 1 if toolbox.problems else 0


def _costs(toolbox: Toolbox, options: argparse.Namespace) -> Costs | None:
    """What each tool costs in the prompt; None, with the reason on stderr, when that is not known."""
    from yanray.terminal.costs import known_costs, measure_costs

    settings = read_settings(options)
    try:
        if options.cost:
            measure_costs(settings, toolbox.specs)
        costs = known_costs(settings, toolbox.specs)
    except YanrayError as error:
        why = told(f"what tools cost in the prompt is not known: {error}")
        print(f"yanray: {why}", file=sys.stderr)
        return None
    if costs is None:
        say("yanray tools --cost measures what each costs in the prompt", sys.stderr)
    return costs


def _row(tokens: int, seconds: float) -> str:
    return f"{tokens:>6}  {seconds:>7.2g}  "


def _show(toolbox: Toolbox, options: argparse.Namespace) -> int:
    spec = known(toolbox, options.name)
    print(described(spec, told))
    if costs := _costs(toolbox, options):
        tokens, seconds = costs.of(spec.name)
        print()
        say(f"{tokens} tokens of the prompt: {seconds:.2g} s of reading with {costs.model}")
    print(dim("\n" + place(spec, told), sys.stdout))
    return 0


def _run(toolbox: Toolbox, options: argparse.Namespace) -> int:
    """The result on stdout; an error on stderr, and 1."""
    spec = known(toolbox, options.name)
    outcome = toolbox.run(spec.name, _joined(options.argument, spec))
    if outcome.printed:
        print(outcome.printed, file=sys.stderr, end="")
    if outcome.ok:
        print(outcome.text)
    else:
        say(outcome.text, sys.stderr)
    return 0 if outcome.ok else 1


def _new(toolbox: Toolbox, options: argparse.Namespace) -> int:
    tool, test = write_skeleton(options.name)
    print(f"{tool}\n{test}")
    say(f"edit the first; then: yanray tools run {options.name} ARGUMENT", sys.stderr)
    return 0


def _joined(words: Sequence[str], spec: ToolSpec) -> str:
    """What the shell took apart, as one argument again."""
    if len(words) == 1 or len(spec.parameters) == 1:
        return " ".join(words)
    return " ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words)
