"""What the bot says by itself, and how much each chat takes."""

from enum import StrEnum

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


class AlarmKind(StrEnum):
    """What the owner is to know: a provider's, the machine's, Telegram's; `migrated` is the schema that he knows of."""

    KEY = "key"
    CREDIT = "credit"
    DOWN = "down"
    DISK = "disk"
    HOOKED = "hooked"
    MISREAD = "misread"
    MIGRATED = "migrated"


class ToldAlarm(Base):
    """An alarm that the owner was told of; it is told again where it comes after it was well for a day."""

    __tablename__ = "alarms"

    kind: Mapped[AlarmKind] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)  # a provider's id, a version of the schema, a mistake
    told_at: Mapped[float]
    well_since: Mapped[float | None]


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
