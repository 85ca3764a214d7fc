"""Trees: all that was asked and said in a conversation, with its versions and branches."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from bot.clock import Clock
from bot.storage.chats import beside
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.exchanges.files import heard_in
from bot.storage.tables import Answer, Conversation, Outcome, Prompt, Reply, State, Summary
from providers.blocks import Content


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, one version of what its reply shows; `content` is None where nothing was said.

    `shown`: Markdown, where that is something else. `outcome` is None while it is not done.
    """

    id: int
    outcome: Outcome | None
    provider: str | None
    model: str | None
    content: Content | None
    shown: str | None
    note: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    created_at: float
    closed_at: float | None
    summary: str | None = None  # of all that was said up to here, for models that take no more of it


@dataclass(frozen=True, slots=True)
class Asked:
    """One wording of a question: `parent` is the answer before it, None where there is none.

    Those with the same `reply` are wordings of one question, and `wanted` is the answer that is shown to them.
    `heard`: what is said in its recordings, as far as it was written down.
    """

    id: int
    parent: int | None
    reply: int
    wanted: int | None
    user: int
    content: Content
    created_at: float
    answers: tuple[Said, ...]
    heard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """A conversation; `head` is the answer that the next question goes on from. Oldest questions first."""

    id: int
    title: str
    touched_at: float
    head: int | None
    asked: tuple[Asked, ...]


@patient
class Trees:
    """The conversations of all chats, whole."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def of(self, chat_id: int, conversation_id: int) -> Tree | None:
        """Return one conversation of a chat, or of its person elsewhere; None where it is there no more."""
        of_chat = or_(Conversation.chat_id == chat_id, Conversation.chat_id == beside(chat_id))
        here = select(Conversation).where(Conversation.id == conversation_id, of_chat)
        prompts = select(Prompt, Reply.wanted_id).join(Reply, Reply.id == Prompt.reply_id)
        answers = select(Answer).join(Prompt, Prompt.id == Answer.prompt_id)
        in_it = Prompt.conversation_id == conversation_id
        async with self._sessions() as session:
            if (row := await session.scalar(here.where(Conversation.deleted_at.is_(None)))) is None:
                return None
            said: dict[int, list[Said]] = {}
            rows = answers.outerjoin(Summary, Summary.answer_id == Answer.id).add_columns(Summary.text)
            for answer, summary in await session.execute(rows.where(in_it).order_by(Answer.id)):
                said.setdefault(answer.prompt_id, []).append(_said(answer, summary))
            asked = (await session.execute(prompts.where(in_it).order_by(Prompt.id))).all()
            heard = {prompt.id: tuple(await heard_in(session, prompt.content)) for prompt, _ in asked}
        return Tree(
            row.id,
            row.title,
            row.touched_at,
            row.head_id,
            tuple(_asked(prompt, wanted, said.get(prompt.id, []), heard[prompt.id]) for prompt, wanted in asked),
        )


def _asked(prompt: Prompt, wanted: int | None, answers: Sequence[Said], heard: tuple[str, ...]) -> Asked:
    return Asked(
        prompt.id,
        prompt.parent_id,
        prompt.reply_id,
        wanted,
        prompt.user_id,
        prompt.content,
        prompt.created_at,
        tuple(answers),
        heard,
    )


def _said(answer: Answer, summary: str | None) -> Said:
    return Said(
        answer.id,
        answer.outcome if answer.state is State.DONE else None,
        answer.provider,
        answer.model,
        answer.content,
        answer.shown,
        answer.note,
        answer.prompt_tokens,
        answer.completion_tokens,
        answer.created_at,
        answer.closed_at,
        summary,
    )
