"""Unread: what a person is told of the files of a question that were not read, or only in part; pure."""

from collections.abc import Mapping, Sequence

from bot.extract.found import Reason
from bot.texts import Texts
from bot.work.attachments.download import MAX_FILE
from bot.work.attachments.loading import MAX_FILES, Missed, Part
from providers.blocks import Attached, label

MAX_NAMED = 3  # files of one line
HOPELESS = frozenset(
    (
        *(Reason.EMPTY, Reason.BROKEN, Reason.LOCKED, Reason.UNKNOWN, Reason.NO_TEXT, Reason.TOO_LARGE),
        *(Reason.CRASHED, Reason.NO_EXTRA, Reason.TOO_BIG, Reason.LOST, Reason.TOO_MANY, Reason.DEAF),
    )
)


def told(missed: Sequence[Missed], words: Texts, *, is_all: bool) -> list[str]:
    """Return a line for each reason why files were not read; `is_all`: nothing else is left of the question."""
    by_reason: dict[Reason, list[Missed]] = {}
    for each in missed:
        by_reason.setdefault(each.reason, []).append(each)
    template = words.unread_all if is_all else words.unread_file
    why = _reasons(words)
    return [template.format(what=_names(some, words), why=why[reason]) for reason, some in by_reason.items()]


def is_hopeless(missed: Sequence[Missed]) -> bool:
    """Tell whether a second attempt at the same files comes to the same, whoever is asked."""
    return all(each.reason in HOPELESS for each in missed)


def told_parts(parts: Sequence[Part], words: Texts) -> list[str]:
    """Return a line for each document of which only a part was read."""
    return [
        (words.read_pages if part.is_pages else words.read_characters).format(
            name=part.name or (words.kind_audio if part.is_heard else words.kind_file), read=part.read, of=part.of
        )
        for part in parts
    ]


def _names(some: Sequence[Missed], words: Texts) -> str:
    names = [label(each.file.name) or _kind(each.file, words) for each in some]
    more = f" + {len(names) - MAX_NAMED}" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more


def _kind(file: Attached, words: Texts) -> str:
    if file.is_heard:
        return words.kind_video if file.is_film else words.kind_audio
    return words.kind_photo if file.is_picture else words.kind_file


def _reasons(words: Texts) -> Mapping[Reason, str]:
    return {
        Reason.EMPTY: words.why_empty,
        Reason.BROKEN: words.why_broken,
        Reason.LOCKED: words.why_locked,
        Reason.UNKNOWN: words.why_unknown,
        Reason.NO_TEXT: words.why_no_text,
        Reason.TOO_LARGE: words.why_too_large,
        Reason.TOO_SLOW: words.why_too_slow,
        Reason.CRASHED: words.why_crashed,
        Reason.NO_EXTRA: words.why_no_extra,
        Reason.TOO_BIG: words.why_too_big.format(limit=MAX_FILE >> 20),
        Reason.LOST: words.why_lost,
        Reason.UNREACHABLE: words.why_unreachable,
        Reason.NO_ROOM: words.why_no_room,
        Reason.TOO_MANY: words.why_too_many.format(limit=MAX_FILES),
        Reason.DEAF: words.why_deaf,
        Reason.NO_WORDS: words.why_no_words,
        Reason.NOT_HEARD: words.why_not_heard,
        Reason.HEARD_LATER: words.why_heard_later,
        Reason.HEARD_BY_NO_KEY: words.why_heard_by_no_key,
    }
