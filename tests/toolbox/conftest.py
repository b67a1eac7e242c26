"""A toolbox over tools that a test writes."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from yanray.toolbox.box import Toolbox


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write the tool NAME with that body after its docstring."""

    def _write(name: str, body: str, folder: str = "tools") -> Path:
        path = tmp_path / folder / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'"""Do {name}."""\n' + textwrap.dedent(body), encoding="utf-8")
        return path

    return _write


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Callable[..., Toolbox]]:
    """A toolbox over the folder that `write` fills, closed at the end."""
    made: list[Toolbox] = []

    def _box(**options: Any) -> Toolbox:
        made.append(Toolbox([tmp_path / "tools"], **options))
        return made[-1]

    yield _box
    for toolbox in made:
        toolbox.close()
