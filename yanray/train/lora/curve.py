"""The loss over the steps as a drawing: SVG written by hand, readable on light and on dark ground."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 860, 360, 70, 50, 840, 320  # pixels
GROUND, INK, FAINT, LINE, PALE = "#ffffff", "#1c2733", "#6b7785", "#2f7dc4", "#b9d4ea"
SMOOTH = 0.9  # share of the mean so far in the next


def curve(rows: Sequence[dict[str, Any]], title: str) -> str:
    """ROWS of a log as an SVG document: each step's loss pale, its running mean over it."""
    losses = [float(row["loss"]) for row in rows]
    steps = [int(row["step"]) for row in rows]
    low, high = min(losses), max(losses)
    span = (high - low) or 1.0

    def point(step: int, loss: float) -> str:
        across = (step - steps[0]) / max(1, steps[-1] - steps[0])
        x, y = LEFT + (RIGHT - LEFT) * across, BOTTOM - (BOTTOM - TOP) * (loss - low) / span
        return f"{x:.1f},{y:.1f}"

    marks = [(BOTTOM, low), ((TOP + BOTTOM) // 2, (low + high) / 2), (TOP, high)]
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{HEIGHT}' "
        f"viewBox='0 0 {WIDTH} {HEIGHT}' font-family='system-ui, sans-serif'>\n"
        f"<rect width='100%' height='100%' fill='{GROUND}'/>\n"
        f"{_text(20, 28, title, INK, 16, 'start')}"
        + "".join(_text(LEFT - 8, y + 4, f"{value:.3g}", FAINT, 12, "end") for y, value in marks)
        + _text(LEFT, BOTTOM + 22, f"step {steps[0]}", FAINT, 12, "start")
        + _text(RIGHT, BOTTOM + 22, f"step {steps[-1]}", FAINT, 12, "end")
        + _line(" ".join(map(point, steps, losses)), PALE)
        + _line(" ".join(map(point, steps, _means(losses))), LINE)
        + "</svg>\n"
    )


def _means(losses: Sequence[float]) -> list[float]:
    mean, weight = 0.0, 0.0
    found = []
    for loss in losses:
        mean, weight = SMOOTH * mean + (1 - SMOOTH) * loss, SMOOTH * weight + (1 - SMOOTH)
        found.append(mean / weight)
    return found


def _line(points: str, colour: str) -> str:
    return f"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='2'/>\n"


def _text(x: int, y: int, text: str, colour: str, size: int, anchor: str) -> str:
    place = f"x='{x}' y='{y}' text-anchor='{anchor}'"
    return f"<text {place} fill='{colour}' font-size='{size}'>{escape(text)}</text>\n"
