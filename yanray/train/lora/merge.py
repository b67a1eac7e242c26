"""`yanray train merge`: an adapter put into its base's weights for good, of 16 or 32 bits."""

from __future__ import annotations

import argparse
import shutil
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from yanray.errors import DataError, ModelError
from yanray.options import add_config
from yanray.train.lora.command import base_path, check_packages

if TYPE_CHECKING:
    from yanray.models.adapters import Adapter

KEPT = (".json", ".jinja", ".model", ".txt")
MADE_ANEW = ("config.json", "generation_config.json", "model.safetensors.index.json")


def add_options(p: argparse.ArgumentParser) -> None:
    """The options of the command."""
    p.add_argument("--base", metavar="MODEL", default="nano", help="what the adapter was trained on")
    # `adapter` would be taken for a setting: the adapters that a chat puts on.
    p.add_argument("--adapter", dest="merged", metavar="NAME", required=True, help="one of yanray adapters")
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
    merge(folder, find(options.merged), options.out)
    sys.stdout.write(f"{options.out}: run it by -m {options.out}\n")
    return 0


def merge(base: Path, adapter: Adapter, out: Path) -> None:
    """Write BASE with ADAPTER in its weights to OUT, whole or not at all.

    Raises DataError, and ModelError, also for an adapter of another base.
    """
    from peft import PeftModel
    from safetensors import SafetensorError

    from yanray.agent.session import as_lora
    from yanray.chatglm.layout import read_layout
    from yanray.cores.hf_card import Card
    from yanray.cores.hf_files import read_config
    from yanray.cores.hf_load import STORED, load_weights
    from yanray.cores.lora import check_norm
    from yanray.train.lora.base import last_norm

    aside = out.with_name(f"{out.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    layout = read_layout(base, read_config(base))
    model = load_weights(base, layout, STORED, Card())  # on the CPU, in the numbers that they are stored in
    check_norm(as_lora(adapter), last_norm(model), base.name)
    try:
        with warnings.catch_warnings():  # peft asks by a name that newer transformers call old
            warnings.simplefilter("ignore", FutureWarning)
            PeftModel.from_pretrained(model, adapter.folder).merge_and_unload().save_pretrained(aside)
        for path in base.iterdir():
            if path.suffix in KEPT and path.name not in MADE_ANEW:
                shutil.copyfile(path, aside / path.name)
        aside.rename(out)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        why = str(error).strip().splitlines() or [type(error).__name__]
        raise DataError(f"{out}: {adapter.name} cannot be merged into {base}: {why[0]}") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
