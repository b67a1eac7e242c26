"""The files that `yanray tools new NAME` writes: a tool that works, and a test beside it."""

from __future__ import annotations

from pathlib import Path

from yanray.errors import DataError, UsageError
from yanray.paths import home
from yanray.toolbox.loading import NAME, RESERVED

_TOOL = '''\
"""Count the words of a text."""
# The line above is what the model reads of this tool: say in it what the tool is for, in the words of
# somebody who asks for it. The file's name is the command: /{name} some text.

# Argument -> result. The first one's argument is shown to the model; the test runs all of them.
EXAMPLES = {{"the quick brown fox": "4"}}

# TIMEOUT = 10     # seconds for a call
# CONFIRM = True   # when it writes, sends or spends: the owner is asked first
#                    (or a regular expression of the arguments to ask about)
# NETWORK = True   # when it needs the network


def run(text: str, *, longest: int = 100_000) -> str:
    """Count words.

    text: the words. One text parameter gets the whole line; of several, each gets one word (or name=value,
        or "some words"), checked against its type: int, float, bool, Literal["a", "b"].
    longest: parameters after the * are settings, from config.yaml: tools: {{{name}: {{longest: 50}}}}
    """
    if len(text) > longest:
        # The model reads this message and tries again, so say what would have been right.
        raise ValueError(f"that is {{len(text)}} characters long; write at most {{longest}}")
    return str(len(text.split()))
'''

_TEST = '''\
"""Run with: pytest {path}"""

from pathlib import Path

import pytest

from yanray.toolbox.box import Toolbox

FOLDER = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def toolbox():
    box = Toolbox([FOLDER], enabled=["{name}"])
    yield box
    box.close()


def test_the_examples(toolbox):
    tool = toolbox.get("{name}")
    assert tool, toolbox.problems
    for argument, result in tool.examples:
        assert toolbox.run("{name}", argument).text == result


def test_nothing_given(toolbox):
    assert not toolbox.run("{name}", "").ok
'''


def write_skeleton(name: str, folder: Path | None = None) -> tuple[Path, Path]:
    """Write the tool NAME and its test; returns both files.

    folder: where tools stand; None: the owner's. UsageError: no tool can have that name. DataError: a file is
    there already, or cannot be written.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be a tool's name: a lower-case letter, then a-z, 0-9, _ and -")
    if name in RESERVED:
        raise UsageError(f"{name!r} is a command of the chat itself; choose another name")
    folder = folder or home("config") / "tools"
    tool, test = folder / f"{name}.py", folder / "tests" / f"test_{name.replace('-', '_')}.py"
    for path, text in ((tool, _TOOL), (test, _TEST)):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text.format(name=name, path=test))
        except FileExistsError:
            raise DataError(f"{path} is there already; choose another name, or edit it") from None
        except OSError as error:
            raise DataError(f"{path} cannot be written: {error.strerror}; choose another folder") from None
    return tool, test
