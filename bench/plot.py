"""A picture of one reply: how much of its text was visible when, by ours, the reference and the best list of ages."""

import shutil
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from playwright.async_api import async_playwright

from bench.bounds import Trace
from bench.figures import Figures, Measured, listed
from bench.stage import OURS, ROUND_TRIP_S

WIDTH, HEIGHT = 960, 540
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 72, 56
AFTER_S = 0.6  # shown beyond the last delta

Points = Sequence[tuple[float, float]]  # age, share of the text


@dataclass(frozen=True, slots=True)
class Curve:
    """A line of the picture; `steps`: it stands still between its points."""

    name: str
    color: str
    points: Points
    width: float = 2.0
    dashes: str = ""
    steps: bool = True


def svg(found: Sequence[Figures]) -> str:
    """Return the picture of the reply in the middle, by lag, of ours and of the reference."""
    ours = next(each for each in found if each.scene.program == OURS)
    reply, reference = _middle(ours), _middle(next(each for each in found if each.scene.program != OURS))
    trace = reply.reply.trace
    best = [age for age in listed(ours.scene, reply.reply) if age < trace.duration_s] + [trace.duration_s]
    curves = [
        Curve("model", "#9aa0a6", _arrived(trace), 1.5, steps=False),
        Curve(f"best without foresight, mean lag {reply.listed_s:.2f} s", "#188038", _called(trace, best), 1.5, "5 4"),
        Curve(f"an edit each second, {reference.reply.lag_s:.2f} s", "#d93025", _seen(reference.reply.trace)),
        Curve(f"Deltagram, {reply.reply.lag_s:.2f} s", "#1a73e8", _seen(trace), 2.5),
    ]
    end = max(trace.duration_s, reference.reply.trace.duration_s) + AFTER_S
    return drawn(curves, end, f"{ours.scene.title}: text on the reader's screen")


async def plot(found: Sequence[Figures], file: Path) -> None:
    """Draw the picture into a PNG file."""
    page_text = f"<body style='margin:0'>{svg(found)}</body>"
    async with async_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=2)
        await page.set_content(page_text)
        file.parent.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=file)
        await browser.close()


def _middle(of: Figures) -> Measured:
    whole = sorted((each for each in of.measured if each.reply.right), key=lambda each: each.reply.lag_s)
    return whole[len(whole) // 2]


def _arrived(trace: Trace) -> Points:
    begun, size = trace.arrivals[0][0], trace.arrivals[-1][1]
    return [(at - begun, come / size) for at, come in trace.arrivals]


def _seen(trace: Trace) -> Points:
    begun, size = trace.arrivals[0][0], trace.arrivals[-1][1]
    return [(at - begun, visible / size) for at, visible in trace.shown]


def _called(trace: Trace, ages: Sequence[float]) -> Points:
    """Return what is visible where the newest text is sent at these ages."""
    arrived, size = [at for at, _ in _arrived(trace)], trace.arrivals[-1][1]
    return [(age + ROUND_TRIP_S / 2, trace.arrivals[bisect_right(arrived, age) - 1][1] / size) for age in ages]


def drawn(curves: Sequence[Curve], end_s: float, title: str) -> str:
    def x(age: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * age / end_s

    def y(share: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(LEFT, 34, title, size=19),
        _text(WIDTH / 2, HEIGHT - 14, "seconds since the first delta", anchor="middle"),
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        parts.append(f'<path d="M{LEFT} {y(share):.1f}H{WIDTH - RIGHT}" stroke="#e8eaed"/>')
        parts.append(_text(LEFT - 8, y(share) + 5, f"{share:.0%}", anchor="end"))
    parts += [_text(x(second), HEIGHT - BOTTOM + 22, str(second), anchor="middle") for second in range(int(end_s) + 1)]
    for number, curve in enumerate(curves):
        path, height = "", y(0)
        for age, share in curve.points:
            if age > end_s:
                break
            path += f"H{x(age):.1f}V{y(share):.1f}" if curve.steps else f"L{x(age):.1f} {y(share):.1f}"
            height = y(share)
        path += f"H{x(end_s):.1f}" if curve.steps else f"L{x(end_s):.1f} {height:.1f}"
        look = f'stroke="{curve.color}" stroke-width="{curve.width}" stroke-dasharray="{curve.dashes}" fill="none"'
        top = TOP + 26 + 24 * number
        parts.append(f'<path d="M{x(0):.1f} {y(0):.1f}{path}" {look}/>')
        parts.append(f'<path d="M{LEFT + 24} {top - 5}h36" {look}/>{_text(LEFT + 70, top, curve.name)}')
    return "".join([*parts, "</svg>"])


def _text(x: float, y: float, text: str, *, size: int = 15, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{escape(text)}</text>'
