"""Asking again."""

import itertools

import pytest

from bot.storage.questions.questions import Verdict
from bot.storage.tables import Chat
from bot.storage.telegram.updates import Updates
from tests.bot.store import Store

_updates = itertools.count(1)


@pytest.fixture
async def chat(store: Store) -> Chat:
    return await store.chats.get(7, provider="alpha")


class TestRetry:
    """The last prompt, again."""

    async def test_a_prompt_that_was_dropped_can_be_asked_again(self, store: Store, chat: Chat) -> None:
        await store.accept(chat, "one")
        await store.stops.stop(next(_updates), chat.id)

        verdict = await store.again(chat)

        job = await store.begin()
        assert job
        assert verdict is Verdict.ACCEPTED
        assert await store.history(job) == [("user", "one")]

    async def test_an_update_that_was_taken_asks_nothing(self, store: Store, chat: Chat) -> None:
        await store.accept(chat, update_id=2_000)
        await store.end()

        assert await store.again(chat, update_id=2_000) is Verdict.KNOWN

    @pytest.mark.parametrize(("prompts", "verdict"), [(0, Verdict.NOTHING), (1, Verdict.BUSY)])
    async def test_a_refusal_is_told_until_the_update_is_taken(
        self, store: Store, chat: Chat, updates: Updates, prompts: int, verdict: Verdict
    ) -> None:
        for _ in range(prompts):
            await store.accept(chat)

        for _ in range(2):  # a kill comes before the notice is stored
            assert await store.again(chat, update_id=5_000) is verdict
        await updates.take(5_000)

        assert await store.again(chat, update_id=5_000) is Verdict.KNOWN

    async def test_an_update_repeats_one_prompt_once(self, store: Store, chat: Chat) -> None:
        await store.accept(chat, "one")
        await store.end()
        await store.again(chat, update_id=5_001)
        await store.end()

        assert await store.again(chat, update_id=5_001) is Verdict.KNOWN
