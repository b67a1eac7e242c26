"""Markdown blocks and other text as lines of coloured cells, by rich.

Colours are the terminal's own sixteen, so that light and dark themes both read well.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.markdown import Heading, ListItem, Markdown, MarkdownElement, TableElement
from rich.padding import Padding
from rich.segment import Segment
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from yanray.terminal.blocks import Block
from yanray.terminal.listing import wrapped

STYLES = {
    "markdown.h1": "bold underline",
    "markdown.h2": "bold",
    "markdown.h3": "bold",
    "markdown.code": "cyan",
    "markdown.code_block": "none",
    "markdown.block_quote": "dim",
    "markdown.item.bullet": "cyan",
    "markdown.item.number": "cyan",
    "markdown.link": "underline blue",
    "markdown.link_url": "blue",
    "markdown.hr": "dim",
    "markdown.table.border": "dim",
    "markdown.table.header": "bold",
}
ESCAPE = re.compile(r"\x1b\[[\d;]*m")
FILLING = re.compile(r"(?:\x1b\[[\d;]*m| )+$")
STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
NARROWEST = 10  # columns; a terminal that says less is not believed


class _LeftHeading(Heading):
    """A heading where text begins, not in the middle of the screen."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        yield self.text


class _LinedTable(TableElement):
    """A table with a line under its head."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for part in super().__rich_console__(console, options):
            if isinstance(part, Table):
                part.box = box.SIMPLE_HEAD
                part.pad_edge = False
            yield part


class _DottedItem(ListItem):
    """A numbered item with its dot."""

    def render_number(
        self, console: Console, options: ConsoleOptions, number: int, last_number: int
    ) -> RenderResult:
        numeral = f"{number}. "
        width = len(numeral)
        style = console.get_style("markdown.item.number")
        lines = console.render_lines(self.elements, options.update(width=options.max_width - width))
        for index, line in enumerate(lines):
            yield Segment(" " * width if index else numeral, style)
            yield from line
            yield Segment("\n")


class _Markdown(Markdown):
    """Markdown in which a line's end is a line's end, as people and models write in a chat."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _LeftHeading,
        "table_open": _LinedTable,
        "list_item_open": _DottedItem,
    }

    def __init__(self, source: str) -> None:
        super().__init__(source, hyperlinks=False, code_theme="ansi_dark")
        for token in self.parsed:
            for child in token.children or ():
                if child.type == "softbreak":
                    child.type = "hardbreak"


class Renderer:
    """Draws for a screen of WIDTH columns; without colours where NO_COLOR is set."""

    def __init__(self, width: int) -> None:
        self.width = max(width, NARROWEST)
        self._console = Console(
            file=io.StringIO(),
            force_terminal=True,
            color_system="standard",
            no_color=bool(os.environ.get("NO_COLOR")),
            width=self.width,
            theme=Theme(STYLES),
            legacy_windows=False,
            emoji=False,
        )

    def block(self, block: Block, *, longest: int = 0) -> str:
        """BLOCK as lines with escape codes, each ended; a blank line first where one belongs.

        longest: of a block that still grows, only the last characters matter: no more than so many are read.
        """
        if longest and len(block.source) > longest:
            block = replace(block, source=block.source[-longest:])
        drawn = self._code(block) if block.kind == "code" else self._lines(_Markdown(block.source))
        return ("\n" if block.spaced and block.opens else "") + drawn

    def text(self, text: str, style: str = "") -> str:
        """TEXT as it stands, wrapped, in STYLE (rich's words: `dim`, `bold cyan`)."""
        return self._lines(Text(text, style=style))

    def _code(self, block: Block) -> str:
        """Code, set in by two columns."""
        if not block.source:
            return ""
        syntax = Syntax("", block.language or "text", theme="ansi_dark", background_color="default")
        code = syntax.highlight(block.source)
        if code.plain.endswith("\n") and not block.source.endswith("\n"):
            code.right_crop(1)
        code.overflow = "fold"
        return self._lines(Padding(code, (0, 0, 0, 2)), blank_ends=True)

    def _lines(self, what: RenderableType, *, blank_ends: bool = False) -> str:
        with self._console.capture() as capture:
            self._console.print(what)
        return _tidy(capture.get(), blank_ends=blank_ends)


def _tidy(drawn: str, *, blank_ends: bool) -> str:
    """DRAWN without the blanks that only fill its lines up (they would wrap when the window grows narrower)
    and, unless BLANK_ENDS, without blank lines around it.
    """
    lines = [FILLING.sub(_ended, line) for line in drawn.removesuffix("\n").split("\n")]
    lines = [line if ESCAPE.sub("", line) else "" for line in lines]
    while lines and not lines[0] and not blank_ends:
        lines.pop(0)
    while lines and not lines[-1] and not blank_ends:
        lines.pop()
    return "".join(f"{line}\n" for line in lines)


def _ended(filling: re.Match[str]) -> str:
    return "\x1b[0m" if "\x1b" in filling[0] else ""


def tail(drawn: str, height: int) -> str:
    """The last HEIGHT lines of DRAWN."""
    lines = drawn.splitlines(keepends=True)
    return "".join(lines[-height:]) if height > 0 else ""


def folded(text: str, lines: int, columns: int) -> tuple[list[str], int]:
    """The first of TEXT, wrapped, on so many LINES of COLUMNS; how many more lines of it there are."""
    every = text.expandtabs(4).splitlines() or [""]
    shown: list[str] = []
    for index, line in enumerate(every):
        rows = wrapped(line[: lines * columns + 1], columns) if line else [""]
        room = lines - len(shown)
        if len(rows) > room:
            shown += rows[:room]
            return shown, len(every) - index
        shown += rows
    return shown, 0


def clipped(line: str, columns: int) -> str:
    """LINE cut so that it takes at most COLUMNS columns, with a sign where it was cut."""
    if cell_len(line) <= columns:
        return line
    kept: list[str] = []
    room = columns - 1
    for char in line:
        room -= cell_len(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept) + "…"


def printable(text: str) -> str:
    """TEXT without what could steer the terminal: control characters and marks of writing direction."""
    return STEERING.sub("", text)


def joined(parts: Sequence[str]) -> str:
    """PARTS of a status line, the empty ones left out."""
    return " · ".join(part for part in parts if part)
