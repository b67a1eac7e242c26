"""What Yanray says in English elsewhere, in Chinese: notices, errors, and what the commands print.

It is written in English where it arises, below the terminal, and read by programs and models too; only what
is shown to a person is translated here, by its form. A sentence without a form is shown as it is. A test
reads the source and fails when a notice, an error or a printed line of the everyday commands has no form.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from yanray.terminal.chinese_commands import FORMS as COMMANDS
from yanray.terminal.chinese_errors import FORMS as ERRORS
from yanray.terminal.chinese_models import FORMS as MODELS
from yanray.terminal.chinese_notices import FORMS as NOTICES
from yanray.terminal.chinese_tools import FORMS as TOOLS
from yanray.terminal.chinese_training import FORMS as TRAINING

# English form -> Chinese form; what stands in braces is taken over.
FORMS = NOTICES | ERRORS | MODELS | TOOLS | COMMANDS | TRAINING
# Fields that hold a sentence, or a word, which may have a form too.
WITHIN = {"again", "end", "names", "offer", "overview", "problem", "right", "what", "where", "why"}
FIELD = re.compile(r"\{(\w+)\}")
LONGEST = 2000  # characters; what is longer is no sentence of ours


def chinese(text: str) -> str:
    """TEXT in Chinese where it has a form, else as it is."""
    if len(text) > LONGEST:
        return text
    for english, parts in _ordered():
        if not (text.startswith(parts[0]) and text.endswith(parts[-1])):
            continue
        found = _pattern(english).fullmatch(text)
        if found:
            fields = found.groupdict().items()
            return FORMS[english].format(
                **{name: chinese(value) if name in WITHIN else value for name, value in fields}
            )
    return text


@lru_cache(maxsize=1)
def _ordered() -> list[tuple[str, list[str]]]:
    """Each form with what stands between its fields; those that say most themselves come first."""
    ordered = sorted(FORMS, key=lambda form: -len(FIELD.sub("", form)))
    return [(form, _plain(form)) for form in ordered]


def _plain(form: str) -> list[str]:
    return [part.replace("{{", "{").replace("}}", "}") for part in FIELD.split(form)[::2]]


@cache
def _pattern(form: str) -> re.Pattern[str]:
    """FORM as a pattern: each field, at most as long as it must be. Made when a text may be of it: all of
    them at once would take a small machine longer than most commands do."""
    fields = [f"(?P<{name}>.+?)" for name in FIELD.findall(form)]
    return re.compile(
        "".join(re.escape(a) + b for a, b in zip(_plain(form), [*fields, ""], strict=True)), re.DOTALL
    )
