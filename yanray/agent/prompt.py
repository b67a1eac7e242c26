"""The system prompt: who Yanray is, then the tools. Inference and training render it with this one function.

Nothing volatile (a date, a name, a counter) may stand here: its tokens are read once and kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from yanray.paths import home, shipped
from yanray.toolbox.spec import ToolSpec, prompt_lines


def system_prompt(
    tools: Iterable[ToolSpec], *, language: str = "en", own: str = "", folder: Path | None = None
) -> str:
    """The prompt for TOOLS (none: the tools' paragraph is left out).

    language: `en` or `zh`; names a file in the prompts' folder.
    own: the owner's text, which replaces the shipped one.
    folder: where the prompt files stand; None: the owner's, else the shipped ones.
    """
    lines = prompt_lines(tools)
    if own:
        return f"{own}\n\n{lines}" if lines else own
    path = folder / f"{language}.md" if folder else _prompt_file(language)
    return str(_template(path).render(tools=lines)).strip()


def _prompt_file(language: str) -> Path:
    mine = home("config") / "prompts" / f"{language}.md"
    return mine if mine.is_file() else shipped("prompts") / f"{language}.md"


@lru_cache(maxsize=8)
def _template(path: Path):  # type: ignore[no-untyped-def]
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment().from_string(path.read_text(encoding="utf-8"))
