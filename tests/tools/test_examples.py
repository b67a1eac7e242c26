"""Every shipped tool: its examples are true, and no input makes it crash or hang.

Tools of the network are only read here.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from tools_text import ODD, answered, inputs

from yanray.paths import shipped
from yanray.toolbox.loading import ToolFile, find, read

TOOLS = [
    tool for path in find([shipped("tools")]).values() if isinstance(tool := read(path, timeout=10), ToolFile)
]
LOCAL = [tool.spec.name for tool in TOOLS if not tool.spec.network]
CHANGING = {
    "random",
    "recall",
    "remind",
    "system",
}  # by chance, by the clock, by the machine, by what was kept
EXAMPLES = [
    (tool.spec.name, *example) for tool in TOOLS if not tool.spec.network for example in tool.spec.examples
]


def test_every_tool_says_what_it_is_for():
    assert {"calculate", "convert", "clock"} <= {tool.spec.name for tool in TOOLS}
    for tool in TOOLS:
        assert tool.spec.examples, tool.spec.name
        assert len(tool.spec.summary) < 100, tool.spec.name
        assert "from yanray" not in re.sub(r"from yanray\.toolbox\.api import", "", tool.source), (
            tool.spec.name
        )


@pytest.mark.parametrize(("name", "argument", "result"), EXAMPLES)
def test_examples_are_true(name, argument, result, shipped_tools):
    outcome = shipped_tools.run(name, argument)
    assert outcome.ok, outcome.text
    if name not in CHANGING:
        assert outcome.text == result


@pytest.mark.parametrize("name", LOCAL)
def test_odd_input_gets_an_answer(name, shipped_tools):
    for argument in ODD:
        answered(shipped_tools.run(name, argument))


@pytest.mark.parametrize("name", LOCAL)
def test_any_input_gets_an_answer(name, shipped_tools):
    spec = shipped_tools.get(name)
    known = sorted({word for argument, _ in spec.examples for word in re.findall(r"\w+|\W", argument)})

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    @given(inputs(known, [parameter.name for parameter in spec.parameters]))
    def each(argument):
        answered(shipped_tools.run(name, argument))

    each()
