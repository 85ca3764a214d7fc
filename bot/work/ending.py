"""Ending: what a generation comes to, from what was streamed and what a former process left on the screen; pure."""

from collections.abc import Sequence
from dataclasses import replace

from bot.storage.answers import Ending
from bot.storage.tables import Outcome
from bot.texts import Texts
from bot.work.fold import Fold
from providers.blocks import Content, Text
from providers.visible import is_visible

MAX_REASONING = 3_000  # characters of it, the last ones, so that the answer stays in sight


def told(fold: Fold, *, reasoning: bool) -> str:
    """Return what the reader is shown of an answer: its text, under its reasoning where the chat wants that."""
    thought = fold.reasoning.strip()[-MAX_REASONING:]
    if not reasoning or not is_visible(thought) or not is_visible(fold.text):
        return fold.text
    return "".join(f"> {line}\n" for line in thought.splitlines()) + f"\n{fold.text}"


def answered(fold: Fold, words: Texts, *, reasoning: bool, lines: Sequence[str]) -> Ending:
    """End with the whole text; under it stand the `lines`, and that it was cut."""
    notes = filter(None, [words.cut if fold.full else "", *lines])
    return Ending(Outcome.ANSWERED, said(fold.text), told(fold, reasoning=reasoning), note="\n".join(notes) or None)


def stopped(fold: Fold, left: str | None, words: Texts, *, reasoning: bool) -> Ending:
    """Keep what there is of the answer; where that is nothing, say so."""
    ended = _cut_short(
        Outcome.STOPPED, fold, left, reasoning=reasoning, note=words.stopped_mark, sentence=words.stopped
    )
    answer = left or fold.text
    return replace(ended, said=said(answer)) if is_visible(answer) else ended


def failed(fold: Fold, left: str | None, sentence: str, words: Texts, *, reasoning: bool) -> Ending:
    """Keep what there is of the answer, as incomplete; where that is nothing, tell the failure."""
    return _cut_short(Outcome.FAILED, fold, left, reasoning=reasoning, note=words.incomplete, sentence=sentence)


def shown_of(fold: Fold, *, reasoning: bool) -> str:
    """Return what the reader is to see of an answer that was cut short, "" for nothing."""
    return told(fold, reasoning=reasoning).strip() if is_visible(fold.text) else ""


def _cut_short(outcome: Outcome, fold: Fold, left: str | None, *, reasoning: bool, note: str, sentence: str) -> Ending:
    """End with what came, or where that may be more with what was `left` (None: it could not be read in time)."""
    shown = shown_of(fold, reasoning=reasoning)
    if left == "" and not shown:
        return Ending(outcome, None, sentence, is_bare=True)
    return Ending(outcome, None, shown, note=note, keeps=left != "", otherwise=sentence)


def said(text: str) -> Content:
    """Return a text as the content of an answer."""
    return (Text(text),)
