"""The Triton kernel of `hf_int8`: imported only where Triton is."""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit  # type: ignore[untyped-decorator]
def multiply(  # type: ignore[no-untyped-def]
    hidden,
    weight,
    scale,
    bias,
    out,
    count,
    columns,
    inner: tl.constexpr,
    WITH_BIAS: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
    INNER: tl.constexpr,
):
    """out[count, columns] = hidden[count, inner] @ weight[columns, inner].T * scale / 127 + bias."""
    row = tl.arange(0, ROWS)
    column = tl.program_id(0) * COLUMNS + tl.arange(0, COLUMNS)
    total = tl.zeros((ROWS, COLUMNS), tl.float32)
    for start in range(0, inner, INNER):
        at = start + tl.arange(0, INNER)
        there = at < inner
        left = tl.load(
            hidden + row[:, None] * inner + at[None, :],
            mask=(row[:, None] < count) & there[None, :],
            other=0.0,
        )
        right = tl.load(
            weight + column[None, :] * inner + at[:, None],
            mask=(column[None, :] < columns) & there[:, None],
            other=0,
        )
        total += tl.dot(left, right.to(left.dtype))
    total *= (tl.load(scale + column, mask=column < columns, other=0.0) / 127)[None, :]
    if WITH_BIAS:
        total += tl.load(bias + column, mask=column < columns, other=0.0).to(tl.float32)[None, :]
    tl.store(
        out + row[:, None] * columns + column[None, :],
        total.to(out.dtype.element_ty),
        mask=(row[:, None] < count) & (column[None, :] < columns),
    )
