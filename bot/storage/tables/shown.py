"""What of replies stands in which messages, and what is still to be done there."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.dialect import partial_index
from bot.storage.tables.answers import Answer
from bot.storage.tables.questions import Reply
from bot.storage.tables.row import Base


class Part(Base):
    """Which Telegram message shows which part of a reply.

    `message_id` is null while the opening send is under way; `answer_id` is whose frame that is. `after` is the highest
    message id that was known on the chat's id counter before it: where the search after a crash begins. `late_since`:
    when an edit was made that had no answer, and so may be carried out after newer ones.
    """

    __tablename__ = "parts"
    __table_args__ = (
        Index(None, "message_id"),
        Index(None, "answer_id"),
        partial_index(None, "late_since", where="late_since IS NOT NULL"),
    )

    reply_id: Mapped[int] = mapped_column(ForeignKey(Reply.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey(Answer.id))
    message_id: Mapped[int | None]
    after: Mapped[int]
    late_since: Mapped[float | None]


class Order(Base):
    """What somebody wants of an answer beside its text, as the button that was pressed says; gone when it was sent."""

    __tablename__ = "orders"
    __table_args__ = (UniqueConstraint("answer_id", "data", name="uq_orders"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey(Answer.id))
    data: Mapped[str]
    user_id: Mapped[int]
    message_id: Mapped[int]  # under which the button stands
    language: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class Stray(Base):
    """A part that was opened anew after a short search: the former send may have been carried out all the same.

    Its message then has an id above `after`, up to `highest` or a little more, and the opening keyboard of `answer_id`.
    """

    __tablename__ = "strays"

    answer_id: Mapped[int] = mapped_column(ForeignKey(Answer.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    after: Mapped[int] = mapped_column(primary_key=True)
    highest: Mapped[int]
    lost_at: Mapped[float]


class SpentButtons(Base):
    """A message whose buttons are to be taken away. It refers to no reply: that may be forgotten meanwhile."""

    __tablename__ = "worn"

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
