"""Conversations under the shipped tools: what most owners will have."""

from __future__ import annotations

import random
from functools import lru_cache

from yanray.toolbox.spec import ToolSpec
from yanray.train import answers, manner, shipped
from yanray.train.concepts import Concept, bank
from yanray.train.conversations import language_of, prompt_language
from yanray.train.document import Document, Exchange, Language, called, conversation, said
from yanray.train.everyday import chains, followups, notes, slips
from yanray.train.everyday.outcomes import outcome
from yanray.train.people import People
from yanray.train.talk import Talk
from yanray.train.toollists import dress, request

_TURNS = (1, 1, 1, 2, 2, 3, 3, 4, 5, 6)
_KINDS = {"ask": 36, "real": 20, "follow": 10, "chain": 5, "slip": 5, "keep": 2, "vain": 10, "talk": 12}
# A concept whose description begins so asks for a deed in the owner's world: no search can answer it.
_DEEDS = frozenset(
    "switch turn start stop set book order send cancel open close lock unlock play pause delete pay "
    "transfer water "
    "feed call dim brighten mute skip lower raise buy rent reserve post share print scan restart install "
    "uninstall adjust change reset block sign submit publish move rename upload download pair connect "
    "launch run "
    "vacuum clean heat cool preheat brew charge ship cast hang arm disarm record translate draw film capture "
    "mail text dial ring withdraw deposit refill register enroll apply renew swap exchange rate like follow "
    "subscribe unsubscribe archive crop rotate merge split compress encrypt fax assign mark hire fire".split()
)


@lru_cache(maxsize=1)
def deeds() -> tuple[Concept, ...]:
    """The bank's concepts that no shipped tool can serve."""
    return tuple(
        concept
        for concept in bank()
        if concept.summaries["en"][0].split()[0].lower().rstrip("s") in _DEEDS
        and concept.asks["en"]
        and concept.asks["zh"]
    )


class Home:
    """Conversations under the shipped tools, with requests of real people where the data folder has some."""

    def __init__(self, people: People, talk: Talk) -> None:
        self.people = people
        self.talk = talk
        self.real = {
            language: [key for key in people.served if key[1] == language] for language in ("en", "zh")
        }

    def __call__(self, rng: random.Random) -> Document:
        """A conversation under all shipped tools, now and then with a few of the owner's beside them."""
        language = language_of(rng)
        shown = prompt_language(rng, language)
        tools = list(shipped.specs().values())
        if rng.random() < 0.2:
            taken = {tool.name for tool in tools}
            more = rng.sample(deeds(), rng.randint(1, 6))
            extra = [dress(rng, concept, shown, ("fitting",), taken).spec for concept in more]
            turns = self._turns(rng, language, tools + extra, vain=False)
            return conversation(tools + extra, turns, language=shown, kind="home")
        return conversation(tools, self._turns(rng, language, tools), language=shown, kind="home")

    def _turns(
        self, rng: random.Random, language: Language, specs: list[ToolSpec], *, vain: bool = True
    ) -> list[Exchange]:
        turns: list[Exchange] = []
        weights = [0 if kind == "vain" and not vain else weight for kind, weight in _KINDS.items()]
        for _ in range(rng.choice(_TURNS)):
            kind = rng.choices(tuple(_KINDS), weights)[0]
            before = turns[-1].messages[-1].content if turns else ""
            turns.append(self._turn(rng, language, specs, kind, before))
        return turns

    def _turn(
        self, rng: random.Random, language: Language, specs: list[ToolSpec], kind: str, before: str
    ) -> Exchange:
        if kind == "talk":
            return self.talk(rng, language, specs, before)
        if kind == "vain":
            return self.in_vain(rng, language, specs)
        if kind == "real" and self.real[language]:
            return self.asked_by_people(rng, language)
        make = {
            "follow": followups.exchange,
            "chain": chains.exchange,
            "slip": slips.exchange,
            "keep": notes.both,
        }
        return make.get(kind, shipped.request)(rng, language)

    def asked_by_people(self, rng: random.Random, language: Language) -> Exchange:
        """A real request for a shipped tool, with the argument that its slots give."""
        keys = self.real[language]
        weights = [min(len(self.people.served[key]), 700) for key in keys]
        key = rng.choices(keys, weights)[0]
        text, argument = rng.choice(self.people.served[key])
        output, answer = outcome(rng, key[0], argument, language)
        return called(text, key[0], argument, output, answer)

    def in_vain(self, rng: random.Random, language: Language, specs: list[ToolSpec]) -> Exchange:
        """A request that none of the shipped tools serves."""
        real = self.people.vain[language]
        if real and rng.random() < (0.55 if language == "en" else 0.3):
            text = rng.choice(real)
        else:
            text, _ = manner.loosen(rng, request(rng, rng.choice(deeds()), language).text, language)
        return said(text, answers.none_fits(rng, language, specs))
