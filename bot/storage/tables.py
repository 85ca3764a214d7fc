"""The tables. A row that was read is a plain record: no relationships, nothing is loaded behind one's back.

Each has foreign keys to those above it only. What refers down, and would close a circle, has no constraint and is set
last: `Chat.conversation_id`, `Conversation.head_id`, `Reply.wanted_id` and `shown_id`, `Prompt.parent_id`.

Times are Unix seconds (`Clock.wall`). `telegram_id` is Telegram's chat id, `chat_id` the id of our own row in `chats`.
"""

from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Dialect, Enum, ForeignKey, Index, MetaData, String, TypeDecorator, UniqueConstraint, false, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.storage.dialect import NUMBER, WORDS
from providers.blocks import Content, Unknown, from_json, to_json


class State(StrEnum):
    """What is left to do for an answer; a restart looks at nothing else."""

    QUEUED = "queued"  # the provider is to be asked
    GENERATING = "generating"  # it is being asked
    DONE = "done"  # it is asked no more


UNFINISHED = (State.QUEUED, State.GENERATING)


class Outcome(StrEnum):
    """How an answer went."""

    ANSWERED = "answered"
    FAILED = "failed"
    STOPPED = "stopped"
    UNDELIVERABLE = "undeliverable"
    SUPERSEDED = "superseded"  # its question was edited meanwhile


class Thinking(StrEnum):
    """What a chat is shown of what a model thinks."""

    OFF = "off"
    LIVE = "live"  # its last lines, until the answer begins
    KEPT = "kept"  # these, and then all of it folded above the answer


class CallState(StrEnum):
    """How far a call of a tool has come."""

    ASKED = "asked"  # somebody is to say whether it may be made
    ALLOWED = "allowed"  # it may be made
    DENIED = "denied"  # it may not
    STARTED = "started"  # stored before its first byte left: from here on it is not made again
    DONE = "done"
    FAILED = "failed"  # it gave nothing, and is known to have done nothing
    UNKNOWN = "unknown"  # nobody knows what became of it


class Rule(StrEnum):
    """What is known of a person or a chat that wants to come in; `told` is a stranger who was refused once."""

    ALLOW = "allow"
    DENY = "deny"
    OWNER = "owner"
    TOLD = "told"


class Blocks(TypeDecorator[Content]):
    """The content of a message, stored as JSON."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Content | None, _dialect: Dialect) -> str | None:
        """Return what is stored."""
        return to_json(value) if value is not None else None

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Content | None:
        """Return what was stored; what is damaged is a block that nobody knows, and stops nothing."""
        try:
            return from_json(value) if value is not None else None
        except ValueError:
            return (Unknown("damaged", "{}"),)


def _stored(kind: type[StrEnum]) -> Enum:
    """Store an enumeration by its values, as plain text."""
    return Enum(kind, values_callable=lambda members: [m.value for m in members], native_enum=False, length=16)


class Base(DeclarativeBase):
    """The base of all rows; constraints have names, so that a migration can change them."""

    type_annotation_map: ClassVar = {int: NUMBER, str: WORDS} | {
        kind: _stored(kind) for kind in (State, Outcome, Thinking, CallState, Rule)
    }

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
    """A chat, or a topic of a forum (`thread_id`; 0 where there are no topics).

    `conversation_id` is null after /new: the next question begins one.
    """

    __tablename__ = "chats"
    __table_args__ = (
        Index("uq_chats_telegram_id_thread_id", "telegram_id", "thread_id", unique=True),
        Index(
            None,
            "topic_title",
            sqlite_where=text("topic_title IS NOT NULL"),
            postgresql_where=text("topic_title IS NOT NULL"),
        ),
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


class Conversation(Base):
    """What was said, as a chain: from `head_id`, its newest answer, each prompt leads to the answer before it.

    One that is deleted is there for nobody; its rows go when nothing of it is under way (`purge.py`).
    """

    __tablename__ = "conversations"
    __table_args__ = (
        Index(
            None,
            "chat_id",
            "touched_at",
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            None,
            "deleted_at",
            sqlite_where=text("deleted_at IS NOT NULL"),
            postgresql_where=text("deleted_at IS NOT NULL"),
        ),
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
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey(Chat.id))
    message_id: Mapped[int | None]  # the person's message that it replies to; null: one of the group that this was
    wanted_id: Mapped[int | None]
    shown_id: Mapped[int | None]  # null: none, or one that grows
    dirty: Mapped[bool] = mapped_column(default=False, server_default=false())
    note: Mapped[str | None]  # a line under the answer that stands: what became of a later wish


class Prompt(Base):
    """One wording of a question. `parent_id` is the answer that was said before it."""

    __tablename__ = "prompts"
    __table_args__ = (
        Index(None, "conversation_id", "id"),
        Index(None, "chat_id", "id"),
        Index(None, "parent_id"),
        Index(None, "reply_id"),
        Index(
            None,
            "ready_at",
            sqlite_where=text("ready_at IS NOT NULL"),
            postgresql_where=text("ready_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey(Conversation.id))
    chat_id: Mapped[int] = mapped_column(ForeignKey(Chat.id))
    parent_id: Mapped[int | None]
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


class File(Base):
    """What was read of a file that somebody sent; the bytes lie beside the database, under their SHA-256.

    `tag` is random and stands around foreign words, so that these cannot tell where they end. `pages` and `characters`:
    how many there are, where not all were read (else 0); `…_read`: how many were.
    """

    __tablename__ = "files"
    __table_args__ = (Index(None, "sha256"),)

    telegram_file_id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    media_type: Mapped[str]
    name: Mapped[str]
    size: Mapped[int]
    tag: Mapped[str]
    pages: Mapped[int]
    pages_read: Mapped[int]
    characters: Mapped[int]
    characters_read: Mapped[int]
    transcript: Mapped[str | None]  # what is said in a recording; null until it was written down


class FileUse(Base):
    """A prompt that holds a file; with the last of them the bytes go."""

    __tablename__ = "file_uses"
    __table_args__ = (Index(None, "sha256"),)

    prompt_id: Mapped[int] = mapped_column(ForeignKey(Prompt.id, ondelete="CASCADE"), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)


class Answer(Base):
    """One answer to a prompt, a version of what its reply shows: the queue and its log in one."""

    __tablename__ = "answers"
    __table_args__ = (
        Index(
            "uq_answers_generating",
            "chat_id",
            unique=True,
            sqlite_where=text("state = 'generating'"),
            postgresql_where=text("state = 'generating'"),
        ),  # the database itself keeps the order in a chat
        Index(None, "state", "id"),
        Index(None, "chat_id", "state"),
        Index(None, "prompt_id"),
        Index(
            None,
            "dropped_by",
            sqlite_where=text("dropped_by IS NOT NULL"),
            postgresql_where=text("dropped_by IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    prompt_id: Mapped[int] = mapped_column(ForeignKey(Prompt.id))
    chat_id: Mapped[int] = mapped_column(ForeignKey(Chat.id))
    user_id: Mapped[int]  # who asked for it
    state: Mapped[State] = mapped_column(default=State.QUEUED)
    outcome: Mapped[Outcome | None]
    attempt: Mapped[int] = mapped_column(default=0)
    under_way: Mapped[bool] = mapped_column(default=False, server_default=false())  # in the present process
    deaths: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # of processes in which it was under way
    stop: Mapped[bool] = mapped_column(default=False)
    stood: Mapped[bool] = mapped_column(default=False, server_default=false())  # it was whole on the screen once
    dropped_by: Mapped[int | None]  # the update that took it out of the queue
    provider: Mapped[str | None]  # that was asked
    model: Mapped[str | None]
    content: Mapped[Content | None] = mapped_column(Blocks)  # what was said; null: nothing was
    shown: Mapped[str | None]  # Markdown, where that is not what `content` renders to
    kept: Mapped[str | None]  # JSON: the parts that a former process left, which stay if more; "[]" until they are read
    note: Mapped[str | None]  # the line under it: why it is not whole
    offered: Mapped[str | None]  # JSON: further buttons under it, (label, data)
    quote: Mapped[str | None]  # above it: what was heard in the question
    prompt_tokens: Mapped[int | None]
    completion_tokens: Mapped[int | None]
    is_estimated: Mapped[bool] = mapped_column(default=False, server_default=false())  # these two
    cached_tokens: Mapped[int | None]  # those of the prompt that the service had in its cache
    cost: Mapped[int | None]  # in 10^-12 of a dollar; null: not known
    created_at: Mapped[float]
    closed_at: Mapped[float | None]


class Step(Base):
    """A round of an answer that ended in calls: what was said, the calls, and what the service must get back."""

    __tablename__ = "steps"

    answer_id: Mapped[int] = mapped_column(ForeignKey(Answer.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[Content] = mapped_column(Blocks)
    prompt_tokens: Mapped[int | None]
    completion_tokens: Mapped[int | None]


class Call(Base):
    """A call of a tool, the one at `position` of its step."""

    __tablename__ = "calls"
    __table_args__ = (Index("uq_calls_position", "answer_id", "number", "position", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey(Answer.id))
    number: Mapped[int]  # of the step
    position: Mapped[int]
    name: Mapped[str]  # of the tool, as the model calls it
    state: Mapped[CallState]
    result: Mapped[str | None]  # for the model
    is_foreign: Mapped[bool] = mapped_column(default=False, server_default=false())  # the result is others' words
    asked_until: Mapped[float | None]  # where somebody is asked: it is denied then
    decided_by: Mapped[int | None]
    key: Mapped[int | None]  # of the notice in the outbox that asks


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
        Index(
            None,
            "late_since",
            sqlite_where=text("late_since IS NOT NULL"),
            postgresql_where=text("late_since IS NOT NULL"),
        ),
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


class Worn(Base):
    """A message whose buttons are to be taken away. It refers to no reply: that may be forgotten meanwhile."""

    __tablename__ = "worn"

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    message_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


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


class Account(Base):
    """A person or a group that has asked something: the name as last seen, and an own limit, set by an admin.

    `own_limit`: questions a day in place of the operator's limits; 0 is none at all, null what the operator says.
    """

    __tablename__ = "accounts"

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    own_limit: Mapped[int | None]
    told_on: Mapped[int | None]  # the day on which it was told last that its limit is reached


class Usage(Base):
    """What a person or a group has used on a day (since 1970, UTC) of a provider."""

    __tablename__ = "usage"
    __table_args__ = (Index(None, "day"),)

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    provider: Mapped[str] = mapped_column(primary_key=True)
    messages: Mapped[int] = mapped_column(default=0)
    tokens: Mapped[int] = mapped_column(default=0)
    cost: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # in 10^-12 of a dollar,
    priced: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # of so many of the tokens


class Invite(Base):
    """A link that lets people in, by its code; kept for a while after its end."""

    __tablename__ = "invites"

    code: Mapped[str] = mapped_column(primary_key=True)
    by: Mapped[int]
    left: Mapped[int]  # how many more may come by it
    ends_at: Mapped[float]
    own_limit: Mapped[int | None]  # of each of them


class InviteUse(Base):
    """A person who came by a link, or was told that it is over."""

    __tablename__ = "invite_uses"

    code: Mapped[str] = mapped_column(ForeignKey(Invite.code, ondelete="CASCADE"), primary_key=True)
    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Ask(Base):
    """The message that asks an admin about somebody who wants to come in; it is edited when that is decided."""

    __tablename__ = "asks"

    telegram_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    admin: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[int | None]  # of the send in the outbox, as long as the message is not known
    message_id: Mapped[int | None]


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
