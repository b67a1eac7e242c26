"""A transformers checkpoint, opened: weights in the numbers that suit the machine, tokenizer, template.

Only architectures that transformers knows itself: a checkpoint's own code is never run.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import torch

from yanray.chatglm.layout import read_layout
from yanray.cores.hf_card import Card, check_card, this_card, torch_type
from yanray.cores.hf_chatglm import HfWords, open_words
from yanray.cores.hf_files import Load, fingerprint, read_config
from yanray.cores.hf_fit import check_stored, fitting_load, weigh
from yanray.cores.hf_int8_trial import instead_of_int8, int8_fault
from yanray.cores.hf_load import STORED, check_packages, holds_int8, load_weights, stored_method
from yanray.cores.hf_vocabulary import HfVocabulary
from yanray.errors import ConfigError, ModelError

Fault: TypeAlias = Callable[[str, Any], str]


class HfModel:
    """The open checkpoint. Raises ModelError and ConfigError.

    card: what it runs on; None: this process's own. fault: says why LLM.int8() must not be used on a device,
    asked for a card's first INT8 model. `said`: what the user should know of how it was loaded.
    """

    def __init__(
        self, folder: Path, load: Load = "auto", *, card: Card | None = None, fault: Fault = int8_fault
    ) -> None:
        self.folder = folder
        self.said: list[str] = []
        self._card = card = card or this_card()
        self._fault = fault
        self.device = card.device
        config = read_config(folder)
        check_card(card, load)
        self.load = self._stored(config, load) if stored_method(config) else self._chosen(load)
        self.fingerprint = fingerprint(folder)
        layout = read_layout(folder, config) if config["model_type"] == "chatglm" else None
        self.model = load_weights(folder, layout, self.load, card)
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

    def _stored(self, config: dict[str, Any], load: Load) -> str:
        """How a folder that is quantized already is loaded."""
        if load != "auto":
            raise ConfigError(f"{self.folder}: is quantized already; set `machine.load` to auto")
        check_packages(self.folder, stored_method(config))
        check_stored(self.folder, self._card)
        if holds_int8(config) and (why := self._int8_fault()):
            raise ModelError(
                f"{self.folder}: LLM.int8() weights, which {self._card.name} does not compute rightly ({why}"
                "); make a folder with `yanray quantize --to nf4`, or give a GGUF"
            )
        return STORED

    def _chosen(self, load: Load) -> str:
        """The numbers that weights which are not quantized yet are held in."""
        chosen, said = fitting_load(weigh(self.folder), load, self._card, self.folder)
        self.said += [said] if said else []
        if chosen != "int8" or not (why := self._int8_fault()):
            return chosen
        other = instead_of_int8()
        self.said.append(
            f"{self._card.name} does not compute LLM.int8() rightly ({why}): loaded as {other}, computed in "
            f"{self._card.native}"
            + ("" if other != "nf4" else "; with `pip install torchao` 8 bits would do")
        )
        return other

    def _int8_fault(self) -> str:
        """Why LLM.int8() must not be used here, "" when it may; on a CPU it is known to be right."""
        if self._card.capability is None:
            return ""
        return self._fault(self.device, torch_type(self._card.computes("int8")))


def open_vocabulary(folder: Path, *configurations: Any) -> tuple[HfWords, str | None]:
    """The tokenizer in FOLDER, and the chat template. CONFIGURATIONS: of the model, which name the ids that
    end a round, the first its size too. Raises ModelError."""
    from transformers import AutoTokenizer

    layout = read_layout(folder, read_config(folder, weights=False))
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


def choose_load(load: Load) -> str:
    """LOAD, with `auto` resolved to what this machine computes best with, whether or not it fits."""
    return this_card().native if load == "auto" else load
