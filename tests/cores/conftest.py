"""Tiny models on disk, made once for all tests of the cores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny_models import Shape, write_tiny

from yanray.cores.gguf import GgufCore

# Flash attention rounds differently for each batch size; two threads on a busy machine wait for each other.
EXACT = {"context": 2048, "kv": "f32", "flash": False, "threads": 1}

OpenCore = Callable[..., GgufCore]


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
