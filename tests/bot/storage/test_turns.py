"""The queue of prompts: order, places, what was said."""

import itertools

import pytest

from bot.storage.chats import RETURN_S, Chats
from bot.storage.database import Sessions
from bot.storage.parts import Parts
from bot.storage.tables import Chat, Outcome, State, Turn
from bot.storage.taking import MAX_WAITING, MAX_WAITING_PER_PERSON, Verdict
from bot.storage.turns import Pressed, Stop, Turns
from bot.storage.updates import Updates
from tests.bot import asking
from tests.clock import FakeClock

ANN, BOB = 11, 12

_updates = itertools.count(1)


@pytest.fixture
async def chat(chats: Chats) -> Chat:
    return await chats.get(7, provider="alpha")


@pytest.fixture
def parts(db: Sessions, clock: FakeClock) -> Parts:
    return Parts(db, clock)


async def accept(
    turns: Turns, chat: Chat, text: str = "Hello", *, user_id: int = ANN, group: bool = False, update_id: int = 0
) -> Verdict:
    return await asking.accept(turns, update_id or next(_updates), chat.id, user_id=user_id, text=text, group=group)


async def begin(turns: Turns, places: int = 99, places_per_provider: int = 99) -> Turn | None:
    return await turns.claim(places=places, places_per_provider=places_per_provider)


async def end(turns: Turns, outcome: Outcome = Outcome.ANSWERED, answer: str | None = "Hi.") -> Turn:
    """Bring the next turn to its end."""
    turn = await begin(turns)
    assert turn
    await turns.answered(turn.id, outcome, answer=answer, shown=answer or "⚠️")
    await turns.close(turn.id)
    return turn


async def ask(turns: Turns, chat: Chat, text: str) -> Turn:
    """Queue a prompt and begin it."""
    await accept(turns, chat, text)
    turn = await begin(turns)
    assert turn
    return turn


class TestAccept:
    """A prompt is queued."""

    async def test_a_prompt_wakes_the_worker(self, turns: Turns, chat: Chat) -> None:
        turns.changed.clear()

        assert await accept(turns, chat) is Verdict.ACCEPTED

        assert turns.changed.is_set()

    async def test_an_update_with_the_id_of_an_old_turn_is_taken(
        self, turns: Turns, chat: Chat, updates: Updates, clock: FakeClock
    ) -> None:
        old = next(_updates)
        await accept(turns, chat, update_id=old)
        await clock.advance(8 * 86_400)
        await updates.prune()

        assert await accept(turns, chat, "again", update_id=old) is Verdict.ACCEPTED
        assert await accept(turns, chat, "again", update_id=old) is Verdict.KNOWN

    async def test_an_update_makes_one_turn(self, turns: Turns, chat: Chat) -> None:
        await accept(turns, chat, update_id=1_000)

        assert await accept(turns, chat, update_id=1_000) is Verdict.KNOWN
        await end(turns)
        assert await begin(turns) is None

    async def test_what_is_too_much_is_told_once_until_a_place_is_free(self, turns: Turns, chat: Chat) -> None:
        for _ in range(MAX_WAITING):
            assert await accept(turns, chat) is Verdict.ACCEPTED

        assert await accept(turns, chat) is Verdict.BUSY
        assert await accept(turns, chat) is Verdict.STILL_BUSY
        await begin(turns)
        assert await accept(turns, chat) is Verdict.ACCEPTED
        assert await accept(turns, chat) is Verdict.BUSY

    async def test_what_is_too_much_without_a_word_is_taken(self, turns: Turns, chat: Chat, updates: Updates) -> None:
        for _ in range(MAX_WAITING + 1):
            await accept(turns, chat)

        assert await accept(turns, chat, update_id=4_001) is Verdict.STILL_BUSY
        assert await updates.known(4_001)

    async def test_in_a_group_each_person_has_places_of_his_own(self, turns: Turns, chat: Chat) -> None:
        for _ in range(MAX_WAITING_PER_PERSON):
            await accept(turns, chat, group=True)

        assert await accept(turns, chat, group=True) is Verdict.BUSY
        assert await accept(turns, chat, group=True) is Verdict.STILL_BUSY
        assert await accept(turns, chat, group=True, user_id=BOB) is Verdict.ACCEPTED

    async def test_a_full_conversation_delays_no_other(self, turns: Turns, chat: Chat, chats: Chats) -> None:
        for _ in range(MAX_WAITING):
            await accept(turns, chat)

        assert await accept(turns, await chats.get(8, provider="alpha")) is Verdict.ACCEPTED

    async def test_what_is_not_taken_leaves_no_trace(self, turns: Turns, chat: Chat) -> None:
        for number in range(MAX_WAITING + 1):
            await accept(turns, chat, f"{number}")
        for _ in range(MAX_WAITING):
            await end(turns)

        assert await begin(turns) is None


class TestClaim:
    """Turns of one conversation come in order, conversations side by side."""

    async def test_a_conversation_has_one_open_turn(self, turns: Turns, chat: Chat) -> None:
        first = await ask(turns, chat, "one")
        await accept(turns, chat, "two")

        assert await begin(turns) is None
        await turns.answered(first.id, Outcome.ANSWERED, answer="1", shown="1")
        assert await begin(turns) is None
        await turns.close(first.id)
        second = await begin(turns)
        assert second
        assert await turns.history(second) == [("user", "one"), ("assistant", "1"), ("user", "two")]

    async def test_conversations_go_side_by_side(self, turns: Turns, chat: Chat, chats: Chats) -> None:
        other = await chats.get(8, provider="alpha")
        await accept(turns, chat)
        await accept(turns, other)

        assert [turn.chat_id for turn in (await begin(turns), await begin(turns)) if turn] == [chat.id, other.id]

    async def test_no_more_turns_generate_than_there_are_places(self, turns: Turns, chat: Chat, chats: Chats) -> None:
        await accept(turns, chat)
        await accept(turns, await chats.get(8, provider="alpha"))
        first = await begin(turns, places=1)
        assert first

        assert await begin(turns, places=1) is None
        await turns.answered(first.id, Outcome.ANSWERED, answer="Hi.", shown="Hi.")
        assert await begin(turns, places=1) is not None

    async def test_a_provider_with_no_place_left_is_passed_over(self, turns: Turns, chat: Chat, chats: Chats) -> None:
        await accept(turns, chat)
        await accept(turns, await chats.get(8, provider="alpha"))
        other = await chats.get(9, provider="beta")
        await accept(turns, other)

        await begin(turns, places_per_provider=1)
        second = await begin(turns, places_per_provider=1)

        assert second
        assert second.chat_id == other.id

    async def test_after_a_crash_a_turn_is_generated_again_and_a_complete_one_delivered(
        self, turns: Turns, chat: Chat, chats: Chats
    ) -> None:
        first = await ask(turns, chat, "one")
        delivering = await ask(turns, await chats.get(8, provider="alpha"), "two")
        await turns.answered(delivering.id, Outcome.ANSWERED, answer="2", shown="2")

        assert await turns.recover() == 0
        assert [turn.id for turn in await turns.resume()] == [delivering.id]

        again = await begin(turns)
        assert again
        assert (again.id, again.attempt) == (first.id, 2)

    async def test_after_a_crash_nothing_is_generated_for_a_chat_that_is_gone(
        self, turns: Turns, chat: Chat, chats: Chats, clock: FakeClock
    ) -> None:
        turn = await ask(turns, chat, "one")
        await accept(turns, await chats.get(8, provider="alpha"), "two")
        await clock.advance(RETURN_S + 1)
        await chats.set_gone(chat.telegram_id, gone=True)

        await turns.recover()

        ended, other = await turns.get(turn.id), await begin(turns)
        assert ended
        assert other
        assert (ended.state, ended.outcome) == (State.DONE, Outcome.UNDELIVERABLE)
        assert other.chat_id != chat.id
        assert await begin(turns) is None


class TestAnswered:
    """The end of a generation."""

    async def test_a_turn_is_answered_once(self, turns: Turns, chat: Chat) -> None:
        turn = await ask(turns, chat, "Hello")

        assert await turns.answered(turn.id, Outcome.ANSWERED, answer="Hi.", shown="Hi.")
        assert not await turns.answered(turn.id, Outcome.FAILED, answer="Ho.", shown="Ho.")

        row = await turns.get(turn.id)
        assert row
        assert (row.state, row.outcome, row.shown) == (State.DELIVERING, Outcome.ANSWERED, "Hi.")


class TestHistory:
    """What was really said."""

    async def test_a_failed_answer_was_not_said_and_neither_was_its_prompt(self, turns: Turns, chat: Chat) -> None:
        await accept(turns, chat, "one")
        await end(turns, Outcome.FAILED, None)

        assert await turns.history(await ask(turns, chat, "two")) == [("user", "two")]

    async def test_a_stopped_answer_was_said_as_it_was_shown(self, turns: Turns, chat: Chat) -> None:
        await accept(turns, chat, "one")
        await end(turns, Outcome.STOPPED, "Hal")
        await accept(turns, chat, "nothing came")
        await end(turns, Outcome.STOPPED, None)

        history = await turns.history(await ask(turns, chat, "two"))

        assert history == [("user", "one"), ("assistant", "Hal"), ("user", "two")]

    async def test_quick_prompts_stand_before_their_own_answers(self, turns: Turns, chat: Chat) -> None:
        for text in ("one", "two", "three"):
            await accept(turns, chat, text)
        await end(turns, answer="1")
        await end(turns, answer="2")
        third = await begin(turns)
        assert third

        assert [text for _, text in await turns.history(third)] == ["one", "1", "two", "2", "three"]

    async def test_conversations_know_nothing_of_each_other(self, turns: Turns, chat: Chat, chats: Chats) -> None:
        await accept(turns, chat, "secret")
        await end(turns)

        assert await turns.history(await ask(turns, await chats.get(8, provider="alpha"), "hi")) == [("user", "hi")]

    async def test_an_answer_that_was_given_anew_is_replaced(self, turns: Turns, chat: Chat) -> None:
        await accept(turns, chat, "one")
        await end(turns, answer="first")
        for text in ("second", "third"):
            await turns.retry(next(_updates), chat.id, user_id=ANN, language="en")
            await end(turns, answer=text)

        history = await turns.history(await ask(turns, chat, "two"))

        assert history == [("user", "one"), ("assistant", "third"), ("user", "two")]


class TestRetry:
    """The last prompt, again."""

    async def test_a_prompt_that_was_dropped_can_be_asked_again(self, turns: Turns, chat: Chat) -> None:
        await accept(turns, chat, "one")
        await turns.stop(next(_updates), chat.id)

        verdict = await turns.retry(next(_updates), chat.id, user_id=ANN, language="en")

        turn = await begin(turns)
        assert turn
        assert verdict is Verdict.ACCEPTED
        assert await turns.history(turn) == [("user", "one")]

    async def test_an_update_that_was_taken_asks_nothing(self, turns: Turns, chat: Chat) -> None:
        await accept(turns, chat, update_id=2_000)
        await end(turns)

        assert await turns.retry(2_000, chat.id, user_id=ANN, language="en") is Verdict.KNOWN

    async def test_the_button_still_works_where_its_repetition_was_dropped(
        self, turns: Turns, chat: Chat, parts: Parts
    ) -> None:
        await accept(turns, chat, "one")
        first = await end(turns)
        await parts.intend(first.id, 0, after=0)
        await parts.opened(first.id, 0, 5)
        await turns.retry(next(_updates), chat.id, user_id=ANN, language="en", answer=first.id)
        await turns.stop(next(_updates), chat.id)

        verdict = await turns.retry(next(_updates), chat.id, user_id=ANN, language="en", answer=first.id)

        turn = await begin(turns)
        assert turn
        assert (verdict, turn.replaces) == (Verdict.ACCEPTED, first.id)
        assert [part.message_id for part in await parts.of(turn.id)] == [5]

    @pytest.mark.parametrize(("prompts", "verdict"), [(0, Verdict.NOTHING), (1, Verdict.BUSY)])
    async def test_a_refusal_is_told_until_the_update_is_taken(
        self, turns: Turns, chat: Chat, updates: Updates, prompts: int, verdict: Verdict
    ) -> None:
        for _ in range(prompts):
            await accept(turns, chat)

        for _ in range(2):  # a kill comes before the notice is stored
            assert await turns.retry(5_000, chat.id, user_id=ANN, language="en") is verdict
        await updates.take(5_000)

        assert await turns.retry(5_000, chat.id, user_id=ANN, language="en") is Verdict.KNOWN

    async def test_an_update_repeats_one_prompt_once(self, turns: Turns, chat: Chat) -> None:
        await accept(turns, chat, "one")
        await end(turns)
        await turns.retry(5_001, chat.id, user_id=ANN, language="en")
        await end(turns)

        assert await turns.retry(5_001, chat.id, user_id=ANN, language="en") is Verdict.KNOWN


class TestStop:
    """No more of the answer under way."""

    async def test_what_was_dropped_is_told_until_the_update_is_taken(
        self, turns: Turns, chat: Chat, updates: Updates
    ) -> None:
        await ask(turns, chat, "Hello")
        await accept(turns, chat, "waits")

        for _ in range(2):  # a kill comes before the notice is stored
            assert await turns.stop(6_000, chat.id) == Stop(running=True, dropped=1)
        await updates.take(6_000)

        assert await turns.stop(6_000, chat.id) is None

    async def test_a_stop_that_only_the_reply_shows_is_taken(self, turns: Turns, chat: Chat, updates: Updates) -> None:
        await ask(turns, chat, "Hello")

        await turns.stop(6_001, chat.id)

        assert await updates.known(6_001)

    async def test_a_stop_survives_a_crash(self, turns: Turns, chat: Chat) -> None:
        turn = await ask(turns, chat, "Hello")
        assert await turns.stop(next(_updates), chat.id) == Stop(running=True)

        await turns.recover()

        again = await begin(turns)
        assert again
        assert (again.id, again.stop) == (turn.id, True)

    async def test_other_conversations_go_on(self, turns: Turns, chat: Chat, chats: Chats) -> None:
        other = await chats.get(8, provider="alpha")
        await ask(turns, other, "Hello")
        await accept(turns, other, "waits")

        assert await turns.stop(next(_updates), chat.id) == Stop()

        assert await turns.stopping() == []

    async def test_an_update_that_was_taken_stops_nothing(self, turns: Turns, chat: Chat) -> None:
        await accept(turns, chat, update_id=3_000)
        await begin(turns)

        assert await turns.stop(3_000, chat.id) is None
        assert await turns.stopping() == []

    async def test_after_a_stop_there_are_places_again(self, turns: Turns, chat: Chat) -> None:
        for _ in range(MAX_WAITING + 1):
            await accept(turns, chat)

        assert await turns.stop(next(_updates), chat.id) == Stop(dropped=MAX_WAITING)

        for _ in range(MAX_WAITING):
            assert await accept(turns, chat) is Verdict.ACCEPTED
        assert await accept(turns, chat) is Verdict.BUSY

    async def test_a_button_of_another_conversation_stops_nothing(
        self, turns: Turns, chat: Chat, chats: Chats, parts: Parts
    ) -> None:
        turn = await ask(turns, chat, "Hello")
        await parts.intend(turn.id, 0, after=0)
        other = await chats.get(8, provider="alpha")

        stop = await turns.stop_shown(next(_updates), other.id, pressed=Pressed(turn.id, 0, 9))

        assert stop == Stop()
        assert await turns.stopping() == []
        assert [part.message_id for part in await parts.of(turn.id)] == [None]

    async def test_a_second_part_that_is_being_opened_is_no_stray(self, turns: Turns, chat: Chat, parts: Parts) -> None:
        turn = await ask(turns, chat, "Hello")
        for number in (0, 1):
            await parts.intend(turn.id, number, after=0)
        await parts.opened(turn.id, 0, 5)

        assert not await turns.is_stray(chat.id, Pressed(turn.id, 1, 6))
        assert not await turns.is_stray(chat.id, Pressed(turn.id, 0, 5))
        assert await turns.is_stray(chat.id, Pressed(turn.id, 0, 6))

    async def test_a_turn_that_is_not_known_makes_no_stray(self, turns: Turns, chat: Chat, chats: Chats) -> None:
        turn = await ask(turns, await chats.get(7, 3, provider="alpha"), "Hello")

        assert not await turns.is_stray(chat.id, Pressed(turn.id, 0, 6))
        assert not await turns.is_stray(chat.id, Pressed(4_711, 0, 6))
