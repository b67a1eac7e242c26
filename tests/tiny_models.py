"""Llama-shaped GGUF files with random weights, made on the fly: real models of a few hundred kilobytes.

They say nothing of sense, but they tokenise, evaluate, keep a KV cache and end rounds as any model does.
Weights are float32 by default, so that greedy text does not depend on how the tokens were batched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

from yanray.cores.gguf import GgufCore
from yanray.paths import PACKAGE

# Flash attention rounds differently for each batch size; two threads on a busy machine wait for each other.
EXACT = {"context": 2048, "kv": "f32", "flash": False, "threads": 1}

OpenCore = Callable[..., GgufCore]

NANO = (PACKAGE / "nano" / "template.jinja").read_text(encoding="utf-8")
CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
LLAMA3 = (
    "{{- bos_token }}{%- for message in messages %}"
    "{%- if message.role == 'tool' or message.role == 'ipython' %}"
    "{{- '<|start_header_id|>ipython<|end_header_id|>\n\n' }}"
    "{%- if message.content is mapping or message.content is iterable %}{{- message.content | tojson }}"
    "{%- else %}{{- message.content }}{%- endif %}{{- '<|eot_id|>' }}"
    "{%- else %}{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'"
    " + message['content'] | trim + '<|eot_id|>' }}{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{%- endif %}"
)
CHATGLM3 = (
    "{% for message in messages %}"
    "{% if loop.first %}[gMASK]sop<|{{ message['role'] }}|>\n {{ message['content'] }}"
    "{% else %}<|{{ message['role'] }}|>\n {{ message['content'] }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
LLAMA2 = (  # refuses an odd order, folds the system message into the first user message, knows no tool role
    "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}"
    "{% set system = '<<SYS>>\n' + messages[0]['content'] + '\n<</SYS>>\n\n' %}"
    "{% else %}{% set loop_messages = messages %}{% set system = '' %}{% endif %}"
    "{% for message in loop_messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate user/assistant') }}{% endif %}"
    "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + (system if loop.first else '')"
    " + message['content'].strip() + ' [/INST]' }}"
    "{% else %}{{ ' ' + message['content'].strip() + ' ' + eos_token }}{% endif %}{% endfor %}"
)
GEMMA = (  # refuses a system message
    "{{ bos_token }}"
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate') }}{% endif %}"
    "{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}"
    "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)

WORDS = "the and is of to in a what tool result answer number calculate weather hello world you are".split()
MERGED = [
    *WORDS,
    *(" " + word for word in WORDS),
    ")\n",
    "\n\n",
    "\n/",
    "/calculate",
    " /",
    "so",
    "天气",
    "你好",
    "，",
]


@dataclass(frozen=True)
class Flavour:
    """A template with its special tokens. `ends` end a round; the end of text is `</s>`, else the first
    special."""

    name: str
    template: str | None
    specials: tuple[str, ...]
    ends: tuple[str, ...]
    spm: bool = False
    bos: str | None = None


_NANO = ("<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|observation|>")
_CHATML = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_LLAMA3 = (
    "<|end_of_text|>",
    "<|begin_of_text|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<|eom_id|>",
)
_GLM = ("[gMASK]", "sop", "<|system|>", "<|user|>", "<|assistant|>", "<|observation|>")
_GEMMA = ("<eos>", "<bos>", "<start_of_turn>", "<end_of_turn>")
FLAVOURS = {
    flavour.name: flavour
    for flavour in (
        Flavour("nano", NANO, _NANO, ("<|user|>", "<|observation|>")),
        Flavour("chatml", CHATML, _CHATML, ("<|im_end|>",)),
        Flavour("llama3", LLAMA3, _LLAMA3, ("<|eot_id|>", "<|eom_id|>"), bos="<|begin_of_text|>"),
        Flavour("chatglm3", CHATGLM3, _GLM, ("<|user|>", "<|observation|>"), spm=True),
        Flavour("llama2", LLAMA2, ("</s>",), ("</s>",), spm=True, bos="<s>"),
        Flavour("gemma", GEMMA, _GEMMA, ("<end_of_turn>",), bos="<bos>"),
        Flavour("plain", None, ("<|endoftext|>",), ("<|endoftext|>",)),
    )
}


@dataclass(frozen=True)
class Shape:
    """Sizes of a model; `vocabulary` pads the tokenizer with tokens that no text makes.

    looping: no attention, so that each token has one successor and greedy text soon repeats itself.
    """

    width: int = 64
    layers: int = 2
    heads: int = 2
    kv_heads: int = 1
    ffn: int = 128
    vocabulary: int = 0
    context: int = 2048
    quantized: bool = False
    looping: bool = False


NANO_SHAPE = Shape(512, 12, 8, 4, 1408, 12288, 4096, quantized=True)


def write_tiny(path: Path, flavour: str = "nano", *, shape: Shape = Shape(), seed: int = 1) -> Path:
    """Write a random model of FLAVOUR to PATH and return PATH. The same arguments give the same file."""
    kind = FLAVOURS[flavour]
    writer = gguf.GGUFWriter(path, "llama")
    size = _write_tokenizer(writer, kind, shape.vocabulary)
    writer.add_name(f"tiny-{flavour}")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.ffn)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_vocab_size(size)
    _write_weights(writer, shape, size, np.random.default_rng(seed))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _write_weights(writer: gguf.GGUFWriter, shape: Shape, size: int, rng: np.random.Generator) -> None:
    def add(name: str, rows: int, columns: int, scale: float) -> None:
        weights = (rng.standard_normal((rows, columns)) * scale).astype(np.float32)
        if shape.quantized:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(weights, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, weights)

    width, kv = shape.width, shape.width // shape.heads * shape.kv_heads
    add("token_embd.weight", size, width, 1.0)
    writer.add_tensor("output_norm.weight", np.ones(width, np.float32))
    for layer in range(shape.layers):
        block, deep = f"blk.{layer}.", 3.0 / width**0.5
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{block}{norm}.weight", np.ones(width, np.float32))
        add(f"{block}attn_q.weight", width, width, deep)
        add(f"{block}attn_k.weight", kv, width, deep)
        add(f"{block}attn_v.weight", kv, width, deep)
        add(f"{block}attn_output.weight", width, width, 0.0 if shape.looping else deep)
        add(f"{block}ffn_gate.weight", shape.ffn, width, deep)
        add(f"{block}ffn_up.weight", shape.ffn, width, deep)
        add(f"{block}ffn_down.weight", width, shape.ffn, deep)
    add("output.weight", size, width, 1.0)


def _write_tokenizer(writer: gguf.GGUFWriter, kind: Flavour, least: int) -> int:
    tokens, types, scores, merges = _spm_tokens(kind) if kind.spm else _bpe_tokens(kind)
    padding = max(0, least - len(tokens))
    tokens += [f"<|unused{n}|>" for n in range(padding)]
    types += [gguf.TokenType.UNUSED] * padding
    writer.add_tokenizer_model("llama" if kind.spm else "gpt2")
    if kind.spm:
        writer.add_token_scores(scores + [-1e4] * padding)
    else:
        writer.add_tokenizer_pre("smollm")
        writer.add_token_merges(merges)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_add_bos_token(kind.bos is not None)
    writer.add_eos_token_id(tokens.index("</s>" if kind.spm else kind.specials[0]))
    if kind.bos:
        writer.add_bos_token_id(tokens.index(kind.bos))
    writer.add_eot_token_id(tokens.index(kind.ends[0]))
    if len(kind.ends) > 1:
        writer.add_eom_token_id(tokens.index(kind.ends[1]))
    if kind.template:
        writer.add_chat_template(kind.template)
    return len(tokens)


def _bpe_tokens(kind: Flavour) -> tuple[list[str], list[int], list[float], list[str]]:
    letters = _byte_letters()
    tokens = list(letters)
    merges: list[str] = []
    for word in MERGED:
        spelled = [letters[byte] for byte in word.encode()]
        for end in range(1, len(spelled)):
            left, right = "".join(spelled[:end]), spelled[end]
            if left + right not in tokens:
                tokens.append(left + right)
                merges.append(f"{left} {right}")
    types = [gguf.TokenType.NORMAL] * len(tokens) + [gguf.TokenType.CONTROL] * len(kind.specials)
    return [*tokens, *kind.specials], types, [], merges


def _spm_tokens(kind: Flavour) -> tuple[list[str], list[int], list[float], list[str]]:
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    types = [gguf.TokenType.UNKNOWN, *[gguf.TokenType.CONTROL] * 2, *[gguf.TokenType.BYTE] * 256]
    pieces: list[str] = []
    for word in MERGED:
        spelled = word.replace(" ", "▁")
        if "\n" not in word:
            pieces += [spelled[:end] for end in range(2, len(spelled) + 1)]
    pieces += [chr(code) for code in range(33, 127)] + ["▁", "天", "气", "你", "好", "，"]
    pieces = list(dict.fromkeys(pieces))
    own = [special for special in kind.specials if special not in tokens]
    tokens += [*pieces, *own]
    types += [*[gguf.TokenType.NORMAL] * len(pieces), *[gguf.TokenType.CONTROL] * len(own)]
    scores = [0.0] * 259 + [float(len(piece)) - 20 for piece in pieces] + [0.0] * len(own)
    return tokens, types, scores, []


def _byte_letters() -> Sequence[str]:
    """GPT-2's printable letter for each byte (openai/gpt-2, encoder.py, bytes_to_unicode)."""
    shown = {*range(33, 127), *range(161, 173), *range(174, 256)}
    spare = iter(range(256, 512))
    return [chr(byte) if byte in shown else chr(next(spare)) for byte in range(256)]
