"""All that a tool's file may import of Yanray.

| name | is |
|---|---|
| data_folder() | where a tool keeps what must last |
| chinese(text) | whether to answer in Chinese |
| halfwidth(text), arabic(text), plain(text) | full-width signs as ASCII, Chinese numerals as digits, both |
| plain_formula, read_formula, FUNCTIONS | formulas as people write them, see toolbox/formula.py |
| read_moment, shift, SPAN, UNITS | dates and times as people write them, see toolbox/dates.py |
| read_when(text, now) | when to remind and of what, see toolbox/when.py |
| currency(name), rate(source, target) | money, see toolbox/money.py |
| fetch(url, ...) -> Page, AwayError | the one way to the web: checks addresses, limits sizes |
| decode(data, type) | bytes as text, whatever their charset |
| database(name, schema) | a SQLite file in the data folder, see toolbox/database.py |
| facts, reminders | what the owner asked to keep, and to be told in time |
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yanray.paths import home
from yanray.toolbox.numerals import arabic, chinese, halfwidth, plain

if TYPE_CHECKING:
    from yanray.toolbox import facts, reminders
    from yanray.toolbox.charset import decode
    from yanray.toolbox.database import database
    from yanray.toolbox.dates import SPAN, UNITS, read_moment, shift
    from yanray.toolbox.fetch import AwayError, Page, fetch
    from yanray.toolbox.formula import FUNCTIONS, plain_formula, read_formula
    from yanray.toolbox.money import currency, rate
    from yanray.toolbox.when import read_when

__all__ = [
    "FUNCTIONS",
    "SPAN",
    "UNITS",
    "AwayError",
    "Page",
    "arabic",
    "chinese",
    "currency",
    "data_folder",
    "database",
    "decode",
    "facts",
    "fetch",
    "halfwidth",
    "plain",
    "plain_formula",
    "rate",
    "read_formula",
    "read_moment",
    "read_when",
    "reminders",
    "shift",
]
_LATE = {  # loaded when a tool asks for it, so that the others do not pay
    "AwayError": "fetch",
    "Page": "fetch",
    "fetch": "fetch",
    "FUNCTIONS": "formula",
    "plain_formula": "formula",
    "read_formula": "formula",
    "SPAN": "dates",
    "UNITS": "dates",
    "read_moment": "dates",
    "shift": "dates",
    "currency": "money",
    "rate": "money",
    "database": "database",
    "decode": "charset",
    "facts": "",  # the module itself
    "read_when": "when",
    "reminders": "",
}


def data_folder() -> Path:
    """The owner's folder for what tools keep; made when it is not there."""
    folder = home("data") / "tools"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"yanray.toolbox.api offers {', '.join(__all__)}; not {name}")
    module = importlib.import_module(f"yanray.toolbox.{_LATE[name] or name}")
    return getattr(module, name) if _LATE[name] else module
