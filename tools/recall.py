"""Look up facts that were remembered."""

from __future__ import annotations

from yanray.toolbox.api import chinese, facts

EXAMPLES = {
    "spare key": "the spare key is under the blue pot",
    "储物柜密码": "我的储物柜密码是1234",
}

MOST = 5


def run(words: str = "") -> str:
    """Find the facts that /remember kept; the best one first, one on each line.

    words: some words of the fact; nothing for the latest ones.
    """
    text = " ".join(words.split())[:500]
    found = facts.find(text, MOST) if text else facts.latest(MOST)
    return "\n".join(found) or ("没有找到" if chinese(text) else "nothing found")
