"""What a turn looks like: events in, finished text for the scroll-back and a live part out.

Knows no terminal: the screen prints what `show` returns once, above its input line, and draws `live` anew as
often as it likes. The live part is never higher than the room it is given.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from rich.cells import cell_len

from yanray.events import Call, End, Event, Notice, Progress, Result, Text
from yanray.messages import Message
from yanray.terminal.blocks import Blocks
from yanray.terminal.render import Renderer, clipped, folded, joined, printable, tail
from yanray.terminal.status import sentence
from yanray.terminal.thoughts import Thoughts
from yanray.terminal.words import Words

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
SPINNER_SECONDS = 0.1
RESULT_LINES = 3
SIGHT = 4  # a growing paragraph is drawn from at most so many screens of text


class Painter:
    """Paints one chat. size: columns and rows of the screen, asked each time. clock: seconds."""

    def __init__(
        self, words: Words, size: Callable[[], tuple[int, int]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._words = words
        self._size = size
        self._clock = clock
        self._renderer = Renderer(size()[0])
        self._blocks = Blocks()
        self._call: Call | None = None
        self._since = clock()
        self._progress: Progress | None = None
        self._said = False
        self._line = ""  # what the user said
        self._thoughts = Thoughts()
        self._thought: list[str] = []
        self._whole: tuple[str, str] | None = None  # head and text of what was folded last

    @property
    def renderer(self) -> Renderer:
        """For the screen as wide as it is now."""
        columns = self._size()[0]
        if columns != self._renderer.width:
            self._renderer = Renderer(columns)
        return self._renderer

    def begin(self, line: str) -> str:
        """The user said LINE, and a turn begins."""
        self._blocks, self._call, self._progress = Blocks(), None, None
        self._since, self._said, self._line = self._clock(), False, line
        return self.said(line)

    def said(self, line: str) -> str:
        """The user's LINE as it stands in the scroll-back."""
        first, *others = printable(line).split("\n")
        return self.renderer.text("\n".join([f"> {first}", *(f"  {other}" for other in others)]), "bold")

    def note(self, text: str) -> str:
        """TEXT of the chat's own, set apart; "" for none."""
        return self.renderer.text(printable(text), "dim") + "\n" if text else ""

    def show(self, event: Event) -> str:
        """EVENT happened; what is finished with it, to be printed once."""
        if isinstance(event, Progress):
            self._progress = event
            return ""
        self._progress = None
        if isinstance(event, Text):
            return "".join(self._spoken(*piece) for piece in self._thoughts.feed(printable(event.text)))
        return self.settle() + self._shown(event)

    def live(self, height: int) -> str:
        """What is still going on, in at most HEIGHT lines."""
        if self._call is not None:
            return self._dim(f"{self._spinner()} {_command(self._call)} · {self._seconds()}")
        if self._progress is not None:
            return self._dim(f"{self._spinner()} {sentence(self._progress, self._words)}")
        if self._thought:
            words = clipped("".join(self._thought)[-self.renderer.width :].split("\n")[-1], 60)
            return self._dim(f"{self._spinner()} {self._seconds()} · {words}")
        rest = self._blocks.rest
        if rest is None:
            return "" if self._said else self._dim(f"{self._spinner()} {self._seconds()}")
        columns, rows = self._size()
        return tail(self.renderer.block(rest, longest=SIGHT * columns * rows), height)

    def whole(self) -> str:
        """The last result or thought with nothing left out; "" when there was none."""
        if self._whole is None:
            return ""
        head, text = self._whole
        return self._dim(head) + self.renderer.text(text, "dim") + "\n"

    def failed(self, text: str) -> str:
        """The turn ended with an error."""
        self._call = None
        return self.settle() + self.renderer.text(printable(self._words.told(text)), "red") + "\n"

    def _shown(self, event: Event) -> str:
        if isinstance(event, Call):
            self._call, self._since = event, self._clock()
            return ""
        if isinstance(event, Result):
            self._call = None
            text = printable(event.text if event.ok else self._words.told(event.text))
            self._whole = (_command(event.call), text)
            return self._returned(event, text)
        if isinstance(event, Notice):
            return self._dim(f"! {printable(self._words.told(event.text))}", wrap=True)
        assert isinstance(event, End)
        return self._ended(event)

    def settle(self) -> str:
        """What stood unfinished, finished."""
        drawn = "".join(self._spoken(*piece) for piece in self._thoughts.finish()) + self._thought_over()
        blocks, self._blocks = self._blocks.finish(), Blocks()
        self._progress = None
        return drawn + "".join(map(self.renderer.block, blocks))

    def _spoken(self, thinking: bool, text: str) -> str:
        """TEXT was thought, or said."""
        if thinking:
            self._thought.append(text)
            return ""
        self._said = self._said or bool(text.strip())
        return self._thought_over() + "".join(map(self.renderer.block, self._blocks.feed(text)))

    def _thought_over(self) -> str:
        """One line in place of what was thought, which is kept for `whole`."""
        thought, self._thought = "".join(self._thought).strip(), []
        if not thought:
            return ""
        head = self._words("thought", seconds=f"{self._clock() - self._since:.1f}")
        self._whole = (head, thought)
        return self._dim(head)

    def _returned(self, result: Result, text: str) -> str:
        columns = self.renderer.width
        lines, more = folded(text, RESULT_LINES, columns - 2)
        if more:
            lines.append(self._words("more-lines" if more > 1 else "more-line", count=more))
        style = "dim" if result.ok else "red"
        took = f" · {result.seconds:.2f} s" if result.seconds else ""
        head = "" if self._line == result.call.raw else self._dim(_command(result.call) + took)
        return head + "".join(self.renderer.text(clipped(f"  {line}", columns), style) for line in lines)

    def _ended(self, end: End) -> str:
        notes = {
            "cancelled": self._words("stopped"),
            "length": self._words("broke-off"),
        }
        self._call = None
        note = notes.get(end.reason, "")
        return (self._dim(note, wrap=True) if note else "") + "\n"

    def _spinner(self) -> str:
        return SPINNER[int(self._clock() / SPINNER_SECONDS) % len(SPINNER)]

    def _seconds(self) -> str:
        return f"{self._clock() - self._since:.1f} s"

    def _dim(self, text: str, *, wrap: bool = False) -> str:
        return self.renderer.text(text if wrap else clipped(text, self.renderer.width), "dim")


def _command(call: Call) -> str:
    line, *block = printable(call.argument).split("\n")
    return f"/{call.name} {line}".rstrip() + (" …" if block else "")


def replayed(painter: Painter, messages: Sequence[Message]) -> str:
    """MESSAGES as their turns looked when they were said, but for the times."""
    drawn = ""
    for index, message in enumerate(messages):
        if message.role == "user":
            drawn += ("\n" if index else "") + painter.begin(message.content)
        elif message.role == "assistant":
            said = message.content
            if index + 1 < len(messages) and messages[index + 1].role == "tool":
                said = said.rpartition("\n")[0]  # without the command, which stands at the result
            drawn += painter.show(Text(said)) + painter.settle()
        else:
            _, _, command = messages[index - 1].content.rpartition("\n")
            call = Call(message.name, command.partition(" ")[2], command)
            drawn += painter.show(Result(call, message.content, True, 0.0))
    return drawn + ("\n" if drawn else "")


def status(
    model: str, used: int, context: int, speed: float, tools: int, words: Words, columns: int = 1000
) -> str:
    """The line at the screen's foot; what COLUMNS do not hold is left out, from the end on.

    used, context: tokens. speed: tokens/s of the last answer, 0: none.
    """
    gauge = ""
    if context:
        share = min(1.0, used / context)
        full = math.ceil(share * GAUGE)
        gauge = f"{'█' * full}{'░' * (GAUGE - full)} {share:.0%} {words('of')} {_thousands(context)}"
    parts = [
        model,
        gauge,
        f"{speed:.0f} {words('tokens-per-second')}" if speed else "",
        words("tools", count=tools) if tools else "",
    ]
    while len(parts) > 1 and cell_len(joined(parts)) > columns:
        parts.pop()
    return clipped(joined(parts), columns)


GAUGE = 8  # cells


def _thousands(tokens: int) -> str:
    thousands = tokens / 1024
    return f"{thousands:.{int(thousands < 10)}f}".removesuffix(".0") + "k" if thousands >= 1 else str(tokens)
