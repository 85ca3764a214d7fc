"""Orders are served, not more at once than the memory is to hold."""

import asyncio
from pathlib import Path

from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import SendDocument
from sqlalchemy import func, select

from bot.delivery.delivery import Delivery
from bot.storage.answers.ending import Ending
from bot.storage.engine.shelf import Shelf
from bot.storage.exchanges.files import Files as FileRows
from bot.storage.tables import Order, Outcome
from bot.work.attachments.download import Download
from bot.work.attachments.extraction import Extraction
from bot.work.attachments.files import Files
from bot.work.attachments.transcription import Transcription
from bot.work.extras.serving import MOST, Serving
from bot.work.extras.voice import Voice
from providers.blocks import Text
from providers.media.speech import Speaker
from providers.media.transcription import Transcriber
from tests.bot.store import Store
from tests.bot.telegram import Telegram
from tests.clock import FakeClock

MORE = 60


def serves(store: Store, calls: Delivery, session: Telegram, clock: FakeClock, folder: Path) -> Serving:
    files = Files(
        FileRows(store.db, clock),
        Shelf(folder),
        Download(Bot("1:a", session=session), clock),
        Extraction(),
        Transcription(Transcriber([], clock=clock, silence_s=30)),
        clock,
    )
    voice = Voice(Speaker((), voice="", clock=clock), files)
    return Serving(store.orders, store.chats, calls, voice, str.upper, store.signals, clock)


async def test_not_all_that_is_ordered_is_taken_in_hand_at_once(
    store: Store, calls: Delivery, session: Telegram, clock: FakeClock, tmp_path: Path
) -> None:
    job = await store.ask(await store.chats.get(7, provider="alpha"))
    await store.answers.ended(job, Ending(Outcome.ANSWERED, (Text("words " * 1_000),), "words"))
    keys = [f"file:{job.id}:{'0' * number}" for number in range(1, MOST + MORE)]
    async with store.db.begin() as session_:
        wanted = {"user_id": 7, "message_id": 1, "language": "en"}
        session_.add_all(Order(answer_id=job.id, data=key, attempts=0, **wanted) for key in keys)
    serving = asyncio.ensure_future(serves(store, calls, session, clock, tmp_path).run())
    waiting = len(keys)
    for _ in range(100):  # turns: the database answers one after the other
        async with store.db() as session_:
            waiting = await session_.scalar(select(func.count()).where(Order.attempts == 0)) or 0

    assert 0 < waiting < MORE
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_what_had_no_answer_is_sent_once_more_and_then_given_up(
    store: Store, calls: Delivery, session: Telegram, clock: FakeClock, tmp_path: Path
) -> None:
    job = await store.ask(await store.chats.get(7, provider="alpha"))
    await store.answers.ended(job, Ending(Outcome.ANSWERED, (Text("words " * 1_000),), "words"))
    async with store.db.begin() as rows:
        rows.add(Order(answer_id=job.id, data=f"file:{job.id}:0", user_id=7, message_id=1, language="en", attempts=0))
    session.answers(SendDocument, TelegramNetworkError(SendDocument(chat_id=7, document="x"), "gone"))

    serving = asyncio.ensure_future(serves(store, calls, session, clock, tmp_path).run())
    for _ in range(200):
        await clock.advance(1)
        async with store.db() as rows:
            if not await rows.scalar(select(func.count()).select_from(Order)):
                break

    assert len(session.made(SendDocument)) == 2
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
