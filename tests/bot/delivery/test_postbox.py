"""Who asks for notice after notice in a group keeps nobody else waiting."""

import asyncio
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from aiogram.methods import EditMessageText, SendMessage
from aiogram.types import ReplyParameters

from bot.delivery.budget.budget import Budget, Limits
from bot.delivery.budget.supply import Supply
from bot.delivery.delivery import Delivery
from bot.delivery.line import Letter, Line
from bot.delivery.postbox import LOOK_S, UNSEEN_S
from bot.delivery.priority import Priority
from bot.delivery.shares import BURST, LEFT, PART, RATE, SWEEP, Shares
from bot.delivery.wish import Wish, always
from bot.intake.notice import Method
from bot.intake.outbox import packed
from bot.storage.engine.database import Sessions
from bot.storage.ids import ELSEWHERE
from bot.storage.tables import Chat as ChatRow
from bot.storage.tables import Reply
from bot.storage.telegram.notices import Notices, keep
from telegram_playground.client import Chat, PlaygroundClient, User
from tests.bot.delivery.conftest import TOKEN
from tests.clock import FakeClock

GROUP, ANN, BOB = -7, 11, 12
SUPPLY = Supply(tokens=20, rate=20 / 60, burst=20, bot_tokens=30, bot_rate=30)
SHARE = int(BURST)


@pytest.fixture
def pulse(clock: FakeClock) -> FakeClock:
    return clock


@pytest.fixture
def limits() -> Limits:
    return Limits(group_burst=SHARE + 4)


@pytest.fixture
async def bob(people: PlaygroundClient) -> User:
    return await people.add_user("Bob")


@pytest.fixture
async def group(people: PlaygroundClient, chat: Chat, ann: User, bob: User) -> Chat:
    return await people.add_group("Club", members=[ann, bob], bots=[await people.bot(TOKEN)])


@pytest.fixture
def answer(delivery: Delivery, group: Chat) -> Iterator[None]:
    """An answer that grows in the group."""
    with delivery.streams.streaming(group.id):
        yield


def said(chat: Chat, text: str) -> SendMessage:
    return SendMessage(chat_id=chat.id, text=text)


async def said_in(people: PlaygroundClient, chat: Chat) -> list[str]:
    return [message.text for message in await people.messages(chat) if message.text]


async def share_said(delivery: Delivery, people: PlaygroundClient, group: Chat, person: User) -> list[str]:
    """Have a person's whole share said, then post one notice more; return the texts of the share."""
    within = [f"{number} within" for number in range(SHARE)]
    for text in [*within, "beyond"]:
        delivery.postbox.post(said(group, text), by=person.id)
    await people.wait(group, text=within[-1])
    return within


@pytest.mark.usefixtures("answer")
async def test_beyond_a_share_of_a_groups_calls_one_persons_notices_wait_and_those_of_others_do_not(
    delivery: Delivery, people: PlaygroundClient, group: Chat, ann: User, bob: User, clock: FakeClock
) -> None:
    for number in range(1, SHARE + 3):
        delivery.postbox.post(said(group, f"to Ann {number}"), by=ann.id)
    await people.wait(group, text=f"to Ann {SHARE}")
    delivery.postbox.post(said(group, "to Bob"), by=bob.id)
    delivery.postbox.post(said(group, "to all"))
    await people.wait(group, text="to all")
    so_far = await said_in(people, group)
    await clock.advance(1 / RATE + 0.1)
    await people.wait(group, text=f"to Ann {SHARE + 1}")

    within = [f"to Ann {number}" for number in range(1, SHARE + 1)]
    assert so_far == [*within, "to Bob", "to all"]
    assert await said_in(people, group) == [*so_far, f"to Ann {SHARE + 1}"]


async def test_where_no_answer_grows_what_is_beyond_a_share_is_said_at_once(
    delivery: Delivery, people: PlaygroundClient, group: Chat, ann: User
) -> None:
    within = await share_said(delivery, people, group, ann)
    await people.wait(group, text="beyond")

    assert await said_in(people, group) == [*within, "beyond"]


async def test_what_waits_beside_an_answer_is_said_when_that_has_ended(
    delivery: Delivery, people: PlaygroundClient, group: Chat, ann: User, clock: FakeClock
) -> None:
    with delivery.streams.streaming(group.id):
        within = await share_said(delivery, people, group, ann)
        await clock.asleep()
    so_far = await said_in(people, group)
    await clock.advance(LOOK_S)
    await people.wait(group, text="beyond")

    assert so_far == within


@pytest.mark.usefixtures("answer")
async def test_what_nobody_waits_for_gives_way_to_a_notice_that_waits_for_its_share(
    delivery: Delivery, people: PlaygroundClient, group: Chat, ann: User, clock: FakeClock
) -> None:
    within = await share_said(delivery, people, group, ann)
    idle = asyncio.ensure_future(delivery.call(Wish(group.id, always(said(group, "idle"))), Priority.IDLE))
    await clock.advance(9)  # most of the budget is back
    await people.wait(group, text="beyond")
    await idle

    assert await said_in(people, group) == [*within, "beyond", "idle"]


@pytest.mark.usefixtures("answer")
async def test_what_waits_is_said_sooner_where_the_group_has_most_of_its_calls_left(
    delivery: Delivery, people: PlaygroundClient, group: Chat, ann: User, clock: FakeClock
) -> None:
    for number in range(1, SHARE + 2):
        delivery.postbox.post(said(group, f"to Ann {number}"), by=ann.id)
    await people.wait(group, text=f"to Ann {SHARE}")
    await clock.advance(9)  # three calls are back
    await people.wait(group, text=f"to Ann {SHARE + 1}")


@pytest.mark.usefixtures("answer")
async def test_of_a_menu_that_is_pressed_without_pause_only_the_last_view_waits(
    delivery: Delivery, people: PlaygroundClient, group: Chat, ann: User, clock: FakeClock
) -> None:
    delivery.postbox.post(said(group, "menu"), by=ann.id)
    menu = await people.wait(group, text="menu")
    views = [f"view {number}" for number in range(1, 20)]
    for view in views:
        delivery.postbox.post(EditMessageText(chat_id=group.id, message_id=menu.message_id, text=view), by=ann.id)
        if view in views[: SHARE - 1]:
            await people.wait(group, text=f"{view}$")
    await clock.advance(1 / RATE + 0.1)
    await people.wait(group, text=f"{views[-1]}$")

    assert len(await people.calls(method="editMessageText")) == SHARE


def unseen(chat: Chat) -> SendMessage:
    return said(chat, "a secret").model_copy(update={"reply_parameters": ReplyParameters(ephemeral_message_id=4)})


async def kept(db: Sessions, method: Method) -> int:
    (call,) = packed([method])
    async with db.begin() as session:
        return await keep(session, call, 0.0)


@pytest.mark.parametrize("is_answered", [False, True])
async def test_what_is_said_in_an_inline_message_outlasts_an_outage_and_gives_way_to_an_answer_there(
    delivery: Delivery, people: PlaygroundClient, db: Sessions, notices: Notices, clock: FakeClock, is_answered: bool
) -> None:
    if is_answered:
        async with db.begin() as session:
            session.add(ChatRow(id=1, telegram_id=ANN, thread_id=ELSEWHERE, provider="a"))
            await session.flush()
            session.add(Reply(chat_id=1, inline_id="m1"))
    await people.fault("editMessageText", "error", code=500, description="Internal Server Error", times=3)
    busy = EditMessageText(inline_message_id="m1", text="busy")
    delivery.postbox.post(busy, by=ANN, key=await kept(db, busy))
    while await notices.waiting():
        await clock.advance(20)
        await asyncio.sleep(0.01)

    assert len(await people.calls(method="editMessageText")) == (0 if is_answered else 4)


async def test_what_was_for_one_person_alone_and_is_refused_is_told_openly_but_not_said(
    delivery: Delivery, people: PlaygroundClient, group: Chat, ann: User
) -> None:
    await people.fault("sendMessage", "error", code=400, description="Bad Request: EPHEMERAL_INVALID", times=1)
    delivery.postbox.post(unseen(group), by=ann.id, openly=said(group, "Ann, ask me elsewhere"))
    await people.wait(group, text="ask me elsewhere")

    assert await said_in(people, group) == ["Ann, ask me elsewhere"]


async def test_what_comes_too_late_to_be_for_one_person_alone_is_told_openly_but_not_said(
    delivery: Delivery, people: PlaygroundClient, group: Chat, ann: User, clock: FakeClock
) -> None:
    await people.fault("sendMessage", "hold", times=1)
    delivery.postbox.post(said(group, "before"), by=ann.id)
    await people.wait_held()
    delivery.postbox.post(unseen(group), by=ann.id, openly=said(group, "Ann, ask me elsewhere"))
    await clock.advance(UNSEEN_S + 1)
    await people.release()
    await people.wait(group, text="ask me elsewhere")

    assert await said_in(people, group) == ["before", "Ann, ask me elsewhere"]


def test_a_share_is_each_persons_own_in_each_group_and_comes_back() -> None:
    shares = Shares()
    for _ in range(SHARE + 3):
        shares.take(GROUP, 0.0, ANN, SUPPLY)

    assert shares.ready_in(GROUP, 0.0, ANN) == pytest.approx(1 / RATE, abs=0.01)
    assert [shares.ready_in(GROUP, 0.0, BOB), shares.ready_in(GROUP - 1, 0.0, ANN)] == [0.0, 0.0]
    assert shares.ready_in(GROUP, 1 / RATE + 0.01, ANN) == 0.0


def said_of(shares: Shares, waiting: list[int], now: float) -> int | None:
    """Say the next notice that is due, if any; return whose it was."""
    line = Line()
    line.asked.extend(Letter(SendMessage, None, person, number, None) for number, person in enumerate(waiting))
    letter, wait_s = line.next(partial(shares.ready_in, GROUP, now), partial(shares.had_at, GROUP))
    if letter is None or wait_s:
        return None
    shares.take(GROUP, now, letter.by, SUPPLY)
    return letter.by


@pytest.mark.parametrize("members", [1, 2, 6, 40])
def test_all_members_together_leave_more_than_two_thirds_of_the_calls_to_answers(members: int) -> None:
    shares, noisy = Shares(), list(range(21, 21 + members))

    for minutes in range(1, 11):
        said = [said_of(shares, noisy, float(second)) for second in range((minutes - 1) * 60, minutes * 60)]
        calls = 20 + (20 if minutes == 1 else 0)
        assert sum(each is not None for each in said) <= calls / 3, minutes


def test_who_has_asked_for_nothing_of_late_goes_before_a_crowd_that_asks_without_pause() -> None:
    shares, noisy = Shares(), list(range(21, 41))
    for second in range(600):
        said_of(shares, noisy, float(second))

    said = [said_of(shares, [*noisy, ANN], 600.0 + second) for second in range(60)]

    assert next(each for each in said if each is not None) == ANN


def test_a_group_that_telegram_has_slowed_down_has_as_much_less_for_notices() -> None:
    shares, slow = Shares(), replace(SUPPLY, rate=SUPPLY.rate / 4)
    for _ in range(SHARE):
        shares.take(GROUP, 0.0, ANN, slow)
    shares.take(GROUP, 0.0, BOB, slow)

    assert shares.ready_in(GROUP, 0.0, BOB) == pytest.approx(1 / (PART * slow.rate), abs=0.01)


def test_the_more_is_said_beyond_the_shares_the_more_must_be_left_until_a_while_has_passed() -> None:
    shares = Shares()
    left = []
    for _ in range(SHARE + 3):
        left.append(shares.left(GROUP, 0.0))
        shares.take(GROUP, 0.0, ANN, SUPPLY)

    assert left == [*[0.0] * (SHARE + 1), LEFT, 2 * LEFT]
    assert shares.left(GROUP, 10.0) == pytest.approx(2 * LEFT, abs=0.01)
    assert [shares.left(GROUP, 31.0), shares.left(GROUP - 1, 0.0)] == [0.0, 0.0]


@pytest.mark.parametrize("every_s", [0.1, 1.0])
def test_who_asks_without_pause_leaves_about_half_of_a_full_budget_to_the_next_answer(every_s: float) -> None:
    shares, budget = Shares(), Budget(Limits(), 0.0)
    levels = []

    for step in range(int(600 / every_s)):
        now = step * every_s
        room_s = budget.room_in(GROUP, 1 + shares.left(GROUP, now), now)
        if not min(shares.ready_in(GROUP, now, ANN), room_s):
            shares.take(GROUP, now, ANN, budget.supply(GROUP, now))
            budget.spend(GROUP, Priority.NOTICE, now)
            budget.ended(GROUP, 0.0, now)
        levels.append(budget.supply(GROUP, now).tokens)

    assert min(levels) > 0.45 * SUPPLY.burst
    assert min(levels[int(40 / every_s) :]) > 0.6 * SUPPLY.burst


def test_nobody_is_kept_from_anything_in_a_private_chat_nor_by_what_nobody_asked_for() -> None:
    shares = Shares()
    for _ in range(SHARE + 3):
        shares.take(ANN, 0.0, ANN, SUPPLY)
        shares.take(GROUP, 0.0, 0, SUPPLY)

    assert [shares.ready_in(ANN, 0.0, ANN), shares.ready_in(GROUP, 0.0, 0)] == [0.0, 0.0]


def test_of_many_people_those_who_use_nothing_are_forgotten() -> None:
    shares = Shares()
    for person in range(1, SWEEP + 1):
        shares.take(-person, 0.0, person, SUPPLY)
    for _ in range(SHARE):
        shares.take(GROUP, 1_000.0, ANN, SUPPLY)

    shares.take(GROUP, 1_000.0, SWEEP + 1, SUPPLY)

    assert shares.ready_in(GROUP, 1_000.0, ANN) > 0


def test_a_budget_is_nearly_full_when_it_has_refilled() -> None:
    budget = Budget(Limits(), 0.0)
    assert budget.room_in(GROUP, math.inf, 0.0) == 0.0

    for _ in range(10):
        budget.spend(GROUP, Priority.NOTICE, 0.0)
        budget.ended(GROUP, 0.1, 0.0)

    assert budget.room_in(GROUP, math.inf, 0.0) == pytest.approx(15.0, abs=0.01)
    assert [budget.room_in(GROUP, 10, 0.0), budget.room_in(GROUP, math.inf, 15.1)] == [0.0, 0.0]


def test_a_group_whose_minutes_are_counted_has_room_where_places_are_free() -> None:
    budget = Budget(Limits(group_window=True), 0.0)
    for _ in range(10):
        budget.spend(GROUP, Priority.NOTICE, 0.0)
        budget.ended(GROUP, 0.1, 0.0)

    assert budget.room_in(GROUP, 10, 0.0) == 0.0
    assert budget.room_in(GROUP, math.inf, 15.1) == pytest.approx(44.9, abs=0.01)
