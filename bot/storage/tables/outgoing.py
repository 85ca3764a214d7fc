"""What the bot says by itself, and how much each chat takes."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables.row import Base


class Outgoing(Base):
    """A notice that Telegram has not carried out yet: the call, which survives a crash."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    method: Mapped[str]  # of the Bot API
    body: Mapped[str]  # its parameters, JSON
    stored_at: Mapped[float]


class Notice(Base):
    """A notice of the bot itself; the search after a crash passes it over."""

    __tablename__ = "notices"
    __table_args__ = (Index(None, "sent_at"),)

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sent_at: Mapped[float]


class Peer(Base):
    """What Telegram's refusals taught us of a chat: penalties and rates outlive a restart."""

    __tablename__ = "peers"

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    paused_until: Mapped[float]
    rate: Mapped[float]
