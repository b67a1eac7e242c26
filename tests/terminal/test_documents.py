"""docs/terminal.md keeps its promises: every command of a chat and every option of `ask` stands there."""

from __future__ import annotations

import argparse

import pytest

from yanray.paths import PACKAGE
from yanray.terminal import ask
from yanray.terminal.commands import BARE, COMMANDS

DOCS = PACKAGE.parent / "docs" / "terminal.md"
if not DOCS.exists():
    pytest.skip("the documentation is not part of an installed package", allow_module_level=True)
TEXT = DOCS.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_is_there_as_it_is_used(command):
    usage = command.usage.replace("|", "\\|")
    assert f"`/{command.name} {usage}`".replace(" `", "`") in TEXT


def test_bare_words_and_options_are_there():
    assert all(f"`{word}`" in TEXT for word in BARE)
    parser = argparse.ArgumentParser()
    ask.arguments(parser)
    for action in parser._actions:
        if action.dest in ("file", "extract", "schema", "batch", "output", "json", "last"):
            assert any(f"{option}" in TEXT for option in action.option_strings), action.dest
