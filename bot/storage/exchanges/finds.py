"""Finds: which words were said in which exchange of a chat, and where that stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.engine import word_index
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.exchanges.jobs import markdown
from bot.storage.exchanges.words import words
from bot.storage.tables import Answer, Conversation, Part, Prompt, Reply
from providers.blocks import text_of

STEP = 12  # answers that are looked at at once
LOOKED_AT = 240  # at most: many versions of one reply, or conversations that are deleted, may lie among them

_STANDS = (
    select(Part.message_id)
    .where(Part.reply_id == Reply.id, Part.message_id.is_not(None))
    .order_by(Part.number)
    .limit(1)
    .scalar_subquery()
)
_FOUND = (
    select(Answer, Prompt.content, Reply.id, Conversation, func.coalesce(_STANDS, Reply.message_id))
    .join(Prompt, Prompt.id == Answer.prompt_id)
    .join(Reply, Reply.id == Prompt.reply_id)
    .join(Conversation, Conversation.id == Prompt.conversation_id)
)


@dataclass(frozen=True, slots=True)
class Find:
    """An exchange: what was asked and said in it (Markdown), the title around it, and where it stands.

    `message_id`: the answer's first message, else the question's, None where neither is known any more.
    """

    answer_id: int
    title: str
    asked: str
    said: str
    at: float
    message_id: int | None


@patient
class Finds:
    """What was said in all chats, by its words."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def find(self, chat_id: int, terms: Sequence[Sequence[str]], *, most: int) -> list[Find]:
        """Return the newest exchanges of a chat in which all terms were said; first those with exactly these words.

        Of the versions of an answer the newest one counts.
        """
        found: dict[int, Find] = {}
        async with self._sessions() as session:
            for beginnings in (False, True):
                for past in range(0, LOOKED_AT, STEP):
                    if len(found) >= most:
                        break
                    ids = await word_index.search(session, chat_id, terms, most=STEP, past=past, beginnings=beginnings)
                    for reply_id, find in await _found(session, chat_id, ids):
                        if len(found) < most:
                            found.setdefault(reply_id, find)
                    if len(ids) < STEP:
                        break
        return list(found.values())

    async def get(self, chat_id: int, answer_id: int) -> Find | None:
        """Return one exchange of a chat, None where it is there no more."""
        async with self._sessions() as session:
            return next((find for _, find in await _found(session, chat_id, [answer_id])), None)


async def keep(session: AsyncSession, answer_id: int, chat_id: int, text: str) -> None:
    """Note what was said around an answer, within the caller's transaction; an earlier note of it goes."""
    await word_index.keep(session, answer_id, chat_id, words(text))


async def copy(session: AsyncSession, source: int, target: int, chat_id: int) -> None:
    """Have a copy of an answer be found in its chat by the same words, within the caller's transaction."""
    await word_index.copy(session, source, target, chat_id)


async def forget(session: AsyncSession, answer_ids: Iterable[int]) -> None:
    """Forget what was said around some answers, within the caller's transaction."""
    await word_index.forget(session, list(answer_ids))


async def move(session: AsyncSession, source: int, target: int) -> None:
    """Have what was said in a chat be found in another one, before its answers are moved."""
    await word_index.move(session, source, target)


async def _found(session: AsyncSession, chat_id: int, answer_ids: Sequence[int]) -> list[tuple[int, Find]]:
    """Return some exchanges of a chat by their replies, newest first.

    They are read by their ids alone: a chat and what is not deleted are many, and SQLite might begin with those.
    """
    if not answer_ids:
        return []
    here = _FOUND.where(Answer.id.in_(answer_ids)).order_by(Answer.id.desc())
    return [
        (
            reply_id,
            Find(answer.id, talk.title, text_of(asked), markdown(answer), answer.created_at, message_id),
        )
        for answer, asked, reply_id, talk, message_id in await session.execute(here)
        if answer.chat_id == chat_id and talk.deleted_at is None
    ]
