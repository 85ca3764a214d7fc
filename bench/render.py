"""What laying out costs: time per frame of a growing answer, and of the documents that cost the most.

`python -m bench.render` prints two tables. The first is for the answers in bench/answers, alone and one after the other
up to 100,000 characters: a frame comes every 60 characters, about a second of a usual model. The second is for the
documents of bench/worst.py, the worst first, each laid out whole by a bot of 5 messages an answer and of 50: how long
the event loop is held at a time, and milliseconds of processor time per 1000 characters.
`python -m bench.render SIZE [NAME …]` lays out other sizes, or only some documents.
"""

import gc
import sys
import time
from collections.abc import Callable, Generator, Sequence
from functools import partial

from bench.stability import ANSWERS
from bench.worst import documents
from bot.reply.layout import Layout
from bot.reply.markdown import Renderer, render
from bot.reply.split import split

STEP = 60  # characters
LONG = 100_000  # characters
WORST = 200_000  # characters: MAX_ANSWER
LISTED = 25  # documents; the others cost less


def main(arguments: Sequence[str]) -> None:
    if not arguments:
        _answers()
    size = int(arguments[0]) if arguments else WORST
    _worst(size, frozenset(arguments[1:]))


def _answers() -> None:
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


def _worst(size: int, names: frozenset[str]) -> None:
    texts = {name: text for name, text in documents(size).items() if not names or name in names}
    gc.collect()
    gc.freeze()  # as the bot does
    rows = []
    for name, text in texts.items():
        few, held = _slices(Layout(1, max_parts=5).lay_out(text, is_final=True))
        many, held_by_many = _slices(Layout(1, max_parts=50).lay_out(text, is_final=True))
        _, held_by_growing = _slices(Layout(1, max_parts=50).lay_out(text, is_final=False))
        as_written, held_as_written = _slices(Layout(1, max_parts=50).lay_out(text, is_final=True, plain=True))
        held = max(held, held_by_many, held_by_growing, held_as_written)
        rows.append((max(many, as_written), few, held, name))
    print(f"\n{size:,} characters{'':9}{'held, ms':>10}{'5 messages, ms/1000':>21}{'50 messages, ms/1000':>22}")
    for many, few, held, name in sorted(rows, reverse=True)[:LISTED]:
        print(f"{name:27}{held:10.1f}{few / size * 1000:21.2f}{many / size * 1000:22.2f}")
    held, slowest = max((held, name) for _, _, held, name in rows)
    print(f"{len(rows)} documents; the loop is held the longest by {slowest}: {held:.0f} ms")


def _slices(work: Generator[None, None, object]) -> tuple[float, float]:
    """Do all slices; return their processor time in milliseconds, and that of the longest."""
    total = longest = 0.0
    is_done = False
    while not is_done:
        start = time.process_time()
        try:
            next(work)
        except StopIteration:
            is_done = True
        cost = (time.process_time() - start) * 1000
        total, longest = total + cost, max(longest, cost)
    return total, longest


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main(sys.argv[1:])
