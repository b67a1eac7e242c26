"""Where Yanray finds its files: the shipped ones, and the owner's own.

Shipped files stand at the top of a checkout, or inside the installed package under `_defaults/`. The owner's
come later and win by name: `$YANRAY_HOME` when it is set, else the platform's configuration, data and cache
folders. The current directory is never searched: a tool is code.
"""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """The shipped file or folder NAME (`tools`, `prompts`, `adapters`, `config.yaml`)."""
    installed = PACKAGE / "_defaults" / name
    return installed if installed.exists() else PACKAGE.parent / name


def home(kind: str) -> Path:
    """The owner's folder for KIND: `config`, `data` or `cache`. It need not exist yet."""
    root = os.environ.get("YANRAY_HOME")
    if root:
        base = Path(root).expanduser()
        return base if kind == "config" else base / kind
    import platformdirs  # 10 ms that `yanray --help` does not pay

    chosen = {
        "config": platformdirs.user_config_path,
        "data": platformdirs.user_data_path,
        "cache": platformdirs.user_cache_path,
    }[kind]
    return chosen("yanray", appauthor=False)


def nano_model() -> Path:
    """The embedded model's file."""
    return PACKAGE / "nano" / "yanray-nano.gguf"
