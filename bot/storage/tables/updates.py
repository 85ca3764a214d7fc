"""What came in: updates that were taken, are risky, or wait."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.tables.chats import Chat
from bot.storage.tables.row import Base


class Update(Base):
    """An update that was taken; ids are kept for days, because after a quiet week Telegram starts anywhere."""

    __tablename__ = "updates"
    __table_args__ = (Index(None, "taken_at"),)

    update_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    taken_at: Mapped[float]


class Risk(Base):
    """An update that is being handled and may kill the process; gone when it has not."""

    __tablename__ = "risks"

    update_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    deaths: Mapped[int]  # of processes, the present one included
    at: Mapped[float]


class Held(Base):
    """An update that waits until it is known who administers its group."""

    __tablename__ = "held"

    update_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    telegram_id: Mapped[int]
    body: Mapped[str]  # JSON


class Busy(Base):
    """A conversation (`user_id` 0), or a person in it, that is told to wait; the row goes with the next free place."""

    __tablename__ = "busy"

    chat_id: Mapped[int] = mapped_column(ForeignKey(Chat.id, ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True)
    update_id: Mapped[int | None]  # in answer to which it is told
