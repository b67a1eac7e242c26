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
from yanray.events import End, Progress, RoundUsage, Text
from yanray.messages import Message
from yanray.toolbox.box import Toolbox

Run = dict[str, float]

QUESTION = "Tell me a long story of the sea, the people who live by it, and what they see in a year."
RESULT = "The harbour is open from 6 in the morning to 10 at night; 14 boats are out."
SHORT = 8  # tokens of a round that is there for what follows it


@dataclass(frozen=True, slots=True)
class Turn:
    """seconds: from the prompt's last token to the last text, in the last round: a model may call a tool."""

    seconds: float
    first: RoundUsage
    last: RoundUsage
    conversation: Conversation

    @property
    def generated(self) -> int:
        """Tokens of the last round; 1 when the model said nothing."""
        return max(1, self.last.generated_tokens)


def measure_core(
    core: GgufCore, toolbox: Toolbox, *, runs: int, prefix: int, tokens: int, told: Callable[[str], None]
) -> Iterator[Run]:
    """RUNS measurements, after one that does not count; the core and the bare loop take turns at being first.

    prefix: tokens of the system prompt. tokens: to generate.
    """
    bare = BareLoop(core)
    try:
        for number in range(runs + 1):
            told(f"reading and decoding, run {number} of {runs}")
            run = _one_run(core, toolbox, bare, filler(core.count, prefix, number), tokens, number % 2 == 1)
            if number:
                yield run
    finally:
        bare.close()


def _one_run(
    core: GgufCore, toolbox: Toolbox, bare: BareLoop, system: str, tokens: int, bare_first: bool
) -> Run:
    messages = [Message("system", system), Message("user", QUESTION)]
    if bare_first:
        bare_read, bare_step = bare.read(messages), bare.generate(tokens) / tokens
        turn = _turn(core, toolbox, system, tokens)
    else:
        turn = _turn(core, toolbox, system, tokens)
        bare_read, bare_step = bare.read(messages), bare.generate(tokens) / tokens
    return {
        "read": turn.first.prefill_seconds / turn.first.evaluated_tokens,
        "bare_read": bare_read / core.prompt_tokens(messages),
        "step": turn.seconds / turn.generated,
        "bare_step": bare_step,
        **_tool_round(core, turn.conversation),
    }


def _turn(core: GgufCore, toolbox: Toolbox, system: str, tokens: int) -> Turn:
    """One turn through the loop that chat uses."""
    conversation = Conversation(system)
    begun = ended = 0.0
    usages: tuple[RoundUsage, ...] = ()
    for event in run_turn(core, toolbox, conversation, QUESTION, sampling=Sampling(max_tokens=tokens)):
        if isinstance(event, Progress):
            begun = perf_counter()
        elif isinstance(event, Text):
            ended = perf_counter()
        elif isinstance(event, End):
            usages = event.usage.rounds
    return Turn(ended - begun, usages[0], usages[-1], conversation)


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
