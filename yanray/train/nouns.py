"""Nouns of either language, more than a model can learn by heart."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from yanray.train.document import Language

_TABLES = Path(__file__).parent / "tables"


@lru_cache(maxsize=2)
def nouns(language: Language) -> tuple[str, ...]:
    """All nouns of LANGUAGE in `tables/nouns_LANGUAGE.txt`."""
    lines = (_TABLES / f"nouns_{language}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
