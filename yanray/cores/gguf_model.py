"""A GGUF file opened with llama.cpp: weights, vocabulary, metadata. Evaluation is in `gguf_context`."""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from yanray.cores.interrupt import ctrl_c_asks
from yanray.cores.llama import library, listening, reason
from yanray.cores.vocabulary import Vocabulary
from yanray.errors import ModelError
from yanray.events import Progress

EDGE = 1 << 20  # bytes of a file's head and tail that stand for the whole in its fingerprint


class GgufModel:
    """The open file. Raises ModelError, naming file and remedy, when it cannot be opened.

    gpu_layers: on GPUs, -1 for all; split: how many of them on each, () as llama.cpp divides them.
    vocab_only: without the weights. on_progress: told how far loading is.
    """

    def __init__(
        self,
        path: Path,
        *,
        gpu_layers: int = 0,
        split: Sequence[int] = (),
        vocab_only: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.path = path
        self.fingerprint = fingerprint(path)
        self._lib = library()
        parameters = self._lib.llama_model_default_params()
        parameters.n_gpu_layers = gpu_layers
        parameters.vocab_only = vocab_only
        self._split = (ctypes.c_float * self._lib.llama_max_devices())(*split)
        if split:
            parameters.tensor_split = self._split
        self._stopped = False
        parameters.progress_callback = self._report = self._reporter(on_progress)
        with ctrl_c_asks(self._stop), listening() as said:
            self.pointer = self._lib.llama_model_load_from_file(str(path).encode(), parameters)
        if not self.pointer:
            why = reason(said, "llama.cpp does not say why")
            if gpu_layers and "allocat" in why:
                raise ModelError(f"{path}: {why}; put fewer layers on the GPU: `machine.gpu_layers`")
            raise ModelError(
                f"{path}: not a model that can be loaded ({why}); the file is damaged, cut short, or of "
                "a kind that this llama.cpp does not know: fetch it again, or pick another model"
            )
        if self._lib.llama_model_has_encoder(self.pointer):
            self.close()
            raise ModelError(f"{path}: an encoder model, not a chat model; pick a text-generation GGUF")
        self.metadata = _metadata(self._lib, self.pointer)
        self.vocabulary = Vocabulary(self._lib.llama_model_get_vocab(self.pointer), self.metadata)

    @property
    def trained_context(self) -> int:
        """Tokens of context that the model was trained for."""
        return int(self._lib.llama_model_n_ctx_train(self.pointer))

    @property
    def template(self) -> str | None:
        """The chat template in the file."""
        return self.metadata.get("tokenizer.chat_template")

    @property
    def head_sizes(self) -> tuple[int, int]:
        """Numbers in one head's key and value."""
        arch = self.metadata.get("general.architecture", "")
        heads = max(1, self._lib.llama_model_n_head(self.pointer))
        size = self._lib.llama_model_n_embd(self.pointer) // heads
        key = int(self.metadata.get(f"{arch}.attention.key_length", size))
        return key, int(self.metadata.get(f"{arch}.attention.value_length", size))

    @property
    def cache_values(self) -> int:
        """Numbers in the KV cache of one token: layers x KV heads x (key size + value size)."""
        key, value = self.head_sizes
        layers = self._lib.llama_model_n_layer(self.pointer)
        kv = self._lib.llama_model_n_head_kv(self.pointer)
        return int(layers * kv * (key + value))

    def close(self) -> None:
        """Free the weights."""
        if self.pointer:
            self._lib.llama_model_free(self.pointer)
            self.pointer = None

    def _stop(self) -> None:
        self._stopped = True

    def _reporter(self, on_progress: Callable[[Progress], None] | None) -> object:
        def report(share: float, _: object) -> bool:
            if on_progress:
                on_progress(Progress("load", round(share * 100), 100))
            return not self._stopped

        return self._lib.llama_progress_callback(report)


def read_metadata(path: Path) -> dict[str, str]:
    """What the file at PATH says of itself, without its weights; {} when it is no model."""
    lib = library()
    parameters = lib.llama_model_default_params()
    parameters.vocab_only = True
    pointer = lib.llama_model_load_from_file(str(path).encode(), parameters)
    if not pointer:
        return {}
    found = _metadata(lib, pointer)
    lib.llama_model_free(pointer)
    return found


def _metadata(lib: Any, model: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    room = 256
    buffer = ctypes.create_string_buffer(room)
    for index in range(lib.llama_model_meta_count(model)):
        lib.llama_model_meta_key_by_index(model, index, buffer, room)
        key = buffer.value.decode("utf-8", "replace")
        needed = lib.llama_model_meta_val_str_by_index(model, index, buffer, room)
        if needed >= room:
            room = needed + 1
            buffer = ctypes.create_string_buffer(room)
            lib.llama_model_meta_val_str_by_index(model, index, buffer, room)
        found[key] = buffer.value.decode("utf-8", "replace")
    return found


def fingerprint(path: Path) -> str:
    """What tells this model file from any other: its size, and SHA-256 over its first and last MiB.

    Raises ModelError when the file is missing, unreadable or no GGUF.
    """
    try:
        with path.open("rb") as file:
            head = file.read(EDGE)
            size = file.seek(0, 2)
            file.seek(max(0, size - EDGE))
            tail = file.read()
    except FileNotFoundError:
        raise ModelError(f"{path}: no such file; check the path, or name a pulled model") from None
    except IsADirectoryError:
        raise ModelError(f"{path}: a folder; name the .gguf file in it") from None
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from None
    if head[:4] != b"GGUF":
        begins = "is empty" if not head else f"begins with {head[:4]!r}"
        raise ModelError(
            f"{path}: not a GGUF file (it {begins}, not with b'GGUF'); give a .gguf model, or fetch it again"
        )
    return hashlib.sha256(b"%d:" % size + head + tail).hexdigest()[:32]
