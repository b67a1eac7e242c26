"""Search the web for news, facts and prices."""

from __future__ import annotations

import re
from typing import Any, Literal
from urllib.parse import urlsplit

from yanray.toolbox.api import chinese, fetch

NETWORK = True
TIMEOUT = 20
EXAMPLES = {
    "tallest building in Tokyo": "1. Tallest buildings\nexample.org/tall\nThe tallest one is 325 m high.",
    "东京最高的建筑": "1. 最高的建筑\nexample.org/tall\n最高的有325米。",
}

SNIPPET = 240  # characters of what a page says
_DUCKDUCKGO = "https://html.duckduckgo.com/html/"

Found = list[tuple[str, str, str]]  # title, address, what it says


def run(
    words: str,
    *,
    engine: Literal["auto", "searxng", "duckduckgo"] = "auto",
    server: str = "",
    results: int = 4,
) -> str:
    """Search the web: title, address and a few lines of each page. /read opens an address.

    words: what to look for.
    engine: searxng asks `server`; duckduckgo needs the package ddgs; auto: searxng where a server is set.
    server: the address of a SearXNG that answers in JSON, e.g. http://localhost:8888. results: how many.
    """
    query = " ".join(words.split())[:400]
    if not query:
        raise ValueError("say what to look for, e.g. tallest building in Tokyo")
    searxng = engine == "searxng" or (engine == "auto" and bool(server))
    if searxng and not server:
        raise ValueError(
            "its owner must set the address of a SearXNG (tools: search: server: in config.yaml)"
        )
    language = "zh" if chinese(query) else "en"
    found = (
        _searxng(query, language, server) if searxng else _duckduckgo(query, language, server or _DUCKDUCKGO)
    )
    entries = [_entry(number, *one) for number, one in enumerate(found[: max(1, results)], 1)]
    return "\n".join(entries) or ("没有结果" if language == "zh" else "no results")


def _searxng(query: str, language: str, server: str) -> Found:
    """What a SearXNG found. Format: https://docs.searxng.org/dev/search_api.html"""
    host = urlsplit(server).netloc
    url = server.rstrip("/").removesuffix("/search") + "/search"
    fields = {"q": query, "format": "json", "language": language}
    answer = fetch(url, params=fields, seconds=15, allow=[host]).json()
    rows = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise ValueError(f"{host} did not answer as it should; its owner must allow the format json there")
    return [_texts(row, "title", "url", "content") for row in rows if isinstance(row, dict)]


def _duckduckgo(query: str, language: str, server: str) -> Found:
    """What DuckDuckGo found: ddgs knows its form and its page, the toolbox's fetcher carries them."""
    try:
        from ddgs.engines.duckduckgo import Duckduckgo
    except ImportError:
        raise ValueError(
            "searching needs the package ddgs (pip install ddgs), "
            "or a SearXNG (tools: search: server: in config.yaml)"
        ) from None
    known: Any = Duckduckgo()
    region = "cn-zh" if language == "zh" else "us-en"
    form = known.build_payload(query=query, region=region, safesearch="moderate", timelimit=None)
    page = fetch(server, form=form, seconds=15, allow=[urlsplit(server).netloc])
    rows = known.post_extract_results(known.extract_results(page.text)) if page.data.strip() else []
    return [_texts(vars(row), "title", "href", "body") for row in rows]


def _texts(row: dict[str, Any], *keys: str) -> tuple[str, str, str]:
    title, address, content = (" ".join(str(row.get(key) or "").split()) for key in keys)
    return title, address, content


def _entry(number: int, title: str, address: str, content: str) -> str:
    short = re.sub(r"^https://|/$", "", address)
    said = content if len(content) <= SNIPPET else content[:SNIPPET].rsplit(" ", 1)[0] + " ..."
    return "\n".join(line for line in (f"{number}. {title[:120]}", short, said) if line)
