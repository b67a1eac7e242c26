"""Killed, out of memory, printing 100 MB, forking: in each tool an answer, and the chat goes on."""

from __future__ import annotations

import os

import psutil
import pytest
from misdeeds import MISDEEDS, argument, spoil

from yanray.agent.conversation import Conversation
from yanray.agent.turn import run_turn
from yanray.cores.base import Sampling
from yanray.cores.scripted import ScriptedCore
from yanray.events import End, Result, Text
from yanray.toolbox.box import Toolbox

if os.name != "posix":
    pytest.skip("forks and signals", allow_module_level=True)

ECHO = '"""Say it back."""\n\ndef run(text: str) -> str:\n    return text\n'


@pytest.mark.parametrize("misdeed, said", MISDEEDS.items(), ids=["killed", "memory", "prints", "forks"])
def test_in_each_tool_the_chat_goes_on(tmp_path, monkeypatch, misdeed, said):
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path / "home"))
    (tmp_path / "tools").mkdir()
    names = spoil(tmp_path / "tools", misdeed)
    (tmp_path / "tools" / "echo.py").write_text(ECHO, encoding="utf-8")
    box = Toolbox([tmp_path / "tools"], memory_mib=400)
    before = len(psutil.Process().children(recursive=True))
    assert len(names) >= 12 and not box.problems
    for name in names:
        core = ScriptedCore([f"/{name} {argument(name)}", "/echo on", "It goes on."])
        turn = run_turn(core, box, Conversation(), "go", sampling=Sampling(), allow=lambda *_: True)
        events = list(turn)
        first, second = (event for event in events if isinstance(event, Result))
        assert not first.ok and said in first.text, name
        assert second.text == "on", name
        assert [event.text for event in events if isinstance(event, Text)][-1] == "It goes on."
        assert isinstance(events[-1], End) and events[-1].reason == "stop"
    box.close()
    assert len(psutil.Process().children(recursive=True)) == before
