"""What one NVIDIA GPU gives in the shape of ChatGLM3-6B, random weights: speed, memory, loading, training.

    python benchmarks/gpu.py --json gpu.json            # everything, in about five minutes on an H100
    python benchmarks/gpu.py --parts fp16,nf4 --tiny    # a rehearsal, on a CPU too

Each part runs in a process of its own and writes its figures to the file as soon as it has them; one that
fails leaves its error there. Needs torch, transformers, safetensors; bitsandbytes for int8 and nf4, peft for
lora, and for gguf a llama-cpp-python that was built with CUDA and the gguf package. Writes 30 GB in --work.
"""

from __future__ import annotations

import argparse
import gc
import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PARTS = ("machine", "fp16", "int8", "nf4", "gguf", "lora")
LIMIT = {"machine": 120, "fp16": 90, "int8": 130, "nf4": 110, "gguf": 100, "lora": 110}  # seconds
SHAPE = {"num_hidden_layers": 28, "hidden_size": 4096, "intermediate_size": 13696, "vocab_size": 65024,
         "num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 128}  # fmt: skip
TINY = {**SHAPE, "num_hidden_layers": 2, "hidden_size": 256, "intermediate_size": 512, "vocab_size": 1024,
        "num_attention_heads": 4, "head_dim": 64}  # fmt: skip
CONTEXT = 8192
QUESTION = "The same question, again and again. " * 2
TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"


def main() -> None:
    """Run the parts that are asked for, one process after another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--parts", default=",".join(PARTS), help=f"of {','.join(PARTS)}")
    parser.add_argument("--json", type=Path, default=Path("gpu.json"), help="where the figures go")
    parser.add_argument("--work", type=Path, help="folder for the made-up models; default: a new one in /tmp")
    parser.add_argument("--budget", type=float, default=300, help="seconds after which no part begins")
    parser.add_argument("--tokens", type=int, default=128, help="tokens of one decoding run")
    parser.add_argument("--tiny", action="store_true", help="a model of two thin layers")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        run_one(asked)
        return
    asked.work = asked.work or Path(tempfile.mkdtemp(prefix="gpu-"))
    asked.work.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    figures: dict[str, Any] = {"argv": sys.argv[1:], "parts": {}}
    for part in asked.parts.split(","):
        left = asked.budget - (time.monotonic() - started)
        begun = time.monotonic()
        figures["parts"][part] = found = (
            run_part(part, asked, left) if left > 5 else {"error": "no time left"}
        )
        found["wall_s"] = round(time.monotonic() - begun, 1)
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
        print(part, json.dumps(found), flush=True)


def run_part(part: str, asked: argparse.Namespace, left: float) -> dict[str, Any]:
    """The figures of PART, also those it had before it failed or ran out of time."""
    report = asked.work / f"{part}.json"
    command = [sys.executable, __file__, "--one", part, "--json", str(report), "--work", str(asked.work)]
    command += ["--tokens", str(asked.tokens), *(["--tiny"] if asked.tiny else [])]
    environment = {"CUDA_VISIBLE_DEVICES": "0", **os.environ}  # one card, also where there are more
    environment |= {"LD_LIBRARY_PATH": cuda_libraries(), "YANRAY_HOME": str(asked.work / "home")}
    try:
        done = subprocess.run(
            command, env=environment, timeout=min(left, LIMIT[part]), capture_output=True, text=True
        )
        failed = done.stderr[-1500:] if done.returncode else ""
    except subprocess.TimeoutExpired:
        failed = f"not done after {min(left, LIMIT[part]):.0f} s"
    figures = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {}
    return {**figures, "error": failed} if failed and "error" not in figures else figures


def cuda_libraries() -> str:
    """LD_LIBRARY_PATH with the CUDA libraries that came with torch, for a llama.cpp linked to them."""
    found = importlib.util.find_spec("nvidia")
    folders = [str(path) for root in (found.submodule_search_locations if found else ()) or ()
               for path in Path(root).glob("*/lib")]  # fmt: skip
    return ":".join([*folders, *filter(None, [os.environ.get("LD_LIBRARY_PATH")])])


class Report:
    """Figures of one part, on disk at every change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.figures: dict[str, Any] = {}

    def add(self, **figures: Any) -> None:
        """Enter FIGURES."""
        self.figures.update(figures)
        self._path.write_text(json.dumps(self.figures), encoding="utf-8")

    @contextmanager
    def trying(self, what: str) -> Iterator[None]:
        """An error inside is entered under WHAT, and the part goes on."""
        begun = time.perf_counter()
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, the other figures stand
            self.add(**{f"{what}_error": f"{type(error).__name__}: {error}"[:600]})
        self.add(**{f"{what}_s": round(time.perf_counter() - begun, 2)})


def run_one(asked: argparse.Namespace) -> None:
    """One part, in this process."""
    report = Report(asked.json)
    parts: dict[str, Callable[[], None]] = {
        "machine": lambda: machine(report, asked),
        "gguf": lambda: gguf(report, asked),
        "lora": lambda: lora(report, asked),
        **{kind: (lambda kind=kind: decoding(report, asked, kind)) for kind in ("fp16", "int8", "nf4")},
    }  # fmt: skip
    with report.trying("part"):
        parts[asked.one]()


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
        folder = make_model(asked.work / "fp16", TINY if asked.tiny else SHAPE)
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


def device() -> str:
    """Where models are."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def make_model(folder: Path, shape: dict[str, Any], family: str = "Glm") -> Path:
    """A checkpoint of random weights in fp16, with a tokenizer of single bytes."""
    import torch
    import transformers

    rope = {"rope_type": "default", "rope_theta": 1e4}
    if family == "Glm":
        rope["partial_rotary_factor"] = 0.5
    config = getattr(transformers, f"{family}Config")(
        **shape, attention_bias=family == "Glm", tie_word_embeddings=False, rms_norm_eps=1e-5,
        max_position_embeddings=CONTEXT, rope_parameters=rope, pad_token_id=0, bos_token_id=None,
        eos_token_id=256,
    )  # fmt: skip
    torch.manual_seed(1)
    torch.set_default_dtype(torch.float16)
    with torch.device(device()):
        model = getattr(transformers, f"{family}ForCausalLM")(config)
    torch.set_default_dtype(torch.float32)
    with torch.no_grad():
        for weights in model.parameters():
            if weights.ndim > 1:
                weights.normal_(0, 0.02)
    model.save_pretrained(folder, max_shard_size="2GB")
    write_tokenizer(folder)
    return folder


def write_tokenizer(folder: Path) -> None:
    """A tokenizer of 256 bytes and an end."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    from yanray.measure.random_words import byte_letters

    made = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(byte_letters())}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken("<|end|>", special=True)])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<|end|>")
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)


def decoding(report: Report, asked: argparse.Namespace, kind: str) -> None:
    """Yanray's loop against `generate`, at a short and a full context; quantized weights saved and loaded."""
    import torch

    from yanray.cores.hf import HfCore

    source = asked.work / "fp16"
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
    with report.trying("ours"):
        report.add(ours=[spoken(core, QUESTION, asked.tokens) for _ in range(4)])
        report.add(notices=[notice.text for notice in core.take_notices()], ours_peak=peak())
    with report.trying("agree"):
        report.add(agree=agreement(core))
    with report.trying("full"):
        length = CONTEXT - asked.tokens - 64 if not asked.tiny else 600
        peak(reset=True)
        report.add(full=[spoken(core, "x" * length, asked.tokens) for _ in range(2)], full_peak=peak())
    model = core._model.model
    with report.trying("generate"):
        as_it_was(core)
        report.add(generate=[generated(model, asked.tokens // 2) for _ in range(3)], generate_peak=peak())
    if kind != "fp16":
        with report.trying("saved"):
            report.add(**saved_and_loaded(core, asked.work, kind))
    del model
    core.close()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def peak(*, reset: bool = False) -> dict[str, int]:
    """Most bytes that torch's tensors took, and that it had taken from the card, since the last reset."""
    import torch

    if not torch.cuda.is_available():
        return {}
    free, total = torch.cuda.mem_get_info()
    found = {
        "tensors": torch.cuda.max_memory_allocated(),
        "reserved": torch.cuda.max_memory_reserved(),
        "card_in_use": total - free,
    }
    if reset:
        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    return found


def weighed(core: Any) -> dict[str, int]:
    """Bytes of all weights, and of those that each token reads: without the table of tokens."""
    model = core._model.model
    parts = {tensor.data_ptr(): tensor.nbytes for tensor in (*model.parameters(), *model.buffers())}
    for module in model.modules():  # bitsandbytes keeps scales beside its parameters
        state = getattr(getattr(module, "weight", None), "quant_state", None)
        scales = [getattr(state, "absmax", None), getattr(getattr(module, "weight", None), "SCB", None)]
        parts.update({each.data_ptr(): each.nbytes for each in scales if each is not None})
    table = model.get_input_embeddings().weight
    return {"all": sum(parts.values()), "read": sum(parts.values()) - table.nbytes}


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
    from yanray.cores import hf_attention, hf_int8

    model = core._model.model
    core._context.close()
    model.config._attn_implementation = "sdpa"
    for module in model.modules():
        forward = vars(module).get("forward")
        made_by = getattr(forward, "func", None)
        if made_by is hf_attention._norm:
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
    gc.collect()
    peak(reset=True)
    begun = time.perf_counter()
    again = HfModel(folder)
    loaded = time.perf_counter() - begun
    load_peak = peak()
    with torch.inference_mode():
        after = again.model(ids).logits.float()
    difference = float((after - before).abs().max())
    again.close()
    return {"save_s": saved, "reload_s": loaded, "reload_peak": load_peak, "difference": difference}


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


def card_in_use() -> int:
    """Bytes in use on the card by all programs; 0 without one."""
    query = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(query, capture_output=True, text=True, timeout=20).stdout.split()
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return int(said[0]) << 20 if said and said[0].isdigit() else 0


def lora(report: Report, asked: argparse.Namespace) -> None:
    """Training an adapter of rank 8 on 1,024 tokens in 10 GB: on NF4, on INT8, in Llama's shape."""
    import torch

    if importlib.util.find_spec("yanray.train.lora.trainer") is None:
        report.add(absent="the trainer is not there")
        return
    if torch.cuda.is_available():
        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(10e9 / total)
        report.add(limit=10_000_000_000)
    for kind in ("nf4", "int8"):
        with report.trying(kind):
            report.add(**{kind: trained(asked.work, kind, asked)})
    with report.trying("llama"):
        shape = {**(TINY if asked.tiny else SHAPE), "num_hidden_layers": 4, "num_key_value_heads": 4}
        make_model(asked.work / "llama", shape, "Llama")
        gc.collect()
        peak(reset=True)
        report.add(llama_4_layers=trained(asked.work, "llama", asked, load="nf4"))


def trained(work: Path, name: str, asked: argparse.Namespace, load: Any = "auto") -> dict[str, Any]:
    """A few steps of training on the folder NAME in WORK; from the 16-bit folder when it is not there."""
    import torch

    from yanray.cores.hf_model import HfModel
    from yanray.train.lora.attach import attach
    from yanray.train.lora.packing import Example, batch
    from yanray.train.lora.recipe import Recipe
    from yanray.train.lora.trainer import Trainer

    folder = work / name
    opened = HfModel(folder) if folder.is_dir() and load == "auto" else HfModel(
        folder if folder.is_dir() else work / "fp16", name if load == "auto" else load)  # type: ignore[arg-type]  # fmt: skip
    loaded = peak(reset=True)
    tokens, steps = (64, 2) if asked.tiny else (1024, 8)
    recipe = Recipe(rank=8, alpha=16, tokens=tokens, accumulate=1, epochs=1, optimizer="adamw")
    model = attach(opened.model, recipe)
    ids = tuple(range(1, tokens + 1)) if asked.tiny else tuple(torch.randint(300, 65000, (tokens,)).tolist())
    examples = [Example(ids, (True,) * len(ids))]
    trainer = Trainer(model, lambda step: [batch(examples, (0,))], steps=steps, recipe=recipe)
    done = list(trainer.run())
    seconds = sorted(step.seconds for step in done[1:])
    found = {
        "load_peak": loaded,
        "peak": peak(),
        "losses": [round(step.loss, 4) for step in done],
        "tokens_per_s": tokens / seconds[len(seconds) // 2],
        "parameters": sum(weight.numel() for weight in trainer.weights),
        "planned": planned(folder, name, tokens),
    }
    del trainer, model
    opened.close()
    gc.collect()
    peak(reset=True)
    return found


def planned(folder: Path, name: str, tokens: int) -> int | None:
    """Bytes that `yanray fit` reckons for this training; None where it cannot say."""
    from yanray.models.headers import read_header
    from yanray.models.training import training_bytes

    source = folder if name == "llama" else folder.parent / "fp16"
    int8 = name == "int8"
    return training_bytes(
        read_header(source), "int8" if int8 else "nf4", "lora" if int8 else "qlora", tokens=tokens, rank=8
    )


if __name__ == "__main__":
    main()
