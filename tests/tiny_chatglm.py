"""Folders in the layout of ChatGLM's authors, with random weights and a tokenizer trained on a few lines."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np

WORDS = (
    "people philosopher isopropyl geopolitics Aesop the and is of to in a what tool result answer number "
    "calculate weather hello world you are assistant tool_call expression observation system user sop eop "
    "天气 你好 今天 多少 答案"
).split()
PIECES = 500  # of the tokenizer
KINDS = {"chatglm2": 2, "chatglm3": 3, "chatglm3-32k": 3, "chatglm2-32k": 2, "glm4": 4}
WIDTH, HEADS, GROUPS, HEAD, INNER, LAYERS = 128, 4, 2, 32, 192, 3


def write_chatglm(
    folder: Path, kind: str = "chatglm3", *, pickled: bool = False, half: bool = False, seed: int = 1
) -> Path:
    """Write a random model of KIND to FOLDER, float32 or HALF, as .bin files when PICKLED; returns FOLDER."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    rows = _write_tokenizer(folder, KINDS[kind])
    config = _config(kind, rows) | ({"torch_dtype": "float16"} if half else {})
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"name_or_path": config["_name_or_path"], "tokenizer_class": "ChatGLMTokenizer"})
    )
    tensors = _tensors(rows, np.random.default_rng(seed))
    numbers = torch.float16 if half else torch.float32
    made = {name: torch.from_numpy(array).to(numbers) for name, array in tensors.items()}
    names = sorted(made)
    for number, part in enumerate((names[: len(names) // 2], names[len(names) // 2 :]), 1):
        stem = f"{'pytorch_model' if pickled else 'model'}-{number:05}-of-00002"
        shard = {name: made[name] for name in part}
        if pickled:
            torch.save(shard, folder / f"{stem}.bin")
        else:
            save_file(shard, folder / f"{stem}.safetensors", metadata={"format": "pt"})
    return folder


def _config(kind: str, rows: int) -> dict[str, Any]:
    ratio = {"chatglm3-32k": 50, "chatglm2-32k": 16, "glm4": 500}.get(kind)
    return {
        "_name_or_path": f"THUDM/{kind.replace('2', '2-6b', 1) if kind.startswith('chatglm2') else kind}",
        "model_type": "chatglm",
        "architectures": ["ChatGLMModel"],
        "auto_map": {"AutoModel": "modeling_chatglm.ChatGLMForConditionalGeneration"},
        "add_bias_linear": False,
        "add_qkv_bias": True,
        "apply_residual_connection_post_layernorm": False,
        "ffn_hidden_size": INNER,
        "hidden_size": WIDTH,
        "kv_channels": HEAD,
        "layernorm_epsilon": 1.5625e-07 if kind == "glm4" else 1e-05,
        "multi_query_attention": True,
        "multi_query_group_num": GROUPS,
        "num_attention_heads": HEADS,
        "num_layers": LAYERS,
        "original_rope": True,
        "padded_vocab_size": rows,
        "post_layer_norm": True,
        "pre_seq_len": None,
        "quantization_bit": 0,
        "rmsnorm": True,
        "seq_length": 2048,
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
        "eos_token_id": 2,
        "pad_token_id": 0,
        **({"rope_ratio": ratio} if ratio else {}),
    }


def _tensors(rows: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    def random(*shape: int, scale: float) -> np.ndarray:
        return (rng.standard_normal(shape) * scale).astype(np.float32)

    deep, fused = 1.5 / WIDTH**0.5, (HEADS + 2 * GROUPS) * HEAD
    found = {
        "transformer.embedding.word_embeddings.weight": random(rows, WIDTH, scale=1.0),
        "transformer.output_layer.weight": random(rows, WIDTH, scale=0.3),
        "transformer.encoder.final_layernorm.weight": 1 + random(WIDTH, scale=0.1),
        "transformer.rotary_pos_emb.inv_freq": random(HEAD // 4, scale=1.0),
    }
    for layer in range(LAYERS):
        lead = f"transformer.encoder.layers.{layer}."
        found |= {
            f"{lead}input_layernorm.weight": 1 + random(WIDTH, scale=0.1),
            f"{lead}post_attention_layernorm.weight": 1 + random(WIDTH, scale=0.1),
            f"{lead}self_attention.query_key_value.weight": random(fused, WIDTH, scale=deep),
            f"{lead}self_attention.query_key_value.bias": random(fused, scale=0.5),
            f"{lead}self_attention.dense.weight": random(WIDTH, WIDTH, scale=deep),
            f"{lead}mlp.dense_h_to_4h.weight": random(2 * INNER, WIDTH, scale=deep),
            f"{lead}mlp.dense_4h_to_h.weight": random(WIDTH, INNER, scale=deep),
        }
    return found


def _write_tokenizer(folder: Path, version: int) -> int:
    """Write tokenizer.model; the rows of an embedding for it, some of which no token has."""
    if version == 4:
        tokens = _ranks()
        lines = [base64.b64encode(token).decode() + f" {rank}\n" for rank, token in enumerate(tokens)]
        (folder / "tokenizer.model").write_text("".join(lines), encoding="ascii")
        return len(tokens) + 14 + 10
    (folder / "tokenizer.model").write_bytes(train_sentencepiece())
    return PIECES + 9 + 11


def train_sentencepiece(kind: str = "bpe") -> bytes:
    """A SentencePiece model of PIECES pieces, set up as ChatGLM's is."""
    import sentencepiece

    made = io.BytesIO()
    lines = [" ".join(WORDS[n:] + WORDS[:n]) for n in range(len(WORDS))]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([*lines, "".join(map(chr, range(33, 127)))] * 4),
        model_writer=made,
        model_type=kind,
        vocab_size=PIECES,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return made.getvalue()


def _ranks() -> list[bytes]:
    """Bytes first, then growing beginnings of words, as byte-pair training would find them."""
    tokens = [bytes([byte]) for byte in range(256)]
    for word in WORDS:
        for spelled in (word.encode(), b" " + word.encode()):
            tokens += [spelled[:end] for end in range(2, len(spelled) + 1) if spelled[:end] not in tokens]
    return tokens
