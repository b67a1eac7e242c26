"""What a tool's file says is read without running it; a file that is no tool is named with its line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from yanray.paths import shipped
from yanray.toolbox.loading import RESERVED, Problem, ToolFile, find, read
from yanray.toolbox.spec import Parameter, prompt_line, usage

WHOLE = '''\
"""Roll dice.

More words.
"""
from typing import Annotated, Literal, Optional
EXAMPLES: dict[str, str] = {"6": "4", "6 2": "3 5"}
TIMEOUT = 2
CONFIRM = True
NETWORK = True

def run(sides: int, count: "int" = 1, way: Literal["sum", "list"] = "sum",
        part: float | None = None, loud: bool = False, label: Optional[str] = "",
        kind: Annotated[int, "x"] = 3, *, seed: int = 0) -> str:
    """Roll.

    sides: of a die
    """
    import fractions
    return ""
'''


def load(tmp_path: Path, source: str, name: str = "dice") -> ToolFile | Problem:
    path = tmp_path / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    return read(path, timeout=10)


def test_everything_that_a_file_can_say(tmp_path):
    tool = load(tmp_path, WHOLE)
    assert isinstance(tool, ToolFile)
    spec = tool.spec
    assert (spec.name, spec.summary) == ("dice", "Roll dice.")
    assert spec.examples == (("6", "4"), ("6 2", "3 5"))
    assert (spec.timeout, spec.confirm, spec.network) == (2.0, True, True)
    assert spec.parameters == (
        Parameter("sides", "integer", True, None, "of a die"),
        Parameter("count", "integer", False, "1"),
        Parameter("way", "sum|list", False, "sum"),
        Parameter("part", "number", False, ""),
        Parameter("loud", "yes|no", False, "no"),
        Parameter("label", "text", False, ""),
        Parameter("kind", "integer", False, "3"),
    )
    assert tool.settings == ("seed",)
    assert tool.late == ("fractions",)
    assert "More words." in spec.help
    assert usage(spec).startswith("/dice sides [count] [way=sum|list]")
    assert prompt_line(spec).endswith("e.g. 6")


def test_what_a_file_does_not_say_has_defaults(tmp_path):
    spec = load(tmp_path, '"""Say it."""\ndef run(text):\n    return text\n').spec
    assert spec.parameters == (Parameter("text"),)
    assert (spec.timeout, spec.confirm, spec.network, spec.examples) == (10.0, False, False, ())


GOOD = '"""Do it."""\n'
RUN = "def run(text: str) -> str:\n    return text\n"


@pytest.mark.parametrize(
    ("source", "line", "text"),
    [
        (GOOD + "def run(text: str) -> str\n    return text\n", 2, "not Python"),
        (GOOD + "import numpy_of_nowhere.thing\n" + RUN, 2, "pip install numpy_of_nowhere"),
        (GOOD + "from numpy_of_nowhere import thing\n" + RUN, 2, "pip install numpy_of_nowhere"),
        (GOOD, None, "no function `run`"),
        (RUN, 1, "begin the file with"),
        (GOOD + "async " + RUN, 2, "not `async def run`"),
        (GOOD + "def run(*words: str) -> str:\n    return ''\n", 2, "name each parameter"),
        (GOOD + "def run(**words: str) -> str:\n    return ''\n", 2, "name each parameter"),
        (GOOD + "def run(text: str, /) -> str:\n    return ''\n", 2, "name each parameter"),
        (GOOD + "EXAMPLES = {'a': 1}\n" + RUN, 2, "EXAMPLES must be a dict"),
        (GOOD + "EXAMPLES = dict(a='1')\n" + RUN, 2, "write the value of EXAMPLES out"),
        (GOOD + "TIMEOUT = -1\n" + RUN, 2, "TIMEOUT must be a number"),
        (GOOD + "TIMEOUT = True\n" + RUN, 2, "TIMEOUT must be a number"),
        (GOOD + "\nCONFIRM = 1\n" + RUN, 3, "CONFIRM must be True or False"),
        (GOOD + "CONFIRM = '('\n" + RUN, 2, "CONFIRM must be True, False, or a regular expression"),
        (GOOD + "NETWORK = 'yes'\n" + RUN, 2, "NETWORK must be True or False"),
        (GOOD + "def run(text: 'a b') -> str:\n    return ''\n", 2, "is not Python"),
        ("\0", None, "not Python"),
        ("(" * 10000, None, "not Python"),
    ],
)
def test_a_file_that_is_no_tool_is_named(source, line, text, tmp_path):
    problem = load(tmp_path, source)
    assert isinstance(problem, Problem)
    assert text in problem.text
    if line is not None:
        assert problem.line == line
        assert str(problem).startswith(f"{tmp_path / 'dice.py'} line {line}: ")


@pytest.mark.parametrize("name", ["Dice", "2d6", "a b", "würfel", *sorted(RESERVED)])
def test_names_that_no_tool_can_have(name, tmp_path):
    problem = load(tmp_path, GOOD + RUN, name)
    assert isinstance(problem, Problem)
    assert "rename it" in problem.text


def test_a_file_that_is_not_text_is_named(tmp_path):
    (tmp_path / "dice.py").write_bytes(b"\xff\xfe\x00x")
    assert "UTF-8" in read(tmp_path / "dice.py", timeout=10).text
    (tmp_path / "folder.py").mkdir()
    assert "cannot be read" in read(tmp_path / "folder.py", timeout=10).text


def test_nothing_in_the_file_runs(tmp_path):
    trace = tmp_path / "trace"
    tool = load(tmp_path, f"{GOOD}import pathlib\npathlib.Path({str(trace)!r}).touch()\n{RUN}")
    assert isinstance(tool, ToolFile)
    assert not trace.exists()


def test_later_folders_win_and_helpers_are_left_out(tmp_path):
    for folder, name in (("a", "one"), ("a", "two"), ("b", "two"), ("b", "_part"), ("b", "__init__")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / f"{name}.py").write_text(GOOD + RUN)
    found = find([tmp_path / "a", tmp_path / "missing", tmp_path / "b"])
    assert found == {"one": tmp_path / "a" / "one.py", "two": tmp_path / "b" / "two.py"}


def test_listing_the_shipped_tools_loads_no_library():
    code = """
import sys
from yanray.paths import shipped
from yanray.toolbox.box import Toolbox
box = Toolbox([shipped("tools")])
assert box.specs and box.grammar()
assert not box.problems, box.problems
heavy = {"sympy", "pint", "pydantic", "httpx", "psutil", "trafilatura", "numpy"} & set(sys.modules)
assert not heavy, heavy
box.close()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_shipped_tool_loads():
    names = {"calculate", "convert", "clock"}
    for name, path in find([shipped("tools")]).items():
        assert isinstance(read(path, timeout=10), ToolFile)
        names.discard(name)
    assert not names
