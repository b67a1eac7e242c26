"""The chat's screen cell by cell: what streamed, word by word, stands there as if it had been drawn at once.

Two terminal emulators: one shows a real chat in a pseudo-terminal, the other gets the same answer drawn
whole. Characters, colours and styles of every cell are compared, at 40 to 200 columns, in English and
Chinese.
"""

from __future__ import annotations

import re
import sys

import pyte
import pytest

if sys.platform == "win32":
    pytest.skip("pseudo-terminals", allow_module_level=True)

from chatting import Chat, Shown

from yanray.terminal.blocks import Blocks
from yanray.terminal.render import Renderer

ENGLISH = (
    "# A title with some words\n\n"
    + " ".join(f"word{n}" for n in range(150))
    + "\n\n"
    + "\n".join(
        f"{n}. item number {n} of a list, with **bold**, *slanted* and `code` in it" for n in range(1, 25)
    )
    + "\n\n> a quotation that is long enough to be wrapped where the screen is narrow\n\n```python\n"
    + "\n".join(f"def f{n}(x: int) -> str:  # line {n}\n    return 'text' * {n}" for n in range(20))
    + "\n```\n\n| name | value | what it is |\n|---|---|---|\n"
    + "\n".join(f"| row {n} | {n} | a cell of the table |" for n in range(6))
    + "\n\nAn é and an é, 👍 and 🏽 and →. The end."
)
CHINESE = (
    "# 今天的天气\n\n"
    + "今天天气很好，我们去公园散步吧，路上可以看见许多花。" * 12
    + "\n\n"
    + "\n".join(f"{n}. 第{n}项：**重要**的事情，还有 `code` 和 English words。" for n in range(1, 20))
    + "\n\n```python\n"
    + "\n".join(f"价格 = {n}  # 第 {n} 行的说明" for n in range(30))
    + "\n```\n\n| 名称 | 数值 |\n|---|---|\n| 苹果 | 三斤 |\n| 香蕉 | 两斤半 |\n\n"
    + "“全角”标点，半角,混排。完了。"
)
END = {"en": r"The end\.", "zh": "完了。"}
TEXT = {"en": ENGLISH, "zh": CHINESE}


def cells(screen: Shown) -> list[list[tuple[object, ...]]]:
    """Every row of scroll-back and screen, without blank cells at its end."""
    rows = [*screen.history.top, *(screen.buffer[y] for y in range(screen.lines))]
    found = []
    for row in rows:
        line = [row[x] for x in range(screen.columns)]
        shown = [(c.data, c.fg, c.bold, c.italics, c.underscore, c.reverse) for c in line]
        while shown and shown[-1][0] in (" ", "") and not shown[-1][5]:
            shown.pop()
        found.append(shown)
    return found


def drawn(text: str, columns: int) -> list[list[tuple[object, ...]]]:
    """The rows of TEXT, drawn whole."""
    screen = Shown(columns, 24, history=5000, ratio=0.5)
    stream = pyte.ByteStream(screen)
    renderer, blocks = Renderer(columns), Blocks()
    for block in [*blocks.feed(text), *blocks.finish()]:
        stream.feed(renderer.block(block).replace("\n", "\r\n").encode())
    rows = cells(screen)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def chunks(text: str) -> list[str]:
    """TEXT as a model says it: words, and single Chinese characters."""
    return re.findall(r"[\u3000-\u9fff\uff00-\uffef]|\s*[^\s\u3000-\u9fff\uff00-\uffef]+|\s+", text)


@pytest.fixture
def chat(tmp_path):
    opened = []

    def start(text, *, pace=0.0005, **more):
        script = {"name": "demo", "context": 65536, "rounds": [chunks(text)], "pace": pace}
        opened.append(Chat(tmp_path, script, **more))
        return opened[-1]

    yield start
    for each in opened:
        each.child.close(force=True)


def answer(c: Chat) -> list[list[tuple[object, ...]]]:
    """The rows between what the user said and the input line."""
    rows = cells(c.screen)
    plain = ["".join(str(cell[0]) for cell in row) for row in rows]
    first = plain.index("> go") + 1
    last = max(n for n, line in enumerate(plain) if line.strip() == ">")
    rows = rows[first:last]
    while rows and not rows[-1]:
        rows.pop()
    return rows


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns, rows", [(40, 12), (80, 24), (200, 50)])
def test_what_streamed_looks_as_if_it_was_drawn_at_once(chat, columns, rows, language):
    environment = {"LANG": "zh_CN.UTF-8"} if language == "zh" else {}
    with chat(TEXT[language], columns=columns, rows=rows, **environment) as c:
        c.until("个工具" if language == "zh" else r"\d+ tools")
        c.type("go\r")
        c.until(END[language])
        c.until(r"(?s)^>\s*\n[^>]*$")
        assert answer(c) == drawn(TEXT[language], columns)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("widths", [(200, 40), (40, 200), (100, 60, 120)])
def test_resized_while_it_streams_nothing_is_doubled_or_lost(chat, widths, language):
    """A real terminal wraps anew what it shows; the emulator only cuts. So words, not cells, are compared:
    those of what was finished after the last change stand there once, whole and in order."""
    environment = {"LANG": "zh_CN.UTF-8"} if language == "zh" else {}
    text = "\n\n".join(f"{n:03}{'字' * 8 if language == 'zh' else ' words and more'}." for n in range(150))
    with chat(text, pace=0.003, columns=widths[0], rows=24, **environment) as c:
        c.until("个工具" if language == "zh" else r"\d+ tools")
        c.type("go\r")
        for number, columns in enumerate(widths[1:], 1):
            c.until(f"^{30 * number:03}", scrolled=True)
            c.resize(columns, 24 + number)  # the emulator forgets rows when it shrinks
        c.until(r"^149.*\.$")
        c.until(r"(?s)^>\s*\n[^>]*$")
        numbers = [int(n) for n in re.findall(r"^(\d{3})", c.everything, re.MULTILINE)]
        whole = drawn(text, widths[-1])
    last = 30 * (len(widths) - 1) + 25  # what came before stood on the screen when it changed
    assert [n for n in numbers if n >= last] == list(range(last, 150))
    assert sorted(set(numbers)) == list(range(150))
    assert answer(c)[-150:] == whole[-150:]
