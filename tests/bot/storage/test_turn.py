"""A turn: a question, its answer, its place on the screen: nothing of it is asked of the database twice."""

from collections.abc import Awaitable

import pytest
from sqlalchemy import event

from bot.storage.answers.ending import Ending
from bot.storage.engine.hop import SYNCED, UNSYNCED, perform
from bot.storage.questions.questions import Question
from bot.storage.questions.taking import Taken
from bot.storage.tables import Outcome
from bot.storage.telegram.pieces import Piece
from providers.blocks import Text
from tests.bot.store import Store

ANN = 7
SAID = Ending(Outcome.ANSWERED, (Text("Hi."),), provider="alpha", completion_tokens=1)


@pytest.mark.sqlite("how a commit there goes is told by nothing of ours")
async def test_only_what_is_done_again_waits_for_no_disk(store: Store) -> None:
    """Of a turn a failure of the power takes nothing that somebody wrote, was told, or has on the screen."""
    chat = await store.chats.get(ANN, provider="alpha")
    said = await traced(store)

    async def is_synced(method: Awaitable[object]) -> bool:
        said.clear()
        await method
        return [each for each in said if each in (SYNCED, UNSYNCED)] == [SYNCED]

    question = Question(chat.id, Piece(10, (Text("Hello"),)), ANN, "en")
    assert await is_synced(store.taking.store([Taken(10, question)], held=()))
    assert not await is_synced(store.backlog.claim(places=9, places_per_provider=9))
    (job,) = await store.queue()
    assert await is_synced(store.parts.intend(job.reply_id, 0, answer_id=job.id, after=10))
    assert await is_synced(store.parts.opened(job.reply_id, 0, 11))
    assert await is_synced(store.answers.ended(job, SAID))
    assert not await is_synced(store.replies.stands(job))
    assert not await is_synced(store.parts.stripped(ANN, 11))
    assert await is_synced(store.parts.lose(job.reply_id, 0))


async def traced(store: Store) -> list[str]:
    """Have all that SQLite is told go into a list."""
    said: list[str] = []
    async with store.db() as session:
        await perform(await session.connection(), lambda raw: raw.set_trace_callback(said.append))
    return said


@pytest.mark.sqlite("counts statements, which are the same there")
async def test_a_turn_asks_nothing_twice(store: Store) -> None:
    said: list[str] = []
    event.listen(store.db.kw["bind"].sync_engine, "before_cursor_execute", lambda *of: said.append(of[2]))
    chat = await store.chats.get(ANN, provider="alpha")

    async def count(method: Awaitable[object]) -> int:
        said.clear()
        await method
        assert len({*said}) == len(said)
        return len(said)

    for number in (10, 20):  # the second turn has one before it
        question = Question(chat.id, Piece(number, (Text("Hello"),)), ANN, "en")
        counts = [await count(store.taking.store([Taken(number, question)], held=()))]
        counts.append(await count(store.backlog.claim(places=9, places_per_provider=9)))
        job = (await store.queue())[-1]
        await store.show(job, number + 1)
        counts.append(await count(store.answers.ended(job, SAID)))
        counts.append(await count(store.replies.stands(job)))
        counts.append(await count(store.parts.stripped(ANN, number - 9)))

    assert counts == [10, 6, 5, 4, 1]  # to take it, claim it, end it, show it, take away the buttons before it


async def test_an_answer_is_claimed_as_long_as_any_waits(store: Store) -> None:
    for telegram_id in (ANN, ANN + 1, ANN + 2):
        await store.accept(await store.chats.get(telegram_id, provider="alpha"), user_id=telegram_id)

    claims = await store.backlog.claim(places=9, places_per_provider=9)

    assert len(claims.claimed) == 3


async def test_a_message_is_noted_once_to_lose_its_buttons(store: Store) -> None:
    chat = await store.chats.get(ANN, provider="alpha")
    first = await store.ask(chat)
    await store.show(first, 11)
    await store.replies.stands(await store.made(first))
    second = await store.ask(chat)
    await store.show(second, 21)
    shown = await store.made(second)

    await store.replies.stands(shown)
    await store.replies.stands(shown)

    assert await store.parts.spent() == [(ANN, 11)]
    assert store.signals.spent.qsize() == 1
    assert not await store.parts.stripped(ANN, 11)
    assert await store.parts.stripped(ANN, 11)  # nobody knows then: it is looked for
