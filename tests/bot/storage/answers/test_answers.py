"""The ends of answers, and what was really said."""

import pytest

from bot.storage.answers.ending import Ending
from bot.storage.tables import Chat, Outcome, State
from tests.bot.store import Store


@pytest.fixture
async def chat(store: Store) -> Chat:
    return await store.chats.get(7, provider="alpha")


class TestAnswered:
    """The end of a generation."""

    async def test_an_answer_ends_once(self, store: Store, chat: Chat) -> None:
        job = await store.ask(chat, "Hello")

        made = await store.made(job)
        assert await store.answers.ended(job, Ending(Outcome.FAILED, None, "Ho.")) is None

        (again,) = await store.queue()
        assert again.shown == made.shown == "Hi."
        assert (again.state, again.outcome) == (State.DONE, Outcome.ANSWERED)

    @pytest.mark.parametrize("waits", [False, True])
    async def test_the_worker_is_woken_where_another_one_waits_for_the_place(
        self, store: Store, chat: Chat, waits: bool
    ) -> None:
        job = await store.ask(chat)
        if waits:
            await store.accept(chat)
        store.signals.work.clear()

        await store.made(job)

        assert store.signals.work.is_set() is waits


class TestHistory:
    """What was really said."""

    async def test_a_failed_answer_was_not_said_and_neither_was_its_prompt(self, store: Store, chat: Chat) -> None:
        await store.accept(chat, "one")
        await store.end(Outcome.FAILED, None)

        assert await store.history(await store.ask(chat, "two")) == [("user", "two")]

    async def test_a_stopped_answer_was_said_as_it_was_shown(self, store: Store, chat: Chat) -> None:
        await store.accept(chat, "one")
        await store.end(Outcome.STOPPED, "Hal")
        await store.accept(chat, "nothing came")
        await store.end(Outcome.STOPPED, None)

        history = await store.history(await store.ask(chat, "two"))

        assert history == [("user", "one"), ("assistant", "Hal"), ("user", "two")]

    async def test_quick_prompts_stand_before_their_own_answers(self, store: Store, chat: Chat) -> None:
        for text in ("one", "two", "three"):
            await store.accept(chat, text)
        await store.end(text="1")
        await store.end(text="2")
        third = await store.begin()
        assert third

        assert [text for _, text in await store.history(third)] == ["one", "1", "two", "2", "three"]

    async def test_conversations_know_nothing_of_each_other(self, store: Store, chat: Chat) -> None:
        await store.accept(chat, "secret")
        await store.end()

        assert await store.history(await store.ask(await store.chats.get(8, provider="alpha"), "hi")) == [
            ("user", "hi")
        ]

    async def test_an_answer_that_was_given_anew_is_replaced(self, store: Store, chat: Chat) -> None:
        await store.accept(chat, "one")
        await store.end(text="first")
        for text in ("second", "third"):
            await store.again(chat)
            await store.end(text=text)

        history = await store.history(await store.ask(chat, "two"))

        assert history == [("user", "one"), ("assistant", "third"), ("user", "two")]
