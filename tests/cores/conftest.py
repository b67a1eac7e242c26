"""Tiny models on disk, made once for all tests of the cores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny_models import EXACT, OpenCore, Shape, write_tiny

from yanray.cores.gguf import GgufCore


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def open_core(models: Path) -> Iterator[OpenCore]:
    """Opens a tiny model by its flavour; everything opened is closed at the end."""
    opened: list[GgufCore] = []

    def opens(flavour: str = "nano", *, looping: bool = False, **options: Any) -> GgufCore:
        path = models / f"{flavour}{'-loop' if looping else ''}.gguf"
        if not path.exists():
            write_tiny(path, flavour, shape=Shape(looping=looping))
        opened.append(GgufCore(path, **{**EXACT, **options}))
        return opened[-1]

    yield opens
    for core in opened:
        core.close()
