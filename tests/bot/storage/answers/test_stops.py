"""What ends an answer before it is whole."""

import itertools

import pytest

from bot.storage.answers.stops import Pressed, Stop
from bot.storage.questions.limits import MAX_WAITING
from bot.storage.questions.questions import Verdict
from bot.storage.tables import Chat
from bot.storage.telegram.updates import Updates
from tests.bot.store import Store

ANN, BOB = 11, 12

_updates = itertools.count(1)


@pytest.fixture
async def chat(store: Store) -> Chat:
    return await store.chats.get(7, provider="alpha")


class TestStop:
    """No more of the answer under way."""

    async def test_what_was_dropped_is_told_until_the_update_is_taken(
        self, store: Store, chat: Chat, updates: Updates
    ) -> None:
        await store.ask(chat, "Hello")
        await store.accept(chat, "waits")

        for _ in range(2):  # a kill comes before the notice is stored
            assert await store.stops.stop(6_000, chat.id) == Stop(running=True, dropped=1)
        await updates.take(6_000)

        assert await store.stops.stop(6_000, chat.id) is None

    async def test_a_stop_that_only_the_reply_shows_is_taken(self, store: Store, chat: Chat, updates: Updates) -> None:
        await store.ask(chat, "Hello")

        await store.stops.stop(6_001, chat.id)

        assert await updates.known(6_001)

    async def test_a_stop_survives_a_crash(self, store: Store, chat: Chat) -> None:
        job = await store.ask(chat, "Hello")
        assert await store.stops.stop(next(_updates), chat.id) == Stop(running=True)

        await store.backlog.recover()

        again = await store.begin()
        assert again
        assert (again.id, again.stop) == (job.id, True)

    async def test_other_conversations_go_on(self, store: Store, chat: Chat) -> None:
        other = await store.chats.get(8, provider="alpha")
        await store.ask(other, "Hello")
        await store.accept(other, "waits")

        assert await store.stops.stop(next(_updates), chat.id) == Stop()

        assert await store.backlog.stopping() == []

    async def test_an_update_that_was_taken_stops_nothing(self, store: Store, chat: Chat) -> None:
        await store.accept(chat, update_id=3_000)
        await store.begin()

        assert await store.stops.stop(3_000, chat.id) is None
        assert await store.backlog.stopping() == []

    async def test_after_a_stop_there_are_places_again(self, store: Store, chat: Chat) -> None:
        for _ in range(MAX_WAITING + 1):
            await store.accept(chat)

        assert await store.stops.stop(next(_updates), chat.id) == Stop(dropped=MAX_WAITING)

        for _ in range(MAX_WAITING):
            assert await store.accept(chat) is Verdict.ACCEPTED
        assert await store.accept(chat) is Verdict.BUSY

    async def test_a_button_of_another_conversation_stops_nothing(self, store: Store, chat: Chat) -> None:
        job = await store.ask(chat, "Hello")
        await store.parts.intend(job.reply_id, 0, answer_id=job.id, after=0)
        other = await store.chats.get(8, provider="alpha")

        stop = await store.stops.stop_shown(next(_updates), other.id, pressed=Pressed(job.id, 0, 9))

        assert stop == Stop()
        assert await store.backlog.stopping() == []
        assert [part.message_id for part in await store.parts.of(job.reply_id)] == [None]

    async def test_a_second_part_that_is_being_opened_is_no_stray(self, store: Store, chat: Chat) -> None:
        job = await store.ask(chat, "Hello")
        for number in (0, 1):
            await store.parts.intend(job.reply_id, number, answer_id=job.id, after=0)
        await store.parts.opened(job.reply_id, 0, 5)

        assert not await store.stops.is_stray(chat.id, Pressed(job.id, 1, 6))
        assert not await store.stops.is_stray(chat.id, Pressed(job.id, 0, 5))
        assert await store.stops.is_stray(chat.id, Pressed(job.id, 0, 6))

    async def test_an_answer_that_is_not_known_makes_no_stray(self, store: Store, chat: Chat) -> None:
        job = await store.ask(await store.chats.get(7, 3, provider="alpha"), "Hello")

        assert not await store.stops.is_stray(chat.id, Pressed(job.id, 0, 6))
        assert not await store.stops.is_stray(chat.id, Pressed(4_711, 0, 6))
