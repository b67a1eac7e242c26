"""Settings: one list of keys in two places that agree, and errors that name file, key and remedy."""

from __future__ import annotations

import re

import pytest
import yaml
from pydantic import ValidationError

from yanray.errors import ConfigError
from yanray.paths import shipped
from yanray.settings import SamplingSettings, Settings, load
from yanray.terminal.chinese import chinese

HAN = re.compile("[一-鿿]")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An owner's folder with nothing in it."""
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path))
    monkeypatch.delenv("YANRAY_MODEL", raising=False)
    return tmp_path


def shipped_values():
    return yaml.safe_load(shipped("config.yaml").read_text(encoding="utf-8"))


def test_the_shipped_file_holds_every_key_with_its_default():
    assert shipped_values() == Settings().model_dump()


def test_every_key_of_the_shipped_file_says_what_it_is():
    lines = shipped("config.yaml").read_text(encoding="utf-8").splitlines()
    before = ""
    for line in lines:
        if line.strip() and not line.lstrip().startswith("#"):
            section = line.rstrip().endswith(":")
            within = line.startswith(" ")
            assert (
                section or "#" in line or before.startswith("#") or (within and _stands_for_itself(line))
            ), line
        before = line.strip()


def _stands_for_itself(line: str) -> bool:
    """Sampling's keys are explained where they are defined, and known everywhere by these names."""
    return line.split(":")[0].strip() in ("top_p", "top_k", "min_p", "repeat_penalty", "seed")


def test_without_a_file_the_defaults_hold():
    assert load() == Settings()


def test_the_owners_file_wins_key_by_key(home):
    (home / "config.yaml").write_text("sampling:\n  temperature: 0.5\nrounds: 3\n", encoding="utf-8")
    settings = load()
    assert (settings.sampling.temperature, settings.sampling.top_k, settings.rounds) == (0.5, 40, 3)


def test_then_the_environment_then_the_command_line(home, monkeypatch):
    (home / "config.yaml").write_text("model: a\n", encoding="utf-8")
    assert load().model == "a"
    monkeypatch.setenv("YANRAY_MODEL", "b")
    assert load().model == "b"
    assert load(overrides={"model": "c"}).model == "c"


def test_a_named_file_replaces_the_owners(home, tmp_path):
    (home / "config.yaml").write_text("rounds: 3\n", encoding="utf-8")
    other = tmp_path / "other.yaml"
    other.write_text("context: 512\n", encoding="utf-8")
    settings = load(other)
    assert (settings.context, settings.rounds) == (512, Settings().rounds)


def test_an_empty_file_is_fine(home):
    (home / "config.yaml").write_text("# nothing yet\n", encoding="utf-8")
    assert load() == Settings()


@pytest.mark.parametrize(
    "text, said",
    [
        ("temprature: 1\n", "unknown key 'temprature'"),
        ("sampling:\n  heat: 1\n", "unknown key 'sampling.heat'"),
        ("rounds: many\n", "rounds: "),
        ("rounds: 0\n", "rounds: "),
        ("sampling:\n  top_p: 2\n", "sampling.top_p: "),
        ("sampling: warm\n", "sampling: "),
        ("language: fr\n", "language: "),
        ("toolbox:\n  enabled: some\n", "toolbox.enabled"),
        ("a: [1\nb: 2\n", "line 2: not YAML"),
        ("- a\n- b\n", "holds a list; write `key: value` lines"),
        ("just words\n", "holds a str; write `key: value` lines"),
        ("a: \x00\n", "not YAML"),
    ],
)
def test_a_wrong_file_is_named_with_the_place(home, text, said):
    path = home / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load()
    assert str(path) in str(caught.value) and said in str(caught.value)


def test_a_file_that_is_no_text(home):
    (home / "config.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"config.yaml: cannot be read"):
        load()


def test_a_named_file_that_is_missing(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "no.yaml")


def test_a_wrong_override_is_the_command_lines(home):
    with pytest.raises(ConfigError, match=r"command line: unknown key 'sampling.heat'"):
        load(overrides={"sampling": {"heat": "1"}})


@pytest.mark.parametrize(
    "key, value, remedy",
    [
        ("temperature", "99", "write a number from 0 to 2"),
        ("temperature", "nan", "write a number from 0 to 2"),
        ("temperature", "hot", "write a number from 0 to 2"),
        ("top_p", "0", "write a number above 0, at most 1"),
        ("top_k", "-1", "write a whole number from 0 to 1000000"),
        ("min_p", "1.5", "write a number from 0 to 1"),
        ("repeat_penalty", "100", "write a number from 0.5 to 2"),
        ("seed", "-5", "write a whole number from 0 to 4294967295"),
        ("max_tokens", "9999999999", "write a whole number from 1 to 1000000"),
        ("call_bias", "1e9", "write auto, or a number from -100 to 100"),
        ("call_bias", "much", "write auto, or a number from -100 to 100"),
    ],
)
def test_sampling_out_of_range_is_told_what_to_write(key, value, remedy):
    with pytest.raises(ConfigError) as caught:
        load(overrides={"sampling": {key: value}})
    assert str(caught.value) == f"command line: sampling.{key}: {remedy} (got {value!r})"
    assert HAN.search(chinese(remedy))


@pytest.mark.parametrize("key", SamplingSettings.model_fields)
def test_what_is_told_to_write_is_accepted_and_no_more(key):
    """The two ends that the sentence names are the bounds."""
    sentence = SamplingSettings.model_fields[key].description
    least, most = (float(number) for number in re.findall(r"-?[\d.]+", sentence))
    step = 1 if "whole" in sentence else 0.01
    for value, fine in (
        (least - step, False),
        (least, "above" not in sentence),
        (most, True),
        (most + step, False),
    ):
        try:
            SamplingSettings.model_validate({key: value})
        except ValidationError:
            assert not fine, value
        else:
            assert fine, value


@pytest.mark.parametrize(
    "language, variables, spoken",
    [
        ("zh", {"LANG": "en_GB.UTF-8"}, "zh"),
        ("en", {"LANG": "zh_CN.UTF-8"}, "en"),
        ("auto", {"LANG": "zh_CN.UTF-8"}, "zh"),
        ("auto", {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ("auto", {"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_language_in_force(monkeypatch, language, variables, spoken):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Settings(language=language).spoken == spoken
