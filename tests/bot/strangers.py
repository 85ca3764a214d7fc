"""Strangers: take a stranger's wish, as intake does."""

from bot.storage.people.access import Accesses
from bot.storage.questions.questions import Verdict
from bot.storage.questions.taking import Stranger, Taken, Taking
from bot.storage.signals import Signals


async def refuse(accesses: Accesses, update_id: int, telegram_id: int, *, language: str | None = None) -> bool:
    """Take one update of a stranger; tell whether he is told."""
    taking = Taking(accesses._sessions, accesses._clock, Signals())
    stranger = Stranger(telegram_id, by=telegram_id, name="Stranger", language=language)
    (receipt,) = await taking.store([Taken(update_id, stranger)])
    return receipt.verdict is Verdict.ACCEPTED
