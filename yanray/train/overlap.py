"""Pieces of text, and requests made of a few of their words: the exercise of finding a line by shared words.

A model that has met a bank of tools a thousand times knows their requests by heart and need not read the
list. Here nothing comes twice, and what ties the request to the line is its words alone.
"""

from __future__ import annotations

import random
import re

from yanray.train.document import Language

_CLAUSE = re.compile(r"[,;:()\"—–。，；：、（）“”？！?!]|\s-\s")
_COMMON = frozenset(
    "about above after again against almost along already also although among another because been "
    "before being between both called could during each either even every first from have having "
    "however into itself known like made many more most much often only other others over same several "
    "should since some such than that their them then there these they this those through thus under "
    "until upon used using very were what when where which while with within without would your later "
    "around became become".split()
)
_ASKS = {
    "en": (
        "{a} {b}",
        "{a} and {b}?",
        "i need the {a} with {b}",
        "what about {a}, {b}",
        "{b}, {a}",
        "is there {a} in {b}",
        "the one with {a} and {b}",
        "{a}? you know, {b}",
        "can you do {a} {b}",
        "{a} please, for {b}",
        "any {b} {a}",
    ),
    "zh": (
        "{a}，{b}",
        "{a}和{b}",
        "{b}的{a}",
        "有没有{a}{b}",
        "{a}怎么{b}",
        "我想要{a}，{b}",
        "{b}，还有{a}",
        "查{a}{b}",
    ),
}
_ONE = {
    "en": ("{a}", "{a}?", "something about {a}", "the {a} one", "{a} please", "where is {a}", "do {a}"),
    "zh": ("{a}", "{a}呢", "关于{a}", "要{a}", "{a}怎么样"),
}


def fragment(rng: random.Random, sentence: str, language: Language) -> str:
    """A clause of SENTENCE, short as a description; empty when there is none."""
    least, most = (18, 80) if language == "en" else (6, 24)
    clauses = [part.strip(" .'") for part in _CLAUSE.split(sentence)]
    fitting = [part for part in clauses if least <= len(part) <= most and len(_words(part, language)) > 2]
    if not fitting:
        return ""
    chosen = rng.choice(fitting)
    return chosen[0].upper() + chosen[1:]


def _words(text: str, language: Language) -> list[str]:
    """The words of TEXT that say something; of Chinese, pairs of characters."""
    if language == "en":
        found = re.findall(r"[A-Za-z][a-z]{3,}", text)
        return [word for word in found if word.lower() not in _COMMON]
    runs = re.findall(r"[\u4e00-\u9fff]{2,}", text)
    return [run[at : at + 2] for run in runs for at in range(0, len(run) - 1)]


def wording(rng: random.Random, piece: str, language: Language) -> str:
    """A request made of one to three words of PIECE, some of them in another form."""
    words = _words(piece, language)
    if language == "en":
        words = [_bent(rng, word.lower()) for word in words]
    picked = rng.sample(words, min(len(words), rng.choice((1, 2, 2, 2, 3, 3))))
    if len(picked) == 1:
        return rng.choice(_ONE[language]).replace("{a}", picked[0])
    join = " " if language == "en" else ""
    first, rest = picked[0], join.join(picked[1:])
    return rng.choice(_ASKS[language]).replace("{a}", first).replace("{b}", rest)


def _bent(rng: random.Random, word: str) -> str:
    """WORD in the singular or plural, without its ending, or as it is."""
    kind = rng.random()
    if kind < 0.12 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    if kind < 0.2 and word[-1] not in "sy":
        return word + "s"
    if kind < 0.28 and word.endswith("ing") and len(word) > 6:
        return word[:-3]
    if kind < 0.34 and word.endswith("ed") and len(word) > 5:
        return word[:-2]
    return word
