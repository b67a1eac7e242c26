"""INT8 weights times a few tokens: the kernel against plain arithmetic, in Triton's interpreter."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytest.importorskip("triton")

PROGRAM = """
import torch
from yanray.cores.hf_int8 import product
torch.manual_seed(1)
for columns, inner, rows in ((50, 200, 1), (64, 256, 16), (33, 130, 3)):
    hidden = torch.randn(1, rows, inner).half()
    weight = torch.randint(-127, 128, (columns, inner), dtype=torch.int8)
    scale, bias = torch.rand(columns), torch.randn(columns).half()
    for added in (bias, None):
        out = product(hidden, weight, scale, added).float()
        right = hidden.float() @ (weight.float() * scale[:, None] / 127).T
        right = right if added is None else right + added.float()
        assert out.shape == (1, rows, columns)
        assert (out - right).norm() / right.norm() < 1e-3
print("equal")
"""


def test_the_kernel_multiplies() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "TRITON_INTERPRET": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.strip() == "equal", done.stderr
