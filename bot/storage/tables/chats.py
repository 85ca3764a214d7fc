"""Chats: what each is set to."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.dialect import partial_index
from bot.storage.tables.row import Base


class Thinking(StrEnum):
    """What a chat is shown of what a model thinks."""

    OFF = "off"
    LIVE = "live"  # its last lines, until the answer begins
    KEPT = "kept"  # these, and then all of it folded above the answer


class Chat(Base):
    """A chat, or a topic of a forum (`thread_id`; 0 where there are no topics).

    What a person asks in chats that are not the bot's has a row of its own (`thread_id` -1, `elsewhere.py`).

    `conversation_id` is null after /new: the next question begins one.
    """

    __tablename__ = "chats"
    __table_args__ = (
        Index("uq_chats_telegram_id_thread_id", "telegram_id", "thread_id", unique=True),
        partial_index(None, "topic_title", where="topic_title IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    telegram_id: Mapped[int]
    thread_id: Mapped[int] = mapped_column(default=0)
    provider: Mapped[str]
    missing_told: Mapped[str | None]  # the provider whose absence the chat was told
    language: Mapped[str | None]  # chosen in /settings; None follows the user
    system_prompt: Mapped[str | None]
    persona: Mapped[str | None]  # the name of one in the operator's file
    persona_told: Mapped[str | None]  # the persona whose absence the chat was told
    streaming: Mapped[bool] = mapped_column(default=True)
    thinking: Mapped[Thinking] = mapped_column(default=Thinking.LIVE, server_default=text("'live'"))
    tools_shown: Mapped[bool] = mapped_column(default=False, server_default=false())  # what was called, above answers
    names_maker: Mapped[bool] = mapped_column(default=False, server_default=false())  # under each answer
    effort: Mapped[str | None]  # what is asked of a model that may be asked so here
    temperature: Mapped[float | None]
    summaries: Mapped[bool | None]  # of what a model takes no more; null: as the operator has it
    open_to_members: Mapped[bool] = mapped_column(default=False, server_default=false())  # all may choose in a group
    read_along: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # so many messages of a group are kept
    conversation_id: Mapped[int | None]  # the present one
    album: Mapped[str | None]  # the last one (`media_group_id`) that was answered, or told about
    cut_message_id: Mapped[int | None]  # the message of the system prompt, where more of it may follow: a full one,
    cut_user_id: Mapped[int | None]  # its author,
    cut_at: Mapped[float | None]  # Telegram's date,
    cut_length_utf16: Mapped[int | None]  # and how long it is
    topic_title: Mapped[str | None]  # of a private topic that nobody named: the name that we gave it, "" before
    gone_at: Mapped[float | None]
    removed_at: Mapped[float | None]  # when the bot was taken out of the group


class Model(Base):
    """The model last chosen in a chat for a provider."""

    __tablename__ = "models"

    chat_id: Mapped[int] = mapped_column(ForeignKey(Chat.id, ondelete="CASCADE"), primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str]
