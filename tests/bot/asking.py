"""Asking: take a question, or a stranger's wish, as intake does."""

import asyncio

from bot.storage.access import Accesses
from bot.storage.taking import Question, Stranger, Taken, Taking, Verdict
from bot.storage.turns import Turns


async def accept(
    turns: Turns,
    update_id: int,
    chat_id: int,
    *,
    message_id: int = 1,
    user_id: int = 11,
    text: str = "Hello",
    language: str = "en",
    group: bool = False,
    missing: str | None = None,
) -> Verdict:
    """Take one update with one question."""
    taking = Taking(turns._sessions, turns._clock, turns.changed)
    question = Question(chat_id, message_id, user_id, text, language, group=group, missing=missing)
    (receipt,) = await taking.store([Taken(update_id, question)])
    return receipt.verdict


async def refuse(accesses: Accesses, update_id: int, telegram_id: int, *, language: str | None = None) -> bool:
    """Take one update of a stranger; tell whether he is told."""
    taking = Taking(accesses._sessions, accesses._clock, asyncio.Event())
    stranger = Stranger(telegram_id, by=telegram_id, name="Stranger", language=language)
    (receipt,) = await taking.store([Taken(update_id, stranger)])
    return receipt.verdict is Verdict.ACCEPTED
