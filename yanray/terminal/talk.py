"""A chat on the screen: what is typed goes to commands, tools and the model; what they say, to the painter.

The screen's loop runs in the main thread and never waits; loading and turns run on threads (`runner`). Their
posts are drawn in batches, and the next batch waits in proportion to what drawing the last one took, so that
drawing costs a bounded share of the time however fast the model speaks.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.output import Output
from prompt_toolkit.output.vt100 import Vt100_Output

from yanray import __version__
from yanray.agent.session import Session
from yanray.errors import YanrayError
from yanray.events import End, Notice
from yanray.models.choice import choose_model
from yanray.paths import home, nano_model
from yanray.settings import Settings
from yanray.store.conversations import Conversations
from yanray.terminal.asking import Asker
from yanray.terminal.commands import run_command
from yanray.terminal.completion import ChatCompleter
from yanray.terminal.desk import Desk
from yanray.terminal.painter import Painter, replayed, status
from yanray.terminal.remind import watch_beside
from yanray.terminal.render import clipped
from yanray.terminal.reply import Reply
from yanray.terminal.runner import Done, Failure, Loaded, Post, Runner
from yanray.terminal.screen import Hooks, Screen
from yanray.terminal.words import Words
from yanray.toolbox.spec import ToolSpec

SHARE = 0.035  # of the time may go into drawing
SHORTEST, LONGEST = 0.04, 0.25  # seconds between two drawings
GRACE = 2.0  # seconds that a turn gets to end when the chat is left


def talk(
    settings: Settings, options: argparse.Namespace, store: Conversations, conversation: int | None
) -> int:
    """Talk until the user leaves; the exit code."""
    posts: deque[Post] = deque()
    session = Session(settings, tools=not options.no_tools, on_progress=posts.append)
    chat = Chat(Desk(session, store, Words(settings.spoken)), posts, yes=options.yes)
    if conversation is not None:
        chat.desk.resume(conversation)
    try:
        asyncio.run(chat.run(replay=conversation is not None))
    finally:
        chat.close()
    if chat.desk.recorder.id is not None and store.path is not None:
        print(chat.desk.words("kept", id=chat.desk.recorder.id), file=sys.stderr)
    return 0


class Chat:
    """One chat. posts: where loading and turns put what they have to say. yes: ask for nothing."""

    def __init__(self, desk: Desk, posts: deque[Post], *, yes: bool = False) -> None:
        self.desk = desk
        self._posts = posts
        self._runner = Runner(desk, self._post)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()  # draw now
        self._asker = Asker(desk.words, yes=yes)
        self._busy = False
        self._waiting: list[str] = []  # lines entered while a turn goes on
        self._hint = ""
        self._reminders: list[str] = []  # told while an answer streams, and not printed yet
        self._left = threading.Event()
        hooks = Hooks(
            entered=self._entered,
            stop=self._stop,
            leave=self._leave,
            show_result=self._show_result,
            note=self._note,
            status=self._status,
        )
        self.screen = Screen(
            hooks,
            completer=ChatCompleter(self._specs, desk.words.language),
            history=_history(),
            output=_output(),
            no_color=bool(os.environ.get("NO_COLOR")),
        )
        self._painter = Painter(desk.words, self.screen.size)

    async def run(self, *, replay: bool = False) -> None:
        """Until the user leaves."""
        self._loop = asyncio.get_running_loop()
        self.screen.above(self._greeting())
        if replay:
            self._replay()
        self._runner.load()
        if self.desk.session.toolbox is not None:
            self.desk.session.toolbox.warm()
        watch_beside(lambda line: self._posts.append(Notice("reminder", line)), self._left)
        drawing = asyncio.ensure_future(self._draw_posts())
        try:
            # A terminal that went away ends the input; what was said is written already.
            with suppress(EOFError):
                await self.screen.app.run_async(pre_run=self._watch_signals)
        finally:
            self._left.set()
            drawing.cancel()

    def close(self) -> None:
        """Stop what runs, and write what was said."""
        self._asker.answer("n")
        self._runner.stop()
        ended = self._runner.join(GRACE)
        self.desk.recorder.flush()
        if ended:
            self.desk.save_state()
            self.desk.session.close()
        elif self.desk.session.toolbox is not None:
            self.desk.session.toolbox.close()  # the model is still being loaded, and cannot be freed now

    # -- what the screen asks

    def _specs(self) -> Sequence[ToolSpec]:
        return self.desk.session.toolbox.specs if self.desk.session.toolbox else ()

    def _live(self, height: int) -> str:
        if self._asker.question:
            return self._painter.renderer.text(self._asker.question, "bold")
        return self._painter.live(height) if self._busy else ""

    def _note(self) -> str:
        if self._hint:
            return self._hint
        columns = self.screen.size()[0]
        waiting = [self.desk.words("queued", line=line.split("\n")[0]) for line in self._waiting]
        return "\n".join(clipped(line, columns - 1) for line in [*self._reminders, *waiting])

    def _status(self) -> str:
        words, session = self.desk.words, self.desk.session
        tools = len(self._specs())
        columns = self.screen.size()[0]
        if not session.loaded:
            name = words("loading-model") if self._runner.loading else ""
            return status(name, 0, 0, 0.0, tools, words, columns - 1)
        core = session.core
        used = self.desk.used or self.desk.ahead
        return status(core.name, used, core.context, self.desk.speed, tools, words, columns - 1)

    # -- what the user does

    def _entered(self, line: str) -> None:
        self._hint = ""
        if self._asker.question:
            self._asker.answer(line)
        elif not line.strip():
            return
        elif self._busy:
            self._waiting.append(line)
        else:
            self._take(line)
        self.screen.redraw()

    def _take(self, line: str) -> None:
        """Do what LINE says."""
        try:
            reply = run_command(self.desk, line)
        except YanrayError as error:
            reply = Reply(self.desk.words.told(str(error)))
        if reply is None:
            self._ask(line)
            return
        if reply.clear:
            self.screen.clear()
        else:
            self.screen.above(self._painter.said(line) + self._painter.note(reply.text))
        self._follow(reply)

    def _follow(self, reply: Reply) -> None:
        """Do what a command asks for."""
        if reply.replay:
            self._replay()
        if reply.reload:
            self._runner.load()
        if reply.prefill:
            self.screen.prefill(reply.prefill)
        if reply.leave:
            self._leave()
        if reply.ask:
            self._ask(reply.ask)

    def _ask(self, line: str) -> None:
        self._busy = True
        self.screen.above(self._painter.begin(line))
        self._runner.ask(line, self._asker)

    def _stop(self) -> None:
        if self._asker.question:
            self._asker.answer("n")
        if self._busy:
            self._runner.stop()
        elif self.screen.buffer.text:
            self.screen.buffer.reset()
        else:
            self._hint = self.desk.words("how-to-leave")
        self.screen.redraw()

    def _leave(self) -> None:
        self._runner.stop()
        if self.screen.app.is_running and not self.screen.app.is_done:
            self.screen.app.exit()

    def _show_result(self) -> None:
        whole = self._painter.whole()
        if whole:
            self.screen.above(whole)
        else:
            self._hint = self.desk.words("no-result")
            self.screen.redraw()

    # -- what loading and turns post

    def _post(self, post: Post) -> None:
        """POST, from any thread; the end of a turn is drawn at once."""
        self._posts.append(post)
        if isinstance(post, Done) and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    async def _draw_posts(self) -> None:
        """Draw what was posted, in batches, for as long as the chat lasts."""
        while True:
            begun = time.perf_counter()
            finished = ""
            while self._posts:
                finished += self._arrived(self._posts.popleft())
            self.screen.draw(finished, self._live(self.screen.room()))
            self._take_next()
            cost = time.perf_counter() - begun
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), min(LONGEST, max(SHORTEST, cost / SHARE)))
            self._wake.clear()

    def _arrived(self, post: Post) -> str:
        """POST has come; what is finished with it."""
        if isinstance(post, Done):
            return self._ended(post)
        if isinstance(post, Failure):
            text = self.desk.words("crashed", error=post.text) if post.crash else post.text
            return self._painter.failed(text)
        if isinstance(post, Loaded):
            self.screen.redraw()
            return ""
        if isinstance(post, Notice) and post.kind == "model":
            return ""  # the greeting named it
        if isinstance(post, Notice) and post.kind == "reminder":
            return self._reminded(post.text)
        if isinstance(post, End):
            self._hint = ""
        return self._painter.show(post)

    def _ended(self, done: Done) -> str:
        self._busy = False
        if done.unheard:
            self.screen.prefill(done.unheard)
        self.screen.redraw()
        told, self._reminders = self._reminders, []
        return "".join(map(self._painter.note, told))

    def _reminded(self, text: str) -> str:
        """A reminder is due: it rings, and does not cut a streaming answer in two."""
        line = f"⏰ {self.desk.words('reminder', text=text)}"
        self.screen.app.output.bell()
        if not self._busy:
            return self._painter.note(line)
        self._reminders.append(line)
        self.screen.redraw()
        return ""

    def _take_next(self) -> None:
        """The next line that waits, when nothing goes on."""
        if self._waiting and not self._busy:
            self._take(self._waiting.pop(0))

    def _replay(self) -> None:
        self.screen.above(replayed(self._painter, self.desk.conversation.messages))

    def _greeting(self) -> str:
        words = self.desk.words
        try:
            model = choose_model(self.desk.session.settings)
            key = "greeting-embedded" if model == nano_model() else "greeting"
        except YanrayError:  # loading will say so
            model, key = Path(), "greeting-bare"
        first = words(key, version=__version__, model=model.stem)
        return self._painter.renderer.text(f"{first}\n{words('greeting-keys')}", "dim") + "\n"

    def _watch_signals(self) -> None:
        """A terminal that goes away, and a request to end, are ways to leave."""
        if sys.platform != "win32":
            for number in (signal.SIGHUP, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self._leave)


def _history() -> History:
    if os.environ.get("YANRAY_NOHISTORY"):
        return InMemoryHistory()
    return _Typed(str(home("data") / "typed"))


class _Typed(FileHistory):
    """What was typed, on the disk where that can be written; else in this chat alone."""

    def store_string(self, string: str) -> None:
        with suppress(OSError):  # the database says that nothing is kept; the line is on its way already
            home("data").mkdir(parents=True, exist_ok=True)
            super().store_string(string)


def _output() -> Output:
    """The terminal, which is not asked where its cursor is: some answer late, some never."""
    output = Vt100_Output.from_pty(sys.stdout, term=os.environ.get("TERM"))
    output.enable_cpr = False
    return output
