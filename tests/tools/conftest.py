"""The shipped tools, through a real worker, in a home of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from yanray.paths import shipped
from yanray.toolbox.box import Outcome, Toolbox


@pytest.fixture(scope="session")
def shipped_tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toolbox]:
    """Every shipped tool; what they keep stands in a temporary home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YANRAY_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("TZ", "UTC")
        toolbox = Toolbox([shipped("tools")], timeout=30)
        toolbox.run("clock", "now")  # starts the worker in that environment
        yield toolbox
        toolbox.close()


@pytest.fixture
def ask(shipped_tools: Toolbox, request: pytest.FixtureRequest) -> Callable[[str], Outcome]:
    """Run the tool that the test's file is named after: test_calculate.py asks calculate."""
    name = Path(str(request.node.path)).stem.removeprefix("test_")
    return lambda argument: shipped_tools.run(name, argument)
