"""What `yanray bench` measures in one process: reading, decoding, a tool round; the bare loop beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

from yanray.agent.conversation import Conversation
from yanray.agent.speaking import speak
from yanray.agent.turn import never, run_turn
from yanray.cores.bare import BareLoop
from yanray.cores.base import Sampling
from yanray.cores.gguf import GgufCore
from yanray.errors import ModelError
from yanray.events import End, Event, Progress, RoundUsage, Text
from yanray.messages import Message
from yanray.toolbox.box import Toolbox

Run = dict[str, float]

QUESTION = "Tell me a long story of the sea, the people who live by it, and what they see in a year."
RESULT = "The harbour is open from 6 in the morning to 10 at night; 14 boats are out."
TOGETHER = 8  # texts, until the other loop catches up
SHORT = 8  # tokens of a round that is there for what follows it


@dataclass(slots=True)
class Race:
    """A turn through the loop that chat uses, and the bare loop as far as it, some texts at a time: what else
    happens on the machine happens to both. Seconds from the first to the last text of the last round."""

    bare: BareLoop
    seconds: float = 0.0
    bare_seconds: float = 0.0
    texts: int = 0  # behind the first
    usages: tuple[RoundUsage, ...] = ()

    def run(self, events: Iterator[Event]) -> None:
        """Take the turn."""
        mark: float | None = None
        for event in events:
            now = perf_counter()
            if isinstance(event, Progress):  # a round begins; a model may call a tool first
                mark, self.seconds, self.bare_seconds, self.texts = None, 0.0, 0.0, 0
            elif isinstance(event, Text):
                if mark is not None:
                    self.seconds += now - mark
                    self.texts += 1
                    if self.texts % TOGETHER == 0:
                        self.bare_seconds += self.bare.generate(TOGETHER)
                mark = perf_counter()
            elif isinstance(event, End):
                self.usages = event.usage.rounds
        self.bare_seconds += self.bare.generate(self.texts % TOGETHER)

    @property
    def step(self) -> float:
        """Seconds for a token."""
        return self.seconds / max(1, self.usages[-1].generated_tokens - 1)

    @property
    def bare_step(self) -> float:
        """Seconds for a token of the bare loop."""
        return self.bare_seconds / max(1, self.texts)


def measure_core(
    core: GgufCore, toolbox: Toolbox, *, runs: int, prefix: int, tokens: int, told: Callable[[str], None]
) -> Iterator[Run]:
    """RUNS measurements, after one that does not count.

    prefix: tokens of the system prompt. tokens: to generate. Raises ModelError when the model says nothing.
    """
    bare = BareLoop(core)
    try:
        for number in range(runs + 1):
            told(f"reading and decoding, run {number} of {runs}")
            run = _one_run(core, toolbox, bare, filler(core.count, prefix, number), tokens)
            if number:
                yield run
    finally:
        bare.close()


def _one_run(core: GgufCore, toolbox: Toolbox, bare: BareLoop, system: str, tokens: int) -> Run:
    messages = [Message("system", system), Message("user", QUESTION)]
    conversation = Conversation(system)
    bare_read = bare.read(messages)
    race = Race(bare)
    race.run(run_turn(core, toolbox, conversation, QUESTION, sampling=Sampling(max_tokens=tokens)))
    if not race.texts:
        raise ModelError(f"{core.name}: says too little to be measured; measure a shape instead (--shape)")
    first = race.usages[0]
    return {
        "read": first.prefill_seconds / first.evaluated_tokens,
        "bare_read": bare_read / core.prompt_tokens(messages),
        "step": race.step,
        "bare_step": race.bare_step,
        **_tool_round(core, conversation),
    }


def _tool_round(core: GgufCore, conversation: Conversation) -> Run:
    """A short round, a tool's result behind it, and the round that reads it: its time, and the tokens that it
    evaluated although they stood in the cache or belong to neither the result nor its markers."""
    conversation.add(Message("user", "When may boats come in?"))
    asked = _round(core, conversation)
    ids = conversation.messages[-1].ids or ()
    conversation.add(Message("tool", RESULT, name="harbour"))
    told = _round(core, conversation)
    new = told.prompt_tokens - asked.prompt_tokens - len(ids)
    return {
        "tool_round": told.prefill_seconds,
        "tool_tokens": told.evaluated_tokens,
        "extra_tokens": told.evaluated_tokens - new,
    }


def _round(core: GgufCore, conversation: Conversation) -> RoundUsage:
    for _ in speak(core, conversation, Sampling(max_tokens=SHORT), cancelled=never):
        pass
    assert core.finish is not None
    return core.finish.usage


def filler(count: Callable[[str], int], tokens: int, number: int) -> str:
    """Sentences of about TOKENS tokens by COUNT, never more; another NUMBER gives others from the start."""
    sentences = [
        f"{number * 1000 + n} boats, {n} people: they went out at {n % 24} and came home."
        for n in range(tokens)
    ]
    low, high = 1, tokens
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(" ".join(sentences[:middle])) <= tokens else (low, middle - 1)
    return " ".join(sentences[:low])
