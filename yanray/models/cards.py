"""What a GPU's compute capability allows: which formats run, which builds of torch and llama.cpp carry it.

Sources: bitsandbytes docs/source/installation.mdx (0.50), PyTorch's RELEASE.md matrix (cu126 is the last
line with Pascal; 2.15 has none), llama-cpp-python's build-wheels-cuda.yaml, Nvidia's table of compute
capabilities.
"""

from __future__ import annotations

from yanray.models.machine import Machine


def unsupported(machine: Machine) -> dict[str, str]:
    """Format -> why it does not run on MACHINE's GPU."""
    compute = machine.compute
    if compute is None or not machine.vram:
        return {}
    found = {}
    if compute < (7, 5):
        found["int8"] = "LLM.int8() needs compute capability 7.5; use nf4, or q8_0 with llama.cpp"
    if compute < (6, 0):
        found["nf4"] = "bitsandbytes needs compute capability 6.0; use q4_k_m with llama.cpp"
    if compute < (8, 0):
        found["bf16"] = "bfloat16 needs compute capability 8.0; use f16, or f32 for computing"
    return found


def advice(machine: Machine) -> list[str]:
    """What the owner of MACHINE should know, a sentence each."""
    compute = machine.compute
    if compute is None:
        return []
    if not machine.vram:
        return _without_builds(compute)
    said = [f"{name}: {why}." for name, why in unsupported(machine).items()]
    if compute == (6, 1):
        said.append(
            "fp16 runs at 1/64 of the fp32 rate: compute in float32 (bnb_4bit_compute_dtype=float32); "
            "llama.cpp uses the card's int8 dot products instead and is the better choice."
        )
    if compute < (7, 5):
        kernels = f"sm_{compute[0]}{compute[1]}"
        said.append(
            f"torch carries kernels for {kernels} only in its cu126 wheels, before 2.15: "
            'pip install "torch>=2.13,<2.15" --index-url https://download.pytorch.org/whl/cu126'
        )
        said.append(
            f"llama.cpp carries {kernels} only when built with CUDA 12: CMAKE_ARGS="
            f'"-DGGML_CUDA=on -DCMAKE_CUDA_ARCHITECTURES={compute[0]}{compute[1]}" '
            "pip install llama-cpp-python --no-binary :all:"
        )
    if compute < (7, 0):
        said.append("Nvidia's driver 580 is the last for this card; torch.compile does not run on it.")
    return said


def _without_builds(compute: tuple[int, int]) -> list[str]:
    return [
        f"Its GPU (compute capability {compute[0]}.{compute[1]}) stopped at CUDA 10.2, which neither torch's "
        "nor llama.cpp's present builds carry: reckoned for its CPU."
    ]
