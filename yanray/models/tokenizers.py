"""A Hugging Face tokenizer as GGUF keeps it: byte-level BPE (tokenizer.json) or SentencePiece
(tokenizer.model).

llama.cpp splits text by rules of its own, chosen by a name; the name is told from the rules in
tokenizer.json, and rules that are not known here are refused rather than guessed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from yanray.chatglm.layout import Layout
from yanray.chatglm.tokens import byte_level, open_sentencepiece, read_ranks
from yanray.errors import DataError, ModelError

# llama.cpp merges letters to a control token whose label they spell, so these labels must not be words.
SAFE_LABELS = {"sop": "<|sop|>", "eop": "<|eop|>"}
CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
SPLITS = {CONTRACTIONS + r"\p{N}{1,3}" + TAIL: "llama-bpe", CONTRACTIONS + r"\p{N}" + TAIL: "qwen2"}


def add_tokenizer(writer: Any, folder: Path, rows: int) -> None:
    """Write the tokenizer of FOLDER; ROWS of the embedding, which may be more than there are tokens."""
    import gguf

    if (folder / "tokenizer.model").is_file():
        tokens, scores, kinds = _sentencepiece(folder)
        writer.add_tokenizer_model("llama")
        writer.add_tokenizer_pre("default")
        writer.add_token_scores(scores + [-1000.0] * (rows - len(tokens)))
        merges: list[str] = []
    else:
        tokens, kinds, merges, split = _byte_level(folder / "tokenizer.json")
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(split)
        writer.add_token_merges(merges)
    padding = max(0, rows - len(tokens))
    writer.add_token_list(tokens + [f"[PAD{number}]" for number in range(padding)])
    writer.add_token_types(kinds + [int(gguf.TokenType.UNUSED)] * padding)
    special = gguf.SpecialVocab(folder, n_vocab=rows)
    _read_template_file(special, folder)
    special.add_to_gguf(writer, quiet=True)
    _add_ends(writer, folder, special.special_token_ids.get("eos"))


def add_chatglm_tokenizer(writer: Any, path: Path, layout: Layout, rows: int) -> None:
    """Write the tokenizer of a folder in ChatGLM's own layout; PATH is its tokenizer.model."""
    import gguf

    labels = [SAFE_LABELS.get(label, label) for label in layout.specials]
    if layout.version == 4:
        tokens, merges = byte_level(read_ranks(path))
        kinds = [int(gguf.TokenType.NORMAL)] * len(tokens)
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre("chatglm-bpe")
        writer.add_token_merges([" ".join(pair) for pair in merges])
        writer.add_eos_token_id(len(tokens))
    else:
        tokens, scores, kinds = _sentencepiece_bpe(path)
        writer.add_tokenizer_model("llama")
        writer.add_tokenizer_pre("default")
        writer.add_token_scores(scores + [0.0] * len(labels) + [-1e4] * (rows - len(tokens) - len(labels)))
        writer.add_eos_token_id(tokens.index("</s>"))
    padding = rows - len(tokens) - len(labels)
    if padding < 0:
        raise DataError(f"{path}: holds more tokens than the model has rows ({rows}); is it of this model?")
    ids = {label: len(tokens) + index for index, label in enumerate(layout.specials)}
    writer.add_token_list([*tokens, *labels, *(f"[PAD{number}]" for number in range(padding))])
    kinds += [int(gguf.TokenType.CONTROL)] * len(labels) + [int(gguf.TokenType.UNUSED)] * padding
    writer.add_token_types(kinds)
    writer.add_add_bos_token(False)
    for add, end in zip((writer.add_eot_token_id, writer.add_eom_token_id), layout.ends, strict=False):
        add(ids[end])
    template = layout.template
    for label, safe in SAFE_LABELS.items():
        template = template.replace(f"]{label}", f"]{safe}")
    writer.add_chat_template(template)


def _sentencepiece_bpe(path: Path) -> tuple[list[str], list[float], list[int]]:
    """(tokens, scores, kinds) of a SentencePiece model. Raises DataError, ModelError."""
    pieces = open_sentencepiece(path)
    try:
        from sentencepiece import sentencepiece_model_pb2
    except ImportError:
        raise ModelError(f"{path}: needs the protobuf package: pip install 'yanray[hf]'") from None
    model = sentencepiece_model_pb2.ModelProto.FromString(pieces.serialized_model_proto())
    if model.trainer_spec.model_type != model.trainer_spec.BPE:
        raise ModelError(f"{path}: not of SentencePiece's kind BPE, the only one that llama.cpp merges alike")
    kinds = [int(piece.type) for piece in model.pieces]  # GGUF counts the kinds as SentencePiece does
    return [piece.piece for piece in model.pieces], [float(piece.score) for piece in model.pieces], kinds


def _byte_level(path: Path) -> tuple[list[str], list[int], list[str], str]:
    """(tokens, kinds, merges, name of the splitting rules) of a byte-level BPE tokenizer.json."""
    import gguf

    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        model = content["model"]
        ids = dict(model["vocab"])
        merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path}: no byte-level BPE tokenizer ({error}); a tokenizer.model would do too"
        ) from None
    kinds = dict.fromkeys(ids, int(gguf.TokenType.NORMAL))
    for added in content.get("added_tokens", []):
        ids[added["content"]] = added["id"]
        kind = gguf.TokenType.CONTROL if added.get("special") else gguf.TokenType.USER_DEFINED
        kinds[added["content"]] = int(kind)
    tokens = sorted(ids, key=lambda token: ids[token])
    if [ids[token] for token in tokens] != list(range(len(tokens))):
        raise DataError(f"{path}: its token ids have gaps; it cannot be kept in a GGUF file")
    return tokens, [kinds[token] for token in tokens], merges, _split_name(content.get("pre_tokenizer"), path)


def _split_name(rules: Any, path: Path) -> str:
    """llama.cpp's name for the splitting RULES of tokenizer.json."""
    steps = (rules or {}).get("pretokenizers", [rules or {}])
    kinds = [step.get("type") for step in steps]
    patterns = [step["pattern"].get("Regex") for step in steps if step.get("type") == "Split"]
    if patterns and patterns[0] in SPLITS:
        return SPLITS[patterns[0]]
    if kinds == ["Digits", "ByteLevel"] and steps[0].get("individual_digits"):
        return "smollm"
    if kinds == ["Split", "ByteLevel"] and patterns == [r"\p{N}"] and steps[0].get("behavior") == "Isolated":
        return "smollm"  # the same, as the embedded model's folder says it
    if kinds == ["ByteLevel"] and steps[0].get("use_regex", True):
        return "gpt-2"
    raise DataError(
        f"{path}: splits text by rules that llama.cpp is not known to have; take a GGUF of this model"
    )


def _sentencepiece(folder: Path) -> tuple[list[str], list[float], list[int]]:
    import gguf

    try:
        vocabulary = gguf.SentencePieceVocab(folder)
    except (ImportError, RuntimeError):
        raise ModelError(
            f"{folder}: its tokenizer.model needs the sentencepiece package: pip install yanray[hf]"
        ) from None
    found = list(vocabulary.all_tokens())
    texts = [text.decode("utf-8") if isinstance(text, bytes) else text for text, _, _ in found]
    return texts, [float(score) for _, score, _ in found], [int(kind) for _, _, kind in found]


def _read_template_file(special: Any, folder: Path) -> None:
    """Newer models keep the template in a file of its own."""
    path = folder / "chat_template.jinja"
    if special.chat_template is None and path.is_file():
        special.chat_template = path.read_text(encoding="utf-8")


def _add_ends(writer: Any, folder: Path, first: int | None) -> None:
    """The other tokens that end a round, from generation_config.json."""
    path = folder / "generation_config.json"
    if not path.is_file():
        return
    ends = json.loads(path.read_text(encoding="utf-8")).get("eos_token_id")
    others = [end for end in ends if end != first] if isinstance(ends, list) else []
    for add, end in zip((writer.add_eot_token_id, writer.add_eom_token_id), others, strict=False):
        add(end)
