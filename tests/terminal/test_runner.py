"""Turns on a thread: a core that crashes is told, and the chat goes on."""

from __future__ import annotations

from contextlib import closing

import pytest

from yanray.agent.session import Session
from yanray.cores.scripted import ScriptedCore
from yanray.events import Text
from yanray.settings import load
from yanray.store.conversations import Conversations
from yanray.terminal.desk import Desk
from yanray.terminal.runner import Done, Failure, Runner
from yanray.terminal.words import Words


class Crashing(ScriptedCore):
    """Says its rounds, but dies in the middle of the first."""

    def _say(self, chunks, most):
        yield from super()._say(chunks, 3)
        if len(self.prompts) == 1:
            raise SystemError("the library fell over")
        return "stop"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_crash_of_the_core_is_told_and_the_chat_goes_on(tmp_path, monkeypatch, language):
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path))
    posts: list[object] = []
    with (
        closing(Conversations(tmp_path / "conversations.db")) as store,
        Session(load(), tools=False, core=Crashing(["one two", "yes"])) as session,
    ):
        desk = Desk(session, store, Words(language))
        runner = Runner(desk, posts.append)
        runner.ask("first", None)
        assert runner.join(30)
        assert posts[-2:] == [Failure("SystemError: the library fell over", crash=True), Done()]
        posts.clear()
        runner.ask("second", None)
        assert runner.join(30)
        assert posts[-1] == Done() and Text("yes") in posts
        kept = [message.content for message in store.load(desk.recorder.id).messages]
    assert kept == ["first", "one", "second", "yes"]
