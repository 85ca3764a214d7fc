"""What rendering and splitting cost: time per frame of a growing answer, and per kilobyte of a whole one.

`python -m bench.render` prints a table for the answers in bench/answers, alone and one after the other up to 100,000
characters. A frame comes every 60 characters, about a second of a usual model.
"""

import time
from collections.abc import Callable
from functools import partial

from bench.stability import ANSWERS
from bot.reply.markdown import Renderer, render
from bot.reply.split import split

STEP = 60  # characters
LONG = 100_000  # characters


def main() -> None:
    answers = {path.stem: path.read_text(encoding="utf-8") for path in sorted(ANSWERS.glob("*.md"))}
    joined = "\n\n".join(answers.values())
    answers["all"] = joined
    answers[f"{LONG:,}"] = (joined * (LONG // len(joined) + 1))[:LONG]
    print(f"{'answer':10}{'KB':>8}{'frames':>8}{'ms/frame':>10}{'worst':>8}{'whole, ms/KB':>14}{'split, ms':>11}")
    for name, markdown in answers.items():
        _measure(name, markdown)


def _measure(name: str, markdown: str) -> None:
    kilobytes = len(markdown.encode()) / 1000
    renderer, rendered = Renderer(), render(markdown)
    ends = range(STEP, len(markdown), STEP)
    costs = [_milliseconds(partial(renderer.render, markdown[:end], partial=True)) for end in ends]
    whole = min(_milliseconds(partial(render, markdown)) for _ in range(3)) / kilobytes
    cut = min(_milliseconds(partial(split, rendered)) for _ in range(3))
    mean = sum(costs) / len(costs)
    print(f"{name:10}{kilobytes:8.1f}{len(costs):8}{mean:10.2f}{max(costs):8.2f}{whole:14.2f}{cut:11.2f}")


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
