"""What comes of a wish, on a clock that a test moves: what it was made from comes back with its outcome."""

import asyncio
from functools import partial

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramRetryAfter, TelegramServerError
from aiogram.methods import EditMessageText, SendMessage
from aiogram.types import ReplyParameters

from bot.delivery.delivery import Delivery
from bot.delivery.postbox import UNSEEN_S
from bot.delivery.priority import Priority
from bot.delivery.refusal import DeliveryError, MessageGone, Unanswered
from bot.delivery.wish import Call, Wish, always
from telegram_playground.limits.flood_limits import Floods
from telegram_playground.limits.flood_limits import Limits as FloodLimits
from telegram_playground.protocol.errors import TooManyRequests
from tests.bot.telegram import Telegram
from tests.clock import FakeClock

EDIT = EditMessageText(chat_id=7, message_id=1, text="x")
SEND = SendMessage(chat_id=7, text="x")
GONE = TelegramBadRequest(EDIT, "Bad Request: message to edit not found")


class Owner:
    """Makes calls from numbers and hears of their outcome."""

    def __init__(self, calls: Delivery) -> None:
        self._calls = calls
        self._made = 0
        self.landed: list[int] = []
        self.refused: list[tuple[int, type[DeliveryError]]] = []

    async def make(self) -> Call:
        self._made += 1
        return Call(EDIT, partial(self._landed, self._made), partial(self._refused, self._made))

    async def _landed(self, number: int, result: object) -> None:
        self.landed.append(number)

    async def _refused(self, number: int, error: DeliveryError) -> None:
        await self._calls.call(Wish(7, always(SEND)), Priority.FINAL)  # the chat is free again
        self.refused.append((number, type(error)))


async def test_what_a_call_was_made_from_comes_back_with_its_outcome(
    calls: Delivery, session: Telegram, clock: FakeClock
) -> None:
    owner = Owner(calls)
    wish = Wish(7, owner.make)
    session.answers(EditMessageText, TelegramServerError(EDIT, "oops"), True, GONE)

    first = asyncio.ensure_future(calls.call(wish, Priority.OPEN))
    await clock.asleep()
    await clock.advance(1)
    await first
    await calls.call(wish, Priority.OPEN)

    assert owner.landed == [2]
    assert owner.refused == [(3, MessageGone)]


async def test_an_error_that_nobody_mends_is_raised_with_its_cause(calls: Delivery, session: Telegram) -> None:
    session.answers(SendMessage, TelegramServerError(SEND, "oops"))

    with pytest.raises(Unanswered) as raised:
        await calls.call(Wish(7, always(SEND)), Priority.FINAL)

    assert isinstance(raised.value.__cause__, TelegramServerError)


async def test_a_wish_that_failed_before_pauses_when_it_is_wished_again(
    calls: Delivery, session: Telegram, clock: FakeClock
) -> None:
    session.answers(SendMessage, TelegramServerError(SEND, "oops"), True)
    wish = Wish(7, always(SEND))
    with pytest.raises(Unanswered):
        await calls.call(wish, Priority.FINAL)

    again = asyncio.ensure_future(calls.call(wish, Priority.FINAL))
    await clock.asleep()

    assert clock.sleepers == [pytest.approx(0.3)]
    await clock.advance(0.3)
    await again


async def test_where_there_is_nothing_to_say_no_call_is_made_and_none_is_charged(
    calls: Delivery, session: Telegram
) -> None:
    async def nothing() -> None:
        return None

    for _ in range(30):
        await calls.call(Wish(7, nothing), Priority.OPEN)

    assert session.calls == []


async def test_what_only_one_person_sees_holds_nothing_up_when_it_is_too_late(
    calls: Delivery, session: Telegram, clock: FakeClock
) -> None:
    unseen = SEND.model_copy(update={"text": "unseen", "reply_parameters": ReplyParameters(ephemeral_message_id=4)})

    def answer(method: SendMessage) -> bool:
        if method.text == "unseen":
            raise TelegramBadRequest(SEND, "Bad Request: words that nobody knows")
        return True

    session.answers(SendMessage, answer)
    calls.postbox.post(unseen, by=7)
    calls.postbox.post(SEND, by=7)
    for _ in range(2 * int(UNSEEN_S)):
        await clock.advance(1)

    assert [method.text for method in session.made(SendMessage)][-1] == "x"


async def test_inline_answers_that_share_the_limits_of_a_chat_unknown_to_us_all_come_to_their_end(
    calls: Delivery, session: Telegram, clock: FakeClock
) -> None:
    server, group = Floods(FloodLimits(absorb_s=0)), -1001
    server.punish(1, group, "message", 10, clock.now())

    def answer(method: EditMessageText) -> bool:
        try:
            server.admit(1, group, "message", clock.now())
        except TooManyRequests as error:
            raise TelegramRetryAfter(method, "Too Many Requests", error.retry_after_s) from error
        return True

    session.answers(EditMessageText, answer)
    coming = []
    for person in range(7, 13):
        edit = EditMessageText(inline_message_id=str(person), text="whole")
        coming.append(asyncio.ensure_future(calls.call(Wish(person, always(edit)), Priority.FINAL)))
        await clock.advance(2)  # each in the pause of the one before

    for _ in range(120):
        while calls.waiting < sum(not each.done() for each in coming):  # noqa: ASYNC110  # the database tells nobody
            await asyncio.sleep(0)
        await clock.advance(1)

    assert all(each.done() for each in coming)
    assert len(session.made(EditMessageText)) <= 3 * len(coming)
