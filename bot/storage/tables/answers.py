"""What came of questions: answers, and the calls of tools on the way."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.storage.dialect import partial_index
from bot.storage.tables.chats import Chat
from bot.storage.tables.questions import Prompt
from bot.storage.tables.row import Base, Blocks
from providers.blocks import Content


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


class CallState(StrEnum):
    """How far a call of a tool has come."""

    ASKED = "asked"  # somebody is to say whether it may be made
    ALLOWED = "allowed"  # it may be made
    DENIED = "denied"  # it may not
    STARTED = "started"  # stored before its first byte left: from here on it is not made again
    DONE = "done"
    FAILED = "failed"  # it gave nothing, and is known to have done nothing
    UNKNOWN = "unknown"  # nobody knows what became of it


class Answer(Base):
    """One answer to a prompt, a version of what its reply shows: the queue and its log in one."""

    __tablename__ = "answers"
    __table_args__ = (
        # the database itself keeps the order in a chat
        partial_index("uq_answers_generating", "chat_id", unique=True, where="state = 'generating'"),
        Index(None, "state", "id"),
        Index(None, "chat_id", "state"),
        Index(None, "prompt_id"),
        partial_index(None, "dropped_by", where="dropped_by IS NOT NULL"),
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
    offered: Mapped[str | None]  # JSON: further buttons under it, (label, data); "[]": none, nor 🔄
    quote: Mapped[str | None]  # above it: what was heard in the question
    prompt_tokens: Mapped[int | None]
    completion_tokens: Mapped[int | None]
    is_estimated: Mapped[bool] = mapped_column(default=False, server_default=false())  # these two
    cached_tokens: Mapped[int | None]  # those of the prompt that the service had in its cache
    cost: Mapped[int | None]  # in 10^-12 of a dollar; null: not known
    created_at: Mapped[float]
    closed_at: Mapped[float | None]


class Summary(Base):
    """What was said in a conversation up to an answer, that one included, in short; a `text` of null: it was begun.

    `told_by`: the answer under which people read of it; it refers to no row, because a summary outlasts that one.
    `is_foreign`: it may hold others' words.
    """

    __tablename__ = "summaries"

    answer_id: Mapped[int] = mapped_column(ForeignKey(Answer.id), primary_key=True, autoincrement=False)
    text: Mapped[str | None]
    told_by: Mapped[int | None]
    is_foreign: Mapped[bool] = mapped_column(default=False, server_default=false())


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
