"""Ending: what a generation comes to, from what was streamed and what a former process left on the screen; pure."""

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


def answered(fold: Fold, words: Texts, *, reasoning: bool, unread: str | None) -> Ending:
    """End with the whole text; under it stands what of the question was not read, and that it was cut."""
    lines = [*([words.cut] if fold.full else []), *([unread] if unread else [])]
    shown = told(fold, reasoning=reasoning)
    return Ending(Outcome.ANSWERED, said(fold.text), shown, note="\n".join(lines) or None)


def stopped(fold: Fold, standing: str | None, words: Texts, *, reasoning: bool) -> Ending:
    """Keep what stands (None: it could not be read), or else what came; where that is nothing, say so."""
    mark = words.stopped_mark
    if standing != "":
        return Ending(Outcome.STOPPED, said(standing) if standing else None, note=mark, keeps=True)
    if not is_visible(fold.text):
        return Ending(Outcome.STOPPED, None, words.stopped, is_bare=True)
    return Ending(Outcome.STOPPED, said(fold.text), told(fold, reasoning=reasoning), note=mark)


def failed(fold: Fold, standing: str | None, sentence: str, words: Texts) -> Ending:
    """End with the sentence that tells a failure; where there is text, before it or on the screen, as incomplete."""
    if standing != "":
        return Ending(Outcome.FAILED, None, note=words.incomplete, keeps=True)
    if is_visible(text := fold.text.strip()):
        return Ending(Outcome.FAILED, None, text, note=words.incomplete)
    return Ending(Outcome.FAILED, None, sentence, is_bare=True)


def said(text: str) -> Content:
    """Return a text as the content of an answer."""
    return (Text(text),)
