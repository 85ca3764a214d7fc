"""A chain of three of which the first dies in mid-conversation: what the person reads, who is asked, who is named."""

from random import Random

import pytest

from bot.storage.questions.choices import Change
from bot.storage.tables import Chat
from bot.texts.en import EN
from providers.base import AsyncGeneratorProvider
from providers.care.health import Health
from providers.errors import Incomplete, NoConnection
from providers.fallback import Fallback, Settings
from providers.wire.http import Http
from tests.bot.store import Store
from tests.bot.work.test_answering import ANN, Desk, Scripted, Step, chat, desk  # noqa: F401  # fixtures
from tests.clock import FakeClock

DEAD = NoConnection("refused", provider="one")


def member(name: str, *scripts: list[Step]) -> Scripted:
    found = Scripted(*scripts)
    found.id = name
    return found


def chain(*members: AsyncGeneratorProvider, clock: FakeClock) -> Fallback:
    found = Fallback(
        Settings(providers=tuple(each.id for each in members)),
        http=Http(),
        clock=clock,
        random=Random(1),
        providers={each.id: each for each in members},
        health=Health(clock, Random(1)),
    )
    found.id = "scripted"
    return found


@pytest.fixture
async def told(store: Store, chat: Chat) -> Chat:  # noqa: F811  # the fixture
    await store.choose(Change(chat.id, {"names_maker": True}), update_id=9)
    return await store.chats.get(ANN, provider="scripted")


async def test_the_first_of_three_dies_and_comes_back_and_the_person_reads_answers(
    desk: Desk,  # noqa: F811  # the fixture
    told: Chat,
    clock: FakeClock,
) -> None:
    one = member("one", ["A1"], [DEAD], ["A4"], ["A5"])
    two, three = member("two", ["B"]), member("three", ["C"])
    provider = chain(one, two, three, clock=clock)
    rows, asked_one = [], []
    for number in range(5):
        if number == 3:
            await clock.advance(40)  # the time of the breaker is over: the next question tries it
        job, context = await desk.claim(told, f"Question {number}?")
        await desk.answer(provider, job, context)
        rows.append(await desk.row(job))
        asked_one.append(len(one.asked))

    assert [row.provider for row in rows] == ["one", "two", "two", "one", "one"]
    assert asked_one == [1, 2, 2, 3, 4]  # left alone while the breaker was open, then tried by one question
    assert not three.asked
    assert [text.splitlines()[0] for text in desk.room.texts] == ["A1", "B", "B", "A4", "A5"]
    assert [text.splitlines()[-1] for text in desk.room.texts] == [
        EN.made_by.format(maker=f"{row.provider} · s-1") for row in rows
    ]


async def test_the_first_dies_within_an_answer_and_the_person_notices_that_one_thing(
    desk: Desk,  # noqa: F811  # the fixture
    chat: Chat,  # noqa: F811  # the fixture
    clock: FakeClock,
) -> None:
    one = member("one", ["A1"], ["Half an ", Incomplete("gone")], [DEAD], ["A5"])
    provider = chain(one, member("two", ["B"]), member("three", ["C"]), clock=clock)
    for number in range(5):
        if number == 4:
            await clock.advance(40)
        job, context = await desk.claim(chat, f"Question {number}?")
        await desk.answer(provider, job, context)

    half = desk.room.texts[1]
    assert half.startswith("Half an")
    assert EN.incomplete in half
    assert [text for text in desk.room.texts if text != half] == ["A1", "B", "B", "A5"]


async def test_nothing_is_said_where_nobody_asked_who_answered(desk: Desk, chat: Chat, clock: FakeClock) -> None:  # noqa: F811  # fixtures
    job, context = await desk.claim(chat)
    await desk.answer(chain(member("one", [DEAD]), member("two", ["B"]), clock=clock), job, context)

    assert desk.room.texts == ["B"]
    assert (await desk.row(job)).provider == "two"


async def test_a_chat_asks_as_it_chose_where_the_operator_lets_it(desk: Desk, store: Store, chat: Chat) -> None:  # noqa: F811  # fixtures
    await store.choose(Change(chat.id, {"effort": "high", "temperature": 0.3}), update_id=9)
    wishing = await store.chats.get(ANN, provider="scripted")
    provider = Scripted(["Yes."])
    provider.chats_set = frozenset({"effort"})
    job, context = await desk.claim(wishing)

    await desk.answer(provider, job, context)

    assert [(each.get("effort"), each.get("temperature")) for each in provider.options] == [("high", None)]
