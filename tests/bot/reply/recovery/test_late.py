"""An edit that had no answer is carried out by Telegram long after: what was to stand stands in the end."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramServerError
from aiogram.methods import EditMessageText, SendMessage

from bot.delivery.delivery import Delivery
from bot.delivery.priority import Priority
from bot.delivery.wish import Wish, always
from bot.reply.layout import Versions
from bot.reply.place import InChat
from bot.reply.recovery.late import CHECKS_S, Late
from bot.reply.recovery.search import Search
from bot.reply.reply import Reply
from bot.storage.answers.ending import Ending
from bot.storage.answers.parts import Parts
from bot.storage.chats import Chats
from bot.storage.tables import Outcome
from bot.texts import texts
from providers.blocks import Text
from tests.bot.room import Room
from tests.bot.store import Store
from tests.bot.telegram import Telegram
from tests.clock import FakeClock

ANN, BEN = 7, 8
METHOD = SendMessage(chat_id=ANN, text="x")
REFUSED = TelegramBadRequest(METHOD, "Bad Request: can't parse entities")
UNANSWERED = TelegramServerError(METHOD, "Bad Gateway")


@pytest.fixture
def room(session: Telegram) -> Room:
    return Room(session)


@pytest.fixture
async def late(calls: Delivery, store: Store, parts: Parts, clock: FakeClock) -> AsyncIterator[Late]:
    late = Late(delivery=calls, parts=parts, replies=store.replies, signals=store.signals, clock=clock, max_parts=5)
    running = asyncio.ensure_future(late.run())
    yield late
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.usefixtures("late")
@pytest.mark.parametrize(
    ("ending", "refusals", "expected"),
    [
        (Ending(Outcome.ANSWERED, (Text("**Whole.**"),), note="ℹ️ Words only"), [], "Whole.\n\nℹ️ Words only"),
        (Ending(Outcome.ANSWERED, (Text("**Whole.**"),), note="ℹ️"), [REFUSED], "**Whole.**\n\nℹ️"),
        (Ending(Outcome.ANSWERED, (Text("**Whole.**"),)), [REFUSED, REFUSED], texts("en").unshowable),
        (Ending(Outcome.FAILED, None, "", note="⚠️", keeps=True, otherwise="It failed."), [], "It failed."),
        (Ending(Outcome.FAILED, None, "Some", note="⚠️", keeps=True, otherwise="It failed."), [], "Some\n\n⚠️"),
    ],
    ids=["text", "plain", "unshowable", "sentence", "torn"],
)
async def test_what_was_to_stand_stands_again(
    ending: Ending,
    refusals: list[TelegramBadRequest],
    expected: str,
    calls: Delivery,
    chats: Chats,
    store: Store,
    parts: Parts,
    room: Room,
    clock: FakeClock,
) -> None:
    chat = await chats.get(ANN, provider="alpha")
    job = await store.ask(chat)
    reply = Reply(
        job,
        InChat.of(chat),
        texts("en"),
        delivery=calls,
        search=Search(calls, parts),
        parts=parts,
        replies=store.replies,
        chats=chats,
        clock=clock,
        max_parts=5,
    )
    running = asyncio.ensure_future(reply.run())
    reply.wait("⏳ Loading…")
    await _until(lambda: bool(room.texts), clock, parts)
    (message_id,) = room.messages
    old = room.messages[message_id]
    room.first(EditMessageText, UNANSWERED, *refusals)
    made = await store.answers.ended(job, ending)
    assert made
    if made.kept is not None:
        reply.keep(made.kept, made.note or "", text=made.shown, otherwise=ending.otherwise, of=Versions(made.id))
    else:
        reply.finish(made.shown, made.note or "", of=Versions(made.id))
    await _until(running.done, clock, parts)
    await running
    await store.replies.stands(made, kept=reply.kept, sentence=reply.sentence)

    assert room.texts == [expected]
    room.messages[message_id] = old  # the call that had no answer is carried out
    await _until(lambda: room.texts == [expected], clock, parts, within_s=130)

    assert room.texts == [expected]


async def test_an_answer_made_anew_is_not_overwritten_by_a_look_that_waited(
    late: Late, calls: Delivery, chats: Chats, store: Store, parts: Parts, room: Room, clock: FakeClock
) -> None:
    chat = await chats.get(ANN, provider="alpha")
    first = await store.ask(chat)
    await calls.call(Wish(ANN, always(SendMessage(chat_id=ANN, text="The first answer"))), Priority.OPEN)
    (message_id,) = room.messages
    await store.show(first, message_id)
    await parts.unanswered(ANN, message_id)
    await store.replies.stands(await store.made(first, text="The first answer"))
    made, others = clock.wall(), asyncio.Event()

    async def long_call() -> None:
        await others.wait()

    holding = asyncio.ensure_future(calls.call(Wish(ANN, long_call), Priority.FINAL))
    await _until(lambda: clock.wall() > made + CHECKS_S[0] and calls.waiting == 1, clock, parts)
    await store.versions.anew(1, chat.id, user_id=ANN, answer_id=first.id)
    second = await store.begun()
    await store.replies.overwrite(second.reply_id)
    room.edit(EditMessageText(chat_id=ANN, message_id=message_id, text="The second answer"))
    await store.replies.stands(await store.made(second, text="The second answer"))
    others.set()
    await holding
    await _until(lambda: not calls.waiting, clock, parts)
    seen = set()
    for _ in range(130):
        await parts.of(0)
        await clock.advance(1)
        seen.update(room.texts)

    assert seen == {"The second answer"}
    assert await parts.late() == []


@pytest.mark.usefixtures("late")
async def test_a_chat_that_has_to_wait_holds_no_other_up(
    calls: Delivery, chats: Chats, store: Store, parts: Parts, room: Room, clock: FakeClock
) -> None:
    message_ids = {}
    for telegram_id in (ANN, BEN):
        job = await store.ask(await chats.get(telegram_id, provider="alpha"))
        await calls.call(Wish(telegram_id, always(SendMessage(chat_id=telegram_id, text="x"))), Priority.OPEN)
        message_ids[telegram_id] = max(room.messages)
        await store.show(job, message_ids[telegram_id])
        await parts.unanswered(telegram_id, message_ids[telegram_id])
        await store.replies.stands(await store.made(job, text="Whole."))

    async def long_call() -> None:
        await asyncio.Event().wait()

    holding = asyncio.ensure_future(calls.call(Wish(ANN, long_call), Priority.FINAL))
    await _until(lambda: room.messages[message_ids[BEN]].text == "Whole.", clock, parts)
    await parts.unanswered(BEN, message_ids[BEN])
    room.edit(EditMessageText(chat_id=BEN, message_id=message_ids[BEN], text="x"))
    await _until(lambda: room.messages[message_ids[BEN]].text == "Whole.", clock, parts)
    holding.cancel()

    assert room.texts == ["x", "Whole."]


async def _until(is_so: Callable[[], bool], clock: FakeClock, parts: Parts, *, within_s: float = 30) -> None:
    for _ in range(round(within_s * 10)):
        if is_so():
            return
        await parts.of(0)  # what waits for the database goes on: it answers one after the other
        await clock.advance(0.1)
