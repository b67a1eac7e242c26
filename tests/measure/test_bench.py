"""`yanray bench` on tiny models: what is counted is exact, what is timed is there; no second is compared."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from yanray.cli import main
from yanray.cores.base import Sampling
from yanray.cores.gguf import GgufCore
from yanray.errors import ModelError, UsageError
from yanray.measure.bench_core import filler
from yanray.measure.bench_figures import whole
from yanray.measure.bench_plot import plot
from yanray.measure.bench_table import BAR, bar, table
from yanray.measure.random_blocks import KINDS
from yanray.measure.random_weights import write_random
from yanray.measure.random_words import COMMAND, make_words
from yanray.measure.shapes import STACKS, bytes_per_token, file_bytes, parse, stacks
from yanray.messages import Message
from yanray.models.headers import read_header
from yanray.models.shape import Shape

LLAMA = Shape("llama", 2, 256, 512, 4, 2, 64, 64, 1200, 1024)
GLM = Shape("chatglm", 2, 256, 320, 4, 2, 64, 64, 1200, 1024, fused=True)  # rows that Q4_K cannot hold
NAMED = ("loop_over_bare", "first_token_saved_over_cold", "bandwidth_share")
RATES = ("prompt_tokens_per_second", "decode_tokens_per_second")
PREFIX = 120  # tokens


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_random(tmp_path_factory.mktemp("shapes") / "tiny.gguf", "tiny", LLAMA, "q8_0")


@pytest.fixture(scope="module")
def found(model, tmp_path_factory):
    """The figures as the command prints them, and the drawing that it writes."""
    folder = tmp_path_factory.mktemp("bench")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YANRAY_HOME", str(folder))
        with (folder / "out.json").open("w") as out:
            patch.setattr("sys.stdout", out)
            words = ("--runs", "2", "--prefix", str(PREFIX), "--tokens", "12", "--json", "--plot")
            assert main(["bench", "-m", str(model), *words, str(folder / "out.svg")]) == 0
    return json.loads((folder / "out.json").read_text()), (folder / "out.svg").read_text()


def test_the_figures_that_others_read_are_there(found):
    figures, _ = found
    assert figures["extra_tokens_per_tool_round"] == 0
    for key in (*NAMED, *RATES):
        low, high = figures["spread"][key]
        assert 0 < low <= figures[key] <= high < math.inf, key
    assert figures["runs"] == 2 and figures["machine"]


def test_what_the_bench_counts_is_exact(found, model):
    figures, _ = found
    assert figures["file_bytes"] == model.stat().st_size
    # the second start found the whole system prompt and its marker on disk
    assert PREFIX - 20 < figures["reused_tokens"] <= PREFIX + 3
    assert figures["cache_bytes"] == figures["context"] * LLAMA.cache_values * 2
    weights = figures["bytes_per_token"] - int(LLAMA.cache_values * 2 * (PREFIX + 6))
    assert weights == bytes_per_token(LLAMA, "q8_0")


def test_the_drawing_and_the_table_have_every_figure(found):
    figures, drawing = found
    texts = [node.text for node in ElementTree.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text")]
    assert plot(figures) == drawing
    lines = table(figures).splitlines()
    for what in ("reading a prompt", "generating", "start to first text, prefix saved", "loading the model"):
        assert any(line.startswith(what) for line in lines)
        assert what in texts
    assert "0 too many" in table(figures)


def test_a_bar_is_as_long_as_its_share():
    assert bar(0) == " " * BAR and bar(1) == "█" * BAR == bar(7)
    assert bar(0.5).rstrip() == "█" * (BAR // 2)
    assert len(bar(1 / 3 + 0.01)) == BAR


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [LLAMA, GLM], ids=["llama", "chatglm"])
def test_random_weights_say_what_is_laid_down(tmp_path, shape, kind):
    path = write_random(tmp_path / "made.gguf", "made", shape, kind)
    header = read_header(path)
    assert header.weights_bytes == file_bytes(shape, kind)
    core = GgufCore(path, context=512, threads=1)
    user, asked = Message("user", "hello"), Message("user", "and 21?")
    first = say(core, [user])
    assert first == make_words(shape.vocabulary).spoken[: len(first)] and len(first) == 60
    called = say(core, [user, Message("assistant", first), asked])
    assert called == COMMAND
    history = [user, Message("assistant", first), asked, Message("assistant", called), Message("tool", "42")]
    assert say(core, history) == first
    core.close()


def say(core: GgufCore, messages: list[Message]) -> str:
    stream = core.stream(messages, Sampling(max_tokens=20))
    return "".join(piece for piece in stream if isinstance(piece, str))


def test_a_made_up_model_is_written_whole_or_not_at_all(tmp_path):
    with pytest.raises(KeyError):
        write_random(tmp_path / "made.gguf", "made", LLAMA, "q3_z")
    assert not list(tmp_path.iterdir())


def test_what_does_not_fit_is_worked_out_from_two_stacks(tmp_path):
    huge = Shape("llama", 5000, 2048, 8192, 32, 8, 64, 64, 1200, 1024)  # a third of a terabyte
    assert stacks(huge, "q8_0", tmp_path / "not" / "there") == STACKS
    assert stacks(LLAMA, "q8_0", tmp_path) == (LLAMA.layers,)
    wide = Shape("llama", 50, 1 << 17, 1 << 22, 64, 8, 128, 128, 1 << 20, 1024)
    with pytest.raises(ModelError, match="free some"):
        stacks(wide, "q8_0", tmp_path)


def test_layers_cost_alike():
    def run(count: int) -> dict[str, float]:
        return {"step": 3 + 0.5 * count, "read": 1 + 0.25 * count, "import": 0.1, "extra_tokens": 0}

    assert whole(run(2), run(6), (80 - 2) / (6 - 2)) == pytest.approx(run(80))


def test_shapes_by_name():
    name, shape, kind = parse("llama-1b:q4_k")
    assert (name, kind, shape.layers) == ("llama-1b", "q4_k", 16)
    assert parse("nano")[2] == "q8_0"
    with pytest.raises(UsageError, match="llama-1b"):
        parse("llama-2t:q8_0")
    with pytest.raises(UsageError, match="q4_k"):
        parse("nano:q3_z")
    assert 1.2e9 < file_bytes(*parse("llama-1b:q8_0")[1:]) < 1.7e9
    assert 6.4e9 < file_bytes(*parse("chatglm3-6b:q8_0")[1:]) < 6.8e9


@pytest.mark.parametrize("words", [("--runs", "0"), ("--tokens", "-1"), ("--shape", "what")])
def test_a_wrong_option_is_one_line(words, capsys):
    assert main(["bench", *words]) == 2
    assert words[0] in capsys.readouterr().err


def test_filler_never_exceeds_and_never_repeats():
    count = str.__len__
    texts = [filler(count, 500, number) for number in range(3)]
    assert all(400 < len(text) <= 500 for text in texts)
    assert len({text[:12] for text in texts}) == 3


def test_a_folder_is_no_model_to_measure(tmp_path: Path, capsys):
    assert main(["bench", "-m", str(tmp_path)]) == 1
    assert str(tmp_path) in capsys.readouterr().err
