"""What drawing an answer costs, and how soon a key is seen while one is drawn.

    python benchmarks/rendering.py [--tokens 4000] [--rate 100] [--columns 100] [--rows 30]

A real `yanray chat` runs in a pseudo-terminal; a script stands in for the model and says a Markdown answer of
--tokens words at --rate words per second. Prints one JSON object: the processor seconds that the chat took
for the answer, their share of the time that the answer took, the same for a quarter of the length (the ratio
says whether the cost is linear), and the milliseconds from a key to the screen, median and worst of 40.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import statistics
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

import pexpect
import psutil

YANRAY = str(Path(sys.executable).with_name("yanray"))
PARTS = (
    "# A heading with some words\n\n",
    "A paragraph with **bold**, *slanted* and `code` words, long enough to wrap around the end of a line. "
    * 4
    + "\n\n",
    "".join(f"{n}. item of a list, with a few words more\n" for n in range(1, 9)) + "\n",
    "```python\n"
    + "".join(f"def f{n}(x: int) -> int:\n    return x + {n}\n\n" for n in range(8))
    + "```\n\n",
    "| name | value | what it is |\n|---|---|---|\n" + "| one | 1 | a row of the table |\n" * 8 + "\n",
    "中文的段落也要画出来，而且每个字占两格。" * 8 + "\n\n",
)
END = "@@@"
KEYS = 40


def answer(tokens: int) -> list[str]:
    """A Markdown answer as TOKENS chunks."""
    chunks: list[str] = []
    for part in cycle(PARTS):
        words = part.split(" ")
        chunks += [f"{word} " for word in words[:-1]] + [words[-1]]
        if len(chunks) >= tokens:
            return [*chunks[: tokens - 1], f"\n\n{END}"]
    raise AssertionError


class Chat:
    """The chat in its pseudo-terminal. What it writes is read at once, as a terminal would."""

    def __init__(self, folder: Path, chunks: list[str], rate: float, columns: int, rows: int) -> None:
        script = {"name": "demo", "context": 1 << 20, "pace": 1 / rate, "rounds": [chunks]}
        path = folder / "script.json"
        path.write_text(json.dumps(script), encoding="utf-8")
        self.child = pexpect.spawn(
            YANRAY,
            ["chat", "--no-tools", "-m", f"scripted:{path}", "-o", "max_tokens=1000000"],
            env={**os.environ, "YANRAY_HOME": str(folder / "home"), "TERM": "xterm-256color"},
            dimensions=(rows, columns),
        )
        self.child.delaybeforesend = None  # else each key waits 50 ms
        self.process = psutil.Process(self.child.pid)

    def until(self, text: bytes, seconds: float) -> None:
        """Read until TEXT came."""
        end, tail = time.monotonic() + seconds, b""
        while text not in tail:
            assert time.monotonic() < end, f"no {text!r}"
            if select.select([self.child.child_fd], [], [], 0.5)[0]:
                tail = tail[-100:] + os.read(self.child.child_fd, 65536)

    def cpu(self) -> float:
        """Processor seconds so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def key_times(self, seconds: float) -> list[float]:
        """Milliseconds from each of some keys to its letter on the screen, for at most so many SECONDS."""
        times: list[float] = []
        end = time.monotonic() + seconds
        for number in range(KEYS):
            if time.monotonic() > end:
                break
            letter = "ZQXJ"[number % 4]
            begun = time.perf_counter()
            self.child.send(letter)
            self.until(letter.encode(), 10)
            times.append(1000 * (time.perf_counter() - begun))
            time.sleep(0.037)
        return times


def measure(tokens: int, rate: float, columns: int, rows: int) -> dict[str, float]:
    """One answer."""
    with tempfile.TemporaryDirectory() as folder:
        chat = Chat(Path(folder), answer(tokens), rate, columns, rows)
        chat.until(b"1024k", 60)
        before, begun = chat.cpu(), time.perf_counter()
        chat.child.send("go\r")
        chat.until(b"go", 10)
        keys = chat.key_times(tokens / rate / 2)
        chat.until(END.encode(), 10 * tokens / rate + 60)
        seconds = time.perf_counter() - begun
        cost = chat.cpu() - before
        chat.child.close(force=True)
    return {
        "tokens": tokens,
        "seconds": seconds,
        "cpu_seconds": cost,
        "share": cost / seconds,
        "key_ms_median": statistics.median(keys),
        "key_ms_worst": max(keys),
    }


def main() -> None:
    """Measure a quarter and the whole."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tokens", type=int, default=4000)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--columns", type=int, default=100)
    parser.add_argument("--rows", type=int, default=30)
    options = parser.parse_args()
    sizes = (options.tokens // 4, options.tokens)
    short, whole = (measure(size, options.rate, options.columns, options.rows) for size in sizes)
    ratio = whole["cpu_seconds"] / short["cpu_seconds"]
    print(
        json.dumps({"short": short, "whole": whole, "cost_ratio_for_four_times_the_length": ratio}, indent=2)
    )


if __name__ == "__main__":
    main()
