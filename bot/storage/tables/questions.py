"""What people say: conversations, the questions in them, and the messages that those are."""

from sqlalchemy import ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.dialect import partial_index
from bot.storage.tables.chats import Chat
from bot.storage.tables.row import Base, Blocks
from providers.blocks import Content


class Conversation(Base):
    """What was said, as a chain: from `head_id`, its newest answer, each prompt leads to the answer before it.

    One that is deleted is there for nobody; its rows go when nothing of it is under way (`purge.py`).
    """

    __tablename__ = "conversations"
    __table_args__ = (
        partial_index(None, "chat_id", "touched_at", where="deleted_at IS NULL"),
        partial_index(None, "deleted_at", where="deleted_at IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey(Chat.id))
    head_id: Mapped[int | None]
    title: Mapped[str] = mapped_column(default="", server_default=text("''"))  # empty: without words
    touched_at: Mapped[float] = mapped_column(default=0.0, server_default=text("0"))  # asked in, or gone on with
    deleted_at: Mapped[float | None]


class Reply(Base):
    """The messages on the screen that answer one question, and which answer they are to show.

    It is `dirty` while the answer that it wants is done and does not stand yet.
    """

    __tablename__ = "replies"
    __table_args__ = (
        Index(
            "uq_replies_dirty", "chat_id", unique=True, sqlite_where=text("dirty = 1"), postgresql_where=text("dirty")
        ),
        Index(None, "chat_id", "id"),
        partial_index("uq_replies_inline_id", "inline_id", where="inline_id IS NOT NULL", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey(Chat.id))
    message_id: Mapped[int | None]  # the person's message that it replies to; null: one of the group that this was
    wanted_id: Mapped[int | None]
    shown_id: Mapped[int | None]  # null: none, or one that grows
    dirty: Mapped[bool] = mapped_column(default=False, server_default=false())
    note: Mapped[str | None]  # a line under the answer that stands: what became of a later wish
    inline_id: Mapped[str | None]  # the inline message that it is, in a chat that is not the bot's; it has no parts
    query_id: Mapped[str | None]  # the guest question by answering which that message is made


class Prompt(Base):
    """One wording of a question. `parent_id` is the answer that was said before it.

    `question_id` is the first wording of the same question, None where that is this one.
    """

    __tablename__ = "prompts"
    __table_args__ = (
        Index(None, "conversation_id", "id"),
        Index(None, "chat_id", "id"),
        Index(None, "parent_id"),
        Index(None, "reply_id"),
        partial_index(None, "ready_at", where="ready_at IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey(Conversation.id))
    chat_id: Mapped[int] = mapped_column(ForeignKey(Chat.id))
    parent_id: Mapped[int | None]
    question_id: Mapped[int | None]
    reply_id: Mapped[int] = mapped_column(ForeignKey(Reply.id))
    user_id: Mapped[int]
    language: Mapped[str]
    content: Mapped[Content] = mapped_column(Blocks)
    unread: Mapped[str | None]  # the last line of its answers: what of the message was not read
    ready_at: Mapped[float | None]  # not answered before: a further piece of it may come
    created_at: Mapped[float]


class Message(Base):
    """A person's message of a question, with its own content; a further wording of the question takes it along.

    The other columns are those of a `Piece`.
    """

    __tablename__ = "messages"
    __table_args__ = (Index(None, "prompt_id"), Index(None, "message_id"))

    chat_id: Mapped[int] = mapped_column(ForeignKey(Chat.id), primary_key=True)
    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    prompt_id: Mapped[int] = mapped_column(ForeignKey(Prompt.id))
    number: Mapped[int]
    content: Mapped[Content] = mapped_column(Blocks)
    length_utf16: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    sent_at: Mapped[float]
    fingerprint: Mapped[str | None]
    forwarded_from: Mapped[str | None]
    unread: Mapped[str | None]
    album: Mapped[str | None]


class Loose(Base):
    """A message of an album in a group of which none asks as yet; another one of it may, in a later batch."""

    __tablename__ = "loose"

    chat_id: Mapped[int] = mapped_column(ForeignKey(Chat.id, ondelete="CASCADE"), primary_key=True)
    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    album: Mapped[str]
    content: Mapped[Content] = mapped_column(Blocks)
    length_utf16: Mapped[int]
    sent_at: Mapped[float]
    fingerprint: Mapped[str | None]
    stored_at: Mapped[float]


class Overheard(Base):
    """A message of a group that is not meant for the bot, kept where the group's admins have it read along."""

    __tablename__ = "overheard"
    __table_args__ = (Index(None, "sent_at"),)

    chat_id: Mapped[int] = mapped_column(ForeignKey(Chat.id, ondelete="CASCADE"), primary_key=True)
    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    text: Mapped[str]
    sent_at: Mapped[float]
