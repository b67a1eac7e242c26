"""What a training says: lines for people on stdout, and the same facts as JSON Lines in a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


class Log:
    """Writes to FILE (appending) and stdout when ACTIVE: one rank of many speaks."""

    def __init__(self, file: Path, *, active: bool) -> None:
        self.active = active
        self.file = file
        if active:
            file.parent.mkdir(parents=True, exist_ok=True)

    def say(self, text: str) -> None:
        """TEXT for people."""
        if self.active:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    def note(self, text: str, **facts: Any) -> None:
        """TEXT for people, FACTS for programs."""
        self.say(text)
        if self.active:
            with self.file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(facts, ensure_ascii=False) + "\n")
