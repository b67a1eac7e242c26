"""The figures of `yanray bench` as a drawing: SVG written by hand, readable on light and on dark ground."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from yanray.measure.bench_figures import spread_of
from yanray.measure.bench_table import SHARES, SPEEDS, TIMES

WIDTH, LEFT, RIGHT, ROW, TOP = 860, 300, 650, 26, 64  # pixels
GROUND, INK, FAINT, FILL = "#ffffff", "#1c2733", "#6b7785", "#2f7dc4"
FONT = "font-family='system-ui, sans-serif'"


def plot(found: dict[str, Any]) -> str:
    """FOUND as an SVG document: a bar for each figure, a line over it for the middle half of the runs."""
    parts: list[str] = []
    y = TOP
    for title, group in (("speed", SPEEDS), ("time", TIMES), ("ratio", SHARES)):
        most = max(1.0 if group is SHARES else 0.0, *(spread_of(found, key).high for key, _, _ in group))
        parts.append(_text(20, y, title, FAINT, 12))
        for key, what, unit in group:
            y += ROW
            parts += _bar(found, key, what, unit, most, y)
        y += ROW + 12
    head = _text(20, 28, _title(found), INK, 16) + _text(20, 46, found["machine"], FAINT, 12)
    size = f"width='{WIDTH}' height='{y - 12}' viewBox='0 0 {WIDTH} {y - 12}'"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' {size} {FONT}>\n"
        f"<rect width='100%' height='100%' fill='{GROUND}'/>\n{head}{''.join(parts)}</svg>\n"
    )


def _title(found: dict[str, Any]) -> str:
    name = found.get("shape") or found["model"]
    return (
        f"{name}, {found['file_bytes'] / 2**20:.0f} MiB: median of {found['runs']} runs, quartiles as lines"
    )


def _bar(found: dict[str, Any], key: str, what: str, unit: str, most: float, y: int) -> list[str]:
    value = spread_of(found, key)
    low, middle, high = (
        LEFT + (RIGHT - LEFT) * min(1.0, v / most) for v in (value.low, value.median, value.high)
    )
    return [
        _text(LEFT - 10, y, what, INK, 13, "end"),
        f"<rect x='{LEFT}' y='{y - 12}' width='{max(1.0, middle - LEFT):.1f}' height='16' fill='{FILL}'/>\n",
        f"<path d='M{low:.1f} {y - 4}H{high:.1f}' stroke='{INK}' stroke-width='2'/>\n",
        _text(RIGHT + 14, y, f"{value.median:.3g} {'' if unit == 'x' else unit}".rstrip(), INK, 13),
    ]


def _text(x: int, y: int, text: str, colour: str, size: int, anchor: str = "start") -> str:
    place = f"x='{x}' y='{y}' text-anchor='{anchor}'"
    return f"<text {place} fill='{colour}' font-size='{size}'>{escape(text)}</text>\n"
