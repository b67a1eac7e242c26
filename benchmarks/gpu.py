"""What one NVIDIA GPU gives in the shape of ChatGLM3-6B, random weights: speed, memory, loading, training.

    python benchmarks/gpu.py --json gpu.json            # everything, in about eight minutes on an H200
    python benchmarks/gpu.py --parts fp16,nf4 --tiny    # a rehearsal, on a CPU too

Each part runs in a process of its own and writes its figures to the file as soon as it has them; one that
fails leaves its error there. Each makes the model that it needs, unless it is in --work. Needs torch,
transformers, safetensors; bitsandbytes for int8 and nf4, peft for lora, and for gguf a llama-cpp-python that
was built with CUDA, and the gguf package. Writes 30 GB in --work. The parts are in gpu_parts.py and
gpu_training.py.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PARTS = ("machine", "fp16", "int8", "nf4", "gguf", "lora")
LIMIT = {"machine": 120, "fp16": 120, "int8": 150, "nf4": 130, "gguf": 100, "lora": 240}  # seconds


def main() -> None:
    """Run the parts that are asked for, one process after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--parts", default=",".join(PARTS), help=f"of {','.join(PARTS)}")
    parser.add_argument("--json", type=Path, default=Path("gpu.json"), help="where the figures go")
    parser.add_argument("--work", type=Path, help="folder for the made-up models; default: a new one in /tmp")
    parser.add_argument("--budget", type=float, default=600, help="seconds after which no part begins")
    parser.add_argument("--tokens", type=int, default=128, help="tokens of one decoding run")
    parser.add_argument("--tiny", action="store_true", help="a model of two thin layers")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        run_one(asked)
        return
    asked.work = asked.work or Path(tempfile.mkdtemp(prefix="gpu-"))
    asked.work.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    figures: dict[str, Any] = {"argv": sys.argv[1:], "parts": {}}
    for part in asked.parts.split(","):
        left = asked.budget - (time.monotonic() - started)
        begun = time.monotonic()
        figures["parts"][part] = found = (
            run_part(part, asked, left) if left > 5 else {"error": "no time left"}
        )
        found["wall_s"] = round(time.monotonic() - begun, 1)
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
        print(part, json.dumps(found), flush=True)


def run_part(part: str, asked: argparse.Namespace, left: float) -> dict[str, Any]:
    """The figures of PART, also those it had before it failed or ran out of time."""
    report = asked.work / f"{part}.json"
    command = [sys.executable, __file__, "--one", part, "--json", str(report), "--work", str(asked.work)]
    command += ["--tokens", str(asked.tokens), *(["--tiny"] if asked.tiny else [])]
    environment = {"CUDA_VISIBLE_DEVICES": "0", **os.environ}  # one card, also where there are more
    environment |= {"LD_LIBRARY_PATH": cuda_libraries(), "YANRAY_HOME": str(asked.work / "home")}
    try:
        done = subprocess.run(
            command, env=environment, timeout=min(left, LIMIT[part]), capture_output=True, text=True
        )
        failed = done.stderr[-1500:] if done.returncode else ""
    except subprocess.TimeoutExpired:
        failed = f"not done after {min(left, LIMIT[part]):.0f} s"
    figures = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {}
    return {**figures, "error": failed} if failed and "error" not in figures else figures


def cuda_libraries() -> str:
    """LD_LIBRARY_PATH with the CUDA libraries that came with torch, for a llama.cpp linked to them."""
    found = importlib.util.find_spec("nvidia")
    folders = [str(path) for root in (found.submodule_search_locations if found else ()) or ()
               for path in Path(root).glob("*/lib")]  # fmt: skip
    return ":".join([*folders, *filter(None, [os.environ.get("LD_LIBRARY_PATH")])])


class Report:
    """Figures of one part, on disk at every change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.figures: dict[str, Any] = {}

    def add(self, **figures: Any) -> None:
        """Enter FIGURES."""
        self.figures.update(figures)
        self._path.write_text(json.dumps(self.figures), encoding="utf-8")

    @contextmanager
    def trying(self, what: str) -> Iterator[None]:
        """An error inside is entered under WHAT, and the part goes on."""
        begun = time.perf_counter()
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, the other figures stand
            self.add(**{f"{what}_error": f"{type(error).__name__}: {error}"[:600]})
        self.add(**{f"{what}_s": round(time.perf_counter() - begun, 2)})


def run_one(asked: argparse.Namespace) -> None:
    """One part, in this process."""
    import gpu_parts
    import gpu_training

    report = Report(asked.json)
    with report.trying("part"):
        if asked.one in ("fp16", "int8", "nf4"):
            gpu_parts.decoding(report, asked, asked.one)
        else:
            getattr(gpu_training if asked.one == "lora" else gpu_parts, asked.one)(report, asked)


if __name__ == "__main__":
    main()
