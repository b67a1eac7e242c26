"""What a call through the worker costs, what it leaves behind, and how soon the chat goes on after the worst.

    python benchmarks/tool_call.py [--calls 1000]

Calls a tool that returns its argument, then does each of tests/misdeeds.py in each shipped tool: killed, out
of memory, printing 100 MB, forking and hanging. Of those it tells the longest time from the end of the call's
limit (or, where it ended sooner, from the call's beginning) to the next tool's answer.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

from yanray.toolbox.box import Toolbox

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from misdeeds import MISDEEDS, argument, spoil

ECHO = '"""Say it back."""\n\ndef run(text: str) -> str:\n    return text\n'
LIMIT = 1.0  # seconds that spoiled tools have


def standing() -> str:
    """Memory and descriptors of this process and of the worker."""
    processes = [psutil.Process(), *psutil.Process().children()]
    return ", ".join(
        f"{p.memory_info().rss / 2**20:.1f} MiB and {p.num_fds()} descriptors" for p in processes
    )


def calls(folder: Path, count: int) -> None:
    """COUNT calls, one after the other."""
    (folder / "echo.py").write_text(ECHO, encoding="utf-8")
    box = Toolbox([folder])
    begun = time.perf_counter()
    box.run("echo", "first")
    print(f"first call, with the start of the worker: {(time.perf_counter() - begun) * 1000:.0f} ms")
    for _ in range(200):
        box.run("echo", "again")
    print(f"before: {standing()} (chat, worker)")
    times = []
    for _ in range(count):
        begun = time.perf_counter()
        assert box.run("echo", "again").ok
        times.append(time.perf_counter() - begun)
    print(f"after:  {standing()}")
    box.close()
    times.sort()
    median, slow = statistics.median(times), times[count * 99 // 100]
    print(f"{count} calls: median {median * 1000:.3f} ms, 99 % under {slow * 1000:.3f} ms")


def recovery(folder: Path, misdeed: str) -> float:
    """Seconds, at most over the tools, from the limit of a call that does MISDEED to the next answer."""
    names = spoil(folder, misdeed)
    (folder / "echo.py").write_text(ECHO, encoding="utf-8")
    box = Toolbox([folder], memory_mib=400)
    worst = 0.0
    for name in names:
        box.run("echo", "the worker is there")
        begun = time.perf_counter()
        assert not box.run(name, argument(name)).ok
        took = time.perf_counter() - begun
        assert box.run("echo", "on").text == "on"
        whole = time.perf_counter() - begun
        worst = max(worst, whole - (LIMIT if took > LIMIT else 0.0))
    box.close()
    return worst


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=1000)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as home:
        os.environ["YANRAY_HOME"] = home
        (Path(home) / "calls").mkdir()
        calls(Path(home) / "calls", options.calls)
        for number, (misdeed, said) in enumerate(MISDEEDS.items()):
            folder = Path(home) / str(number)
            folder.mkdir()
            print(f"{said}: the next answer {recovery(folder, misdeed):.2f} s later, at most over 12 tools")


if __name__ == "__main__":
    main()
