"""The Triton kernels of `hf_decoding`: imported only where Triton is. Sizes are of elements, not bytes."""

from __future__ import annotations

import triton
import triton.language as tl

NOTHING: tl.constexpr = tl.constexpr(-1e30)  # a score that no slot reaches; -inf less itself is no number


@triton.jit  # type: ignore[untyped-decorator]
def _rotated(  # type: ignore[no-untyped-def]
    head, cosines, sines, SIZE: tl.constexpr, PADDED: tl.constexpr, TURNED: tl.constexpr, PAIRS: tl.constexpr
):
    """One HEAD, float32: its first TURNED numbers rotated, two neighbours together or two of two halves."""
    at = tl.arange(0, PADDED)
    inside = at < TURNED
    if PAIRS:
        other = at ^ 1
        sign = tl.where(at % 2 == 0, -1.0, 1.0)
        angle = at // 2
    else:
        first = at < TURNED // 2
        other = tl.where(first, at + TURNED // 2, at - TURNED // 2)
        sign = tl.where(first, -1.0, 1.0)
        angle = at
    here = tl.load(head + at, mask=at < SIZE, other=0.0).to(tl.float32)
    there = tl.load(head + other, mask=inside, other=0.0).to(tl.float32)
    cosine = tl.load(cosines + angle, mask=inside, other=1.0).to(tl.float32)
    sine = tl.load(sines + angle, mask=inside, other=0.0).to(tl.float32)
    return here * cosine + sign * there * sine


@triton.jit  # type: ignore[untyped-decorator]
def turn(  # type: ignore[no-untyped-def]
    queries,
    keys,
    values,
    cosines,
    sines,
    places,
    turned,
    key_slots,
    value_slots,
    capacity,
    tokens,
    scaling,
    HEADS: tl.constexpr,
    KV_HEADS: tl.constexpr,
    SIZE: tl.constexpr,
    PADDED: tl.constexpr,
    TURNED: tl.constexpr,
    PAIRS: tl.constexpr,
):
    """Of each token (program 0) one head (program 1): rotated queries * scaling into turned[heads,
    tokens, size], rotated keys and values into their places of the slots [KV heads, capacity, size]."""
    token = tl.program_id(0)
    head = tl.program_id(1)
    at = tl.arange(0, PADDED)
    cosines += token * TURNED
    sines += token * TURNED
    if head < HEADS:
        source = queries + (token * HEADS + head) * SIZE
        query = _rotated(source, cosines, sines, SIZE, PADDED, TURNED, PAIRS) * scaling
        target = turned + (head * tokens + token) * SIZE + at
        tl.store(target, query.to(turned.dtype.element_ty), mask=at < SIZE)
    elif head < HEADS + KV_HEADS:
        kv = head - HEADS
        source = keys + (token * KV_HEADS + kv) * SIZE
        key = _rotated(source, cosines, sines, SIZE, PADDED, TURNED, PAIRS)
        target = key_slots + (kv * capacity + tl.load(places + token)) * SIZE + at
        tl.store(target, key.to(key_slots.dtype.element_ty), mask=at < SIZE)
    else:
        kv = head - HEADS - KV_HEADS
        value = tl.load(values + (token * KV_HEADS + kv) * SIZE + at, mask=at < SIZE, other=0.0)
        target = value_slots + (kv * capacity + tl.load(places + token)) * SIZE + at
        tl.store(target, value, mask=at < SIZE)


@triton.jit  # type: ignore[untyped-decorator]
def look(  # type: ignore[no-untyped-def]
    turned,
    key_slots,
    value_slots,
    places,
    sums,
    tops,
    totals,
    capacity,
    tokens,
    rows,
    SPAN: tl.constexpr,
    SIZE: tl.constexpr,
    PADDED: tl.constexpr,
    ROWS: tl.constexpr,
    SLOTS: tl.constexpr,
):
    """Attention of ROWS rows (program 1) of a KV head's queries (program 0) over SPAN slots (program 2).

    sums[part, KV heads * rows, size]: values weighted by exp(score - top), not yet divided by their total.
    """
    kv = tl.program_id(0)
    part = tl.program_id(2)
    row = tl.program_id(1) * ROWS + tl.arange(0, ROWS)
    at = tl.arange(0, PADDED)
    there = (row < rows)[:, None] & (at < SIZE)[None, :]
    query = tl.load(turned + (kv * rows + row)[:, None] * SIZE + at[None, :], mask=there, other=0.0)
    last = tl.load(places + row % tokens).to(tl.int32)  # the slot of each row's own token
    stop = tl.load(places + tokens - 1).to(tl.int32) + 1
    key_slots += kv * capacity * SIZE
    value_slots += kv * capacity * SIZE
    top = tl.full((ROWS,), NOTHING, tl.float32)
    total = tl.zeros((ROWS,), tl.float32)
    sum = tl.zeros((ROWS, PADDED), tl.float32)
    for start in range(0, SPAN, SLOTS):
        slot = part * SPAN + start + tl.arange(0, SLOTS)
        key = tl.load(
            key_slots + slot[None, :] * SIZE + at[:, None],
            mask=(slot < stop)[None, :] & (at < SIZE)[:, None],
            other=0.0,
        )
        value = tl.load(
            value_slots + slot[:, None] * SIZE + at[None, :],
            mask=(slot < stop)[:, None] & (at < SIZE)[None, :],
            other=0.0,
        )
        seen = slot[None, :] <= last[:, None]
        scores = tl.where(seen, tl.dot(query, key, input_precision="ieee"), NOTHING)
        higher = tl.maximum(top, tl.max(scores, 1))
        weights = tl.where(seen, tl.exp(scores - higher[:, None]), 0.0)
        fade = tl.exp(top - higher)
        total = total * fade + tl.sum(weights, 1)
        sum = sum * fade[:, None] + tl.dot(weights.to(value.dtype), value, input_precision="ieee")
        top = higher
    whole = part * tl.num_programs(0) * rows + kv * rows + row
    tl.store(sums + whole[:, None] * SIZE + at[None, :], sum, mask=there)
    tl.store(tops + whole, top, mask=row < rows)
    tl.store(totals + whole, total, mask=row < rows)


@triton.jit  # type: ignore[untyped-decorator]
def join(  # type: ignore[no-untyped-def]
    sums,
    tops,
    totals,
    out,
    parts,
    tokens,
    heads,
    SIZE: tl.constexpr,
    PADDED: tl.constexpr,
    PARTS: tl.constexpr,
):
    """out[tokens, heads, size] of one head (program 1) of one token (program 0), from what `look` left."""
    token = tl.program_id(0)
    head = tl.program_id(1)
    part = tl.arange(0, PARTS)
    at = tl.arange(0, PADDED)
    there = part < parts
    row = part * heads * tokens + head * tokens + token
    top = tl.load(tops + row, mask=there, other=NOTHING)
    weight = tl.exp(top - tl.max(top, 0))
    total = tl.sum(tl.load(totals + row, mask=there, other=0.0) * weight, 0)
    sum = tl.load(
        sums + row[:, None] * SIZE + at[None, :], mask=there[:, None] & (at < SIZE)[None, :], other=0.0
    )
    mean = tl.sum(sum * weight[:, None], 0) / total
    tl.store(out + (token * heads + head) * SIZE + at, mean.to(out.dtype.element_ty), mask=at < SIZE)


@triton.jit  # type: ignore[untyped-decorator]
def gate(gates, ups, out, step, columns, COLUMNS: tl.constexpr):  # type: ignore[no-untyped-def]
    """out[rows, columns] = silu(gates) * ups, both with STEP from row to row. One row: program 1."""
    row = tl.program_id(1)
    at = tl.program_id(0) * COLUMNS + tl.arange(0, COLUMNS)
    there = at < columns
    open = tl.load(gates + row * step + at, mask=there, other=0.0).to(tl.float32)
    up = tl.load(ups + row * step + at, mask=there, other=0.0).to(tl.float32)
    tl.store(out + row * columns + at, (open * tl.sigmoid(open) * up).to(out.dtype.element_ty), mask=there)


@triton.jit  # type: ignore[untyped-decorator]
def add_norm(  # type: ignore[no-untyped-def]
    left, right, weight, total, normed, columns, epsilon, COLUMNS: tl.constexpr
):
    """total[rows, columns] = left + right, and normed = its RMSNorm. One row: program 0."""
    row = tl.program_id(0) * columns
    at = tl.arange(0, COLUMNS)
    there = at < columns
    first = tl.load(left + row + at, mask=there, other=0.0).to(tl.float32)
    second = tl.load(right + row + at, mask=there, other=0.0).to(tl.float32)
    rounded = (first + second).to(total.dtype.element_ty)
    tl.store(total + row + at, rounded, mask=there)
    whole = rounded.to(tl.float32)
    scale = tl.rsqrt(tl.sum(whole * whole, 0) / columns + epsilon)
    weights = tl.load(weight + at, mask=there, other=0.0).to(tl.float32)
    tl.store(normed + row + at, (whole * scale * weights).to(normed.dtype.element_ty), mask=there)
