"""The made-up models of gpu.py, and what they take: bytes of weights, bytes of the card."""

from __future__ import annotations

import gc
import subprocess
from pathlib import Path
from typing import Any

SHAPE = {"num_hidden_layers": 28, "hidden_size": 4096, "intermediate_size": 13696, "vocab_size": 65024,
         "num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 128}  # fmt: skip
TINY = {**SHAPE, "num_hidden_layers": 2, "hidden_size": 256, "intermediate_size": 512, "vocab_size": 1024,
        "num_attention_heads": 4, "head_dim": 64}  # fmt: skip
CONTEXT = 8192
TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"


def plain_model(work: Path, tiny: bool) -> Path:
    """The folder of the model in fp16 below WORK, made now if it is not there."""
    folder = work / "fp16"
    return folder if (folder / "tokenizer.json").is_file() else make_model(folder, TINY if tiny else SHAPE)


def device() -> str:
    """Where models are."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def make_model(folder: Path, shape: dict[str, Any], family: str = "Glm") -> Path:
    """A checkpoint of random weights in fp16, with a tokenizer of single bytes."""
    import torch
    import transformers

    rope = {"rope_type": "default", "rope_theta": 1e4}
    if family == "Glm":
        rope["partial_rotary_factor"] = 0.5
    config = getattr(transformers, f"{family}Config")(
        **shape, attention_bias=family == "Glm", tie_word_embeddings=False, rms_norm_eps=1e-5,
        max_position_embeddings=CONTEXT, rope_parameters=rope, pad_token_id=0, bos_token_id=None,
        eos_token_id=256,
    )  # fmt: skip
    torch.manual_seed(1)
    torch.set_default_dtype(torch.float16)
    with torch.device(device()):
        model = getattr(transformers, f"{family}ForCausalLM")(config)
    torch.set_default_dtype(torch.float32)
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim > 1:
                weights.normal_(0, 0.02)
    model.save_pretrained(folder, max_shard_size="2GB")
    write_tokenizer(folder)
    return folder


def write_tokenizer(folder: Path) -> None:
    """A tokenizer of 256 bytes and an end."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    from yanray.measure.random_words import byte_letters

    made = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(byte_letters())}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken("<|end|>", special=True)])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<|end|>")
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)


def peak(*, reset: bool = False) -> dict[str, int]:
    """Most bytes that torch's tensors took, and that it had taken from the card, since the last reset."""
    import torch

    if not torch.cuda.is_available():
        return {}
    free, total = torch.cuda.mem_get_info()
    found = {
        "tensors": torch.cuda.max_memory_allocated(),
        "reserved": torch.cuda.max_memory_reserved(),
        "card_in_use": total - free,
    }
    if reset:
        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    return found


def weighed(core: Any) -> dict[str, int]:
    """Bytes of all weights, and of those that each token reads: without the table of tokens."""
    model = core._model.model
    parts = {tensor.data_ptr(): tensor.nbytes for tensor in (*model.parameters(), *model.buffers())}
    for module in model.modules():  # bitsandbytes keeps scales beside its parameters
        state = getattr(getattr(module, "weight", None), "quant_state", None)
        scales = [getattr(state, "absmax", None), getattr(getattr(module, "weight", None), "SCB", None)]
        parts.update({each.data_ptr(): each.nbytes for each in scales if each is not None})
    table = model.get_input_embeddings().weight
    return {"all": sum(parts.values()), "read": sum(parts.values()) - table.nbytes}


def card_in_use() -> int:
    """Bytes in use on the card by all programs; 0 without one."""
    query = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(query, capture_output=True, text=True, timeout=20).stdout.split()
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return int(said[0]) << 20 if said and said[0].isdigit() else 0
