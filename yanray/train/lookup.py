"""Exercises of pure look-up: find a line by its meaning or its key, and copy what stands beside it.

A small model has to form this before it can use a tool whose name means nothing to it.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from yanray.train import names, repeats
from yanray.train.concepts import Concept, bank, words
from yanray.train.conversations import language_of, prompt_language
from yanray.train.document import Document, Exchange, Language, assistant, called, conversation, said, user
from yanray.train.toollists import Tool, argument, dress, request

_WHICH = {
    "en": (
        "which tool is for this: {x}?",
        "{x}: which tool?",
        "which one would {x}",
        "name the tool: {x}",
        "which command does that: {x}",
    ),
    "zh": (
        "哪个工具是做这个的：{x}",
        "{x}，用哪个工具？",
        "{x}的是哪一个",
        "说出工具名：{x}",
        "哪个命令可以{x}",
    ),
}
_WHAT = {
    "en": ("what does /{x} do?", "what is /{x} for?", "/{x}?", "explain /{x}", "tell me about /{x}"),
    "zh": ("/{x} 是做什么的", "/{x} 有什么用", "/{x}？", "解释一下 /{x}", "说说 /{x}"),
}
_COPY = {
    "en": (
        "repeat: {x}",
        "say exactly: {x}",
        "write this again: {x}",
        "copy {x}",
        "repeat after me: {x}",
        "echo {x}",
    ),
    "zh": ("重复：{x}", "照抄：{x}", "请原样写出：{x}", "跟我说：{x}", "抄一遍 {x}"),
}
_VALUE = {
    "en": ("what is {x}?", "{x}?", "{x}", "give me {x}", "look up {x}", "the entry for {x}", "value of {x}"),
    "zh": ("{x}是什么？", "{x}？", "{x}", "查{x}", "找出{x}", "{x}对应什么"),
}
_KEY = {
    "en": ("which one has {x}?", "who has {x}?", "{x} belongs to what?", "find the key of {x}"),
    "zh": ("哪一个是{x}？", "{x}对应的是谁？", "{x}属于哪一项", "找出{x}的名字"),
}
_NONE = {"en": ("It is not in the list.", "There is no such entry."), "zh": ("列表里没有。", "没有这一项。")}


def _tools(rng: random.Random, language: Language) -> tuple[Language, list[Tool]]:
    """A list of tools, mostly under invented names."""
    shown = prompt_language(rng, language)
    taken: set[str] = set()
    concepts = rng.sample(bank(), rng.randint(2, 14))
    styles = ("invented",) if rng.random() < 0.75 else ("fitting",)
    return shown, [dress(rng, concept, shown, styles, taken) for concept in concepts]


def which(rng: random.Random) -> Document:
    """Under a tool list: the name for a description (the very one, or another of the same tool), and back."""
    language = language_of(rng)
    shown, tools = _tools(rng, language)
    turns = []
    for tool in rng.sample(tools, min(len(tools), rng.randint(2, 7))):
        kind = rng.random()
        if kind < 0.25:
            text = rng.choice(_WHAT[language]).format(x=tool.spec.name)
            turns.append(said(text, tool.spec.summary.rstrip(".。") + ("." if shown == "en" else "。")))
            continue
        summary = tool.spec.summary if kind < 0.55 else rng.choice(tool.concept.summaries[language])
        ask = rng.choice(_WHICH[language]).format(x=summary[:1].lower() + summary[1:])
        turns.append(said(ask, _named(rng, tool, language)))
    return conversation([tool.spec for tool in tools], turns, language=shown, kind="lookup")


def _named(rng: random.Random, tool: Tool, language: Language) -> str:
    """The answer that names TOOL. It never begins with the slash: that would be a call."""
    name = f"/{tool.spec.name}"
    says = (f"It is {name}.", f"That is {name}.", f"Use {name}.")
    if language == "zh":
        says = (f"是 {name}。", f"用 {name}。", f"那是 {name}。")
    return rng.choice(says)


def calls(rng: random.Random) -> Document:
    """Under a tool list: the request is a tool's own description, and the answer its command."""
    language = language_of(rng)
    shown, tools = _tools(rng, language)
    turns = []
    for tool in rng.sample(tools, min(len(tools), rng.randint(2, 6))):
        turns.append(_call(rng, tool, shown if rng.random() < 0.7 else language))
    return conversation([tool.spec for tool in tools], turns, language=shown, kind="lookup")


def _call(rng: random.Random, tool: Tool, language: Language) -> Exchange:
    concept: Concept = tool.concept
    summary = tool.spec.summary if rng.random() < 0.5 else rng.choice(concept.summaries[language])
    spoken, line = "", ""
    if concept.asks[language]:
        asked = request(rng, concept, language)
        line = argument(concept.slots, asked.written)
        spoken = (", " if language == "en" else "，").join(asked.spoken.values())
    text = f"{summary}: {spoken}" if spoken else summary
    if language == "zh" and spoken:
        text = f"{summary}：{spoken}"
    answer = "Done." if language == "en" else "好了。"
    return called(text, tool.spec.name, line, "ok", answer)


def _keys(rng: random.Random, language: Language, count: int) -> list[str]:
    lists = words()
    kind = rng.random()
    if kind < 0.4:
        return list(dict.fromkeys(names.invented(rng) for _ in range(count)))
    pool = lists[rng.choice(("person", "city", "food", "animal", "company", "book", "product", "word"))][
        language
    ]
    return rng.sample(pool, min(count, len(pool)))


def _entry(rng: random.Random, language: Language) -> str:
    kind = rng.randrange(5)
    if kind == 0:
        return str(rng.randint(1, 99_999))
    if kind == 1:
        return names.invented(rng)
    if kind == 2:
        return "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=rng.randint(3, 8)))
    lists = words()
    return rng.choice(lists[rng.choice(("color", "city", "food", "person", "time", "sport"))][language])


def pairs(rng: random.Random) -> Document:
    """A list of keys and values in the first message; then values by key, and keys by value."""
    language = language_of(rng)
    keys = _keys(rng, language, rng.randint(3, 16))
    entries = {key: _entry(rng, language) for key in keys}
    joint = rng.choice((": ", " = ", " -> ", " | ", "\t", " - "))
    heading = rng.choice(("", "", "List:\n" if language == "en" else "列表：\n"))
    listed = heading + "\n".join(f"{key}{joint}{value}" for key, value in entries.items())
    messages = []
    for number, key in enumerate(rng.sample(keys, min(len(keys), rng.randint(2, 8)))):
        question, answer = _pair(rng, language, entries, key)
        messages += [user(f"{listed}\n\n{question}" if number == 0 else question), assistant(answer)]
    return Document(tuple(messages), "lookup")


def _pair(rng: random.Random, language: Language, entries: dict[str, str], key: str) -> tuple[str, str]:
    kind = rng.random()
    if kind < 0.1:
        other = rng.choice(_keys(rng, language, 5))
        if other not in entries:
            return rng.choice(_VALUE[language]).format(x=other), rng.choice(_NONE[language])
    value = entries[key]
    if kind < 0.35 and list(entries.values()).count(value) == 1:
        return rng.choice(_KEY[language]).format(x=value), key
    return rng.choice(_VALUE[language]).format(x=key), value


def copies(rng: random.Random) -> Document:
    """Words, numbers and nonsense repeated to the letter."""
    language = language_of(rng)
    messages = []
    for _ in range(rng.randint(3, 8)):
        parts = [
            repeats.digits(rng) if rng.random() < 0.3 else _entry(rng, language)
            for _ in range(rng.randint(1, 5))
        ]
        text = (" " if language == "en" or rng.random() < 0.5 else "").join(parts)
        messages += [user(rng.choice(_COPY[language]).format(x=text)), assistant(text)]
    return Document(tuple(messages), "lookup")


_ALL: tuple[tuple[Callable[[random.Random], Document], int], ...] = (
    (which, 4),
    (calls, 4),
    (pairs, 3),
    (copies, 1),
)


def exercise(rng: random.Random) -> Document:
    """One exercise."""
    return rng.choices([make for make, _ in _ALL], [weight for _, weight in _ALL])[0](rng)
