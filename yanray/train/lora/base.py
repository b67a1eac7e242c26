"""The model under an adapter: found by name, opened in the numbers that the card computes well with.

Trained are folders of safetensors that transformers knows. The embedded model is a GGUF, and its weights are
written out as such a folder, once.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from yanray.cores.hf_files import Load, fingerprint, read_config
from yanray.cores.hf_model import HfModel, choose_load, open_vocabulary
from yanray.cores.hf_vocabulary import HfVocabulary
from yanray.cores.template import ChatTemplate
from yanray.errors import ModelError
from yanray.paths import home
from yanray.train.export import write_transformers
from yanray.train.weights import read_gguf

LAST_NORM = ("norm", "ln_f", "final_layer_norm", "final_layernorm")


@dataclass(frozen=True, slots=True)
class Base:
    """A base before its weights are read. name: for people and for the adapter's note; load: the numbers that
    its weights will be held in; device: where."""

    name: str
    folder: Path
    load: str
    device: str
    vocabulary: HfVocabulary
    template: ChatTemplate

    @property
    def fingerprint(self) -> str:
        """What tells it from any other."""
        return f"{fingerprint(self.folder)}:{self.load}"


def open_base(path: Path, load: Load = "auto") -> Base:
    """The base at PATH, a folder of transformers or the embedded model's GGUF. Raises ModelError."""
    from transformers import AutoConfig, GenerationConfig

    folder = exported(path) if path.is_file() else path
    stored = read_config(folder)
    config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    beside = (folder / "generation_config.json").is_file()
    generation = GenerationConfig.from_pretrained(folder, local_files_only=True) if beside else config
    words, source = open_vocabulary(folder, config, generation)
    template = ChatTemplate(source, words.named(), words.specials)
    words.mark(template.source)
    device = f"cuda:{torch.cuda.current_device()}" if torch.cuda.is_available() else "cpu"
    kept = stored.get("quantization_config")
    return Base(
        path.stem, folder, "as stored" if kept else choose_load(load, device), device, words, template
    )


def weights(base: Base) -> Any:
    """The model itself. Raises ModelError when it does not fit or does not load."""
    return HfModel(base.folder, "auto" if base.load == "as stored" else base.load).model  # type: ignore[arg-type]


def exported(path: Path) -> Path:
    """The folder for transformers of the GGUF at PATH, which must be of the embedded model's kind.

    Written once into the cache; Q8_0 weights become float32 ones of the same values. Raises ModelError.
    """
    size, when = path.stat().st_size, path.stat().st_mtime_ns
    folder = home("cache") / "bases" / f"{path.stem}-{size:x}-{when:x}"
    if folder.is_dir():
        return folder
    try:
        found, shape, tokenizer = read_gguf(path)
    except (KeyError, ValueError, OSError) as error:
        raise ModelError(
            f"{path}: of GGUF files only the embedded model's kind can be trained ({error!r}); give the "
            "folder of safetensors that it was made of"
        ) from None
    aside = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    tokenizer.save(str(aside / "tokenizer.json"))
    write_transformers(aside, found, shape, aside / "tokenizer.json")
    aside.rename(folder)
    return folder


def last_norm(model: Any) -> list[float]:
    """The values of MODEL's last norm, by which an adapter's note knows its base."""
    inner = model.base_model
    module = next(getattr(inner, name) for name in LAST_NORM if hasattr(inner, name))
    return [float(value) for value in module.weight.detach().float().flatten()[:8]]
