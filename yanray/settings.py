"""Settings: the shipped config.yaml, under the owner's, under the environment and the command line.

A key that is unknown, or a value of the wrong type, is an error that names file, key and remedy.
"""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from yanray.errors import ConfigError
from yanray.paths import home, shipped


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _between(default: float, least: float, most: float, what: str = "a number") -> Any:
    """A setting from LEAST to MOST, which says so."""
    return Field(default, ge=least, le=most, description=f"{what} from {least} to {most}")


class SamplingSettings(_Strict):
    """How the next token is chosen; see `yanray.cores.base.Sampling`."""

    temperature: float = _between(0.0, 0, 2)
    top_p: float = Field(0.95, gt=0, le=1, description="a number above 0, at most 1")
    top_k: int = _between(40, 0, 1_000_000, "a whole number")
    min_p: float = _between(0.05, 0, 1)
    repeat_penalty: float = _between(1.0, 0.5, 2)
    seed: int = _between(0, 0, 2**32 - 1, "a whole number")
    max_tokens: int = _between(1024, 1, 1_000_000, "a whole number")
    call_bias: Literal["auto"] | Annotated[float, Field(ge=-100, le=100)] = Field(
        "auto", description="auto, or a number from -100 to 100"
    )


class ToolboxSettings(_Strict):
    """Limits of the worker in which tools run."""

    enabled: Literal["all"] | list[str] = "all"
    timeout: float = Field(10, gt=0)
    memory: int = Field(1024, ge=64)
    output: int = Field(6000, ge=200)
    allow_hosts: list[str] = []


class McpServer(_Strict):
    """A server of tools: a program to start (`command`), or an address (`url`), never both."""

    type: Literal["", "stdio", "http", "streamable-http", "streamableHttp"] = ""
    command: str = ""
    args: list[str] = []
    env: dict[str, str] = {}
    cwd: str = ""
    url: str = ""
    headers: dict[str, str] = {}
    timeout: float = Field(20, gt=0)
    confirm: bool = True
    disabled: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> McpServer:
        if bool(self.command) == bool(self.url):
            raise ValueError("give `command` for a program to start, or `url` for an address, and not both")
        return self


class MachineSettings(_Strict):
    """How a model is run on this machine; see `yanray.cores.machine`."""

    threads: int = Field(0, ge=0)
    batch: int = Field(0, ge=0)
    kv: Literal["auto", "f32", "f16", "q8_0", "q4_0"] = "auto"
    flash: Literal["auto"] | bool = "auto"
    gpu_layers: Literal["auto"] | Annotated[int, Field(ge=-1)] = "auto"
    drafts: bool = True
    load: Literal["auto", "fp32", "bf16", "fp16", "int8", "nf4"] = "auto"
    states: int = Field(1024, ge=0)

    @property
    def options(self) -> dict[str, Any]:
        """These as `GgufCore` takes them."""
        values = self.model_dump(exclude={"load"})
        values["flash"] = None if self.flash == "auto" else self.flash
        values["states_limit"] = values.pop("states") << 20
        return values

    @property
    def hf_options(self) -> dict[str, Any]:
        """These as `HfCore` takes them."""
        values = self.model_dump(include={"load", "threads", "batch", "drafts"})
        return {**values, "states_limit": self.states << 20}


class RemoteServer(_Strict):
    """A server of models, of the OpenAI kind; see `yanray.cores.remote`."""

    url: str
    model: str = ""
    key: str = Field("", pattern=r"^(env:\w+)?$")  # never the key itself: files are shown around
    context: int = Field(0, ge=0)
    timeout: float = Field(120, gt=0)
    retries: int = Field(3, ge=0, le=10)
    tool_role: Literal["auto", "tool", "user"] = "auto"
    tokenizer: str = ""

    def options(self, name: str) -> dict[str, Any]:
        """These as `cores.remote.Server` takes them, with the key itself. Raises ConfigError."""
        variable = self.key.removeprefix("env:")
        if variable and variable not in os.environ:
            raise ConfigError(f"remote.{name}.key: the environment has no variable {variable}; set it")
        return {**self.model_dump(), "name": name, "key": os.environ[variable] if variable else ""}


class Settings(_Strict):
    """Everything in config.yaml."""

    language: Literal["auto", "en", "zh"] = "auto"
    model: str = ""
    adapters: list[str] = []
    context: int = Field(0, ge=0)
    system: str = ""
    sampling: SamplingSettings = SamplingSettings()
    rounds: int = Field(8, ge=1)
    summary: bool = False
    machine: MachineSettings = MachineSettings()
    remote: dict[str, RemoteServer] = {}
    toolbox: ToolboxSettings = ToolboxSettings()
    tools: dict[str, dict[str, Any]] = {}
    mcpServers: dict[str, McpServer] = {}  # the name that other programs use for it

    @property
    def spoken(self) -> Literal["en", "zh"]:
        """The language in force, `auto` resolved from the locale's environment."""
        if self.language != "auto":
            return self.language
        tag = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
        return "zh" if (tag or locale.getlocale()[0] or "").startswith("zh") else "en"


def load(path: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings.

    PATH replaces the owner's config.yaml and must exist; OVERRIDES come last, nested alike.
    """
    merged = _read(shipped("config.yaml"))
    own = path or home("config") / "config.yaml"
    if path is not None or own.is_file():
        merged = _merge(merged, _read(own))
        _validate(merged, own)
    if "YANRAY_MODEL" in os.environ:
        merged["model"] = os.environ["YANRAY_MODEL"]
    return _validate(_merge(merged, overrides or {}), Path("command line"))


def _read(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; name one that exists, or leave --config out") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: not YAML: {getattr(error, 'problem', error)}") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: holds a {type(values).__name__}; write `key: value` lines")
    return values


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _validate(values: Mapping[str, Any], source: Path) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key, problem = wrong(Settings, error)
        if first["type"] == "extra_forbidden":
            known = shipped("config.yaml")
            raise ConfigError(f"{source}: unknown key {key!r}; the keys are in {known}") from None
        raise ConfigError(f"{source}: {key}: {problem} (got {first['input']!r})") from None


def wrong(model: type[BaseModel], error: ValidationError) -> tuple[str, str]:
    """The key of MODEL that ERROR is about first, and what to write for it, else pydantic's own sentence."""
    first = error.errors()[0]
    where, inner = [str(part) for part in first["loc"]], model
    for depth, name in enumerate(where, 1):
        field = inner.model_fields.get(name)
        if field is not None and field.description:  # what follows in loc are the choices of a union
            return ".".join(where[:depth]), f"write {field.description}"
        if field is None or not (
            isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        ):
            break
        inner = field.annotation
    return ".".join(where), first["msg"]
