"""The GGUF core: a model in llama.cpp, driven through its low-level calls. The round itself is in `local`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from yanray.cores.base import CommandGrammar, Lora, Sampling
from yanray.cores.evaluator import Choosing
from yanray.cores.gguf_cards import (
    CONTEXT,
    RESERVE,
    GpuCard,
    GpuLayers,
    Offload,
    gpu_cards,
    offload_of,
)
from yanray.cores.gguf_context import GgufContext
from yanray.cores.gguf_lora import GgufLora
from yanray.cores.gguf_model import GgufModel, read_metadata
from yanray.cores.gguf_sampling import Chooser
from yanray.cores.llama import library
from yanray.cores.local import STATES_LIMIT, LocalCore, identify
from yanray.cores.machine import ContextPlan, KvType, plan_context
from yanray.cores.template import ChatTemplate
from yanray.events import Notice, Progress

CALL_BIAS = "yanray.call_bias"  # in the file's metadata; see `base.Sampling`


class GgufCore(LocalCore):
    """A `ChatCore` on a GGUF file.

    context, threads, batch, kv, flash: 0, `auto` and None let `machine.plan_context` choose.
    gpu_layers: layers put on GPUs, -1 for all, `auto` as many as their free memory holds.
    prefix_folder: where KV states are kept; None: nowhere.
    drafts: whether tokens are guessed from the conversation. template: replaces the one in the file.
    on_progress: told how far loading is. Raises ModelError and ConfigError.
    """

    def __init__(
        self,
        path: Path,
        *,
        context: int = 0,
        threads: int = 0,
        batch: int = 0,
        kv: KvType = "auto",
        flash: bool | None = None,
        gpu_layers: GpuLayers = "auto",
        prefix_folder: Path | None = None,
        states_limit: int = STATES_LIMIT,
        drafts: bool = True,
        template: str | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        started = perf_counter()
        cards = gpu_cards() if gpu_layers else []
        told = read_metadata(path) if cards != [] else {}
        self.offload = offload = offload_of(path, gpu_layers, context, cards or [], told)
        on_gpu = cards != [] and offload.whole
        split = offload.split if cards and len(cards) > 1 and gpu_layers == "auto" else ()
        self._model = model = GgufModel(path, gpu_layers=offload.count, split=split, on_progress=on_progress)
        self._said = _partly(offload, cards, gpu_layers)
        self._words = words = model.vocabulary
        chat = ChatTemplate(template or model.template, words.named(), words.specials)
        words.mark(chat.source)
        self.name = model.metadata.get("general.name") or path.stem
        self.plan: ContextPlan = plan_context(
            weights=path.stat().st_size,
            trained=model.trained_context,
            values_per_token=model.cache_values,
            context=context or (CONTEXT if offload.count and not on_gpu else 0),
            threads=threads,
            batch=batch,
            kv=kv,
            quantizable=all(size % 32 == 0 for size in model.head_sizes),
            flash=flash,
            memory=_left_on_gpus() if on_gpu else None,
            on_gpu=on_gpu,
        )
        running = GgufContext(model, self.plan)
        self._lora = GgufLora(model, running.pointer)
        super().__init__(
            path,
            identify("gguf", model.fingerprint, chat),
            running,
            words,
            chat,
            made_with={
                "file time": str(path.stat().st_mtime_ns),
                "cache type": f"{self.plan.kv} {self.plan.flash}",
                "llama.cpp": str(library().__version__),
            },
            prefix_folder=prefix_folder,
            states_limit=states_limit,
            drafts=drafts,
            call_bias=float(model.metadata.get(CALL_BIAS, 0)),
        )
        self.load_seconds = perf_counter() - started

    def _chooser(self, sampling: Sampling, grammar: CommandGrammar | None) -> Choosing:
        return Chooser(self._words, sampling, grammar)

    def take_notices(self) -> list[Notice]:
        """See `LocalCore`; and how much of the model did not fit the GPUs."""
        taken = [*(Notice("load", sentence) for sentence in self._said), *super().take_notices()]
        self._said.clear()
        return taken

    def _apply(self, adapters: Sequence[Lora]) -> None:
        self._lora.apply(adapters)

    def _free(self) -> None:
        self._lora.close()
        self._model.close()


def _left_on_gpus() -> int | None:
    """Bytes of which `plan_context` may give the KV cache half: twice what the weights leave on the GPUs."""
    cards = gpu_cards()
    return 2 * max(0, sum(card.free for card in cards) - RESERVE // 2) if cards else None


def _partly(offload: Offload, cards: Sequence[GpuCard] | None, gpu_layers: GpuLayers) -> list[str]:
    """What to say when GPUs hold only a part of the model."""
    if cards is None and gpu_layers == "auto":
        return ["this llama.cpp does not tell its GPUs' free memory: name a number, `machine.gpu_layers`"]
    if not cards or offload.whole:
        return []
    free = ", ".join(f"{card.name} ({card.free / 2**30:.1f} GiB free)" for card in cards)
    return [
        f"{offload.count} of {offload.layers + 1} layers are on {free}; the rest on the CPU, which is slower"
    ]
