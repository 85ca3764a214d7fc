"""The queue of answers: order, places, what a former process left."""

import itertools

import pytest

from bot.storage.answers.ending import Ending
from bot.storage.chats import RETURN_S
from bot.storage.questions.limits import MAX_WAITING, MAX_WAITING_PER_PERSON
from bot.storage.questions.questions import Verdict
from bot.storage.tables import Chat, Outcome, State
from bot.storage.telegram.updates import Updates
from providers.blocks import Text
from tests.bot.store import Store
from tests.clock import FakeClock

ANN, BOB = 11, 12

_updates = itertools.count(1)


@pytest.fixture
async def chat(store: Store) -> Chat:
    return await store.chats.get(7, provider="alpha")


class TestAccept:
    """A prompt is queued."""

    async def test_a_prompt_wakes_the_worker(self, store: Store, chat: Chat) -> None:
        store.signals.work.clear()

        assert await store.accept(chat) is Verdict.ACCEPTED

        assert store.signals.work.is_set()

    async def test_an_update_with_the_id_of_an_old_one_is_taken(
        self, store: Store, chat: Chat, updates: Updates, clock: FakeClock
    ) -> None:
        old = next(_updates)
        await store.accept(chat, update_id=old)
        await clock.advance(8 * 86_400)
        await updates.prune()

        assert await store.accept(chat, "again", update_id=old) is Verdict.ACCEPTED
        assert await store.accept(chat, "again", update_id=old) is Verdict.KNOWN

    async def test_an_update_makes_one_answer(self, store: Store, chat: Chat) -> None:
        await store.accept(chat, update_id=1_000)

        assert await store.accept(chat, update_id=1_000) is Verdict.KNOWN
        await store.end()
        assert await store.begin() is None

    async def test_what_is_too_much_is_told_once_until_a_place_is_free(self, store: Store, chat: Chat) -> None:
        for _ in range(MAX_WAITING):
            assert await store.accept(chat) is Verdict.ACCEPTED

        assert await store.accept(chat) is Verdict.BUSY
        assert await store.accept(chat) is Verdict.STILL_BUSY
        await store.begin()
        assert await store.accept(chat) is Verdict.ACCEPTED
        assert await store.accept(chat) is Verdict.BUSY

    async def test_what_is_too_much_without_a_word_is_taken(self, store: Store, chat: Chat, updates: Updates) -> None:
        for _ in range(MAX_WAITING + 1):
            await store.accept(chat)

        assert await store.accept(chat, update_id=4_001) is Verdict.STILL_BUSY
        assert await updates.known(4_001)

    async def test_in_a_group_each_person_has_places_of_his_own(self, store: Store, chat: Chat) -> None:
        for _ in range(MAX_WAITING_PER_PERSON):
            await store.accept(chat, group=True)

        assert await store.accept(chat, group=True) is Verdict.BUSY
        assert await store.accept(chat, group=True) is Verdict.STILL_BUSY
        assert await store.accept(chat, group=True, user_id=BOB) is Verdict.ACCEPTED

    async def test_a_full_conversation_delays_no_other(self, store: Store, chat: Chat) -> None:
        for _ in range(MAX_WAITING):
            await store.accept(chat)

        assert await store.accept(await store.chats.get(8, provider="alpha")) is Verdict.ACCEPTED

    async def test_what_is_not_taken_leaves_no_trace(self, store: Store, chat: Chat) -> None:
        for number in range(MAX_WAITING + 1):
            await store.accept(chat, f"{number}")
        for _ in range(MAX_WAITING):
            await store.end()

        assert await store.begin() is None


class TestClaim:
    """Answers of one chat come in order, chats side by side."""

    async def test_a_chat_has_one_answer_under_way(self, store: Store, chat: Chat) -> None:
        first = await store.ask(chat, "one")
        await store.accept(chat, "two")

        assert await store.begin() is None
        await store.made(first, text="1")
        assert await store.begin() is None
        await store.replies.stands(first)
        second = await store.begin()
        assert second
        assert await store.history(second) == [("user", "one"), ("assistant", "1"), ("user", "two")]

    async def test_conversations_go_side_by_side(self, store: Store, chat: Chat) -> None:
        other = await store.chats.get(8, provider="alpha")
        await store.accept(chat)
        await store.accept(other)

        assert [job.chat.id for job in (await store.begin(), await store.begin()) if job] == [chat.id, other.id]

    async def test_no_more_answers_generate_than_there_are_places(self, store: Store, chat: Chat) -> None:
        await store.accept(chat)
        await store.accept(await store.chats.get(8, provider="alpha"))
        first = await store.begin(places=1)
        assert first

        assert await store.begin(places=1) is None
        await store.made(first, text="Hi.")
        assert await store.begin(places=1) is not None

    async def test_a_provider_with_no_place_left_is_passed_over(self, store: Store, chat: Chat) -> None:
        await store.accept(chat)
        await store.accept(await store.chats.get(8, provider="alpha"))
        other = await store.chats.get(9, provider="beta")
        await store.accept(other)

        await store.begin(places_per_provider=1)
        second = await store.begin(places_per_provider=1)

        assert second
        assert second.chat.id == other.id

    async def test_after_a_crash_an_answer_is_generated_again_and_a_complete_one_shown(
        self, store: Store, chat: Chat
    ) -> None:
        first = await store.ask(chat, "one")
        waiting = await store.ask(await store.chats.get(8, provider="alpha"), "two")
        await store.made(waiting, text="2")

        assert await store.backlog.recover() == 0
        assert [job.id for job in await store.replies.resume()] == [waiting.id]

        again = await store.begin()
        assert again
        assert (again.id, again.attempt) == (first.id, 2)

    async def test_after_a_crash_nothing_is_generated_for_a_chat_that_is_gone(
        self, store: Store, chat: Chat, clock: FakeClock
    ) -> None:
        job = await store.ask(chat, "one")
        await store.accept(await store.chats.get(8, provider="alpha"), "two")
        await clock.advance(RETURN_S + 1)
        await store.chats.set_gone(chat.telegram_id, gone=True)

        await store.backlog.recover()

        ended, other = await store.answers.get(job.id), await store.begin()
        assert ended
        assert other
        assert (ended.state, ended.outcome) == (State.DONE, Outcome.UNDELIVERABLE)
        assert other.chat.id != chat.id
        assert await store.begin() is None


class TestAdrift:
    """Nobody learned of a commit that was carried out."""

    async def test_a_claim_that_nobody_learned_of_is_made_again(self, store: Store, chat: Chat) -> None:
        job = await store.ask(chat)

        await store.backlog.adrift([job.reply_id])
        assert await store.begin() is None
        await store.backlog.adrift([])

        again = await store.begun()
        assert (again.id, again.attempt) == (job.id, job.attempt)

    async def test_an_answer_that_nobody_learned_is_made_is_shown(self, store: Store, chat: Chat) -> None:
        job = await store.ask(chat)
        await store.made(job)
        assert await store.answers.ended(job, Ending(Outcome.ANSWERED, (Text("Hi."),))) is None

        assert await store.replies.resume(held=[job.reply_id]) == []
        assert [each.id for each in await store.replies.resume()] == [job.id]
