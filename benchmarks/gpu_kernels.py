"""What a decoding step's kernels are, and which parts of the model run in ours: figures of gpu.py."""

from __future__ import annotations

from collections import Counter
from typing import Any

STEPS = 8  # profiled
STANDING = 64  # tokens before them
LARGEST = 12  # kernels that are named


def replaced(core: Any) -> dict[str, Any]:
    """How many modules run in each of our forwards; and how far our attention is from the first layer's own,
    or why it does not run."""
    from yanray.cores.hf_decoding import PROJECTIONS, attention_difference

    model = core._model.model
    forwards = [getattr(vars(module).get("forward"), "func", None) for module in model.modules()]
    found: dict[str, Any] = {"modules": Counter(each.__name__ for each in forwards if each is not None)}
    layers = (each for each in model.modules() if {name for name, _ in each.named_children()} >= PROJECTIONS)
    module = next(layers)
    ours = vars(module).pop("forward", None)
    for pairs in (False, True):
        try:
            found[f"difference_{'pairs' if pairs else 'halves'}"] = attention_difference(model, module, pairs)
        except Exception as error:  # noqa: BLE001 - the figure is why
            found["error"] = f"{type(error).__name__}: {error}"[:600]
    if ours is not None:
        module.forward = ours
    return found


def kernels(core: Any) -> dict[str, Any]:
    """Kernels and microseconds of a step of one token behind STANDING, and the largest with their counts.

    On a CPU: PyTorch's operators.
    """
    import torch
    from torch.profiler import ProfilerActivity, profile

    on_gpu = torch.cuda.is_available()
    context = core._context
    context.trim(STANDING)
    for token in range(2):  # recorded, if it was not
        context.step(token)
    with profile(activities=[ProfilerActivity.CUDA if on_gpu else ProfilerActivity.CPU]) as seen:
        for token in range(STEPS):
            context.step(token)
        if on_gpu:
            torch.cuda.synchronize()
    times: dict[str, list[float]] = {}
    for event in seen.key_averages():
        if on_gpu and event.device_type == torch.autograd.DeviceType.CPU:
            continue
        time = event.self_device_time_total if on_gpu else event.self_cpu_time_total
        group = times.setdefault(event.key[:80], [0, 0.0])
        group[0] += event.count / STEPS
        group[1] += time / STEPS
    largest = sorted(times.items(), key=lambda each: -each[1][1])[:LARGEST]
    return {
        "per_step": sum(count for count, _ in times.values()),
        "us_per_step": round(sum(time for _, time in times.values()), 1),
        "largest": [[name, count, round(time, 1)] for name, (count, time) in largest],
    }
