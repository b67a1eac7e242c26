"""Tell battery, processor, memory and disk of this machine."""

from __future__ import annotations

EXAMPLES = {
    "battery": "battery 80 %, charging",
}


def run(what: str = "") -> str:
    """Tell battery, processor, memory and disk of this machine.

    what: battery, cpu, memory, disk; nothing for all of them.
    """
    raise ValueError("this tool is not written yet")
