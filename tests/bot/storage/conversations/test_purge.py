"""The rows of what was deleted go, all of them and no others, when nothing is under way."""

import asyncio

import pytest
from sqlalchemy import func, select, text, update

from bot.storage.exchanges.jobs import Job
from bot.storage.tables import (
    Base,
    Call,
    CallState,
    Chat,
    Conversation,
    FileUse,
    Order,
    Outcome,
    Part,
    Prompt,
    Reply,
    State,
    Step,
    Stray,
    Summary,
)
from tests.bot.store import Store
from tests.clock import FakeClock

OF_TALKS = (
    "conversations",
    "prompts",
    "messages",
    "file_uses",
    "answers",
    "replies",
    "parts",
    "strays",
    "orders",
    "steps",
    "calls",
    "summaries",
)


@pytest.fixture
async def chat(store: Store) -> Chat:
    return await store.chats.get(7, provider="alpha")


async def count(store: Store) -> dict[str, int]:
    """Return how many rows of conversations there are, by table, where there are any."""
    async with store.db() as session:
        tables = {name: Base.metadata.tables[name] for name in OF_TALKS}
        rows = {name: await session.scalar(select(func.count()).select_from(table)) for name, table in tables.items()}
        rows["finds"] = await session.scalar(text("SELECT count(*) FROM finds"))
        return {name: number for name, number in rows.items() if number}


async def purge(store: Store) -> int:
    steps = 0
    while await store.purge.step():
        steps += 1
    return steps


async def talk(store: Store, chat: Chat, question: str = "Hello", at: int = 50) -> Job:
    job = await store.ask(chat, question)
    await store.show(job, at)
    await store.replies.stands(await store.made(job))
    return job


async def test_all_rows_of_what_was_deleted_go(store: Store, chat: Chat) -> None:
    job = await talk(store, chat)
    await store.versions.anew(901, chat.id, user_id=11, answer_id=job.id)
    await store.end()
    await store.again(chat)
    await store.end(Outcome.FAILED, None)
    async with store.db.begin() as session:
        session.add(Stray(answer_id=job.id, number=0, after=1, highest=2, lost_at=0))
        session.add(Step(answer_id=job.id, number=0, content=(), prompt_tokens=1, completion_tokens=1))
        session.add(Call(answer_id=job.id, number=0, position=0, name="time", state=CallState.DONE))
        session.add(Summary(answer_id=job.id, text="Said.", told_by=None))
        session.add(FileUse(prompt_id=job.prompt_id, sha256="0" * 64))
        session.add(Order(answer_id=job.id, data="file:1:0", user_id=11, message_id=50, language="en"))

    assert (await store.conversations.delete(chat.id)).conversations == 1
    await purge(store)

    assert await count(store) == {}


async def test_no_other_rows_go(store: Store, chat: Chat, clock: FakeClock) -> None:
    other = await store.chats.get(8, provider="alpha")
    await talk(store, other)
    before = await count(store)
    await talk(store, chat, "one", 51)
    await store.conversations.delete(chat.id)
    await talk(store, chat, "two", 52)

    await purge(store)

    assert await count(store) == {name: 2 * number for name, number in before.items()}
    async with store.db() as session:
        assert list(await session.scalars(select(Conversation.title))) == ["Hello", "two"]


async def test_every_table_that_refers_to_a_conversation_is_known_to_these_tests() -> None:
    owned = set(OF_TALKS)

    for table in Base.metadata.sorted_tables:
        refers = {key.column.table.name for key in table.foreign_keys}
        if refers & (owned - {"replies"}):
            assert table.name in owned, f"{table.name}: have a row of it in test_all_rows_of_what_was_deleted_go"


async def test_each_step_is_small(store: Store, chat: Chat) -> None:
    for number in range(60):
        await store.accept(chat, f"question {number}", message_id=number + 1)
        if number % 10 == 9:
            for _ in range(10):
                await store.end()
    await store.conversations.delete(chat.id)

    assert await purge(store) == 2

    assert await count(store) == {}


@pytest.mark.parametrize("state", ["generating", "dirty", "opening", "late", "stray"])
async def test_what_is_under_way_is_waited_for(store: Store, chat: Chat, state: str, clock: FakeClock) -> None:
    job = await store.ask(chat)
    await store.show(job, 50)
    if state != "generating":
        made = await store.made(job)
        if state != "dirty":
            await store.replies.stands(made)
    async with store.db.begin() as session:
        if state == "opening":
            await session.execute(update(Part).values(message_id=None))
        if state == "late":
            await session.execute(update(Part).values(late_since=clock.wall()))
        if state == "stray":
            session.add(Stray(answer_id=job.id, number=0, after=1, highest=2, lost_at=clock.wall()))

    await store.conversations.delete(chat.id)

    assert await purge(store) == 0
    if state in ("late", "stray"):
        await clock.advance(3_601)
        assert await purge(store) > 0
        assert await count(store) == {}


async def test_an_answer_that_was_being_made_ends_as_stopped_and_then_goes(store: Store, chat: Chat) -> None:
    job = await store.ask(chat)
    await store.accept(chat, "waits")

    deleted = await store.conversations.delete(chat.id)

    assert deleted.dropped == 1
    assert await store.backlog.stopping() == [job.id]
    assert store.signals.stops.is_set()
    assert await purge(store) == 0
    await store.replies.stands(await store.made(job, Outcome.STOPPED, "half"))
    await purge(store)
    assert await count(store) == {}


async def test_a_question_after_a_deletion_begins_a_conversation(store: Store, chat: Chat) -> None:
    job = await store.ask(chat)
    await store.conversations.delete(chat.id)
    await store.accept(chat, "new")
    await store.replies.stands(await store.made(job, Outcome.STOPPED, "half"))

    await purge(store)

    (left,) = await store.queue()
    assert left.state is State.QUEUED
    assert await store.history(left) == [("user", "new")]


async def test_what_nobody_touched_for_long_is_deleted(store: Store, chat: Chat, clock: FakeClock) -> None:
    other = await store.chats.get(8, provider="alpha")
    await talk(store, chat, "old")
    running = await store.ask(other, "running")
    await clock.advance(30 * 86_400 - 60)
    await store.accept(chat, "young, in the same one")
    await store.end()
    assert await store.purge.expire() == 2
    assert await purge(store) == 0

    await clock.advance(30 * 86_400 + 1)
    assert await store.purge.expire() == 2
    assert await store.purge.expire(2) is None
    await purge(store)

    assert [job.id for job in await store.queue()] == [running.id]
    assert (await store.chats.row(chat.id)).conversation_id is None


async def test_going_on_with_a_conversation_and_naming_it_keep_it(store: Store, chat: Chat, clock: FakeClock) -> None:
    other = await store.chats.get(8, provider="alpha")
    await talk(store, chat, "gone on with")
    await talk(store, other, "named", 51)
    await clock.advance(29 * 86_400)
    await store.conversations.resume(chat.id, 1)
    await store.conversations.rename(other.id, "Named")
    await clock.advance(29 * 86_400)

    await store.purge.expire()

    assert await purge(store) == 0


async def test_a_group_that_becomes_a_supergroup_is_searched_as_before(store: Store) -> None:
    group = await store.chats.get(-55, provider="alpha")
    await talk(store, group, "dogs")
    target = await store.chats.get(-1_000_000_000_055, provider="alpha")

    await store.chats.migrate(-55, -1_000_000_000_055)

    found = await store.finds.find(target.id, [["dogs"]], most=9)
    assert [(find.asked, find.message_id) for find in found] == [("dogs", None)]
    async with store.db() as session:
        assert await session.scalar(select(func.count()).select_from(Prompt).join(Reply)) == 1


async def test_it_ends_at_once_when_it_rests(store: Store, clock: FakeClock) -> None:
    purging = asyncio.ensure_future(store.purge.run())
    await clock.asleep()

    purging.cancel()
    await clock.advance(0)

    assert purging.done()
