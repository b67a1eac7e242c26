"""Keep lists of things to do and buy."""

from __future__ import annotations

EXAMPLES = {
    "add milk to shopping": "Added to shopping: milk",
}


def run(what: str = "") -> str:
    """Keep lists of things to do and buy.

    what: add, done, remove or show, e.g. show shopping; done milk
    """
    raise ValueError("this tool is not written yet")
