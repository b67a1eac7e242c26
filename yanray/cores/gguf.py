"""The GGUF core: a model in llama.cpp, driven through its low-level calls. The round itself is in `local`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from yanray.cores.base import CommandGrammar, Sampling
from yanray.cores.evaluator import Choosing
from yanray.cores.gguf_context import GgufContext
from yanray.cores.gguf_model import GgufModel
from yanray.cores.gguf_sampling import Chooser
from yanray.cores.llama import library
from yanray.cores.local import STATES_LIMIT, LocalCore, identify
from yanray.cores.machine import ContextPlan, KvType, plan_context
from yanray.cores.template import ChatTemplate
from yanray.events import Progress


class GgufCore(LocalCore):
    """A `ChatCore` on a GGUF file.

    context, threads, batch, kv, flash: 0, `auto` and None let `machine.plan_context` choose.
    gpu_layers: layers put on a GPU, -1 for all. prefix_folder: where KV states are kept; None: nowhere.
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
        gpu_layers: int = 0,
        prefix_folder: Path | None = None,
        states_limit: int = STATES_LIMIT,
        drafts: bool = True,
        template: str | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        started = perf_counter()
        self._model = model = GgufModel(path, gpu_layers=gpu_layers, on_progress=on_progress)
        self._words = words = model.vocabulary
        chat = ChatTemplate(template or model.template, words.named(), words.specials)
        words.mark(chat.source)
        self.name = model.metadata.get("general.name") or path.stem
        self.plan: ContextPlan = plan_context(
            weights=path.stat().st_size,
            trained=model.trained_context,
            values_per_token=model.cache_values,
            context=context,
            threads=threads,
            batch=batch,
            kv=kv,
            quantizable=all(size % 32 == 0 for size in model.head_sizes),
            flash=flash,
        )
        super().__init__(
            path,
            identify("gguf", model.fingerprint, chat),
            GgufContext(model, self.plan),
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
        )
        self.load_seconds = perf_counter() - started

    def _chooser(self, sampling: Sampling, grammar: CommandGrammar | None) -> Choosing:
        return Chooser(self._words, sampling, grammar)

    def _free(self) -> None:
        self._model.close()
