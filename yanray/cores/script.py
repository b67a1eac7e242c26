"""A script for `ScriptedCore` in a file: `-m scripted:FILE`, to demonstrate and to test whole commands.

The file is JSON, for example

    {"name": "demo", "pace": 0.03, "rounds": ["/calculate 6*7", "6*7 is **42**."]}

rounds:  what to say, one text for each round, spoken word by word; or a list of the chunks to say it in.
name, context (tokens), batch (tokens read at once), pace (seconds for a chunk or batch): see `ScriptedCore`.
loading: seconds that loading takes.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

from yanray.cores.scripted import ScriptedCore
from yanray.errors import ModelError

WORD = re.compile(r"\s*\S+|\s+")
KEYS = {"rounds", "name", "context", "batch", "pace", "loading"}


def read_script(path: Path) -> ScriptedCore:
    """The core that follows the script at PATH. Raises ModelError."""
    try:
        script: Any = json.loads(path.expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: is no script: {error}") from None
    if not isinstance(script, dict) or not isinstance(script.get("rounds"), list) or set(script) - KEYS:
        raise ModelError(f'{path}: is no script; write {{"rounds": ["...", "..."]}}')
    rounds = [WORD.findall(text) if isinstance(text, str) else text for text in script.pop("rounds")]
    time.sleep(script.pop("loading", 0))
    return ScriptedCore(rounds, **{"name": path.stem, **script})
