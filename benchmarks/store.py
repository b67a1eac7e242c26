"""How long lists and searches take when much is kept: `python benchmarks/store.py [--conversations 10000]`.

Writes so many conversations of 20 messages each, as chats do, into a new database, and prints the
milliseconds of the resume list and of searches, the median and the worst of each.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from yanray.messages import Message
from yanray.store.conversations import Conversations

MESSAGES = 20
WORDS = "sea hill town river bread letter music garden winter answer question number weather train".split()
CHINESE = "今天 天气 公园 散步 火车 面包 音乐 花园 冬天 回答 问题 数字 河流 城市".split()
SEARCHES = ["garden", "quagga", "winter train", "天气", "公园散步", "w", "an answer that nobody gave", "the"]


def fill(store: Conversations, count: int) -> None:
    """COUNT conversations; in one of them the word quagga."""
    chance = random.Random(7)
    for number in range(count):
        words = CHINESE if number % 3 == 0 else WORDS
        joint = "" if words is CHINESE else " "
        talk = [
            Message("user" if n % 2 == 0 else "assistant", joint.join(chance.choices(words, k=12)))
            for n in range(MESSAGES)
        ]
        if number == count // 2:
            talk[3] = Message("assistant", "The quagga was a zebra.")
        store.replace(store.begin(), 0, talk)


def times(call: Callable[[], object], repeat: int = 9) -> str:
    """Median and worst milliseconds of CALL."""
    found = []
    for _ in range(repeat):
        begun = time.perf_counter()
        call()
        found.append((time.perf_counter() - begun) * 1000)
    return f"median {statistics.median(found):6.2f} ms, worst {max(found):6.2f} ms"


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--conversations", type=int, default=10_000)
    count = parser.parse_args().conversations
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "conversations.db"
        begun = time.perf_counter()
        with closing(Conversations(path)) as store:
            fill(store, count)
        size = path.stat().st_size / 2**20
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        print(f"{count:,} conversations, {count * MESSAGES:,} messages, {size:.0f} MiB", end=", ")
        print(f"written in {time.perf_counter() - begun:.0f} s")
        with closing(Conversations(path)) as store:
            print(f"{'list of 20':28} {times(lambda: store.recent(20))}")
            for words in SEARCHES:
                hits = len(store.search(words))
                print(f"{words!r:28} {times(lambda words=words: store.search(words))}, {hits} found")


if __name__ == "__main__":
    main()
