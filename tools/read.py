"""Read a web page or a local file."""

from __future__ import annotations

EXAMPLES = {
    "example.org": "Example Domain",
}
NETWORK = True


def run(address: str) -> str:
    """Read a web page or a local file.

    address: of a web page, or the name of a file; add page 2 for what follows.
    """
    raise ValueError("this tool is not written yet")
