"""Small honest sources for the trainer's tests; worker processes import `draw` from here."""

from __future__ import annotations

import json
import lzma
import random
from pathlib import Path

import torch

from yanray.agent.prompt import system_prompt
from yanray.messages import Message
from yanray.paths import shipped
from yanray.toolbox.spec import Parameter, ToolSpec
from yanray.train.document import Document
from yanray.train.tokenizer import train_tokenizer

torch.set_num_threads(1)  # such small matrices: more threads wait for each other

KINDS = ("text", "sum", "chat")
TOOLS = (
    ToolSpec("calculate", "Work out arithmetic", (Parameter("expression"),), (("2+3", "5"),)),
    ToolSpec("clock", "Tell the time in a place", (Parameter("place", required=False),)),
)
GREETINGS = (
    ("hello", "Hello! What can I do?"),
    ("你好", "你好！要我做什么？"),
    ("thanks", "You are welcome."),
)


def draw(rng: random.Random, fraction: float) -> Document:
    """A sum for the calculator, or small talk."""
    system = Message("system", system_prompt(TOOLS, folder=shipped("prompts")))
    if rng.random() < 0.3:
        heard, said = rng.choice(GREETINGS)
        return Document((system, Message("user", heard), Message("assistant", said)), "chat")
    a, b = rng.randint(1, 99), rng.randint(1, 99)
    return Document(
        (
            system,
            Message("user", rng.choice((f"what is {a} plus {b}?", f"{a}加{b}是多少"))),
            Message("assistant", f"/calculate {a}+{b}"),
            Message("tool", str(a + b), name="calculate"),
            Message("assistant", f"{a} plus {b} is {a + b}."),
        ),
        "sum",
    )


def words(rng: random.Random, count: int) -> str:
    """COUNT made-up words of both scripts."""
    parts = "ba ri to mel sun wick ou th er ing 山 水 天气 很好 ，".split()
    return " ".join("".join(rng.choices(parts, k=rng.randint(1, 4))) for _ in range(count))


def write_data(folder: Path) -> Path:
    """A data folder with two small sources of text."""
    rng = random.Random(5)
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("enwiki2015_core", "zhwiki_1mb"):
        with lzma.open(folder / f"{name}.jsonl.xz", "wt", encoding="utf-8") as file:
            for number in range(40):
                row = {"title": str(number), "text": words(rng, rng.choice((20, 200, 900)))}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return folder


def write_tokenizer(path: Path, size: int = 600) -> Path:
    """A tokenizer learned from the sources above."""
    rng = random.Random(6)
    texts = [m.content for _ in range(300) for m in draw(rng, 0.0).messages]
    texts += [words(rng, 60) for _ in range(60)]
    texts += ["price: 1234567890 dollars, don't they'll I've   spaces\n\tdef f(x): return x[0]"] * 3
    path.parent.mkdir(parents=True, exist_ok=True)
    train_tokenizer(texts, size).save(str(path))
    return path
