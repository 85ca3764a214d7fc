"""Loose: messages of albums in groups of which none asks as yet, kept for a moment; within a transaction.

Telegram delivers an album message by message, and the one that mentions the bot may come in a later batch.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import ColumnElement, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.ageing import clear
from bot.storage.dialect import insert
from bot.storage.tables import Loose, table_of
from bot.storage.telegram.pieces import Piece

KEPT_S = 60.0


class Asking(Protocol):
    """What may be of an album: a question, as far as this module knows it."""

    @property
    def chat_id(self) -> int:
        """Return our own id of its chat."""

    @property
    def piece(self) -> Piece:
        """Return its message."""


async def loose(session: AsyncSession, questions: Sequence[Asking]) -> dict[tuple[int, str], list[Piece]]:
    """Return what was laid aside of the albums of some messages, by chat and album."""
    albums = {(each.chat_id, each.piece.album) for each in questions if each.piece.album}
    found: defaultdict[tuple[int, str], list[Piece]] = defaultdict(list)
    if albums:
        rows = select(Loose).where(tuple_(Loose.chat_id, Loose.album).in_(albums)).order_by(Loose.message_id)
        for row in await session.scalars(rows):
            piece = Piece(row.message_id, row.content, row.length_utf16, row.sent_at, row.fingerprint, album=row.album)
            found[row.chat_id, row.album].append(piece)
    return dict(found)


async def lay_aside(session: AsyncSession, pieces: Sequence[tuple[int, Piece]], wall: float) -> None:
    """Keep some messages of chats; those that were kept long enough go."""
    if not pieces:
        return
    await clear(session, table_of(Loose), is_aged(wall))
    rows = [
        {
            "chat_id": chat_id,
            "message_id": piece.message_id,
            "album": piece.album,
            "content": piece.content,
            "length_utf16": piece.length_utf16,
            "sent_at": piece.sent_at,
            "fingerprint": piece.fingerprint,
            "stored_at": wall,
        }
        for chat_id, piece in pieces
    ]
    await session.execute(insert(Loose).on_conflict_do_nothing(), rows)


async def take_up(session: AsyncSession, albums: Sequence[tuple[int, str]]) -> None:
    """Keep nothing of some albums any more: one of each asks."""
    if albums:
        await session.execute(delete(Loose).where(tuple_(Loose.chat_id, Loose.album).in_(albums)))


def is_aged(wall: float) -> ColumnElement[bool]:
    """Tell one that was kept long enough; also one that seems to come from the future, as after a clock was wrong."""
    at = table_of(Loose).c.stored_at
    return (at < wall - KEPT_S) | (at > wall + KEPT_S)
