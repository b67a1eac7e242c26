"""What a turn costs as a conversation grows from 1 to 100 turns, most of them with a tool call.

    python benchmarks/growth.py [--shape nano:q8_0] [--turns 100] [--plot docs/growth.svg]

The model is made up, and says as much in every turn; its context holds them all. Prints one JSON object with
the medians of the first and of the last tenth of the turns: tokens read, the core's seconds, and the seconds
that Yanray itself takes, which is the turn's time without core and tools.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from yanray.agent.conversation import Conversation
from yanray.agent.prompt import system_prompt
from yanray.agent.turn import run_turn
from yanray.cores.base import Sampling
from yanray.cores.gguf import GgufCore
from yanray.events import End, Usage
from yanray.measure.random_weights import write_random
from yanray.measure.shapes import parse
from yanray.measure.this_machine import this_machine
from yanray.toolbox.box import Toolbox

TOOL = '"""Double a number."""\n\ndef run(number: float) -> str:\n    return format(number * 2, "g")\n'
ANSWER = 16  # words
CONTEXT = 12288  # tokens
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760, 360, 70, 310, 50  # pixels
INK, FAINT = "#1c2733", "#6b7785"


@dataclass(frozen=True, slots=True)
class Cost:
    """One turn. own: seconds outside the core and the tools."""

    prompt: int
    read: int
    core: float
    own: float


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shape", default="nano:q8_0")
    parser.add_argument("--turns", type=int, default=100)
    parser.add_argument("--plot", type=Path, help="write the drawing here (SVG)")
    given = parser.parse_args()
    name, shape, kind = parse(given.shape)
    with tempfile.TemporaryDirectory(prefix="yanray-growth-") as folder:
        Path(folder, "double.py").write_text(TOOL, encoding="utf-8")
        model = write_random(Path(folder, "model.gguf"), name, shape, kind, answer=ANSWER)
        with (
            closing(GgufCore(model, context=CONTEXT, drafts=False)) as core,
            closing(Toolbox([Path(folder)])) as box,
        ):
            costs = grow(core, box, given.turns)
    tenth = max(1, given.turns // 10)
    found = {
        "machine": this_machine(),
        "shape": given.shape,
        "turns": given.turns,
        "first_tenth": _medians(costs[1 : tenth + 1]),
        "last_tenth": _medians(costs[-tenth:]),
    }
    print(json.dumps(found, indent=1))
    if given.plot:
        given.plot.write_text(_drawing(costs, f"{given.shape} on {this_machine()}"), encoding="utf-8")


def grow(core: GgufCore, box: Toolbox, turns: int) -> list[Cost]:
    """The cost of each turn."""
    conversation = Conversation(system_prompt(box.specs, language="en"))
    costs = []
    for number in range(turns):
        begun = perf_counter()
        *_, last = run_turn(core, box, conversation, f"Question {number:3}, please.", sampling=Sampling())
        whole = perf_counter() - begun
        assert isinstance(last, End)
        costs.append(_cost(last.usage, whole))
    return costs


def _cost(usage: Usage, whole: float) -> Cost:
    core = usage.prefill_seconds + usage.decode_seconds
    return Cost(
        usage.rounds[-1].prompt_tokens,
        sum(round_.evaluated_tokens for round_ in usage.rounds),
        core,
        whole - core - usage.tool_seconds,
    )


def _medians(costs: Sequence[Cost]) -> dict[str, float]:
    return {
        "prompt_tokens": statistics.median(cost.prompt for cost in costs),
        "read_tokens": statistics.median(cost.read for cost in costs),
        "core_seconds": round(statistics.median(cost.core for cost in costs), 4),
        "own_seconds": round(statistics.median(cost.own for cost in costs), 4),
    }


def _drawing(costs: Sequence[Cost], title: str) -> str:
    """Seconds of each turn: the core's and, below them, Yanray's own."""
    most = max(cost.core for cost in costs) * 1.1
    across = (WIDTH - LEFT - 30) / max(1, len(costs) - 1)

    def dots(values: Sequence[float], colour: str) -> str:
        points = (
            f"M{LEFT + index * across:.1f} {BOTTOM - (BOTTOM - TOP) * value / most:.1f}h0"
            for index, value in enumerate(values)
        )
        return f"<path d='{''.join(points)}' stroke='{colour}' stroke-width='5' stroke-linecap='round'/>\n"

    def text(x: float, y: float, words: str, colour: str = FAINT, anchor: str = "start") -> str:
        return f"<text x='{x:.0f}' y='{y:.0f}' fill='{colour}' text-anchor='{anchor}'>{words}</text>\n"

    def rule(level: float) -> str:
        y = BOTTOM - (BOTTOM - TOP) * level / most
        line = f"<path d='M{LEFT} {y:.1f}H{WIDTH - 30}' stroke='#d5dbe2'/>\n"
        return line + text(LEFT - 8, y + 4, f"{level:.2g} s", anchor="end")

    read = statistics.median(cost.read for cost in costs[1:])
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{HEIGHT}' "
        f"viewBox='0 0 {WIDTH} {HEIGHT}' font-family='system-ui, sans-serif' font-size='13'>\n"
        f"<rect width='100%' height='100%' fill='#ffffff'/>\n"
        + text(LEFT, 22, f"Seconds for a turn; {read:.0f} tokens are read in each", INK)
        + text(LEFT, 40, title)
        + "".join(map(rule, (0.0, most / 2, most)))
        + dots([cost.core for cost in costs], "#2f7dc4")
        + dots([cost.own for cost in costs], "#c4552f")
        + text(LEFT, HEIGHT - 26, "turn 1")
        + text(WIDTH - 30, HEIGHT - 26, f"turn {len(costs)}, {costs[-1].prompt} tokens", anchor="end")
        + text(LEFT, HEIGHT - 8, "● the core", "#2f7dc4")
        + text(LEFT + 110, HEIGHT - 8, "● Yanray itself", "#c4552f")
        + "</svg>\n"
    )


if __name__ == "__main__":
    main()
