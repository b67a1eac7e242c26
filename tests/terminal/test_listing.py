"""Lists in two columns keep to the screen, whatever its width and language."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from yanray.terminal.commands import COMMANDS
from yanray.terminal.listing import listing, wrapped

ROWS = [
    ("/a", "first"),
    ("/long-name [WITH] arguments ...", "说明文字很长" * 5),
    ("/b [N]", "some words " * 8),
]


@pytest.mark.parametrize("columns", [10, 20, 40, 80, 200])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_line_is_wider_than_the_screen(columns, language):
    rows = [*ROWS, *((f"/{c.name} {c.usage}", c.line(language)) for c in COMMANDS)]
    lines = listing(rows, columns)
    names = {line for line in lines if line.startswith("  /")}
    assert all(cell_len(line) <= columns for line in lines if line not in names)
    text = "".join("".join(lines).split())
    assert all("".join(side.split()) in text for row in rows for side in row)


def test_wide_and_narrow():
    assert listing([("/a", "first"), ("/bc", "second")], 80) == ["  /a   first", "  /bc  second"]
    assert listing([("/a", "a b c"), ("/bc", "second")], 12) == ["  /a", "    a b c", "  /bc", "    second"]
    assert wrapped("some words here", 10) == ["some words", "here"]
    assert wrapped("今天天气", 5) == ["今天", "天气"]
    assert wrapped("", 5) == [""]
