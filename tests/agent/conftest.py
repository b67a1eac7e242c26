"""Tools and turns for the tests of the loop: real files in a real worker, a core that follows a script."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from yanray.agent.conversation import Conversation
from yanray.agent.turn import run_turn
from yanray.cores.base import Sampling
from yanray.cores.scripted import ScriptedCore
from yanray.events import Call, End, Notice, Progress, Result, Text
from yanray.toolbox.box import Toolbox

TOOLS = {
    "calculate": '''"""Work out sums."""

def run(expression: str) -> str:
    a, b = expression.split("*")
    return format(float(a) * float(b), "g")
''',
    "counter": '''"""Count how often this was called."""

calls = 0

def run(what: str = "") -> str:
    global calls
    calls += 1
    return f"call {calls} {what}".strip()
''',
    "page": '''"""Show a page."""

def run(name: str) -> str:
    return "the secret plan of the pirates is to sail at dawn " + "x" * (int(name) if name.isdigit() else 0)
''',
    "keep": '''"""Keep a note."""

CONFIRM = True

def run(text: str) -> str:
    return f"kept {text}"
''',
    "items": '''"""Keep a list."""

CONFIRM = "remove"

def run(words: str) -> str:
    return f"done: {words}"
''',
    "sleep": '''"""Wait."""

import time

def run(seconds: float) -> str:
    time.sleep(seconds)
    return "awake"
''',
}


GREEDY = Sampling()


@pytest.fixture(scope="session")
def tool_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tools")
    for name, source in TOOLS.items():
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
    return folder


@pytest.fixture
def toolbox(tool_folder):
    box = Toolbox([tool_folder])
    yield box
    box.close()


@dataclass
class Talk:
    """A conversation with a core whose rounds are written down beforehand."""

    toolbox: Toolbox | None
    core: ScriptedCore
    conversation: Conversation = field(default_factory=lambda: Conversation("You are a test."))
    events: list = field(default_factory=list)

    def turn(self, text, *, sampling=GREEDY, **kwargs):
        return run_turn(self.core, self.toolbox, self.conversation, text, sampling=sampling, **kwargs)

    def ask(self, text, **kwargs):
        """One whole turn; what was said. Progress is left out of `events`."""
        self.events = [e for e in self.turn(text, **kwargs) if not isinstance(e, Progress)]
        assert isinstance(self.events[-1], End) and sum(isinstance(e, End) for e in self.events) == 1
        return "".join(e.text for e in self.events if isinstance(e, Text))

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def notices(self):
        return [notice.kind for notice in self.of(Notice)]

    @property
    def calls(self):
        return [(call.name, call.argument) for call in self.of(Call)]

    @property
    def results(self):
        return [(result.text, result.ok) for result in self.of(Result)]

    @property
    def said(self):
        return [(m.role, m.content) for m in self.conversation.messages]


@pytest.fixture
def talk(toolbox):
    def make(*rounds, **kwargs):
        return Talk(toolbox, ScriptedCore(rounds, **kwargs))

    return make
