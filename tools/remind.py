"""Set timers, alarms and reminders."""

from __future__ import annotations

EXAMPLES = {
    "in 10 minutes: tea": "Set for 17:50: tea",
}


def run(when: str = "") -> str:
    """Set timers, alarms and reminders.

    when: a time and what for, e.g. at 7:30 tomorrow: wake up; show; cancel tea
    """
    raise ValueError("this tool is not written yet")
