"""Cutting streaming Markdown: any split gives the same blocks, nothing is lost, nothing finished changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yanray.terminal.blocks import LONGEST_CODE, Block, Blocks
from yanray.terminal.render import Renderer

TEXT = """# Title

Some text
on two lines.
- a
- b

  still b
  - nested

- c

Title
-----
1. one
   ```python
   x = 1
   ```
2. two
lazy

| a | b |
|---|---|
| 1 | 2 |

```python
def f():

    return 1
```
after
***
~~~
``` inside
~~~

> quoted

    indented
end"""

PIECES = st.lists(
    st.sampled_from(
        [
            "# h",
            "text",
            "more text",
            "- a",
            "  - b",
            "1. x",
            "```",
            "```py",
            "~~~",
            "",
            "",
            "---",
            "> q",
            "    i",
        ]
    ),
    max_size=25,
)


def cut(chunks):
    blocks = Blocks()
    done = [block for chunk in chunks for block in blocks.feed(chunk)]
    return done + blocks.finish()


def sources(text):
    return [block.source for block in cut([text])]


def test_a_document():
    assert sources(TEXT) == [
        "# Title",
        "Some text\non two lines.",
        "- a",
        "- b\n\n  still b\n  - nested",
        "- c",
        "Title\n-----",
        "1. one\n   ```python\n   x = 1\n   ```",
        "2. two\nlazy",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "def f():\n\n    return 1",
        "after",
        "***",
        "``` inside",
        "> quoted",
        "    indented\nend",
    ]


def test_code_keeps_its_language_and_items_stand_close():
    blocks = cut([TEXT])
    assert [block.language for block in blocks if block.kind == "code"] == ["python", ""]
    spaced = {block.source: block.spaced for block in blocks}
    assert not spaced["# Title"] and spaced["- a"] and not spaced["- c"] and spaced["Title\n-----"]


@given(PIECES, st.data())
def test_any_split_gives_the_same_blocks(lines, data):
    text = "\n".join(lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    chunks = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert cut(chunks) == cut([text]) == cut(list(text))


@given(PIECES)
def test_no_line_of_text_is_lost(lines):
    """Every line but fences and blank ones stands in exactly one block, in order."""
    text = "\n".join(lines)
    kept = [line for block in cut([text]) for line in block.source.split("\n") if line.strip()]
    fences = {"```", "```py", "~~~"}
    assert [line for line in kept if line.strip() not in fences] == [
        line for line in lines if line.strip() and line not in fences
    ]


def test_a_long_code_block_comes_in_pieces():
    lines = [f"line {n}" for n in range(2 * LONGEST_CODE + 5)]
    pieces = cut(["```text\n" + "\n".join(lines) + "\n```\n"])
    assert [len(piece.source.split("\n")) for piece in pieces] == [LONGEST_CODE, LONGEST_CODE, 5]
    assert [piece.opens for piece in pieces] == [True, False, False]
    assert "\n".join(piece.source for piece in pieces) == "\n".join(lines)


@pytest.mark.parametrize("width", [20, 40, 200])
def test_lines_fit_the_width_in_cells(width):
    from rich.cells import cell_len
    from rich.text import Text

    renderer = Renderer(width)
    wide = "中文字符 and emoji 🎉👩‍👧 and e\u0301 combining " * 10
    drawn = "".join(map(renderer.block, cut([f"{wide}\n\n- {wide}\n\n{TEXT}"])))
    assert all(cell_len(Text.from_ansi(line).plain) <= width for line in drawn.splitlines())
    assert not any(line.endswith(" ") for line in drawn.splitlines())


def test_a_line_end_is_a_line_end():
    assert Renderer(40).block(Block("text", "roses\nviolets", spaced=False)).splitlines() == [
        "roses",
        "violets",
    ]
