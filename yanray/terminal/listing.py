"""Two columns of text that keep to the screen: names on the left, what they are on the right."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence

from rich.cells import cell_len, chop_cells

MARGIN = 2
LEAST = 24  # columns that the right side needs; with fewer it stands below the name


def listing(rows: Sequence[tuple[str, str]], columns: int = 0) -> list[str]:
    """ROWS as lines of at most COLUMNS cells (0: as the terminal has)."""
    columns = columns or shutil.get_terminal_size().columns
    widths = sorted(cell_len(left) for left, _ in rows)
    usual = widths[len(widths) * 9 // 10] if widths else 0  # a few long names do not push the rest aside
    indent = MARGIN + usual + 2 if columns - usual - MARGIN - 2 >= LEAST else 2 * MARGIN
    lines = []
    for left, right in rows:
        first, *others = wrapped(right, columns - indent - 1)
        name = " " * MARGIN + left
        if cell_len(name) + 2 <= indent:
            lines.append(name + " " * (indent - cell_len(name)) + first)
        else:
            lines += [name, " " * indent + first]
        lines += [" " * indent + other for other in others]
    return [line.rstrip() for line in lines]


def wrapped(text: str, columns: int) -> list[str]:
    """TEXT in lines of at most COLUMNS cells, broken at spaces where there are some."""
    lines, line = list[str](), ""
    for word in _words(text, columns):
        if line and cell_len(line + word.rstrip()) > columns:
            lines.append(line.rstrip())
            line = ""
        line += word
    return [*lines, line.rstrip()]


def _words(text: str, columns: int) -> Iterator[str]:
    """The words of TEXT with the spaces behind them; a longer one than COLUMNS, as Chinese is, in pieces."""
    for word in text.replace(" ", " \0").split("\0"):
        yield from chop_cells(word, columns) if cell_len(word.rstrip()) > columns else [word]
