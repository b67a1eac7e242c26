"""docs/tools.md keeps its promises: every shipped tool and setting stands there, and its example is true."""

from __future__ import annotations

import re

import pytest

from yanray.paths import PACKAGE, shipped
from yanray.toolbox.box import Toolbox
from yanray.toolbox.loading import ToolFile, find, read

DOCS = PACKAGE.parent / "docs" / "tools.md"
if not DOCS.exists():
    pytest.skip("the documentation is not part of an installed package", allow_module_level=True)
TEXT = DOCS.read_text(encoding="utf-8")
TOOLS = [read(path, timeout=10) for path in find([shipped("tools")]).values()]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.spec.name)
def test_every_tool_and_setting_is_there(tool):
    assert isinstance(tool, ToolFile)
    assert f"| {tool.spec.name} | `/{tool.spec.name} " in TEXT
    for setting in tool.settings:
        assert re.search(rf"^\| {tool.spec.name} \| [^|]*\b{setting}\b", TEXT, re.MULTILINE), setting


@pytest.mark.parametrize(
    ("name", "argument", "result"),
    [
        match
        for match in re.findall(r"^\| (\w+) \| `/\w+ ([^`]+)` \| (.+) \|$", TEXT, re.MULTILINE)
        if match[0] in ("calculate", "clock", "convert", "remember", "todo", "recall")
    ],
)
def test_the_examples_are_true(tmp_path, monkeypatch, name, argument, result):
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path))
    box = Toolbox([shipped("tools")], enabled=[name, "remember"], timeout=30)
    if name == "recall":
        box.run("remember", result)
    outcome = box.run(name, argument)
    box.close()
    assert outcome.text == result


def test_the_roman_tool_does_what_is_shown(tmp_path):
    source = re.search(r'```python\n("""Write a number in Roman.*?)```', TEXT, re.DOTALL)
    assert source
    (tmp_path / "roman.py").write_text(source[1])
    box = Toolbox([tmp_path])
    shown = re.findall(r"^\$ yanray tools run roman (\w+)\n(.+)$", TEXT, re.MULTILINE)
    answers = [(argument, box.run("roman", argument).text) for argument, _ in shown]
    box.close()
    assert len(shown) == 3
    assert answers == shown
