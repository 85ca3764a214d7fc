"""Flood limits: who is delayed, who is refused and for how long."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from telegram_playground.client import Chat, PlaygroundClient
from telegram_playground.limits.flood_limits import Floods, Limits
from telegram_playground.protocol.errors import TooManyRequests
from telegram_playground.server import Playground
from tests.telegram_playground.hand_clock import HandClock
from tests.telegram_playground.raw_bot import RawBot

STRICT = Limits(absorb_s=0, absorb_typing_s=0)
PRIVATE, GROUP, BOT = 5, -5, 1


def _passed(floods: Floods, count: int, *, chat: int = PRIVATE, now: float = 0.0, family: Any = "message") -> int:
    """Return how many of `count` calls at one moment are let through at once."""
    passed = 0
    for _ in range(count):
        try:
            passed += floods.admit(BOT, chat, family, now) == 0
        except TooManyRequests:
            break
    return passed


def _refusal(floods: Floods, now: float, *, chat: int = PRIVATE, family: Any = "message") -> int:
    with pytest.raises(TooManyRequests) as refused:
        floods.admit(BOT, chat, family, now)
    return refused.value.retry_after_s


def test_a_private_chat_takes_five_at_once_and_one_a_second() -> None:
    floods = Floods(STRICT)

    assert _passed(floods, 10) == 5
    floods = Floods(STRICT)
    assert sum(_passed(floods, 1, now=0.5 * tick) for tick in range(9)) == 9
    assert _passed(floods, 1, now=4.5) == 0


def test_a_group_takes_twenty_a_minute() -> None:
    floods = Floods(STRICT)
    windowed = Floods(STRICT.changed({"group_window": True}))

    assert _passed(floods, 30, chat=GROUP) == 20
    assert _passed(floods, 30, chat=GROUP, now=33) == 11
    assert _passed(windowed, 20, chat=GROUP) == 20
    assert _refusal(windowed, 33, chat=GROUP) == 27
    assert _passed(windowed, 30, chat=GROUP, now=60.1) == 20


def test_all_chats_together_take_thirty_a_second() -> None:
    floods = Floods(STRICT)

    assert sum(_passed(floods, 1, chat=chat) for chat in range(1, 100)) == 30
    assert sum(_passed(floods, 1, chat=chat, now=0.5) for chat in range(200, 300)) == 15


def test_typing_has_windows_of_its_own_unless_all_share_one_bucket() -> None:
    floods, shared = Floods(STRICT), Floods(STRICT.changed({"shared": True}))

    assert _passed(floods, 99, family="typing") == 20
    assert _passed(floods, 99) == 5
    assert 3 <= _refusal(floods, 0.1, family="typing") <= 7
    assert _passed(floods, 99, now=8.0, family="typing") == 20
    assert _passed(floods, 99, now=20.0, family="typing") == 0
    assert _passed(floods, 99, now=31.0, family="typing") == 20
    assert _passed(shared, 99, family="typing") == 5


def test_repeats_count_down_at_first_and_lengthen_the_penalty_later() -> None:
    floods = Floods(STRICT)
    _passed(floods, 20, chat=GROUP)
    floods.punish(BOT, GROUP, "message", 40, 0.0)

    assert [_refusal(floods, now, chat=GROUP) for now in (0.1, 0.9)] == [40, 40]
    assert _refusal(floods, 10, chat=GROUP) == 45
    assert _refusal(floods, 20, chat=GROUP) == 53
    for _ in range(10):
        _refusal(floods, 20, chat=GROUP)
    assert _refusal(floods, 20, chat=GROUP) == 300


def test_without_growth_the_time_only_counts_down() -> None:
    floods = Floods(STRICT.changed({"growth": 1}))
    floods.punish(BOT, PRIVATE, "message", 40, 0.0)

    assert [_refusal(floods, now) for now in (5, 5, 20)] == [35, 35, 20]


def test_silence_for_the_whole_time_clears_the_penalty() -> None:
    floods = Floods(STRICT)
    _passed(floods, 5)
    wait = _refusal(floods, 0.0)

    assert floods.admit(BOT, PRIVATE, "message", wait) == 0
    assert floods.admit(BOT, PRIVATE, "message", wait + 60) == 0


def test_short_waits_are_made_silently_and_long_ones_refused() -> None:
    floods = Floods(Limits())

    assert [round(floods.admit(BOT, PRIVATE, "message", 0.0)) for _ in range(13)] == [0] * 5 + list(range(1, 9))
    assert _refusal(floods, 0.0) == 9


def test_the_worst_day_refuses_for_minutes_and_hours() -> None:
    floods = Floods(Limits.worst_day())
    _passed(floods, 5)

    assert _refusal(floods, 0.0) == 33
    _passed(floods, 5, now=40)
    assert _refusal(floods, 40) == 137
    _passed(floods, 5, now=200)
    assert _refusal(floods, 200) == 10323


def test_a_rate_below_one_is_kept() -> None:
    limits = Limits().changed({"private_per_s": 0.5, "bot_per_s": 0.25})

    assert (limits.private_per_s, limits.bot_per_s) == (0.5, 0.25)


def test_limits_are_checked_when_they_are_changed() -> None:
    for wrong in ({"nope": 1}, {"private_burst": "5"}, {"private_per_s": 0}, {"penalties": [0]}, {"shared": 1}):
        with pytest.raises(ValueError, match="limit"):
            Limits().changed(wrong)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def playground(clock: HandClock) -> AsyncIterator[Playground]:
    async with Playground(clock=clock, limits=STRICT) as server:
        yield server


async def _send(raw: RawBot, chat: Chat, count: int) -> list[int]:
    return [(await raw.call("sendMessage", chat_id=chat.id, text=str(number))).status for number in range(count)]


async def test_sends_and_edits_share_a_chats_budget(raw: RawBot, chat: Chat) -> None:
    sent = await raw("sendMessage", chat_id=chat.id, text="0")
    place = {"chat_id": chat.id, "message_id": sent["message_id"]}
    for number in range(1, 5):
        await raw("editMessageText", text=str(number), **place)

    refused = await raw.call("editMessageText", text="5", **place)

    assert refused.status == 429
    assert refused.body["parameters"]["retry_after"] == 1
    assert refused.headers["retry-after"] == "1"


async def test_a_refused_call_passes_after_its_time(raw: RawBot, chat: Chat, clock: HandClock) -> None:
    assert await _send(raw, chat, 6) == [200] * 5 + [429]

    await clock.advance(1)

    assert await _send(raw, chat, 1) == [200]


async def test_a_short_wait_delays_the_answer(
    raw: RawBot, people: PlaygroundClient, chat: Chat, clock: HandClock
) -> None:
    await people.set(limits={"absorb_s": 8})
    await _send(raw, chat, 5)

    late = asyncio.ensure_future(raw("sendMessage", chat_id=chat.id, text="late"))
    await clock.asleep(1.0)
    await clock.advance(1.0)

    assert (await late)["text"] == "late"
    assert (await people.calls(method="sendMessage"))[-1]["waited_s"] == 1.0


@pytest.mark.parametrize(("cost", "status"), [(True, 429), (False, 400)])
async def test_edits_that_change_nothing_cost_calls_unless_told_otherwise(
    raw: RawBot, people: PlaygroundClient, chat: Chat, cost: bool, status: int
) -> None:
    await people.set(limits={"failed_edits_cost": cost})
    sent = await raw("sendMessage", chat_id=chat.id, text="same")
    place = {"chat_id": chat.id, "message_id": sent["message_id"]}

    answers = [await raw.call("editMessageText", text="same", **place) for _ in range(8)]

    assert answers[-1].status == status


async def test_topics_of_a_forum_share_one_budget(raw: RawBot, people: PlaygroundClient, bot: Any, ann: Any) -> None:
    forum = await people.add_group("Forum", members=[ann], bots=[bot], forum=True)
    topics = [await people.add_topic(forum, name) for name in ("a", "b")]

    async def typed(number: int) -> int:
        thread = topics[number % 2].thread_id
        answer = await raw.call("sendChatAction", chat_id=forum.id, action="typing", message_thread_id=thread)
        return answer.status

    assert [await typed(number) for number in range(21)] == [200] * 20 + [429]


async def test_a_penalty_can_be_ordered(raw: RawBot, people: PlaygroundClient, chat: Chat, clock: HandClock) -> None:
    await people.fault("sendMessage", "flood", seconds=33)

    first = await raw.call("sendMessage", chat_id=chat.id, text="x")
    await clock.advance(3)
    second = await raw.call("sendMessage", chat_id=chat.id, text="x")

    assert first.body["parameters"]["retry_after"] == 33
    assert second.body["parameters"]["retry_after"] == 45


async def test_meters_show_what_is_left(raw: RawBot, people: PlaygroundClient, chat: Chat) -> None:
    await _send(raw, chat, 2)

    meters = {meter["name"]: meter for meter in (await people.command("state"))["meters"]}

    assert (meters["private"]["left"], meters["private"]["size"]) == (3, 5)
    assert meters["bot"]["left"] == 28


async def test_the_limits_can_be_switched_off(raw: RawBot, people: PlaygroundClient, chat: Chat) -> None:
    await people.set(limits=Limits.off())

    assert await _send(raw, chat, 40) == [200] * 40
    assert (await people.set(limits="worst_day"))["limits"]["penalties"] == [33, 137, 10323]
