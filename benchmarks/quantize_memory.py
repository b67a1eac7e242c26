"""What `yanray quantize --to int8|nf4` holds in memory while it works on a ChatGLM3-shaped folder.

    python benchmarks/quantize_memory.py [--layers 16] [--json FILE]

Prints, for each format, MiB of the folder, of the result, and the most that the process held of its own
(RssAnon) and together with the mapped pages of files, over what its libraries take. Linux only.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

MIB = 1 << 20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--layers", type=int, default=16)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found = []
    spawning = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="yanray-quantize-") as root:
        folder = make(Path(root) / "chatglm3", asked.layers)
        for kind in ("int8", "nf4"):
            with spawning.Pool(1) as pool:  # a process of its own for each
                found.append(pool.apply(measure, (folder, Path(root) / kind, kind)))
            print(found[-1])
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


def make(folder: Path, layers: int) -> Path:
    """A folder in ChatGLM3's own layout, float16, of a third of its width."""
    import tiny_chatglm

    sizes = {"WIDTH": 2048, "HEADS": 16, "GROUPS": 2, "HEAD": 128, "INNER": 5632, "LAYERS": layers}
    vars(tiny_chatglm).update(sizes)
    return tiny_chatglm.write_chatglm(folder, half=True)


def measure(folder: Path, target: Path, kind: str) -> dict[str, Any]:
    """Make TARGET and watch this process meanwhile."""
    import bitsandbytes  # noqa: F401 - what the libraries take is no part of it
    import transformers  # noqa: F401

    from yanray.models.quantize_folder import quantize_folder

    before, peak = held(), [0, 0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            own, mapped = held()
            peak[:] = max(peak[0], own), max(peak[1], own + mapped)

    watcher = threading.Thread(target=watch)
    watcher.start()
    quantize_folder(folder, target, kind)
    done.set()
    watcher.join()
    return {
        "kind": kind,
        "folder_mib": size(folder) // MIB,
        "result_mib": size(target) // MIB,
        "own_mib": (peak[0] - before[0]) // MIB,
        "with_mapped_mib": (peak[1] - sum(before)) // MIB,
    }


def held() -> tuple[int, int]:
    """Bytes of this process's own, and of mapped files."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = dict(re.findall(r"(RssAnon|RssFile):\s+(\d+) kB", status))
    return int(found["RssAnon"]) * 1024, int(found["RssFile"]) * 1024


def size(folder: Path) -> int:
    """Bytes of the weights in FOLDER."""
    return sum(path.stat().st_size for path in folder.glob("*.safetensors"))


if __name__ == "__main__":
    main()
