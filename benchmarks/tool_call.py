"""What a call through the worker costs: `python benchmarks/tool_call.py`."""

import os
import statistics
import tempfile
import time
from pathlib import Path

from yanray.toolbox.box import Toolbox

CALLS = 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "echo.py").write_text(
            '"""Say it back."""\ndef run(text: str) -> str:\n    return text\n'
        )
        box = Toolbox([Path(folder)])
        begun = time.perf_counter()
        box.run("echo", "first")
        first = time.perf_counter() - begun
        times = []
        for _ in range(CALLS):
            begun = time.perf_counter()
            assert box.run("echo", "again").ok
            times.append(time.perf_counter() - begun)
        box.close()
    times.sort()
    print(f"{os.cpu_count()} cores; {CALLS} calls of a tool that returns its argument")
    print(f"first call, with the start of the worker: {first * 1000:.0f} ms")
    median, slow = statistics.median(times), times[CALLS * 99 // 100]
    print(f"median {median * 1000:.3f} ms, 99 % under {slow * 1000:.3f} ms")


if __name__ == "__main__":
    main()
