"""Shipped tools as modules of their own, for tests of their functions."""

from __future__ import annotations

import importlib.util
from types import ModuleType

from yanray.paths import shipped


def load(name: str) -> ModuleType:
    """The shipped tool NAME, loaded anew."""
    spec = importlib.util.spec_from_file_location(f"shipped_{name}", shipped("tools") / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
