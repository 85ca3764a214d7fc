"""Outcome: what a generation comes to, from what was streamed and what a former process left on the screen; pure."""

from collections.abc import Sequence
from dataclasses import replace

from bot.reply.markdown.rendered import Rendered
from bot.reply.thought import READ, folded, growing
from bot.storage.answers.ending import Ending
from bot.storage.tables import Outcome
from bot.texts import Texts
from bot.work.fold import Fold
from providers.blocks import Content, Image, Text
from providers.visible import is_visible


def told(fold: Fold, *, keeps_thought: bool) -> str:
    """Return what the reader is shown of an answer: its text, under what was thought where the chat wants that."""
    if not keeps_thought or fold.thinks:
        return fold.text
    thought = folded(fold.thought_at_last(READ))
    return f"{thought}{fold.text.lstrip(chr(10))}" if thought else fold.text


def thought(fold: Fold) -> Rendered:
    """Return what the reader is shown of what the model thinks now."""
    return growing(fold.thought_at_last(READ))


def answered(
    fold: Fold, words: Texts, *, keeps_thought: bool, lines: Sequence[str], images: Sequence[Image] = ()
) -> Ending:
    """End with the whole text and the images; under it stand the `lines`, and that it was cut."""
    notes = filter(None, [words.cut if fold.full else "", *lines])
    return Ending(
        Outcome.ANSWERED,
        (*said(fold.text), *images),
        told(fold, keeps_thought=keeps_thought),
        note="\n".join(notes) or None,
    )


def stopped(fold: Fold, left: str | None, words: Texts, *, keeps_thought: bool) -> Ending:
    """Keep what there is of the answer; where that is nothing, say so.

    Whose words a former process made its part of is not known.
    """
    ended = _cut_short(
        Outcome.STOPPED, fold, left, keeps_thought=keeps_thought, note=words.stopped_mark, sentence=words.stopped
    )
    answer = left or fold.text
    return replace(ended, said=said(answer, is_foreign=bool(left))) if is_visible(answer) else ended


def failed(fold: Fold, left: str | None, sentence: str, words: Texts, *, keeps_thought: bool) -> Ending:
    """Keep what there is of the answer, as incomplete; where that is nothing, tell the failure."""
    return _cut_short(Outcome.FAILED, fold, left, keeps_thought=keeps_thought, note=words.incomplete, sentence=sentence)


def shown_of(fold: Fold, *, keeps_thought: bool) -> str:
    """Return what the reader is to see of an answer that was cut short, "" for nothing."""
    return told(fold, keeps_thought=keeps_thought).strip() if is_visible(fold.text) else ""


def _cut_short(
    outcome: Outcome, fold: Fold, left: str | None, *, keeps_thought: bool, note: str, sentence: str
) -> Ending:
    """End with what came, or where that may be more with what was `left` (None: it could not be read in time)."""
    shown = shown_of(fold, keeps_thought=keeps_thought)
    if left == "" and not shown:
        return Ending(outcome, None, sentence, is_bare=True)
    return Ending(outcome, None, shown, note=note, keeps=left != "", otherwise=sentence)


def said(text: str, *, is_foreign: bool = False) -> Content:
    """Return a text as the content of an answer."""
    return (Text(text, is_foreign),) if text else ()
