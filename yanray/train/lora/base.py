"""The model under an adapter: found by name, opened in the numbers that the card computes well with.

Trained are folders of safetensors that transformers knows. The embedded model is a GGUF, and its weights are
written out as such a folder, once.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from yanray.chatglm.layout import read_layout
from yanray.cores.gguf import CALL_BIAS
from yanray.cores.gguf_model import read_metadata
from yanray.cores.hf_card import this_card
from yanray.cores.hf_files import Load, fingerprint, read_config
from yanray.cores.hf_load import STORED, stored_method
from yanray.cores.hf_model import HfModel, choose_load, open_vocabulary
from yanray.cores.template import ChatTemplate
from yanray.errors import ModelError
from yanray.paths import home
from yanray.train.export import write_transformers
from yanray.train.lora.render import Labelled
from yanray.train.weights import read_gguf

LAST_NORM = ("norm", "ln_f", "final_layer_norm", "final_layernorm")


@dataclass(frozen=True, slots=True)
class Base:
    """A base before its weights are read. name: for people and for the adapter's note; load: the numbers that
    its weights will be held in; device: where. context: tokens that it has positions for. windowed: some
    layers see the last tokens only."""

    name: str
    folder: Path
    load: str
    device: str
    vocabulary: Labelled
    template: ChatTemplate
    context: int
    windowed: bool = False

    @property
    def fingerprint(self) -> str:
        """What tells it from any other."""
        return f"{fingerprint(self.folder)}:{self.load}"


def open_base(path: Path, load: Load = "auto") -> Base:
    """The base at PATH, a folder of transformers or the embedded model's GGUF. Raises ModelError."""
    from transformers import AutoConfig, GenerationConfig, GlmConfig

    folder = exported(path) if path.is_file() else path
    stored = read_config(folder)
    layout = read_layout(folder, stored)
    if layout is not None:
        config = GlmConfig(**layout.glm)
    else:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    beside = layout is None and (folder / "generation_config.json").is_file()
    generation = GenerationConfig.from_pretrained(folder, local_files_only=True) if beside else config
    words, source = open_vocabulary(folder, config, generation)
    template = ChatTemplate(source, words.named(), words.specials)
    words.mark(template.source)
    return Base(
        name=path.stem if path.is_file() else path.resolve().name,
        folder=folder,
        load=STORED if stored_method(stored) else choose_load(load),
        device=this_card().device,
        vocabulary=words,
        template=template,
        context=config.max_position_embeddings,
        windowed=bool(getattr(config, "sliding_window", None)),
    )


def weights(base: Base) -> Any:
    """The model itself. Raises ModelError when it does not fit or does not load."""
    return HfModel(base.folder, "auto" if base.load == STORED else base.load).model  # type: ignore[arg-type]


def exported(path: Path) -> Path:
    """The folder for transformers of the GGUF at PATH, which must be of the embedded model's kind.

    Written once into the cache; Q8_0 weights become float32 ones of the same values. Raises ModelError.
    """
    size, when = path.stat().st_size, path.stat().st_mtime_ns
    folder = home("cache") / "bases" / f"{path.stem}-{size:x}-{when:x}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):  # every process that torchrun started comes here at once
        if not folder.is_dir():
            _export(path, folder)
    return folder


def _export(path: Path, folder: Path) -> None:
    try:
        found, shape, tokenizer = read_gguf(path)
    except (KeyError, ValueError, OSError) as error:
        raise ModelError(
            f"{path}: of GGUF files only the embedded model's kind can be trained ({error!r}); give the "
            "folder of safetensors that it was made of"
        ) from None
    aside = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    tokenizer.save(str(aside / "tokenizer.json"))
    bias = float(read_metadata(path).get(CALL_BIAS, 0))
    write_transformers(aside, found, shape, aside / "tokenizer.json", bias)
    aside.rename(folder)


def last_norm(model: Any) -> list[float]:
    """The values of MODEL's last norm, by which an adapter's note knows its base."""
    inner = model.base_model
    module = next(getattr(inner, name) for name in LAST_NORM if hasattr(inner, name))
    return [float(value) for value in module.weight.detach().float().flatten()[:8]]
