"""Parts: on which messages an edit may still land that had no answer."""

from bot.storage.chats import Chats
from bot.storage.database import Sessions
from bot.storage.parts import Late, Parts
from bot.storage.tables import Outcome, Turn
from bot.storage.turns import Turns
from tests.bot import asking
from tests.clock import FakeClock

ANN = 7


async def shown(turns: Turns, chats: Chats, parts: Parts, message_id: int, *, telegram_id: int = ANN) -> Turn:
    """Return a turn under way whose first part stands in a message."""
    chat = await chats.get(telegram_id, provider="alpha")
    await asking.accept(turns, message_id, chat.id, message_id=message_id - 1, user_id=ANN)
    turn = await turns.claim(places=9, places_per_provider=9)
    assert turn
    await parts.intend(turn.id, 0, after=0)
    await parts.opened(turn.id, 0, message_id)
    return turn


async def end(turns: Turns, turn: Turn) -> None:
    await turns.answered(turn.id, Outcome.ANSWERED, answer="Hi.", shown="Hi.")
    await turns.close(turn.id)


async def test_an_edit_without_an_answer_is_remembered_of_its_message_alone(
    turns: Turns, chats: Chats, parts: Parts, clock: FakeClock
) -> None:
    here = await shown(turns, chats, parts, 20)
    await shown(turns, chats, parts, 40, telegram_id=8)

    for telegram_id, message_id in ((ANN, 20), (ANN, 40), (ANN, 99)):
        await parts.unanswered(telegram_id, message_id)

    assert await parts.late() == [Late(here.id, 0, 20, clock.wall())]
    assert parts.overdue.is_set()


async def test_after_a_death_edits_may_land_on_what_was_under_way(
    turns: Turns, chats: Chats, parts: Parts, clock: FakeClock
) -> None:
    await end(turns, await shown(turns, chats, parts, 20))
    second = await shown(turns, chats, parts, 40)

    await parts.died()

    assert await parts.late() == [Late(second.id, 0, 40, clock.wall())]


async def test_what_was_noted_by_a_clock_that_was_ahead_counts_from_now(
    turns: Turns, chats: Chats, parts: Parts, db: Sessions, clock: FakeClock
) -> None:
    turn = await shown(turns, chats, parts, 20)
    await Parts(db, FakeClock(wall=clock.wall() + 86_400)).unanswered(ANN, 20)
    await end(turns, turn)

    await parts.died()

    assert await parts.late() == [Late(turn.id, 0, 20, clock.wall())]


async def test_a_part_is_settled_unless_another_edit_had_no_answer_since(
    turns: Turns, chats: Chats, parts: Parts, clock: FakeClock
) -> None:
    await shown(turns, chats, parts, 20)
    await parts.unanswered(ANN, 20)
    (first,) = await parts.late()
    await clock.advance(1)
    await parts.unanswered(ANN, 20)

    await parts.settle(first)
    (second,) = await parts.late()
    await parts.settle(second)

    assert second.since == first.since + 1
    assert await parts.late() == []


async def test_only_the_last_answer_shown_is_the_last_one(turns: Turns, chats: Chats, parts: Parts) -> None:
    first = await shown(turns, chats, parts, 20)
    await end(turns, first)
    assert await parts.is_last(first)

    second = await shown(turns, chats, parts, 40)

    assert not await parts.is_last(first)
    assert await parts.is_last(second)
