"""The parts of gpu.py: each measures one thing and enters it into its report."""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpu_kernels import kernels, replaced
from gpu_models import CONTEXT, card_in_use, peak, plain_model, weighed

if TYPE_CHECKING:
    from gpu import Report

QUESTION = "The same question, again and again. " * 2


def machine(report: Report, asked: argparse.Namespace) -> None:
    """The card, its bandwidth, and the model that the other parts load."""
    import torch

    names = ("torch", "transformers", "bitsandbytes", "peft", "accelerate", "llama-cpp-python")
    report.add(versions={name: version(name) for name in names}, python=sys.version.split()[0])
    if torch.cuda.is_available():
        card = torch.cuda.get_device_properties(0)
        report.add(card=card.name, memory=card.total_memory, driver=driver(), cuda=torch.version.cuda)
        with report.trying("bandwidth"):
            report.add(bandwidth_bytes_per_s=bandwidth())
    with report.trying("made"):
        folder = plain_model(asked.work, asked.tiny)
        report.add(file_bytes=sum(path.stat().st_size for path in folder.glob("*.safetensors")))


def version(name: str) -> str:
    """The installed version of the package NAME."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


def driver() -> str:
    """The driver's version, "" where nvidia-smi does not say."""
    query = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        return subprocess.run(query, capture_output=True, text=True, timeout=20).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def bandwidth() -> float:
    """Bytes read and written in a second by copies of 4 GiB inside the card, the median of nine."""
    import torch

    source = torch.randint(0, 255, (4 << 30,), dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    times = []
    for _ in range(11):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        target.copy_(source)
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end) / 1000)
    return 2 * source.numel() / sorted(times[2:])[4]


def decoding(report: Report, asked: argparse.Namespace, kind: str) -> None:
    """Yanray's loop against `generate`, at a short and a full context; quantized weights saved and loaded."""
    import torch

    from yanray.cores.hf import HfCore

    source = plain_model(asked.work, asked.tiny)
    peak(reset=True)
    begun = time.perf_counter()
    in_place = None if torch.cuda.is_available() else True  # rehearsed without the graphs
    core = HfCore(source, load=kind, context=CONTEXT, drafts=False, in_place=in_place)
    report.add(
        load_s=round(time.perf_counter() - begun, 2), load_peak=peak(reset=True), weights=weighed(core)
    )
    report.add(load=core._model.load, dtype=str(core._model.model.dtype))
    if kind == "int8" and torch.cuda.is_available():
        from yanray.cores.hf_int8_trial import int8_fault

        with report.trying("int8_trial"):
            report.add(int8_fault=int8_fault("cuda:0", torch.float16))
    with report.trying("replaced"):
        report.add(replaced=replaced(core))
    with report.trying("ours"):
        report.add(ours=[spoken(core, QUESTION, asked.tokens) for _ in range(4)])
        report.add(notices=[notice.text for notice in core.take_notices()], ours_peak=peak())
    with report.trying("agree"):
        report.add(agree=agreement(core))
    with report.trying("full"):
        length = CONTEXT - asked.tokens - 64 if not asked.tiny else 600
        peak(reset=True)
        report.add(full=[spoken(core, "x" * length, asked.tokens) for _ in range(2)], full_peak=peak())
    with report.trying("kernels"):
        report.add(kernels=kernels(core))
    model = core._model.model
    with report.trying("generate"):
        as_it_was(core)
        tokens = asked.tokens // (2 if kind == "fp16" else 4)
        report.add(generate=[generated(model, tokens) for _ in range(3)], generate_peak=peak())
    if kind != "fp16":
        with report.trying("saved"):
            report.add(**saved_and_loaded(core, asked.work, kind))
    del model
    core.close()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def spoken(core: Any, question: str, tokens: int) -> dict[str, float]:
    """One round of TOKENS behind QUESTION. decode: tokens a second, without the first."""
    from yanray.cores.base import Sampling
    from yanray.messages import Message

    begun = time.perf_counter()
    for _ in core.stream([Message("user", question)], Sampling(max_tokens=tokens)):
        pass
    usage = core.finish.usage
    steps = max(1, usage.generated_tokens - 1)
    return {
        "prompt": usage.prompt_tokens,
        "evaluated": usage.evaluated_tokens,
        "generated": usage.generated_tokens,
        "decode": steps / max(usage.decode_seconds, 1e-9),
        "prefill": usage.evaluated_tokens / max(usage.prefill_seconds, 1e-9),
        "wall_s": time.perf_counter() - begun,
    }


def agreement(core: Any) -> dict[str, float]:
    """Logits of a recorded step against the same token evaluated at the end of a longer batch."""
    import numpy as np

    context = core._context
    ids = list(range(1, 65))
    context.trim(0)
    context.read(ids)
    whole = np.array(context.logits()[0])
    context.trim(len(ids) - 1)
    context.step(ids[-1])
    step = np.array(context.logits()[0])
    return {
        "largest_difference": float(np.abs(step - whole).max()),
        "relative": float(np.linalg.norm(step - whole) / np.linalg.norm(whole)),
        "same_best": bool(step.argmax() == whole.argmax()),
    }


def as_it_was(core: Any) -> None:
    """Undo what the core did to its model, so that `generate` runs as transformers has it."""
    from yanray.cores import hf_attention, hf_decoding, hf_int8

    model = core._model.model
    core._context.close()
    model.config._attn_implementation = "sdpa"
    for module in model.modules():
        forward = vars(module).get("forward")
        made_by = getattr(forward, "func", None)
        if made_by is hf_attention._norm or getattr(made_by, "__module__", "") == hf_decoding.__name__:
            del module.forward
        elif made_by is hf_int8._forward:
            module.forward = forward.args[1]


def generated(model: Any, tokens: int) -> dict[str, float]:
    """`model.generate` of TOKENS behind the same question. decode: tokens a second without the first."""
    import torch

    ids = torch.tensor([list(QUESTION.encode())], device=model.device)
    options = {"do_sample": False, "pad_token_id": 0, "attention_mask": torch.ones_like(ids)}
    times = {}
    for count in (1, tokens):
        wait()
        begun = time.perf_counter()
        model.generate(ids, max_new_tokens=count, min_new_tokens=count, **options)
        wait()
        times[count] = time.perf_counter() - begun
    return {"decode": (tokens - 1) / max(1e-9, times[tokens] - times[1]), "wall_s": times[tokens]}


def wait() -> None:
    """Until the card is done."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def saved_and_loaded(core: Any, work: Path, kind: str) -> dict[str, Any]:
    """Save the quantized weights, load them again: largest difference of logits, and the seconds."""
    import shutil

    import torch

    from yanray.cores.hf_model import HfModel

    model = core._model.model
    ids = torch.arange(1, 33, device=model.device)[None]
    with torch.inference_mode():
        before = model(ids).logits.float()
    folder = work / kind
    begun = time.perf_counter()
    model.save_pretrained(folder, max_shard_size="2GB")
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        if (work / "fp16" / name).is_file():
            shutil.copyfile(work / "fp16" / name, folder / name)
    saved = time.perf_counter() - begun
    del model
    core._model.close()
    begun = time.perf_counter()
    again = HfModel(folder)
    loaded = time.perf_counter() - begun
    with torch.inference_mode():
        after = again.model(ids).logits.float()
    difference = float((after - before).abs().max())
    again.close()
    return {"save_s": saved, "reload_s": loaded, "difference": difference}


def gguf(report: Report, asked: argparse.Namespace) -> None:
    """llama.cpp with every layer on the card, Q8_0."""
    if importlib.util.find_spec("llama_cpp") is None:
        report.add(absent="llama-cpp-python is not installed")
        return
    import llama_cpp

    from yanray.cores.gguf import GgufCore
    from yanray.cores.gguf_cards import gpu_cards
    from yanray.measure.random_weights import write_random
    from yanray.measure.shapes import SHAPES, bytes_per_token

    report.add(version=llama_cpp.__version__, cuda=bool(llama_cpp.llama_supports_gpu_offload()))
    if not llama_cpp.llama_supports_gpu_offload() and not asked.tiny:
        report.add(absent="llama.cpp was built without CUDA")
        return
    name = "nano" if asked.tiny else "chatglm3-6b"
    with report.trying("made"):
        path = write_random(asked.work / "q8_0.gguf", name, SHAPES[name], "q8_0")
        read = bytes_per_token(SHAPES[name], "q8_0")
        report.add(weights={"all": path.stat().st_size, "read": read})
    before = card_in_use()
    context = 1024 if asked.tiny else CONTEXT
    begun = time.perf_counter()
    core = GgufCore(path, context=context, drafts=False)
    report.add(load_s=round(time.perf_counter() - begun, 2))
    with report.trying("cards"):
        report.add(cards=[asdict(card) for card in gpu_cards()], offload=asdict(core.offload))
        report.add(plan=asdict(core.plan), whole=core.offload.whole)
    with report.trying("ours"):
        report.add(ours=[spoken(core, QUESTION, asked.tokens) for _ in range(4)])
    with report.trying("full"):
        length = context // 4 if asked.tiny else context - asked.tokens - 64
        report.add(full=[spoken(core, "X" * length, asked.tokens) for _ in range(2)])
    report.add(card_bytes=card_in_use() - before)
    core.close()
