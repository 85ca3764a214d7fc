"""Topics that nobody named are called as the conversation in them."""

import asyncio

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import EditForumTopic

from bot.delivery.delivery import Delivery
from bot.reply.topic_names import Naming
from bot.storage.chats import Chats
from bot.storage.conversations.topics import Topics
from bot.storage.questions.choices import Change
from bot.storage.tables import Chat
from tests.bot.store import Store
from tests.bot.telegram import Telegram
from tests.clock import FakeClock

ANN, TOPIC = 7, 71
GONE = TelegramBadRequest(EditForumTopic(chat_id=ANN, message_thread_id=TOPIC), "Bad Request: TOPIC_ID_INVALID")


@pytest.fixture
def topics(store: Store, clock: FakeClock) -> Topics:
    return Topics(store.db, clock)


@pytest.fixture
async def chat(chats: Chats, store: Store) -> Chat:
    chat = await chats.get(ANN, TOPIC, provider="alpha")
    await store.choose(Change(chat.id, {"topic_title": ""}))
    return chat


async def named(calls: Delivery, store: Store, topics: Topics, session: Telegram, clock: FakeClock) -> list[str]:
    """Let a process name what is to be named; return the names."""
    running = asyncio.ensure_future(Naming(calls, topics, store.signals).run())
    while await topics.unnamed():
        await clock.advance(1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert all((call.chat_id, call.message_thread_id) == (ANN, TOPIC) for call in session.made(EditForumTopic))
    return [call.name for call in session.made(EditForumTopic)]


@pytest.mark.parametrize("answer", [True, GONE], ids=["taken", "refused"])
async def test_a_topic_is_named_once_after_its_first_answer(
    calls: Delivery, chat: Chat, store: Store, topics: Topics, session: Telegram, clock: FakeClock, answer: object
) -> None:
    session.answers(EditForumTopic, answer)
    await store.accept(chat, "How do dogs see?")
    assert await topics.unnamed() == []
    await store.end()

    for _ in range(2):  # processes
        names = await named(calls, store, topics, session, clock)

    assert names == ["How do dogs see?"]


async def test_it_follows_the_title(
    calls: Delivery, chat: Chat, store: Store, topics: Topics, session: Telegram, clock: FakeClock
) -> None:
    await store.accept(chat, "How do dogs see?")
    await store.end()
    await named(calls, store, topics, session, clock)
    await store.conversations.rename(chat.id, "Dogs")

    assert await named(calls, store, topics, session, clock) == ["How do dogs see?", "Dogs"]


async def test_one_with_a_name_of_its_own_keeps_it(chats: Chats, store: Store, topics: Topics) -> None:
    for thread_id in (0, TOPIC):
        await store.accept(await chats.get(ANN, thread_id, provider="alpha"), "How do dogs see?")
        await store.end()

    assert await topics.unnamed() == []


async def test_a_question_without_words_gives_no_name(chat: Chat, store: Store, topics: Topics) -> None:
    await store.accept(chat, " ")
    await store.end()

    assert await topics.unnamed() == []
