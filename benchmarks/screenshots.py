"""Pictures of the real screen for the docs: a chat in a pseudo-terminal, its cells written as SVG.

    python benchmarks/screenshots.py [--model FILE.gguf] [--out docs]

Without --model, the embedded model answers when it is there; the pictures that need a better one, and all of
them while there is none, are answered from a script (`yanray.cores.script`), and their title says so.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import select
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pyte
from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from yanray.paths import nano_model

YANRAY = str(Path(sys.executable).with_name("yanray"))
COLUMNS, ROWS = 84, 24
PATIENCE = 120.0  # seconds for an answer
MARKDOWN = """A list can be reversed in place, or copied:

1. `items.reverse()` changes the list itself
2. `items[::-1]` makes a *new* one

```python
def last(items: list[int], n: int = 3) -> list[int]:
    return items[::-1][:n]  # the newest first
```

| way | memory | speed |
|---|--:|--:|
| `reverse()` | 0 | fast |
| `[::-1]` | n | **faster** |"""


@dataclass(frozen=True)
class Picture:
    """name: of the file. lines: what is typed. rounds: what a script answers; empty: the model itself."""

    name: str
    language: str
    lines: tuple[str, ...]
    rounds: tuple[str, ...]
    scripted: bool = False


PICTURES = (
    Picture(
        "chat-en",
        "en_GB.UTF-8",
        ("What is 15% of 68?", "/convert 5 miles to km", "Flip a coin for me."),
        ("/calculate 15% of 68", "15% of 68 is 10.2.", "/random coin", "It came up heads."),
    ),
    Picture(
        "chat-zh",
        "zh_CN.UTF-8",
        ("一件大衣原价480元，打八五折多少钱？", "把5英里换算成公里"),
        ("/calculate 480*0.85", "打八五折后是408元。", "/convert 5 miles to km", "5英里约合8.05公里。"),
    ),
    Picture("markdown", "en_GB.UTF-8", ("How do I reverse a list in Python?",), (MARKDOWN,), scripted=True),
)


class Terminal:
    """A chat and the screen that it draws."""

    def __init__(self, words: list[str], language: str, home: Path) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        environment = {**os.environ, "YANRAY_HOME": str(home), "LANG": language, "TERM": "xterm-256color"}
        environment.pop("LC_ALL", None)
        self._child = pexpect.spawn(
            YANRAY, ["chat", *words], env=environment, dimensions=(ROWS, COLUMNS), cwd=str(home)
        )

    def settle(self) -> None:
        """Read until the chat waits for the next line and nothing changes any more."""
        end, quiet = time.monotonic() + PATIENCE, time.monotonic()
        while time.monotonic() < end and (time.monotonic() - quiet < 1.5 or not self._idle()):
            if select.select([self._child.child_fd], [], [], 0.1)[0]:
                # pyte knows no faint text; grey stands for it.
                data = os.read(self._child.child_fd, 65536)
                self._stream.feed(re.sub(rb"\x1b\[((?:\d+;)*)2m", b"\x1b[\\g<1>90m", data))
                quiet = time.monotonic()

    def type(self, line: str) -> None:
        """Enter LINE."""
        self._child.send(f"{line}\r")
        self.settle()

    def close(self) -> None:
        """End the chat."""
        self._child.close(force=True)

    def _idle(self) -> bool:
        lines = [line.rstrip() for line in self.screen.display]
        return ">" in lines and not any("loading" in line or "加载" in line for line in lines)


def segments(screen: pyte.Screen) -> list[list[Segment]]:
    """The screen's lines down to the last one that shows something."""
    lines = []
    for row in range(ROWS):
        line: list[Segment] = []
        for column in range(COLUMNS):
            cell = screen.buffer[row][column]
            line.append(Segment(cell.data, style_of(cell)))  # the second half of a wide character is ""
        lines.append(line)
    while lines and not "".join(segment.text for segment in lines[-1]).strip():
        lines.pop()
    return lines


def style_of(cell: pyte.screens.Char) -> Style:
    """A cell's colours, as rich names them."""
    names = {"brown": "yellow", "default": None, "brightbrown": "bright_yellow"}
    color = names.get(cell.fg, cell.fg)
    if color and color.startswith("bright") and "_" not in color:
        color = color.replace("bright", "bright_")
    if color and len(color) == 6 and color not in ("yellow",):
        color = f"#{color}"
    return Style(
        color=color, bold=cell.bold, italic=cell.italics, underline=cell.underscore, reverse=cell.reverse
    )


def save(lines: list[list[Segment]], title: str, path: Path) -> None:
    """Write LINES as SVG."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    for line in lines:
        console.print(*[segment_text(segment) for segment in line], sep="", end="\n", soft_wrap=True)
    path.write_text(console.export_svg(title=title), encoding="utf-8")


def segment_text(segment: Segment) -> object:
    """A segment as rich prints it, markup in it left alone."""
    from rich.text import Text

    return Text(segment.text, style=segment.style or "", end="")


def draw(picture: Picture, model: str, out: Path) -> None:
    """Have PICTURE's chat and save its screen."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        words = ["-m", model] if model else []
        scripted = picture.scripted or not (model or nano_model().is_file())
        if scripted:
            script = {"name": "a script", "context": 8192, "pace": 0.01, "rounds": list(picture.rounds)}
            (home / "script.json").write_text(json.dumps(script), encoding="utf-8")
            words = ["-m", f"scripted:{home / 'script.json'}"]
        terminal = Terminal(words, picture.language, home)
        terminal.settle()
        for line in picture.lines:
            terminal.type(line)
        title = "yanray chat" + (" (answers from a script)" if scripted else "")
        save(segments(terminal.screen), title, out / f"{picture.name}.svg")
        terminal.close()


def main() -> None:
    """Draw every picture."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="", help="a GGUF file")
    parser.add_argument("--out", type=Path, default=Path("docs"))
    options = parser.parse_args()
    for picture in PICTURES:
        draw(picture, options.model, options.out)
        print(options.out / f"{picture.name}.svg")


if __name__ == "__main__":
    main()
