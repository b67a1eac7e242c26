"""`yanray tools --cost`: what each tool takes of the prompt, counted by the model's own tokenizer."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from tiny_models import write_tiny

from yanray.agent.session import open_core, open_toolbox
from yanray.cli import main
from yanray.settings import load
from yanray.terminal.costs import known_costs, measure_costs
from yanray.toolbox.spec import prompt_line


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path / "home"))
    model = write_tiny(tmp_path / "tiny.gguf")
    monkeypatch.setenv("YANRAY_MODEL", str(model))
    return load()


def test_the_tokens_are_those_of_the_prompt_lines(settings):
    with (
        closing(open_toolbox(settings)) as box,
        closing(open_core(Path(settings.model), settings)) as core,
    ):
        assert known_costs(settings, box.specs) is None
        measure_costs(settings, box.specs, core)
        costs = known_costs(settings, box.specs)
        assert costs is not None and costs.model == core.name
        for spec in box.specs:
            tokens, seconds = costs.of(spec.name)
            assert tokens == core.count(f"{prompt_line(spec)}\n")
            assert seconds == tokens * costs.seconds > 0
        assert costs.total[0] == sum(costs.tokens.values())
        assert known_costs(settings, [*box.specs[:2]]) is not None


def test_the_list_shows_what_was_measured(settings, capsys):
    assert main(["tools"]) == 0
    told = capsys.readouterr()
    assert "--cost measures" in told.err and told.out.startswith("/calculate")
    assert main(["tools", "--cost"]) == main(["tools"]) == 0
    measured, again = capsys.readouterr().out.split("tokens  seconds\n")[1:]
    assert measured == again
    *rows, total = measured.splitlines()
    assert sum(int(row.split()[0]) for row in rows) == int(total.split()[0]) > 0
    assert main(["tools", "show", "todo"]) == 0
    assert "tokens of the prompt" in capsys.readouterr().out


def test_without_a_model_the_list_is_there_all_the_same(settings, capsys):
    assert main(["tools", "-m", "/nowhere.gguf"]) == 0
    told = capsys.readouterr()
    assert "/calculate" in told.out and "/nowhere.gguf" in told.err
