"""How well the plan of `yanray train lora` foretells the memory that training takes on this machine's CPU.

Made-up Llama and GLM models of 20 to 80 million numbers, a few steps of each setting in a process of its own.
Peak memory is the most that the process held of its own (RssAnon, read every 5 ms) and with the pages of
mapped files (VmHWM), libraries included. Linux only.

    python benchmarks/train_memory.py [--folder FOLDER] [--only N]

Prints a row for each setting; exits with 1 when a plan is off by more than 10 %.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from yanray.cores.machine import STATUS, kernel_bytes

ALLOWED = 0.10
STEPS = 4  # the third has the optimizer's moments beside the gradients
LLAMA20 = {"num_hidden_layers": 6, "hidden_size": 512, "intermediate_size": 1408, "vocab_size": 4096,
           "num_attention_heads": 8, "num_key_value_heads": 8, "head_dim": 64}  # fmt: skip
LLAMA80 = {"num_hidden_layers": 8, "hidden_size": 768, "intermediate_size": 2048, "vocab_size": 16384,
           "num_attention_heads": 12, "num_key_value_heads": 4, "head_dim": 64}  # fmt: skip
GLM60 = {"num_hidden_layers": 6, "hidden_size": 768, "intermediate_size": 2304, "vocab_size": 12288,
         "num_attention_heads": 12, "num_key_value_heads": 2, "head_dim": 64}  # fmt: skip
MODELS = {"Llama 20M": ("Llama", LLAMA20), "Llama 80M": ("Llama", LLAMA80), "GLM 60M": ("Glm", GLM60)}
SETTINGS: tuple[tuple[str, str, int, int, bool, float, str], ...] = (
    # model, load, rank, tokens, checkpointing, dropout, data (see `write_data`)
    ("Llama 20M", "fp32", 16, 512, True, 0.05, "text"),
    ("Llama 20M", "fp32", 64, 2048, True, 0.05, "half"),
    ("Llama 80M", "fp32", 16, 1024, False, 0.05, "half"),
    ("Llama 80M", "fp32", 8, 1024, True, 0.0, "text"),
    ("Llama 80M", "int8", 16, 1024, True, 0.05, "half"),
    ("Llama 80M", "nf4", 16, 1024, True, 0.05, "text"),
    ("GLM 60M", "fp32", 16, 1024, True, 0.05, "half"),
    ("GLM 60M", "fp32", 32, 512, False, 0.0, "text"),
    ("GLM 60M", "int8", 16, 1024, False, 0.05, "text"),
    ("GLM 60M", "nf4", 8, 2048, True, 0.05, "half"),
    ("Llama 80M", "fp32", 16, 1024, True, 0.05, "shared"),
    ("Llama 20M", "fp32", 16, 768, False, 0.05, "shared"),
    ("GLM 60M", "int8", 16, 1024, True, 0.0, "shared"),
    ("Llama 80M", "bf16", 16, 1024, True, 0.05, "text"),
    ("Llama 80M", "fp32", 32, 768, True, 0.05, "text"),
    ("GLM 60M", "nf4", 16, 512, False, 0.05, "half"),
    ("Llama 20M", "int8", 8, 1536, True, 0.05, "half"),
)


def main() -> int:
    """Measure every setting, or the one asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=Path, help="keep the models here")
    parser.add_argument("--only", type=int, nargs="+", metavar="N", help="these rows, from 0")
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        number, *paths = options.measure
        print(json.dumps(measure(int(number), *map(Path, paths))))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        return compare(options.folder or Path(scratch), options.only or range(len(SETTINGS)))


def compare(folder: Path, numbers: Any) -> int:
    """A row for each of NUMBERS; 1 when one is out of bounds."""
    from gpu_models import make_model

    print("model      load  rank tokens twice dropout data   planned MB   own  with files   error")
    worst = 0.0
    for number in numbers:
        name, load, rank, tokens, checkpointing, dropout, data = SETTINGS[number]
        family, shape = MODELS[name]
        base = folder / name.replace(" ", "-")
        if not (base / "tokenizer.json").is_file():
            make_model(base, shape, family)
        file = folder / f"{tokens}-{data}.jsonl"
        write_data(file, tokens, data)
        found = apart(number, base, file)
        error = found["planned"] / found["own"] - 1
        worst = max(worst, abs(error))
        words = f"{'yes' if checkpointing else 'no':<5} {dropout:<7} {data:<6}"
        sizes = "  ".join(f"{found[key] / 1e6:8.0f}" for key in ("planned", "own", "resident"))
        print(f"{name:<10} {load:<5} {rank:4} {tokens:6} {words} {sizes}   {error:+.0%}", flush=True)
    return int(worst > ALLOWED)


def apart(number: int, base: Path, data: Path) -> dict[str, int]:
    """What `measure` says in a process of its own."""
    with tempfile.TemporaryDirectory() as out:
        words = [sys.executable, __file__, "--measure", str(number), str(base), str(data), f"{out}/adapter"]
        done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(number: int, base: Path, data: Path, out: Path) -> dict[str, int]:
    """Train as `yanray train lora` does, and watch this process meanwhile."""
    _, load, rank, tokens, checkpointing, dropout, _ = SETTINGS[number]
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            peak[0] = max(peak[0], kernel_bytes(STATUS, "RssAnon:"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    from yanray.train.lora.recipe import Recipe
    from yanray.train.lora.session import Work, train

    recipe = Recipe(
        rank=rank, dropout=dropout, tokens=tokens, accumulate=1, epochs=1, checkpointing=checkpointing
    )
    said: list[str] = []
    train(Work(base, (data,), out, recipe, load), said.append)  # type: ignore[arg-type]
    done.set()
    watcher.join()
    told = next(line for line in said if line.startswith("memory:"))
    planned = re.match(r"memory: ([\d.]+) GiB", told)
    assert planned
    return {
        "planned": int(float(planned[1]) * 2**30),
        "own": peak[0],
        "resident": kernel_bytes(STATUS, "VmHWM:"),
    }


def write_data(path: Path, tokens: int, kind: str) -> None:
    """Rows that are full. KIND: `text`, all of it taught; `half`, a conversation whose latter half is taught;
    `shared`, short conversations that begin with one system prompt."""
    rng = random.Random(1)

    def some(size: int) -> str:
        return "".join(rng.choice("abcdefgh") for _ in range(size))

    if kind == "text":
        rows: list[dict[str, Any]] = [{"text": some(tokens - 1)} for _ in range(STEPS)]
    elif kind == "half":
        rows = [_talk(some(tokens // 2 - 4), some(tokens // 2 - 4)) for _ in range(STEPS)]
    else:
        head, each = some(tokens // 2), tokens // 16
        rows = [_talk(some(each), some(each - 2), head) for _ in range(4 * STEPS)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _talk(asked: str, said: str, system: str = "") -> dict[str, Any]:
    head = [{"role": "system", "content": system}] if system else []
    return {"messages": [*head, {"role": "user", "content": asked}, {"role": "assistant", "content": said}]}


if __name__ == "__main__":
    sys.exit(main())
