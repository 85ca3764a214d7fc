"""The tables. A row that was read is a plain record: no relationships, nothing is loaded behind one's back.

Times are Unix seconds (`Clock.wall`). `telegram_id` is Telegram's chat id, `chat_id` the id of our own row in `chats`.
"""

from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Enum, ForeignKey, Index, MetaData, false, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class State(StrEnum):
    """What is left to do for a turn; a restart looks at nothing else."""

    QUEUED = "queued"
    GENERATING = "generating"
    DELIVERING = "delivering"
    DONE = "done"


OPEN = (State.GENERATING, State.DELIVERING)
UNFINISHED = (State.QUEUED, *OPEN)


class Outcome(StrEnum):
    """How a turn went."""

    ANSWERED = "answered"
    FAILED = "failed"
    STOPPED = "stopped"
    UNDELIVERABLE = "undeliverable"


class Rule(StrEnum):
    """What is known of a person or a chat that wants to come in; `told` is a stranger who was refused once."""

    ALLOW = "allow"
    DENY = "deny"
    OWNER = "owner"
    TOLD = "told"


def _stored(kind: type[StrEnum]) -> Enum:
    """Store an enumeration by its values, as plain text."""
    return Enum(kind, values_callable=lambda members: [m.value for m in members], native_enum=False, length=16)


class Base(DeclarativeBase):
    """The base of all rows; constraints have names, so that a migration can change them."""

    type_annotation_map: ClassVar = {kind: _stored(kind) for kind in (State, Outcome, Rule)}

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Chat(Base):
    """One conversation: a chat, or a topic of a forum (`thread_id`; 0 where there are no topics)."""

    __tablename__ = "chats"
    __table_args__ = (Index("uq_chats_telegram_id_thread_id", "telegram_id", "thread_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    telegram_id: Mapped[int]
    thread_id: Mapped[int] = mapped_column(default=0)
    provider: Mapped[str]
    missing_told: Mapped[str | None]  # the provider whose absence the chat was told
    language: Mapped[str | None]  # chosen in /settings; None follows the user
    system_prompt: Mapped[str | None]
    streaming: Mapped[bool] = mapped_column(default=True)
    reasoning: Mapped[bool] = mapped_column(default=False)
    open_to_members: Mapped[bool] = mapped_column(default=False, server_default=false())  # all may choose in a group
    since_turn: Mapped[int] = mapped_column(default=0)  # history begins after this turn
    album: Mapped[str | None]  # the last one (`media_group_id`) that was answered, or told about
    gone_at: Mapped[float | None]


class Model(Base):
    """The model last chosen in a chat for a provider."""

    __tablename__ = "models"

    chat_id: Mapped[int] = mapped_column(ForeignKey(Chat.id, ondelete="CASCADE"), primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str]


class Turn(Base):
    """One prompt and all that is done for it: the queue and its log in one."""

    __tablename__ = "turns"
    __table_args__ = (
        Index(
            "uq_turns_open", "chat_id", unique=True, sqlite_where=text("state IN ('generating', 'delivering')")
        ),  # the database itself keeps the order in a chat
        Index(None, "state", "id"),
        Index(None, "chat_id", "id"),
        Index(None, "chat_id", "state"),
        Index(None, "message_id"),
        Index(None, "replaces"),
        Index(None, "dropped_by", sqlite_where=text("dropped_by IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    update_id: Mapped[int] = mapped_column(unique=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey(Chat.id))
    message_id: Mapped[int]  # the user's message, which the answer replies to
    user_id: Mapped[int]
    replaces: Mapped[int | None] = mapped_column(ForeignKey("turns.id"))
    state: Mapped[State] = mapped_column(default=State.QUEUED)
    outcome: Mapped[Outcome | None]
    attempt: Mapped[int] = mapped_column(default=0)
    under_way: Mapped[bool] = mapped_column(default=False, server_default=text("0"))  # in the present process
    deaths: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # of processes in which it was under way
    stop: Mapped[bool] = mapped_column(default=False)
    dropped_by: Mapped[int | None]  # the update that took it out of the queue
    shown: Mapped[str | None]  # Markdown, what the parts show at the end
    note: Mapped[str | None]  # the line under it, or under what stands: why the answer is not whole
    unread: Mapped[str | None]  # the last line of its answer: what of the message was not read
    language: Mapped[str]
    created_at: Mapped[float]
    closed_at: Mapped[float | None]


class Message(Base):
    """One message of the history: a prompt or an answer."""

    __tablename__ = "messages"
    __table_args__ = (Index(None, "chat_id", "turn_id"), Index(None, "turn_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    turn_id: Mapped[int] = mapped_column(ForeignKey(Turn.id))
    chat_id: Mapped[int] = mapped_column(ForeignKey(Chat.id))
    role: Mapped[str]
    text: Mapped[str]


class Part(Base):
    """Which Telegram message shows which part of a turn's text.

    `message_id` is null while the opening send is under way. `after` is the highest message id that was known on the
    chat's id counter before that send: where the search after a crash begins. `late_since`: when an edit was made that
    had no answer, and so may be carried out after newer ones.
    """

    __tablename__ = "parts"
    __table_args__ = (
        Index(None, "message_id"),
        Index(None, "late_since", sqlite_where=text("late_since IS NOT NULL")),
    )

    turn_id: Mapped[int] = mapped_column(ForeignKey(Turn.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int | None]
    after: Mapped[int]
    late_since: Mapped[float | None]


class Stray(Base):
    """A part that was opened anew after a short search: the former send may have been carried out all the same.

    Its message then has an id above `after`, up to `highest` or a little more.
    """

    __tablename__ = "strays"

    turn_id: Mapped[int] = mapped_column(ForeignKey(Turn.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    after: Mapped[int] = mapped_column(primary_key=True)
    highest: Mapped[int]
    lost_at: Mapped[float]


class Update(Base):
    """An update that was taken; ids are kept for days, because after a quiet week Telegram starts anywhere."""

    __tablename__ = "updates"
    __table_args__ = (Index(None, "taken_at"),)

    update_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    taken_at: Mapped[float]


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


class Access(Base):
    """Who may come in; strangers who are told that they may not."""

    __tablename__ = "access"

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rule: Mapped[Rule]
    language: Mapped[str | None]  # what a stranger or an owner read when he came
    by: Mapped[int | None]  # who decided, or asked
    at: Mapped[float]
    update_id: Mapped[int | None]  # in answer to which a stranger is told
    name: Mapped[str | None]  # of the person who asked
    title: Mapped[str | None]  # of the group that was asked for
    shown_at: Mapped[float | None]  # when the admins were sent a message of its own about this one


class Digest(Base):
    """The message in which an admin reads how many more ask to be let in; it is edited as long as it is young."""

    __tablename__ = "digests"

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[int | None]  # of the send in the outbox, as long as the message is not known
    message_id: Mapped[int | None]
    count: Mapped[int]  # what it says
    opened_at: Mapped[float]


class Admin(Base):
    """Who administers a group, as last seen."""

    __tablename__ = "admins"

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seen_at: Mapped[float]


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


class Identity(Base):
    """Whose database this is: one row, with the pairing code until it is used."""

    __tablename__ = "identity"

    bot_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pairing_code: Mapped[str | None]
