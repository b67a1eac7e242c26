"""The trained model as files: GGUF for llama.cpp; safetensors, config.json and tokenizer.json for
transformers.

`python -m yanray.train.export WEIGHTS --type q8_0 --gguf OUT.gguf --transformers FOLDER`; WEIGHTS is
nano.safetensors or checkpoint.pt as the training writes them, with tokenizer.json beside it. The GGUF
package is needed here only.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from yanray.cores.gguf import CALL_BIAS as IN_GGUF
from yanray.cores.hf import CALL_BIAS as IN_CONFIG
from yanray.errors import YanrayError
from yanray.train.model import EPSILON, THETA, Shape, Tensor
from yanray.train.render import TEMPLATE
from yanray.train.tokenizer import END, MARKERS, PAD, SPECIALS, tokens_and_merges
from yanray.train.weights import gguf_names, interleave, load_weights, save_weights

TYPES = ("q8_0", "f16", "f32")
NAME = "Yanray nano"
# How readily the model calls: see `cores.base.Sampling`, and docs/nano.md for how the number was found.
CALL_BIAS = 2.5
FACTS = {
    "general.description": "The embedded model of Yanray: hears a request, picks a tool, reads its result.",
    "general.author": "The Yanray authors",
    "general.license": "cc-by-sa-4.0",
    "general.basename": "yanray-nano",
}


def write_gguf(
    path: Path,
    weights: dict[str, Tensor],
    shape: Shape,
    tokenizer: Path,
    kind: str,
    call_bias: float = CALL_BIAS,
) -> None:
    """WEIGHTS as a GGUF of type KIND (one of `TYPES`); norms stay in float32. call_bias: as in `Sampling`."""
    import gguf

    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(str(path), "llama")
    _add_header(writer, shape, kind)
    writer.add_float32(IN_GGUF, call_bias)
    _add_tokenizer(writer, tokenizer)
    wanted = getattr(gguf.GGMLQuantizationType, kind.upper())
    for ours, theirs in gguf_names(shape).items():
        stored = weights[ours].float()
        if ours.endswith("q_proj.weight"):
            stored = interleave(stored, shape.heads)
        elif ours.endswith("k_proj.weight"):
            stored = interleave(stored, shape.shared)
        array = stored.contiguous().numpy()
        if array.ndim == 1:
            writer.add_tensor(theirs, array)
        else:
            writer.add_tensor(theirs, gguf.quants.quantize(array, wanted), raw_dtype=wanted)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_header(writer: Any, shape: Shape, kind: str) -> None:
    import gguf

    writer.add_name(NAME)
    for key, value in FACTS.items():
        writer.add_string(key, value)
    writer.add_languages(["en", "zh"])
    writer.add_file_type(
        {"q8_0": gguf.LlamaFileType.MOSTLY_Q8_0, "f16": gguf.LlamaFileType.MOSTLY_F16}.get(
            kind, gguf.LlamaFileType.ALL_F32
        )
    )
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.shared)
    writer.add_rope_dimension_count(shape.head)
    writer.add_rope_freq_base(THETA)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_vocab_size(shape.vocabulary)


def _add_tokenizer(writer: Any, tokenizer: Path) -> None:
    import gguf

    tokens, merges = tokens_and_merges(tokenizer)
    normal, control = int(gguf.TokenType.NORMAL), int(gguf.TokenType.CONTROL)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([control if token in SPECIALS else normal for token in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index(END))  # llama.cpp wants one; it is never put in front
    writer.add_eos_token_id(tokens.index(END))
    writer.add_eot_token_id(tokens.index(MARKERS["user"]))
    writer.add_eom_token_id(tokens.index(MARKERS["tool"]))
    writer.add_pad_token_id(tokens.index(PAD))
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE.read_text(encoding="utf-8"))


def write_transformers(
    folder: Path,
    weights: dict[str, Tensor],
    shape: Shape,
    tokenizer: Path,
    call_bias: float = CALL_BIAS,
) -> None:
    """The same weights (float32) as `LlamaForCausalLM` and `AutoTokenizer` read them."""
    save_weights(folder / "model.safetensors", weights, shape, torch.float32)
    ids = {token: i for i, token in enumerate(tokens_and_merges(tokenizer)[0])}
    stops = [ids[END], ids[MARKERS["user"]], ids[MARKERS["tool"]]]
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.width,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.shared,
        "head_dim": shape.head,
        "intermediate_size": shape.inner,
        "max_position_embeddings": shape.context,
        "rms_norm_eps": EPSILON,
        "rope_theta": THETA,
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": True,
        "bos_token_id": ids[END],
        "eos_token_id": stops,
        "pad_token_id": ids[PAD],
        "dtype": "float32",
        IN_CONFIG: call_bias,
    }
    words = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": END,
        "pad_token": PAD,
        "additional_special_tokens": list(MARKERS.values()),
        "model_max_length": shape.context,
        "clean_up_tokenization_spaces": False,
    }
    _write_json(folder / "config.json", config)
    _write_json(folder / "generation_config.json", {"eos_token_id": stops, "pad_token_id": ids[PAD]})
    _write_json(folder / "tokenizer_config.json", words)
    (folder / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    (folder / "chat_template.jinja").write_bytes(TEMPLATE.read_bytes())


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m yanray.train.export", description=__doc__)
    parser.add_argument(
        "weights", type=Path, help="nano.safetensors or checkpoint.pt; tokenizer.json beside it"
    )
    parser.add_argument("--gguf", type=Path, help="write this GGUF file")
    parser.add_argument("--type", choices=TYPES, default="q8_0", help="type of the GGUF's matrices")
    parser.add_argument("--transformers", type=Path, metavar="FOLDER", help="write a folder for transformers")
    args = parser.parse_args(argv)
    try:
        return write(args)
    except YanrayError as problem:
        sys.stderr.write(f"export: {problem}\n")
        return problem.exit_code


def write(args: argparse.Namespace) -> int:
    """Write what ARGS name; returns the exit code."""
    weights, shape = load_weights(args.weights)
    tokenizer = args.weights.parent / "tokenizer.json"
    if args.gguf:
        write_gguf(args.gguf, weights, shape, tokenizer, args.type)
        sys.stdout.write(f"{args.gguf}: {args.gguf.stat().st_size / 2**20:.1f} MiB\n")
    if args.transformers:
        write_transformers(args.transformers, weights, shape, tokenizer)
        sys.stdout.write(f"{args.transformers}: for transformers\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
