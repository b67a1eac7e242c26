"""A session: core, toolbox and conversation, put together from the settings here and nowhere else."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from yanray.agent.conversation import Conversation
from yanray.agent.prompt import system_prompt
from yanray.agent.summary import INSTRUCTIONS
from yanray.agent.turn import Allow, Cancelled, never, own_command, run_turn
from yanray.cores.base import ChatCore, Lora, Sampling
from yanray.errors import ModelError
from yanray.events import Event, Notice, Progress
from yanray.models.choice import REMOTE, SCRIPT, choose, choose_model
from yanray.paths import home, shipped
from yanray.settings import Settings
from yanray.toolbox.box import Source, Toolbox
from yanray.toolbox.spec import ToolSpec

if TYPE_CHECKING:
    from yanray.models.adapters import Adapter


class Session:
    """A conversation with the model and the tools that SETTINGS name.

    The core is loaded when it is first needed, so a command of the user's own runs at once.
    tools: False offers none. folders: in place of the shipped and the owner's tool folders.
    schema: JSON schema, as JSON, that each answer keeps (no tools then).
    core: in place of the model that SETTINGS name. on_progress: told how far loading that model is.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        tools: bool = True,
        folders: Sequence[Path] | None = None,
        core: ChatCore | None = None,
        schema: str = "",
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.settings = settings
        self.sampling = Sampling(**settings.sampling.model_dump())
        self.toolbox = open_toolbox(settings, folders) if tools and not schema else None
        self._problems = [str(problem) for problem in self.toolbox.problems] if self.toolbox else []
        self._prompt: tuple[tuple[ToolSpec, ...], str] = ((), "")
        self.conversation = Conversation(self.system_prompt())
        self._core = core
        self._schema = schema
        self._on_progress = on_progress
        self._load_seconds = 0.0  # not yet accounted for in a turn
        self._said: list[str] = []  # of a model that nobody named

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def core(self) -> ChatCore:
        """The core, loaded now if it was not. Raises ModelError."""
        return self.load()

    def load(self) -> ChatCore:
        """Load the core, unless it is there. Raises ModelError."""
        if self._core is None:
            begun = time.perf_counter()
            choice = choose(self.settings)
            wanted = self.settings.adapters
            self._core = open_core(choice.path, self.settings, self._on_progress)
            if self.settings.adapters != wanted:  # changed while a chat was loading
                self._core.adapt(read_adapters(self.settings.adapters))
            self._said = [choice.said] if choice.said else []
            self._load_seconds = time.perf_counter() - begun
        return self._core

    @property
    def loaded(self) -> bool:
        """Whether the core is there."""
        return self._core is not None

    def system_prompt(self) -> str:
        """The system prompt for the tools as they are now."""
        specs = self.toolbox.specs if self.toolbox else ()
        if specs != self._prompt[0] or not self._prompt[1]:
            text = system_prompt(specs, language=self.settings.spoken, own=self.settings.system)
            self._prompt = (specs, text)
        return self._prompt[1]

    def change_model(self, name: str) -> None:
        """Answer with the model NAME from now on; it is loaded when it is next needed. Raises ModelError."""
        choose_model(self.settings, name)  # before the one at hand is given up
        if self._core is not None:
            self._core.close()
            self._core = None
        self.settings = self.settings.model_copy(update={"model": name})

    def change_adapters(self, names: Sequence[str]) -> None:
        """Put the adapters NAMES (`NAME` or `NAME:SCALE`) on the model, and no others, from now on.

        Raises ModelError and UsageError, and nothing has changed.
        """
        adapters = read_adapters(names)
        if self._core is not None:
            self._core.adapt(adapters)
        self.settings = self.settings.model_copy(update={"adapters": list(names)})

    def change_prompt(self, own: str) -> None:
        """Begin the system prompt with OWN from now on."""
        self.settings = self.settings.model_copy(update={"system": own})
        self._prompt = ((), "")
        self.conversation.system = self.system_prompt()

    def new(self) -> None:
        """Begin a new conversation; what the core has read of the system prompt stays read."""
        self.conversation = Conversation(self.system_prompt())

    def ask(self, text: str, *, allow: Allow | None = None, cancelled: Cancelled = never) -> Iterator[Event]:
        """One turn (see `run_turn`). Tools whose files changed are read again before it."""
        if self.toolbox is not None:
            news = [*self._problems, *self.toolbox.refresh()]
            self._problems = []
            yield from (Notice("tools", sentence) for sentence in news)
            self.conversation.system = self.system_prompt()
            own = own_command(self.toolbox, self.conversation, text, cancelled=cancelled)
            if own is not None:
                yield from own
                return
        core = self.core
        yield from (Notice("model", sentence) for sentence in self._said)
        self._said = []
        load_seconds, self._load_seconds = self._load_seconds, 0.0
        yield from run_turn(
            core,
            self.toolbox,
            self.conversation,
            text,
            sampling=self.sampling,
            rounds=self.settings.rounds,
            allow=allow,
            cancelled=cancelled,
            load_seconds=load_seconds,
            schema=self._schema,
            summary=INSTRUCTIONS[self.settings.spoken] if self.settings.summary else "",
        )

    def close(self) -> None:
        """End the worker and free the model."""
        if self.toolbox is not None:
            self.toolbox.close()
        if self._core is not None:
            self._core.close()


def tool_folders() -> list[Path]:
    """The folders of the tools, later ones winning by name."""
    return [shipped("tools"), home("config") / "tools"]


def prefix_folder() -> Path:
    """Where the KV states of prefixes and of conversations that were left are kept."""
    return home("cache") / "prefixes"


def open_toolbox(settings: Settings, folders: Sequence[Path] | None = None) -> Toolbox:
    """The toolbox that SETTINGS describe."""
    limits = settings.toolbox
    return Toolbox(
        tool_folders() if folders is None else folders,
        enabled=limits.enabled,
        timeout=limits.timeout,
        memory_mib=limits.memory,
        output_chars=limits.output,
        settings=settings.tools,
        sources=_servers(settings),
        allow_hosts=limits.allow_hosts,
    )


def _servers(settings: Settings) -> list[Source]:
    """The MCP servers of SETTINGS, started."""
    if not settings.mcpServers:
        return []
    from yanray.toolbox.mcp import McpServers  # seconds of importing that others do not pay

    return [McpServers(settings.mcpServers, output_chars=settings.toolbox.output)]


def read_adapters(names: Sequence[str]) -> list[Lora]:
    """The adapters that NAMES (`NAME` or `NAME:SCALE`) mean. Raises ModelError and UsageError."""
    if not names:
        return []
    from yanray.models.adapters import choose  # YAML

    return [as_lora(adapter, scale) for adapter, scale in map(choose, names)]


def as_lora(adapter: Adapter, scale: float = 1.0) -> Lora:
    """ADAPTER as a core takes it, at SCALE times its strength."""
    return Lora(adapter.name, adapter.weights, adapter.alpha, adapter.root, adapter.norm, scale, adapter.base)


def open_core(
    path: Path, settings: Settings, on_progress: Callable[[Progress], None] | None = None
) -> ChatCore:
    """Load the model at PATH into the core for its kind, its adapters on it. Raises ModelError."""
    adapters = read_adapters(settings.adapters)
    core = _open_core(path, settings, on_progress)
    try:
        core.adapt(adapters)
    except BaseException:
        core.close()
        raise
    return core


def _open_core(
    path: Path, settings: Settings, on_progress: Callable[[Progress], None] | None = None
) -> ChatCore:
    if str(path).startswith(SCRIPT):
        from yanray.cores.script import read_script

        return read_script(Path(str(path).removeprefix(SCRIPT)))
    if str(path).startswith(REMOTE):
        from yanray.cores.remote import RemoteCore, Server  # httpx

        name = str(path).removeprefix(REMOTE)
        return RemoteCore(Server(**settings.remote[name].options(name)))
    common: dict[str, Any] = {"context": settings.context, "on_progress": on_progress}
    common["prefix_folder"] = prefix_folder()
    if path.is_dir():
        return _open_folder(path, {**common, **settings.machine.hf_options})
    from yanray.cores.gguf import GgufCore  # llama_cpp: only a turn that needs the model pays for it

    return GgufCore(path, **common, **settings.machine.options)


def _open_folder(folder: Path, options: dict[str, Any]) -> ChatCore:
    """The transformers core for FOLDER. Raises ModelError."""
    if not (folder / "config.json").is_file():
        raise ModelError(f"{folder}: a folder without config.json; give a GGUF or a transformers folder")
    missing = [name for name in ("torch", "transformers") if importlib.util.find_spec(name) is None]
    if missing:
        raise ModelError(f"{folder}: needs {', '.join(missing)}: pip install 'yanray[hf]'; or give a GGUF")
    from yanray.cores.hf import HfCore  # torch: seconds

    return HfCore(folder, **options)
