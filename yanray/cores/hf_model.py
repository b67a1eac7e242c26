"""A transformers checkpoint, opened: weights in the numbers that suit the machine, tokenizer, template.

Only architectures that transformers knows itself: a checkpoint's own code is never run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from yanray.chatglm.layout import read_layout
from yanray.chatglm.weights import open_glm
from yanray.cores.hf_chatglm import HfWords, open_words
from yanray.cores.hf_files import Load, check_fit, fingerprint, free_on, read_config
from yanray.cores.hf_vocabulary import HfVocabulary
from yanray.errors import ConfigError, ModelError

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
QUANTIZED = ("int8", "nf4")


class HfModel:
    """The open checkpoint. Raises ModelError and ConfigError."""

    def __init__(self, folder: Path, load: Load = "auto") -> None:
        self.folder = folder
        config = read_config(folder)
        self._layout = read_layout(folder, config) if config["model_type"] == "chatglm" else None
        self.device = f"cuda:{torch.cuda.current_device()}" if torch.cuda.is_available() else "cpu"
        stored = config.get("quantization_config")
        self.load = "as stored" if stored else choose_load(load, self.device)
        if stored and load != "auto":
            raise ConfigError(f"{folder}: is quantized already; set `machine.load` to auto")
        if not stored:
            check_fit(folder, self.load, self.device, free_on(self.device))
        self.fingerprint = fingerprint(folder)
        _hush()
        self.model = self._open(quantize=self.load in QUANTIZED)
        self.vocabulary, self.template = open_vocabulary(
            folder, self.model.config, self.model.generation_config
        )

    @property
    def trained_context(self) -> int:
        """Tokens of context that the model was trained for."""
        config = self.model.config
        return int(getattr(config, "max_position_embeddings", 0) or getattr(config, "n_positions", 0) or 2048)

    @property
    def cache_values(self) -> int:
        """Numbers in the KV cache of one token: layers x KV heads x (key size + value size)."""
        config = self.model.config
        heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
        size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        return int(config.num_hidden_layers * heads * size * 2)

    def close(self) -> None:
        """Free the weights."""
        self.model = None
        if self.device != "cpu":
            torch.cuda.empty_cache()

    def _open(self, *, quantize: bool) -> Any:
        options: dict[str, Any] = {"dtype": compute_type(self.load, self.device), "device_map": self.device}
        if quantize:
            options["quantization_config"] = _quantization(self.load, options["dtype"])
        try:
            model = self._weights(options)
        except (OSError, ValueError, ImportError, RuntimeError, KeyError) as error:
            why = str(error).strip().splitlines() or [type(error).__name__]
            raise ModelError(
                f"{self.folder}: transformers cannot load it: {why[0]}; take a model that it knows without "
                "code of its own, or a GGUF"
            ) from None
        _keep_weights_plain(model)
        return model.eval()

    def _weights(self, options: dict[str, Any]) -> Any:
        from transformers import AutoModelForCausalLM

        if self._layout is not None:
            return open_glm(self.folder, self._layout, **options)
        return AutoModelForCausalLM.from_pretrained(
            self.folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, **options
        )


def open_vocabulary(folder: Path, *configurations: Any) -> tuple[HfWords, str | None]:
    """The tokenizer in FOLDER, and the chat template. CONFIGURATIONS: of the model, which name the ids that
    end a round, the first its size too. Raises ModelError."""
    from transformers import AutoTokenizer

    layout = read_layout(folder, read_config(folder))
    if layout is not None:
        return open_words(folder, layout), layout.template
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, ImportError, KeyError, TypeError) as error:
        raise ModelError(f"{folder}: its tokenizer does not load: {error}") from None
    if not hasattr(tokenizer, "backend_tokenizer"):
        raise ModelError(f"{folder}: has no tokenizer.json; take a version of the model with one")
    ends: set[int] = set()
    for holder in (*configurations, tokenizer):
        stated = getattr(holder, "eos_token_id", None)
        ends.update(stated if isinstance(stated, list) else [] if stated is None else [int(stated)])
    template = tokenizer.chat_template
    return HfVocabulary(tokenizer, configurations[0].vocab_size, ends), (
        template.get("default") if isinstance(template, dict) else template
    )


def choose_load(load: Load, device: str) -> str:
    """LOAD, with `auto` resolved: the numbers that DEVICE computes well with."""
    if load != "auto":
        return load
    if device == "cpu":
        return "fp32"
    major, minor = torch.cuda.get_device_capability(device)
    if major >= 8:
        return "bf16"
    return "fp16" if (major, minor) >= (7, 0) or (major, minor) == (6, 0) else "fp32"  # 6.1 has slow fp16


def compute_type(load: str, device: str) -> Any:
    """The torch type that weights which are not quantized are held and computed in."""
    if load in TYPES:
        return TYPES[load]
    if load == "as stored":
        return "auto"
    if load == "int8" and device == "cpu":
        return torch.bfloat16  # with float32 each layer is cast there and back
    return TYPES[choose_load("auto", device)]


def _hush() -> None:
    """The screen is not these libraries': bitsandbytes says at every layer that it casts."""
    import logging

    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)


def _quantization(load: str, compute: Any) -> Any:
    try:
        import bitsandbytes  # noqa: F401 - asked for here, so that its absence has a remedy
    except ImportError:
        raise ModelError(f"`machine.load: {load}` needs bitsandbytes; pip install 'yanray[hf]'") from None
    from transformers import BitsAndBytesConfig

    if load == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=compute)


def _keep_weights_plain(model: Any) -> None:
    """Keep bitsandbytes from packing 4-bit weights anew on CPUs with AVX512-BF16: it fails on widths that 64
    does not divide, and saves such weights wrongly."""
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False
