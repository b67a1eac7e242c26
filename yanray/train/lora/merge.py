"""`yanray train merge`: an adapter put into its base's weights for good, of 16 or 32 bits."""

from __future__ import annotations

import argparse
import shutil
import sys
import warnings
from pathlib import Path

from yanray.errors import DataError, ModelError
from yanray.options import add_config
from yanray.train.lora.command import base_path, check_packages

KEPT = (".json", ".jinja", ".model", ".txt")
MADE_ANEW = ("config.json", "generation_config.json", "model.safetensors.index.json")


def add_options(p: argparse.ArgumentParser) -> None:
    """The options of the command."""
    p.add_argument("--base", metavar="MODEL", default="nano", help="what the adapter was trained on")
    p.add_argument("--adapter", metavar="NAME", required=True, help="one of yanray adapters")
    p.add_argument("--out", metavar="FOLDER", type=Path, required=True, help="a new folder")
    add_config(p)


def run(options: argparse.Namespace) -> int:
    """Merge. Raises DataError and ModelError."""
    check_packages()
    from yanray.cores.hf_files import read_config
    from yanray.cores.hf_load import stored_method
    from yanray.models.adapters import find
    from yanray.options import read_settings
    from yanray.train.lora.base import exported

    path = base_path(options.base, read_settings(options))
    folder = exported(path) if path.is_file() else path
    if stored_method(read_config(folder)):
        raise ModelError(
            f"{folder}: is quantized; merging would round its weights again and lose what was learnt. "
            "Give the 16-bit folder that it was made of, and quantize the result"
        )
    if options.out.exists():
        raise DataError(f"{options.out}: is there already; name a new folder, or remove it")
    merge(folder, find(options.adapter).folder, options.out)
    sys.stdout.write(f"{options.out}: run it by -m {options.out}\n")
    return 0


def merge(base: Path, adapter: Path, out: Path) -> None:
    """Write BASE with ADAPTER in its weights to OUT, whole or not at all."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    aside = out.with_name(f"{out.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    with warnings.catch_warnings():  # peft asks by a name that newer transformers call old
        warnings.simplefilter("ignore", FutureWarning)
        model = AutoModelForCausalLM.from_pretrained(
            base, dtype="auto", local_files_only=True, trust_remote_code=False, use_safetensors=True
        )
        PeftModel.from_pretrained(model, adapter).merge_and_unload().save_pretrained(aside)
    for path in base.iterdir():
        if path.suffix in KEPT and path.name not in MADE_ANEW:
            shutil.copyfile(path, aside / path.name)
    aside.rename(out)
