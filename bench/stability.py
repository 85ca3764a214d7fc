"""How still a growing text keeps: characters that change although they were shown before.

Streams the answers in bench/answers as a model does and compares each frame with the one before. A character counts as
changed where its letter or its look (bold, link, code block …) differs, or it moved. The tail is the line that was
being written. `python -m bench.stability` prints a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bot.reply.markdown import Rendered, Renderer
from bot.reply.markdown.rendered import to_units

ANSWERS = Path(__file__).parent / "answers"
STEPS = (4, 20, 60, 240)  # characters between two frames: a token, a third of a second, a second, four seconds


@dataclass(frozen=True, slots=True)
class Changes:
    """UTF-16 units over all frames: shown, changed, and changed behind the tail."""

    shown: int
    changed: int
    behind: int


def frames(markdown: str, step: int) -> list[Rendered]:
    """Return what a reader sees after every `step` characters, and at the end."""
    renderer = Renderer()
    growing = [renderer.render(markdown[:end], partial=True) for end in range(step, len(markdown), step)]
    return [*growing, renderer.render(markdown)]


def changes(shown: Sequence[Rendered]) -> Changes:
    total = changed = behind = 0
    for before, after in pairwise(shown):
        kept = _kept(before, after)
        units = to_units(before.text)
        total += len(units)
        changed += len(units) - kept
        behind += max(units.rfind("\n") + 1 - kept, 0)
    return Changes(total, changed, behind)


def _kept(before: Rendered, after: Rendered) -> int:
    """Return how many units at the beginning of two frames are the same and look the same."""
    kept = 0
    for old, new in zip(_looks(before), _looks(after), strict=False):
        if old != new:
            break
        kept += 1
    return kept


def _looks(rendered: Rendered) -> list[tuple[str, tuple[str, ...]]]:
    units = to_units(rendered.text)
    looks: list[tuple[str, ...]] = [()] * len(units)
    for entity in rendered.entities:
        look = f"{entity.type} {entity.url or entity.language or ''}"
        for index in range(entity.offset, entity.offset + entity.length):
            looks[index] += (look,)
    return list(zip(units, looks, strict=True))


def main() -> None:
    print("Characters changed per frame, of those shown: all / behind the line being written")
    print(f"{'answer':14}" + "".join(f"{f'every {step}':>20}" for step in STEPS))
    sums = {step: Changes(0, 0, 0) for step in STEPS}
    for path in sorted(ANSWERS.glob("*.md")):
        cells = []
        for step in STEPS:
            found = changes(frames(path.read_text(encoding="utf-8"), step))
            was = sums[step]
            sums[step] = Changes(was.shown + found.shown, was.changed + found.changed, was.behind + found.behind)
            cells.append(_cell(found))
        print(f"{path.stem:14}" + "".join(f"{cell:>20}" for cell in cells))
    print(f"{'all':14}" + "".join(f"{_cell(sums[step]):>20}" for step in STEPS))


def _cell(found: Changes) -> str:
    return f"{found.changed / found.shown:.2%} / {found.behind / found.shown:.2%}"


if __name__ == "__main__":
    main()
