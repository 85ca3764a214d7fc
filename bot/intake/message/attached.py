"""Attached: the files of a message that are read, and a line of text for what else it may hold; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from aiogram.types import Audio, ExternalReplyInfo, Message, PhotoSize, User, Video, VideoNote, Voice

from bot.intake.message.mention import quotation
from bot.intake.message.origin import is_by_same, is_own
from providers.blocks import Attached, Content, Text, as_foreign, joined

BEST_SIDE = 1568  # pixels of the longer side: services scale down what is more
HEARD = ("video/", "audio/")
VOICE = "audio/ogg"
MP3 = "audio/mpeg"
FILM = "video/mp4"


def attached(message: Message, me: User) -> Content:
    """Return the files of a question: those of what it replies to first, unless that is the bot's own message.

    Of these only what the author said into the messenger is theirs: a film shows what others may have written.
    """
    replied = replied_to(message, me)
    before = tuple(_of(replied))
    return (*(before if is_by_same(replied, message) else as_foreign(before)), *_of(message))


def pictures(message: Message) -> Content:
    """Return the pictures of a message: those of what it replies to first, also of the bot's own."""
    sources = (message.reply_to_message or message.external_reply, message)
    return tuple(file for source in sources for file in _of(source) if file.is_picture)


def replied_to(message: Message, me: User) -> Message | ExternalReplyInfo | None:
    """Return somebody else's message that a message replies to, also one in another chat."""
    replied = message.reply_to_message
    is_ours = replied is not None and replied.from_user is not None and replied.from_user.id == me.id
    return None if is_ours else replied or message.external_reply


def described(message: Message | ExternalReplyInfo) -> str:
    """Return as words what is neither words nor a file: a place, a person, a vote; "" for nothing."""
    return "\n".join(_lines(message))


def is_read(message: Message | ExternalReplyInfo) -> bool:
    """Tell whether what a message has beside words is read, or told in words."""
    return bool(tuple(_of(message)) or described(message))


def _of(message: Message | ExternalReplyInfo | None) -> Iterator[Attached]:
    if message is None:
        return
    if message.photo:
        size = best(message.photo)
        yield Attached(size.file_id, is_picture=True, name="", size=size.file_size or 0)
    elif (document := message.document) and not message.animation:
        media_type = document.mime_type or ""
        is_picture, is_heard = media_type.startswith("image/"), media_type.startswith(HEARD)
        name = document.file_name or ("document" if is_heard else "")  # what has none was said into Telegram
        heard = media_type if is_heard else ""
        yield Attached(document.file_id, is_picture, name, document.file_size or 0, heard)
    elif voice := message.voice:
        is_said = isinstance(message, Message) and is_own(message)
        yield replace(_heard(voice, voice.mime_type, VOICE), is_foreign=not is_said)
    elif note := message.video_note:
        yield _heard(note, None, FILM)
    elif audio := message.audio:
        yield _heard(audio, audio.mime_type, MP3, audio.file_name or audio.title or "audio")
    elif video := message.video:
        yield _heard(video, video.mime_type, FILM, video.file_name or "video")


def _heard(file: Voice | VideoNote | Audio | Video, media_type: str | None, otherwise: str, name: str = "") -> Attached:
    told = media_type if media_type and media_type.startswith(HEARD) else otherwise
    return Attached(file.file_id, is_picture=False, name=name, size=file.file_size or 0, media_type=told)


def best(sizes: Sequence[PhotoSize]) -> PhotoSize:
    """Return the smallest size of a photo that no model scales down, else the largest."""
    return next((size for size in sizes if max(size.width, size.height) >= BEST_SIDE), sizes[-1])


def _lines(message: Message | ExternalReplyInfo) -> Iterator[str]:
    if venue := message.venue:
        where = venue.location
        yield f"[Venue: {_line(venue.title)}, {_line(venue.address)} ({where.latitude}, {where.longitude})]"
    elif place := message.location:
        yield f"[Location: {place.latitude}, {place.longitude}]"
    if contact := message.contact:
        name = " ".join(filter(None, (contact.first_name, contact.last_name)))
        yield f"[Contact: {_line(name)}, {_line(contact.phone_number)}]"
    if poll := message.poll:
        options = "; ".join(_line(option.text) for option in poll.options)
        yield f"[Poll: {_line(poll.question)} Options: {options}]"
    if sticker := message.sticker:
        yield f"[Sticker: {sticker.emoji or 'a picture'}]"
    if dice := message.dice:
        yield f"[{dice.emoji} shows {dice.value}]"


def _line(text: str) -> str:
    return " ".join(text.split())


def content_of(message: Message, me: User, text: str) -> Content:
    """Return a question's content: its files, what it replies to, a line for what else it holds, then `text`."""
    replied = replied_to(message, me)
    before = "\n\n".join(filter(None, (described(replied) if replied else "", quotation(message, me))))
    words = [
        Text(before, is_foreign=not is_by_same(replied, message) or _is_card(replied)),
        Text(described(message), is_foreign=_is_card(message)),
        Text(text),
    ]
    return (*attached(message, me), *joined([each for each in words if each.text], "\n\n"))


def _is_card(message: Message | ExternalReplyInfo | None) -> bool:
    """Tell whether a message holds what others are called, or have called a place."""
    return message is not None and (message.contact is not None or message.venue is not None)
