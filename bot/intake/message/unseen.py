"""Unseen: what a message has beside its words, which nobody can read yet; pure."""

from collections.abc import Iterable
from enum import StrEnum

from aiogram.types import ExternalReplyInfo, Message, User

from bot.intake.message.attached import is_read, replied_to
from bot.texts import Texts


class Unseen(StrEnum):
    """What it is; the value is how a model is told, in English as models are."""

    PHOTO = "a photo that you cannot see"
    VIDEO = "a video that you cannot see"
    AUDIO = "a recording that you cannot hear"
    FILE = "a file that you cannot open"
    OTHER = "an attachment that you cannot see"


FIELDS = {
    "photo": Unseen.PHOTO,
    "live_photo": Unseen.PHOTO,
    "video": Unseen.VIDEO,
    "video_note": Unseen.VIDEO,
    "animation": Unseen.VIDEO,
    "voice": Unseen.AUDIO,
    "audio": Unseen.AUDIO,
    "document": Unseen.FILE,
    **dict.fromkeys(
        ("checklist", "contact", "dice", "game", "location", "paid_media", "poll", "sticker", "story", "venue"),
        Unseen.OTHER,
    ),
}


def unseen(message: Message | ExternalReplyInfo, left_out: Iterable[str] = ()) -> Unseen | None:
    """Return what a message has beside words; of what could not be read (`left_out`) only the names are known."""
    lost = set(left_out)
    if is_read(message):
        return None
    kinds = [kind for field, kind in FIELDS.items() if field in lost or getattr(message, field, None) is not None]
    if not kinds and isinstance(message, Message) and message.caption:
        return Unseen.OTHER  # a caption stands under something
    return next(iter(kinds), None)


def remark(message: Message, me: User, left_out: Iterable[str] = ()) -> tuple[Unseen | None, str]:
    """Return what of a question is not read, and how a model is told of it ("" for nothing).

    Also what is replied to counts, unless that is the bot's own message.
    """
    if found := unseen(message, left_out):
        return found, f"[The message also had {found}.]"
    place = replied_to(message, me)
    if place is not None and (found := unseen(place)):
        return found, f"[The message that it replies to had {found}.]"
    return None, ""


def only_words(found: Unseen, texts: Texts) -> str:
    """Return the last line of an answer to a question of which only the words were read."""
    names = {
        Unseen.PHOTO: texts.kind_photo,
        Unseen.VIDEO: texts.kind_video,
        Unseen.AUDIO: texts.kind_audio,
        Unseen.FILE: texts.kind_file,
        Unseen.OTHER: texts.kind_other,
    }
    return texts.only_words.format(what=names[found])
