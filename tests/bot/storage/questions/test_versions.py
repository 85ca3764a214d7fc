"""Another answer in the messages of the last one."""

import itertools

import pytest

from bot.storage.questions.questions import Verdict
from bot.storage.tables import Chat
from tests.bot.store import Store

ANN = 11

_updates = itertools.count(1)


@pytest.fixture
async def chat(store: Store) -> Chat:
    return await store.chats.get(7, provider="alpha")


async def test_the_button_still_works_where_its_repetition_was_dropped(store: Store, chat: Chat) -> None:
    await store.accept(chat, "one")
    first = await store.end()
    await store.show(first, 5)
    await store.versions.anew(next(_updates), chat.id, user_id=ANN, answer_id=first.id)
    await store.stops.stop(next(_updates), chat.id)

    verdict = await store.versions.anew(next(_updates), chat.id, user_id=ANN, answer_id=first.id)

    job = await store.begin()
    assert job
    assert (verdict, job.reply_id, job.former) == (Verdict.ACCEPTED, first.reply_id, first.id)
