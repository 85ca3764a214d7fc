"""Further: what one more answer to a question takes, within the caller's transaction."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.people.usage import Bill, Meter
from bot.storage.tables import UNFINISHED, Answer, Prompt, Reply


async def is_busy(session: AsyncSession, chat_id: int) -> bool:
    """Tell whether an answer of a chat is not whole on the screen."""
    unfinished = select(Answer.id).where(Answer.chat_id == chat_id, Answer.state.in_(UNFINISHED))
    dirty = select(Reply.id).where(Reply.chat_id == chat_id, Reply.dirty)
    return await session.scalar(select(or_(unfinished.exists(), dirty.exists()))) or False


async def charge(session: AsyncSession, bill: Bill, wall: float) -> bool:
    """Count a further answer; False where a limit keeps it from being made."""
    meter = await Meter.of(session, bill.payers, wall)
    if meter.reached(bill):
        return False
    meter.charge(bill)
    await meter.store(session)
    return True


async def queue(session: AsyncSession, prompt: Prompt, user_id: int, wall: float) -> int:
    """Have one more answer made to a prompt; return its id."""
    answer = Answer(prompt_id=prompt.id, chat_id=prompt.chat_id, user_id=user_id, created_at=wall)
    session.add(answer)
    await session.flush()
    return answer.id
