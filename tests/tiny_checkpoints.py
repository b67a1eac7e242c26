"""Checkpoint folders as transformers writes them, with random weights, made on the fly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tiny_models import FLAVOURS, _bpe_tokens

SIZES = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2, "max_position_embeddings": 2048}
WIDE = {**SIZES, "intermediate_size": 128, "num_key_value_heads": 1, "head_dim": 32}
FLAVOUR = {"hf-llama": "nano", "hf-glm": "chatglm3", "hf-gpt2": "plain"}


def write_checkpoint(folder: Path, kind: str, seed: int = 1) -> Path:
    """Write a random model of KIND (a key of FLAVOUR) with its tokenizer to FOLDER and return FOLDER."""
    import torch
    from transformers import AutoModelForCausalLM

    tokenizer, ends = _tokenizer(FLAVOUR[kind])
    config = _config(kind, len(tokenizer), ends)
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim > 1:
                weights.normal_(0, 1.0 if len(tokenizer) in weights.shape else 3 / 64**0.5)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _config(kind: str, size: int, ends: list[int]) -> Any:
    from transformers import GlmConfig, GPT2Config, LlamaConfig

    ids = {"vocab_size": size, "eos_token_id": ends, "bos_token_id": None, "pad_token_id": ends[0]}
    if kind == "hf-gpt2":
        return GPT2Config(n_embd=64, n_layer=2, n_head=2, n_positions=2048, **ids)
    if kind == "hf-glm":
        rope = {"rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 0.5}
        return GlmConfig(**WIDE, **ids, rope_parameters=rope, tie_word_embeddings=False)
    return LlamaConfig(**WIDE, **ids, tie_word_embeddings=False)


def _tokenizer(name: str) -> tuple[Any, list[int]]:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    flavour = FLAVOURS[name]
    tokens, _, _, merges = _bpe_tokens(flavour)
    plain = tokens[: len(tokens) - len(flavour.specials)]
    pairs = [tuple(merge.split(" ")) for merge in merges]
    made = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(plain)}, merges=pairs))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(special, special=True) for special in flavour.specials])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, eos_token=flavour.ends[0])
    tokenizer.chat_template = flavour.template
    return tokenizer, [made.token_to_id(end) for end in flavour.ends]
