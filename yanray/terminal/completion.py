"""Completion while typing in a chat: commands and tools with their help beside them, and paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

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
        name, space, _ = text[1:].partition(" ")
        if text.startswith("/") and not space and "\n" not in text:
            yield from self._names(name)
        elif text.startswith("/") and (name in PATH_TOOLS or (name in NAMES and NAMES[name].path)):
            yield from self._files(text.partition(" ")[2].lstrip(), complete_event)
        elif complete_event.completion_requested:
            word = document.get_word_before_cursor(WORD=True)
            if word.startswith(STARTS):
                yield from self._files(word, complete_event)

    def _names(self, begun: str) -> Iterator[Completion]:
        lines = {command.name: command.line(self._words.language) for command in COMMANDS}
        lines |= {spec.name: self._words.told(spec.summary) for spec in self._specs()}
        for name in sorted(lines):
            if name.startswith(begun.casefold()):
                yield Completion(f"/{name}", -len(begun) - 1, display_meta=lines[name])

    def _files(self, begun: str, complete_event: CompleteEvent) -> Iterator[Completion]:
        yield from self._paths.get_completions(Document(begun), complete_event)
