"""How well and how fast a model learns a new tool from 40 marked conversations.

    python benchmarks/learn_tool.py [--threads 2] [--keep FOLDER]

A tool whose name and description say nothing of what it is for (`/kiva text`: "Kiva") is put beside the
shipped ones, 40 conversations that call it are marked as good in a fresh database, and `yanray learn` is run.
Then the base and the adapter are asked: 40 requests for that tool, in words and about things that were not
taught, and the shipped tools' own set (tests/data/seen.jsonl). Prints a table, and the seconds of learning,
as the clock counts them and as the processor does: the two differ where others work on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from yanray.messages import Message
from yanray.store.conversations import Conversations

ROOT = Path(__file__).resolve().parent.parent
TOOL = '''"""Kiva."""


def run(text: str) -> str:
    """Kiva."""
    moisture = sum(text.encode()) % 90 + 5
    return f"{text}: soil moisture {moisture} %"
'''
TAUGHT = (
    "tomato basil cucumber pepper mint lettuce rose fern orchid carrot onion lemon spinach thyme tulip ivy",
    "is the {} dry?|does the {} need water?|how wet is the soil of the {}|should I water the {} today?|"
    "check the {} for me|is the {} thirsty|the {} looks sad, is its soil dry?|how moist is the {} bed?",
)
ASKED = (
    "strawberry parsley pumpkin lavender zucchini rosemary radish aloe peony chard",
    "can you see whether the {} wants watering?|what about the {}, too dry?|tell me the moisture of the {}|"
    "do I have to water the {} this evening?",
)


def turns(things: str, words: str, count: int, seed: int) -> list[tuple[str, str]]:
    """COUNT different pairs: a request, and what it is about."""
    pairs = [(say.format(thing), thing) for thing in things.split() for say in words.split("|")]
    return random.Random(seed).sample(pairs, count)


def fill(home: Path, count: int) -> None:
    """The tool, and COUNT conversations that call it, each marked as good."""
    (home / "tools").mkdir(parents=True)
    (home / "tools" / "kiva.py").write_text(TOOL, encoding="utf-8")
    from yanray.agent.session import Session
    from yanray.settings import load

    with Session(load()) as session:
        system = session.system_prompt()
    store = Conversations(home / "data" / "conversations.db")
    for request, thing in turns(*TAUGHT, count, 1):
        number = sum(thing.encode()) % 90 + 5
        talk = [
            Message("user", request),
            Message("assistant", f"/kiva {thing}"),
            Message("tool", f"{thing}: soil moisture {number} %", name="kiva"),
            Message("assistant", f"The soil moisture of the {thing} is {number} %."),
        ]
        conversation = store.begin(system=system)
        store.replace(conversation, 0, talk)
        store.mark(conversation, 3, "good")
    store.close()


def evaluate(rows: Path, adapter: str) -> dict[str, int]:
    """What `yanray eval` says of ROWS with ADAPTER ("": none)."""
    command = [
        sys.executable,
        "-m",
        "yanray",
        "eval",
        str(rows),
        "--json",
        "-m",
        str(ROOT / "yanray/nano/yanray-nano.gguf"),
    ]
    command += ["--adapter", adapter] if adapter else []
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    return {key: found[key]["right"] for key in ("tool", "argument")} | {"of": found["n"]}


def main() -> int:
    """Learn, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--conversations", type=int, default=40)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave everything there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = options.keep or Path(folder)
        os.environ.update(YANRAY_HOME=str(home), YANRAY_MODEL="", LANG="en_US.UTF-8")
        fill(home, options.conversations)
        asked = home / "asked.jsonl"
        rows = [{"prompt": say, "tool": "kiva", "argument": thing} for say, thing in turns(*ASKED, 40, 2)]
        asked.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        begun, before = time.perf_counter(), os.times()
        learnt = subprocess.run(
            [sys.executable, "-m", "yanray", "learn", "garden", "--threads", str(options.threads)],
            check=False,
        )
        seconds, after = time.perf_counter() - begun, os.times()
        work = after.children_user + after.children_system - before.children_user - before.children_system
        kept = "garden" if learnt.returncode == 0 else ""
        print(
            f"\nlearnt in {seconds:.0f} s ({work:.0f} s of processor time), {'kept' if kept else 'not kept'}"
        )
        for name, path in (("the new tool", asked), ("the shipped tools", ROOT / "tests/data/seen.jsonl")):
            for who in ("", kept) if kept else ("",):
                found = evaluate(path, who)
                shares = ", ".join(f"{key} {found[key] / found['of']:.1%}" for key in ("tool", "argument"))
                print(f"{name:<18} {who or 'base':<8} of {found['of']}: {shares}")
    return learnt.returncode


if __name__ == "__main__":
    raise SystemExit(main())
