"""A picture of some curves, as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 960, 480
LEFT, RIGHT, TOP, BOTTOM = 72, 24, 60, 56
COLORS = ("#1a73e8", "#d93025", "#188038", "#9334e6", "#e37400", "#5f6368")


@dataclass(frozen=True, slots=True)
class Curve:
    """Points, joined by lines."""

    name: str
    points: Sequence[tuple[float, float]]
    dashes: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """What is written along a side, from 0 on."""

    name: str
    marks: Sequence[float]
    shape: str = "{:g}"


def chart(title: str, across: Axis, up: Axis, curves: Sequence[Curve]) -> str:
    """Return the picture; an axis ends with its last mark."""

    def x(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, value / across.marks[-1])

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(1.0, value / up.marks[-1])

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(LEFT, 28, title, size=19),
        _text(LEFT, 50, up.name, size=14),
        _text(WIDTH / 2, HEIGHT - 12, across.name, anchor="middle"),
    ]
    for mark in up.marks:
        parts.append(f'<path d="M{LEFT} {y(mark):.1f}H{WIDTH - RIGHT}" stroke="#e8eaed"/>')
        parts.append(_text(LEFT - 8, y(mark) + 5, up.shape.format(mark), anchor="end"))
    parts += [_text(x(mark), HEIGHT - BOTTOM + 22, across.shape.format(mark), anchor="middle") for mark in across.marks]
    for number, curve in enumerate(curves):
        look = f'stroke="{COLORS[number]}" stroke-width="2" stroke-dasharray="{curve.dashes}" fill="none"'
        path = "L".join(f"{x(across_at):.1f} {y(up_at):.1f}" for across_at, up_at in curve.points)
        top = TOP + 20 + 22 * number
        parts.append(f'<path d="M{path}" {look}/>')
        parts.append(f'<path d="M{WIDTH - 330} {top - 5}h32" {look}/>{_text(WIDTH - 290, top, curve.name)}')
    return "".join([*parts, "</svg>\n"])


def _text(x: float, y: float, text: str, *, size: int = 15, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{escape(text)}</text>'
