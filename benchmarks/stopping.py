"""How soon Ctrl-C brings the prompt back, wherever it comes: `python benchmarks/stopping.py [--times 20]`.

A real `yanray chat` in a pseudo-terminal, its screen read by a terminal emulator. Each turn is stopped at a
random moment of a phase; told is the time from the key to a screen that shows an empty input line again. The
embedded model is asked; loading, and a tool that hangs, are a script's and a test tool's.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "terminal"))
from chatting import Chat

from yanray.paths import nano_model

SLOW = '''"""Wait."""

import time

TIMEOUT = 60


def run(seconds: float) -> str:
    time.sleep(seconds)
    return ""
'''
PROMPT = r"(?s)^>\s*\n[^>]*\Z"
SPINNER = "[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]"
LONG = "Tell me about the sea, the hills and the towns of the north. " * 60


@contextmanager
def chat(*, loading: int = 0, rounds: tuple[str, ...] = (), nano: bool = False) -> Iterator[Chat]:
    """A chat of its own home, with the embedded model or a script."""
    with tempfile.TemporaryDirectory() as folder:
        tools = Path(folder, "home", "tools")
        tools.mkdir(parents=True)
        (tools / "slow.py").write_text(SLOW, encoding="utf-8")
        script = {"name": "demo", "context": 65536, "rounds": list(rounds), "loading": loading, "pace": 0.001}
        words = ["-m", str(nano_model())] if nano else []
        with Chat(Path(folder), script, words=words) as opened:
            opened.child.delaybeforesend = None  # else each key waits 50 ms
            yield opened


def stopped(c: Chat, line: str, shows: str, wait: float, after: str = PROMPT) -> float:
    """Milliseconds from Ctrl-C, WAIT seconds after LINE's turn SHOWS that it goes on, to AFTER."""
    c.type(f"{line}\r")
    c.until(shows)
    end = time.monotonic() + wait
    while time.monotonic() < end:
        c.read(0.005)
    begun = time.perf_counter()
    c.type("\x03")
    while True:
        c.read(0.005)
        screen = "\n".join(c.lines)
        if re.search(after, screen, re.MULTILINE) and not re.search(SPINNER, screen):
            return (time.perf_counter() - begun) * 1000


def loading(moment: Callable[[], float]) -> float:
    """While a model is loaded, the line waits; stopped, it comes back into the input line."""
    with chat(loading=30) as c:
        c.until("^>")
        return stopped(c, "hello", "(?s)> hello.*^>$", moment(), after="(?s)> hello.*> hello")


def several(times: int, moment: Callable[[], float]) -> Iterator[tuple[str, list[float]]]:
    """Each phase and its times."""
    yield "loading", [loading(moment) for _ in range(times)]
    with chat(nano=True) as c:
        c.until(r"(of|/) \d+k")
        found = []
        for number in range(times):
            found.append(stopped(c, f"\x1b[200~{number} {LONG}\x1b[201~", SPINNER, moment()))
            c.type("/new\r")
            c.until("a new conversation")
            c.type("/clear\r")
            c.until(PROMPT)
        yield "reading", found
    with chat(rounds=(" ".join(f"word{n}" for n in range(20000)),) * times) as c:
        c.ready()
        yield (
            "generating",
            [stopped(c, f"go {n}", f"(?s)> go {n}.*word0 word1", moment()) for n in range(times)],
        )
    with chat() as c:
        c.ready()
        yield "in a tool", [stopped(c, "/slow 50", r"/slow 50 · \d", moment()) for n in range(times)]
    with chat(rounds=("It is so.",) * times) as c:
        c.ready()
        yield "saving", [stopped(c, f"go {n}", f"(?s)> go {n}\n+It is", 0.0) for n in range(times)]


def main() -> None:
    """Measure, and print a line for each phase."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    chance = random.Random(5)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; milliseconds from Ctrl-C to the prompt")
    for phase, found in several(options.times, lambda: chance.random() / 4):
        print(f"{phase:12} median {statistics.median(found):4.0f}  worst {max(found):4.0f}  of {len(found)}")


if __name__ == "__main__":
    main()
