"""What can be trained: the numbers that are taken, and what is offered where nothing fits."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tiny_models import write_tiny

from yanray.cli import main
from yanray.models.catalogue import catalogue
from yanray.models.fit_training import choose_training, training_rows
from yanray.models.machine import named_machine
from yanray.models.training import LONGEST

CHATGLM = catalogue()["chatglm3-6b-32k"].header


@pytest.mark.parametrize(
    "machine, method, taken",
    [
        ("rtx3090", "lora", "f16"),  # int8 answers slower and is smaller; it is not better to train
        ("rtx3060", "lora", "int8"),
        ("rtx3060", "qlora", "nf4"),
        ("p102-100", "lora", None),  # has no int8
        ("orin-64gb", "lora", "f16"),
    ],
)
def test_what_is_trained_is_the_best_numbers_that_fit(machine, method, taken):
    here = named_machine(machine)
    chosen = choose_training(training_rows(CHATGLM, here, method), here)
    assert (chosen and chosen.quantization) == taken


def test_int8_is_trained_where_16_bits_do_not_fit():
    header, card = catalogue()["qwen3-4b"].header, named_machine("rtx3060")
    rows = {row.quantization: row for row in training_rows(header, card, "lora")}
    smaller = replace(card, vram=rows["bf16"].training_bytes - 1)
    assert choose_training(rows.values(), card).quantization == "bf16"
    assert choose_training(training_rows(header, smaller, "lora"), smaller).quantization == "int8"


def test_training_takes_the_length_of_its_sequences_and_not_two_contexts():
    card = named_machine("rtx3090")
    both = [training_rows(CHATGLM, card, "lora", context=size) for size in (0, 4096)]
    assert all([row.quantization for row in rows] == ["f32", "f16", "int8"] for rows in both)
    usual, long = (rows[1] for rows in both)
    assert usual.context == LONGEST and long.context == 4096
    assert usual.training_bytes < long.training_bytes


FITS = {  # model, machine, method -> what is offered where it does not fit
    ("chatglm3-6b-32k", "p102-100", "lora"): ["--train qlora (nf4,", "llama-3.2-3b (f16,", "--machine "],
    ("glm-4-9b", "p102-100", "qlora"): ["--context 512 (nf4,", "llama-3.1-8b (nf4,", "--machine "],
    ("llama-3.1-8b", "pi5-8gb", "qlora"): ["qwen3-4b (nf4,", "--machine "],
}


@pytest.mark.parametrize(("model", "machine", "method"), FITS)
def test_what_cannot_be_trained_is_told_what_fits(capsys, model, machine, method):
    assert main(["fit", model, "--machine", machine, "--train", method]) == 1
    said = capsys.readouterr().out.splitlines()[-1]
    assert "Nothing of this can be trained in" in said and f"--train {method}" not in said
    assert all(offer in said for offer in FITS[model, machine, method]), said


@pytest.mark.parametrize(("model", "machine", "method"), FITS)
def test_what_is_offered_does_fit(capsys, model, machine, method):
    main(["fit", model, "--machine", machine, "--train", method])
    offers = capsys.readouterr().out.splitlines()[-1].partition("What fits: ")[2]
    for offer in re.split(r"\), ", offers):
        words = offer.split(" (")[0].split()
        named = [model, *words] if words[0].startswith("--") else words
        defaults = ["--machine", machine, "--train", method]  # of two, argparse takes the later
        assert main(["fit", named[0], *defaults, *named[1:]]) == 0, named


def test_a_gguf_file_is_not_trained_and_that_is_told(capsys, tmp_path):
    path = write_tiny(tmp_path / "tiny.gguf")
    assert main(["fit", str(path), "--machine", "rtx3090", "--train", "lora"]) == 1
    assert "a GGUF file is not trained; name the folder" in capsys.readouterr().out
