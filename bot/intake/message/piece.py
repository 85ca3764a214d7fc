"""Piece: a person's message as a piece of a question; pure."""

from hashlib import blake2b

from aiogram.types import (
    Message,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
)

from bot.intake.message.mention import is_group, name
from bot.intake.message.origin import is_own
from bot.storage.telegram.pieces import Piece
from providers.blocks import Content, as_foreign


def piece_of(message: Message, content: Content, unread: str | None = None) -> Piece:
    """Return a message as a piece that says `content`, which counts as foreign where its author did not write it.

    `unread`: what of it was not read.
    """
    text = message.text or message.caption or ""
    return Piece(
        message.message_id,
        content if is_own(message) else as_foreign(content),
        length_utf16=len(text.encode("utf-16-le")) // 2,
        sent_at=message.date.timestamp(),
        fingerprint=_fingerprint(text),
        forwarded_from=None if is_group(message) else _origin(message),
        unread=unread,
        album=message.media_group_id,
    )


def replied_to(message: Message) -> int | None:
    """Return the message that this one goes on from; a passage that was chosen by hand only points."""
    replied = message.reply_to_message
    if replied is None or replied.forum_topic_created is not None or (message.quote and message.quote.is_manual):
        return None
    return replied.message_id if replied.chat.id == message.chat.id else None


def _fingerprint(text: str) -> str:
    """Return what tells one wording from another: its words, not their looks nor the space between."""
    return blake2b(" ".join(text.split()).encode(), digest_size=16).hexdigest()


def _origin(message: Message) -> str | None:
    """Return who wrote what is forwarded, "" where that is not said; None where nothing is forwarded."""
    match message.forward_origin:
        case None:
            return None
        case MessageOriginUser(sender_user=user):
            return name(user)
        case MessageOriginHiddenUser(sender_user_name=hidden):
            return " ".join(hidden.split())
        case MessageOriginChat(sender_chat=chat) | MessageOriginChannel(chat=chat):
            return " ".join((chat.title or chat.full_name).split())
    return ""
