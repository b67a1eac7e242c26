"""The chat's screen: an input line with a live part above it and a status line below, under a scroll-back.

What is finished is printed once, above; prompt_toolkit draws the rest and only what changed of it. Nothing is
drawn outside the last lines, so the terminal's own scrolling, selecting and searching work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import Completer, ThreadedCompleter
from prompt_toolkit.filters import Condition, has_completions, is_done
from prompt_toolkit.formatted_text import ANSI, StyleAndTextTuples, to_formatted_text
from prompt_toolkit.history import History
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import AnyContainer, ConditionalContainer, HSplit, Layout, Window
from prompt_toolkit.layout.controls import BufferControl, FormattedTextControl
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.layout.menus import CompletionsMenuControl
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.styles import Style
from prompt_toolkit.widgets import SearchToolbar

PROMPT = "> "
INPUT_LINES = 10
MENU_LINES = 8
FRAME_SECONDS = 0.02  # two drawings are at least so far apart
SYNC, UNSYNC = "\x1b[?2026h", "\x1b[?2026l"  # terminals that know these show what is between them at once

STYLE = Style.from_dict(
    {
        "prompt": "bold ansicyan",
        "status": "ansibrightblack",
        "note": "ansibrightblack",
        "completion-menu": "noinherit",
        "completion-menu.completion": "noinherit",
        "completion-menu.completion.current": "noinherit reverse",
        "completion-menu.meta.completion": "noinherit ansibrightblack",
        "completion-menu.meta.completion.current": "noinherit reverse",
    }
)


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the screen tells: a line was entered, Ctrl-C, Ctrl-D, Ctrl-T; and asks: note and status line."""

    entered: Callable[[str], None]
    stop: Callable[[], None]
    leave: Callable[[], None]
    show_result: Callable[[], None]
    note: Callable[[], str]
    status: Callable[[], str]


class Screen:
    """One chat's screen. no_color: draw without colours."""

    def __init__(
        self, hooks: Hooks, *, completer: Completer, history: History, output: Output, no_color: bool
    ) -> None:
        self._hooks = hooks
        self._live = ""
        self._fragments: StyleAndTextTuples = []  # of the live part
        self.buffer = Buffer(
            history=history,
            completer=ThreadedCompleter(completer),
            complete_while_typing=Condition(lambda: self.buffer.text.startswith("/")),
            multiline=True,
            tempfile_suffix=".md",
            enable_history_search=False,
        )
        self._search = SearchToolbar()
        self.app: Application[None] = Application(
            layout=self._layout(),
            key_bindings=self._keys(),
            style=STYLE,
            output=output,
            color_depth=ColorDepth.MONOCHROME if no_color else None,
            erase_when_done=True,
            min_redraw_interval=FRAME_SECONDS,
            before_render=self._shrink,
        )

    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        size = self.app.output.get_size()
        return size.columns, size.rows

    def draw(self, finished: str, live: str) -> None:
        """Print FINISHED into the scroll-back and draw LIVE above the input line: lines with escape codes."""
        if live != self._live:
            self._live = live
            self._fragments = to_formatted_text(ANSI(live.removesuffix("\n")))
        elif not finished:
            return
        self.above(finished)

    def above(self, text: str) -> None:
        """Print TEXT, whole lines with escape codes, into the scroll-back."""
        output = self.app.output
        if not self.app.is_running:
            output.write_raw(text.replace("\n", "\r\n"))
            output.flush()
            return
        output.write_raw(SYNC)
        if text or self._outgrown():
            self.app.renderer.erase(leave_alternate_screen=False)
            output.write_raw(text.replace("\n", "\r\n"))
        self.app.render_counter += 1  # what prompt_toolkit keeps for one drawing is not for this one
        self.app.renderer.render(self.app, self.app.layout)
        output.write_raw(UNSYNC)
        output.flush()

    def clear(self) -> None:
        """Empty the screen."""
        self.app.renderer.clear()

    def prefill(self, text: str) -> None:
        """Put TEXT into the input line, unless something stands there."""
        if not self.buffer.text:
            self.buffer.text = text
            self.buffer.cursor_position = len(text)

    def redraw(self) -> None:
        """Draw note and status line anew."""
        self.app.invalidate()

    def room(self) -> int:
        """Rows that the live part may take."""
        lines = min(INPUT_LINES, self.buffer.document.line_count)
        return max(1, self.size()[1] - lines - 4)

    def _layout(self) -> Layout:
        live = Window(FormattedTextControl(lambda: self._fragments), dont_extend_height=True)
        note = Window(
            FormattedTextControl(lambda: [("class:note", self._hooks.note())]),
            dont_extend_height=True,
            wrap_lines=True,
        )
        control = BufferControl(self.buffer, search_buffer_control=self._search.control, preview_search=True)
        typed = Window(
            control,
            height=Dimension(min=1, max=INPUT_LINES),
            get_line_prefix=self._prefix,
            wrap_lines=True,
            dont_extend_height=True,
        )
        menu = Window(
            CompletionsMenuControl(), height=Dimension(min=1, max=MENU_LINES), dont_extend_height=True
        )
        status = Window(FormattedTextControl(lambda: [("class:status", self._hooks.status())]), height=1)
        rows: list[AnyContainer] = [
            ConditionalContainer(live, Condition(lambda: bool(self._live))),
            ConditionalContainer(note, Condition(lambda: bool(self._hooks.note()))),
            typed,
            self._search,
            ConditionalContainer(menu, has_completions & ~is_done),
            status,
        ]
        return Layout(HSplit(rows), focused_element=typed)

    def _prefix(self, line: int, wrapped: int) -> StyleAndTextTuples:
        return [("class:prompt", PROMPT if line == wrapped == 0 else " " * len(PROMPT))]

    def _outgrown(self) -> bool:
        """Whether rows are shown that are no longer needed; prompt_toolkit would keep them, blank."""
        last = self.app.renderer.last_rendered_screen
        columns, rows = self.size()
        return (
            last is not None
            and self.app.layout.container.preferred_height(columns, rows).preferred < last.height
        )

    def _shrink(self, app: Application[None]) -> None:
        if self._outgrown():
            app.renderer.erase(leave_alternate_screen=False)

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        typing = Condition(lambda: self.app.layout.has_focus(self.buffer))

        @keys.add("enter", filter=typing)
        def _(event: KeyPressEvent) -> None:
            self._enter()

        @keys.add("c-j", filter=typing)
        @keys.add("escape", "enter", filter=typing)
        def _(event: KeyPressEvent) -> None:
            self.buffer.newline(copy_margin=False)

        @keys.add("c-c")
        @keys.add("<sigint>")
        def _(event: KeyPressEvent) -> None:
            self._hooks.stop()

        @keys.add("c-d", filter=typing)
        def _(event: KeyPressEvent) -> None:
            if self.buffer.text:
                self.buffer.delete()
            else:
                self._hooks.leave()

        @keys.add("c-t")
        def _(event: KeyPressEvent) -> None:
            self._hooks.show_result()

        @keys.add("c-z")
        def _(event: KeyPressEvent) -> None:
            event.app.suspend_to_background()

        @keys.add("c-g", filter=typing)
        def _(event: KeyPressEvent) -> None:
            self.buffer.open_in_editor()  # what was written comes back into the input line

        return keys

    def _enter(self) -> None:
        """Enter sends, but within triple quotes that are not closed it begins a new line."""
        text = self.buffer.text
        if text.lstrip().startswith('"""') and text.count('"""') < 2:
            self.buffer.newline(copy_margin=False)
            return
        self.buffer.append_to_history()
        self.buffer.reset()
        self._hooks.entered(unquoted(text))


def unquoted(text: str) -> str:
    """TEXT without triple quotes around it and blanks at its end."""
    bare = text.strip()
    if bare.startswith('"""') and bare.endswith('"""') and len(bare) >= 6:
        return bare[3:-3].strip("\n")
    return text.rstrip()
