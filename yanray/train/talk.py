"""Talk without a tool: greetings, thanks, who are you, what can you do, jokes, what is better not answered.

The talk stands in `yanray/train/talk/*.txt`: blocks of `ask` and `say` lines, their parts separated by `;`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from yanray.toolbox.spec import ToolSpec
from yanray.train import answers, manner
from yanray.train.document import Exchange, Language, said
from yanray.train.people import People

FOLDER = Path(__file__).parent / "talk"
_NOTHING_YET = {
    "en": (
        "I have not said anything yet. What can I do?",
        "There is nothing to repeat yet. Ask me something.",
    ),
    "zh": ("我还没说什么呢，需要我做什么？", "还没有可以重复的内容，请先问我。"),
}


@dataclass(slots=True)
class Topic:
    """One block: requests and answers of each language.

    sources: `data set:intent` whose requests belong here too.
    """

    key: str
    sources: list[str] = field(default_factory=list)
    asks: dict[str, list[str]] = field(default_factory=lambda: {"en": [], "zh": []})
    says: dict[str, list[str]] = field(default_factory=lambda: {"en": [], "zh": []})


@lru_cache(maxsize=1)
def topics() -> tuple[Topic, ...]:
    """Every topic of the folder."""
    found: list[Topic] = []
    for path in sorted(FOLDER.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            head, _, value = line.partition(": ")
            parts = [part.strip() for part in value.split("; ") if part.strip()]
            if line.startswith("== "):
                found.append(Topic(line[3:].strip()))
            elif head == "from":
                found[-1].sources += value.split()
            elif head.startswith("ask "):
                found[-1].asks[head[4:]] += parts
            elif head.startswith("say "):
                found[-1].says[head[4:]] += parts
    return tuple(found)


class Talk:
    """Turns of talk, half of them with a request of a real person where the data has some."""

    def __init__(self, people: People) -> None:
        self.topics = topics()
        self.real = {
            (topic.key, language): [
                text for source in topic.sources for text in people.texts(source, language)
            ]
            for topic in self.topics
            for language in ("en", "zh")
        }

    def __call__(
        self, rng: random.Random, language: Language, specs: Sequence[ToolSpec], before: str = ""
    ) -> Exchange:
        """One turn under a list of tools. before: the answer that the last turn ended with."""
        topic = rng.choice(self.topics)
        real = self.real[topic.key, language]
        text = rng.choice(real if real and rng.random() < 0.5 else topic.asks[language])
        answer = rng.choice(topic.says[language])
        if answer == "{list}":
            answer = answers.able(rng, language, specs)
        elif answer == "{last}":
            answer = before or rng.choice(_NOTHING_YET[language])
        return said(manner.loosen(rng, text, language)[0] if rng.random() < 0.4 else text, answer)
