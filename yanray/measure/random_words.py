"""The vocabulary and the chat template of a made-up model, and which token follows which when it speaks.

Every letter is a token, and so is every space with two small letters behind it. The model says all of these
words once, in a fixed order, then tokens that no text is made of; or it ends the round after some words. Each
turn but the first, and those behind two turns with results, it begins with the command `/double 21`. It
always does so: each token has one successor.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from string import ascii_lowercase
from typing import Any

COMMAND = "/double 21"  # no letter twice, so that each has one successor
END, SYSTEM, USER, RESULT = "<|end|>", "<|system|>", "<|user|>", "<|observation|>"
SAY, CALL = "<|assistant|>", "<|call|>"
CHATML = ("<|im_start|>", "<|im_end|>")  # for programs that use their own template whatever the file says
SPECIALS = (END, SYSTEM, USER, RESULT, SAY, CALL, *CHATML)
TEMPLATE = """\
{%- set turn = namespace(calls=false, used=true, before=true) -%}
{%- set roles = {'system': '<|system|>', 'user': '<|user|>', 'tool': '<|observation|>'} -%}
{%- for message in messages -%}
{%- if message.role == 'user' -%}
{%- set turn.calls = not (turn.used and turn.before) -%}
{%- set turn.before = turn.used -%}{%- set turn.used = false -%}
{%- elif message.role == 'tool' -%}{%- set turn.calls = false -%}{%- set turn.used = true -%}{%- endif -%}
{%- if message.role == 'assistant' -%}{{- '<|call|>' if turn.calls else '<|assistant|>' -}}
{%- else -%}{{- roles[message.role] -}}{%- endif -%}
{{- message.content -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|call|>' if turn.calls else '<|assistant|>' -}}{%- endif -%}"""


@dataclass(frozen=True, slots=True)
class Words:
    """tokens: by id. follows: id -> the id that the model says next. spoken: what it says, as text, from its
    first word on. merges: as in the GGUF. alike: the newline, and the marker behind which it answers: prompts
    may end with either."""

    tokens: list[str]
    merges: list[str]
    follows: list[int]
    spoken: str
    alike: tuple[int, int]


def make_words(size: int, answer: int = 0) -> Words:
    """A vocabulary of SIZE tokens, at least 1000. answer: words after which a round ends, 0: never."""
    letters = byte_letters()
    space = letters[32]
    pairs = [a + b for a in ascii_lowercase for b in ascii_lowercase]
    merges = [f"{space} {a}" for a in ascii_lowercase] + [f"{space}{pair[0]} {pair[1]}" for pair in pairs]
    starts = [space + a for a in ascii_lowercase]
    known = [*letters, *starts, *(space + pair for pair in pairs), *SPECIALS]
    tokens = known + [f"{space}w{number}" for number in range(size - len(known))]
    order = list(pairs)
    Random(1).shuffle(order)
    index = {token: number for number, token in enumerate(tokens)}
    follows = _successors(tokens, index, order, space)
    if answer:
        last = index[space + order[answer - 1]]
        follows[last], follows[index[END]] = index[END], follows[last]
    spoken = "".join(f" {pair}" for pair in order[: answer or None])
    return Words(tokens, merges, follows, spoken, (index[letters[10]], index[SAY]))


def _successors(tokens: list[str], index: dict[str, int], order: list[str], space: str) -> list[int]:
    """A permutation: one circle through the words and the tokens of no text, one through the command."""
    letters = [space if letter == " " else letter for letter in COMMAND]
    command = [index[name] for name in (CALL, *letters, RESULT)]
    said = [index[SAY], *(index[space + pair] for pair in order)]
    said += range(index[SPECIALS[-1]] + 1, len(tokens))
    follows = list(range(len(tokens)))
    for circle in (command, said):
        for here, there in zip(circle, [*circle[1:], circle[0]], strict=True):
            follows[here] = there
    return follows


def write_words(writer: Any, words: Words) -> None:
    """Put WORDS into the GGUF that WRITER makes."""
    from gguf import TokenType

    special = set(SPECIALS)
    kinds = [TokenType.CONTROL if token in special else TokenType.NORMAL for token in words.tokens]
    ids = {token: words.tokens.index(token) for token in SPECIALS}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(words.tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(words.merges)
    writer.add_bos_token_id(ids[END])
    writer.add_eos_token_id(ids[END])
    writer.add_eot_token_id(ids[USER])
    writer.add_eom_token_id(ids[RESULT])
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)


def byte_letters() -> list[str]:
    """The printable letter that stands for each byte (openai/gpt-2, encoder.py, bytes_to_unicode)."""
    shown = {*range(33, 127), *range(161, 173), *range(174, 256)}
    spare = iter(range(256, 512))
    return [chr(byte) if byte in shown else chr(next(spare)) for byte in range(256)]
