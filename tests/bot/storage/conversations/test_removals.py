"""What was said in a group is deleted a day after the bot was taken out of it, unless it is back."""

from typing import Any

import pytest
from sqlalchemy import func, select, text

from bot.storage.conversations.purge import Purge
from bot.storage.conversations.removals import GRACE_S, SETTINGS_KEPT_S, Removals
from bot.storage.engine.slack import Slack
from bot.storage.signals import Signals
from bot.storage.tables import Answer, Base, Chat, Conversation, Message, Part, Prompt, Reply, Stray
from tests.bot.door import Door
from tests.bot.raw import ANN, FORUM, GROUP, Raw, member, said
from tests.clock import FakeClock

SAID = (Conversation, Prompt, Answer, Reply, Part, Stray, Message)


async def talk(door: Door, chat: Raw = GROUP, count: int = 1, **fields: Any) -> None:
    """Have some exchanges in a group."""
    for number in range(count):
        await door.knock(said(f"@DeltaBot {number}", chat=chat, **fields))
        job = await door.store.begun()
        await door.store.show(job, 500 + number)
        await door.store.replies.stands(await door.store.made(job))


async def counts(door: Door, *tables: type[Base]) -> list[int]:
    async with door.db() as session:
        return [await session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


class Removing:
    """Removals, and the purge that takes the rows away after them."""

    def __init__(self, door: Door, clock: FakeClock) -> None:
        signals = Signals()
        self._removals = Removals(door.db, clock, signals)
        self._purge = Purge(door.db, clock, signals, Slack(door.db, clock), keep_days=None)

    async def carry_out(self) -> None:
        await self._removals.carry_out()
        while await self._purge.step():
            pass
        await self._removals.carry_out()


@pytest.fixture
def removing(door: Door, clock: FakeClock) -> Removing:
    return Removing(door, clock)


async def test_after_a_day_nothing_is_left_of_what_was_said(door: Door, clock: FakeClock, removing: Removing) -> None:
    await talk(door, count=3)
    await talk(door, FORUM, message_thread_id=3, is_topic_message=True)
    await door.knock(said("In private"))
    await door.store.end()
    await door.knock(member("member", "kicked", chat=GROUP))
    await door.knock(member("member", "left", chat=FORUM))

    await clock.advance(GRACE_S)
    await removing.carry_out()
    assert await counts(door, Prompt) == [5]
    await clock.advance(1)
    await removing.carry_out()

    assert await counts(door, *SAID) == [1, 1, 1, 1, 0, 0, 1]
    async with door.db() as session:
        assert await session.scalar(text("SELECT count(*) FROM finds")) == 1
    assert await door.asked() == ["In private"]
    assert await counts(door, Chat) == [3]


async def test_a_group_that_became_a_supergroup_was_not_left(door: Door, clock: FakeClock, removing: Removing) -> None:
    group: Raw = {"id": -77, "type": "group", "title": "Friends"}
    await talk(door, group)
    await door.knock(member("member", "left", chat=group))
    await door.knock(said(chat=group, migrate_to_chat_id=-1_000_000_000_077))
    await clock.advance(2 * GRACE_S)

    await removing.carry_out()

    assert await counts(door, Prompt) == [1]


@pytest.mark.parametrize("back", [member("kicked", "member", chat=GROUP), said("@DeltaBot hi", chat=GROUP)])
async def test_a_group_that_has_the_bot_back_keeps_it_all(
    door: Door, clock: FakeClock, removing: Removing, back: Raw
) -> None:
    await talk(door)
    await door.knock(member("member", "kicked", chat=GROUP))
    await clock.advance(GRACE_S - 1)
    await door.knock(back)
    await clock.advance(10 * GRACE_S)

    await removing.carry_out()

    assert (await counts(door, Prompt))[0] >= 1


async def test_who_only_blocks_the_bot_keeps_the_conversation(door: Door, clock: FakeClock, removing: Removing) -> None:
    await door.knock(said("Hello"))
    await door.store.end()
    await door.knock(member("member", "kicked", chat={"id": ANN["id"], "type": "private", "first_name": "Ann"}))
    await door.store.chats.set_gone(GROUP["id"], gone=True)
    await clock.advance(10 * GRACE_S)

    await removing.carry_out()

    assert await counts(door, Prompt) == [1]


async def test_an_answer_under_way_is_waited_for(door: Door, clock: FakeClock, removing: Removing) -> None:
    await door.knock(said("@DeltaBot hi", chat=GROUP))
    job = await door.store.begun()
    await door.knock(member("member", "kicked", chat=GROUP))
    await clock.advance(GRACE_S + 1)
    await removing.carry_out()
    assert await counts(door, Prompt) == [1]

    await door.store.replies.stands(await door.store.made(job))
    await removing.carry_out()

    assert await counts(door, *SAID) == [0] * 7


async def test_what_was_chosen_goes_after_a_month(door: Door, clock: FakeClock, removing: Removing) -> None:
    await talk(door)
    await door.knock(member("member", "kicked", chat=GROUP))
    await clock.advance(GRACE_S + 1)
    await removing.carry_out()
    assert await counts(door, Chat) == [1]

    await clock.advance(SETTINGS_KEPT_S)
    await removing.carry_out()

    assert await counts(door, Chat) == [0]
