"""Talks: exchanges that handlers list, search and delete."""

from sqlalchemy import select

from bot.storage.exchanges.jobs import Job
from bot.storage.tables import Conversation, Outcome
from tests.bot.door import Door
from tests.bot.raw import ANN, Raw, said


async def talk(
    door: Door, question: str, answer: str | None = "Hi.", *, person: Raw = ANN, chat: Raw | None = None, at: int = 0
) -> Job:
    """Ask, and have the answer stand in the message `at` (0: in none)."""
    await door.knock(said(question, person=person, chat=chat))
    job = await door.store.begun()
    if at:
        await door.store.show(job, at)
    await door.store.replies.stands(
        await door.store.made(job, Outcome.ANSWERED if answer is not None else Outcome.FAILED, answer)
    )
    return job


async def titles(door: Door) -> list[str]:
    """Return what the conversations that are not deleted are called, oldest first."""
    async with door.db() as session:
        here = select(Conversation.title).where(Conversation.deleted_at.is_(None))
        return list(await session.scalars(here.order_by(Conversation.id)))
