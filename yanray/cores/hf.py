"""The transformers core: a checkpoint folder, evaluated by PyTorch. The round itself is in `local`.

Llama, GLM, Qwen, GPT-2 and any causal model that transformers knows itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from yanray.cores.base import CommandGrammar, Lora, Sampling
from yanray.cores.evaluator import Choosing
from yanray.cores.hf_context import HfContext
from yanray.cores.hf_files import Load, free_on
from yanray.cores.hf_lora import HfLora
from yanray.cores.hf_model import HfModel
from yanray.cores.hf_sampling import HfChooser
from yanray.cores.hf_static import StaticContext, suits
from yanray.cores.local import STATES_LIMIT, LocalCore, identify
from yanray.cores.machine import GPU_BATCH, LEAST_CONTEXT, MOST_CONTEXT, physical_cores
from yanray.cores.template import ChatTemplate
from yanray.events import Notice, Progress

CPU_BATCH = 64  # prompt tokens read at once
CALL_BIAS = "yanray_call_bias"  # in config.json; see `base.Sampling`


class HfCore(LocalCore):
    """A `ChatCore` on a checkpoint folder.

    load: the numbers that weights are held in. context: tokens; threads, batch: 0 lets the machine choose.
    prefix_folder, states_limit, drafts: see `LocalCore`. template: replaces the one in the folder.
    in_place: whether the KV cache stays where it is (see `hf_static`); None: on a GPU, if the model allows.
    on_progress: told when loading begins and ends. Raises ModelError and ConfigError.
    """

    def __init__(
        self,
        folder: Path,
        *,
        load: Load = "auto",
        context: int = 0,
        threads: int = 0,
        batch: int = 0,
        prefix_folder: Path | None = None,
        states_limit: int = STATES_LIMIT,
        drafts: bool = True,
        in_place: bool | None = None,
        template: str | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        import torch
        import transformers

        started = perf_counter()
        torch.set_num_threads(threads or physical_cores())
        if on_progress:
            on_progress(Progress("load", 0, 100))
        self._model = model = HfModel(folder, load)
        if on_progress:
            on_progress(Progress("load", 100, 100))
        self._words = words = model.vocabulary
        chat = ChatTemplate(template or model.template, words.named(), words.specials)
        words.mark(chat.source)
        self.name = folder.resolve().name
        kind = str(model.model.dtype).removeprefix("torch.")
        self._lora = HfLora(model.model, self.name)
        self._running = _evaluator(model, context or _context(model), batch, in_place)
        super().__init__(
            folder,
            identify("hf", model.fingerprint, chat),
            self._running,
            words,
            chat,
            made_with={
                "numbers": f"{model.load} {kind}",
                "transformers": transformers.__version__,
                "torch": torch.__version__,
            },
            prefix_folder=prefix_folder,
            states_limit=states_limit,
            drafts=drafts,
            call_bias=float(getattr(model.model.config, CALL_BIAS, 0)),
        )
        self.load_seconds = perf_counter() - started

    def _chooser(self, sampling: Sampling, grammar: CommandGrammar | None) -> Choosing:
        return HfChooser(self._words, sampling, grammar)

    def _apply(self, adapters: Sequence[Lora]) -> None:
        self._lora.apply(adapters)
        self._running.forget_steps()

    def take_notices(self) -> list[Notice]:
        """See `LocalCore`; and how it was loaded and runs on a GPU."""
        loaded = [Notice("load", sentence) for sentence in self._model.said]
        taken = [*loaded, *super().take_notices(), *self._running.notices]
        self._model.said.clear()
        self._running.notices.clear()
        return taken

    def _free(self) -> None:
        self._lora.close()
        self._model.close()


def _evaluator(model: HfModel, context: int, batch: int, in_place: bool | None) -> HfContext:
    on_gpu = model.device != "cpu"
    batch = batch or (GPU_BATCH if on_gpu else CPU_BATCH)
    if in_place is None:
        in_place = on_gpu and suits(model.model)
    if in_place:
        return StaticContext(model.model, context, batch, graphs=on_gpu)
    return HfContext(model.model, context, batch)


def _context(model: HfModel) -> int:
    """The model's own context, as far as half of what memory is left holds its KV cache."""
    bytes_per_token = model.cache_values * int(model.model.dtype.itemsize)
    most = free_on(model.device) // 2 // max(1, bytes_per_token)
    return min(model.trained_context, MOST_CONTEXT, max(LEAST_CONTEXT, most))
