"""Completion while typing in a chat: commands and tools with their help beside them, and paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from yanray.settings import SamplingSettings
from yanray.terminal.commands import COMMANDS, NAMES
from yanray.terminal.words import Language, Words
from yanray.toolbox.spec import ToolSpec

PATH_TOOLS = {"read"}  # shipped tools whose argument may be a file
STARTS = ("/", "./", "../", "~")


class ChatCompleter(Completer):
    """specs: the tools as they are now. language: of the help."""

    def __init__(self, specs: Callable[[], Iterable[ToolSpec]], language: Language) -> None:
        self._specs = specs
        self._words = Words(language)
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """What may stand at the cursor."""
        text = document.text_before_cursor
        name, space, argument = text[1:].partition(" ")
        takes = NAMES[name].takes if name in NAMES else "file" if name in PATH_TOOLS else ""
        if text.startswith("/") and not space and "\n" not in text:
            yield from self._names(name)
        elif text.startswith("/") and takes == "file":
            yield from self._files(argument.lstrip(), complete_event)
        elif text.startswith("/") and takes:
            yield from _beginning(argument, self._settings() if takes == "setting" else self._shown(argument))
        elif complete_event.completion_requested:
            word = document.get_word_before_cursor(WORD=True)
            if word.startswith(STARTS):
                yield from self._files(word, complete_event)

    def _names(self, begun: str) -> Iterator[Completion]:
        lines = {command.name: command.line(self._words.language) for command in COMMANDS}
        lines |= self._tools()
        for name in sorted(lines):
            if name.startswith(begun.casefold()):
                yield Completion(f"/{name}", -len(begun) - 1, display_meta=lines[name])

    def _tools(self) -> dict[str, str]:
        """Each tool's name and line."""
        return {spec.name: self._words.told(spec.summary) for spec in self._specs()}

    def _shown(self, argument: str) -> dict[str, str]:
        """What may stand after `/tools `, of which ARGUMENT is there."""
        return (
            {f"show {name}": line for name, line in sorted(self._tools().items())}
            if " " in argument
            else {"show": ""}
        )

    def _settings(self) -> dict[str, str]:
        """Each setting of /set, and what may be written for it."""
        return {
            name: self._words.told(field.description or "")
            for name, field in SamplingSettings.model_fields.items()
        }

    def _files(self, begun: str, complete_event: CompleteEvent) -> Iterator[Completion]:
        yield from self._paths.get_completions(Document(begun), complete_event)


def _beginning(argument: str, lines: Mapping[str, str]) -> Iterator[Completion]:
    """Those of LINES that begin with ARGUMENT, their help beside them."""
    for word, line in lines.items():
        if word.startswith(argument.casefold()):
            yield Completion(word, -len(argument), display=word.split()[-1], display_meta=line)
