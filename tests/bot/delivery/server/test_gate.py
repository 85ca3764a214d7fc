"""Calls of a process that may have lost its bot to another one: none begins, and what was under way is confessed."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import (
    DeleteMessage,
    EditMessageText,
    GetMe,
    SendChatAction,
    SendMessage,
    SendMessageDraft,
    TelegramMethod,
)
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.app.telegram import make_bot
from bot.members.lease import Lease
from bot.settings import Settings
from bot.storage.engine.faults import Fenced
from bot.storage.engine.fence import Fence
from bot.storage.ownership.members import LateCall
from tests.clock import FakeClock

TOKEN = "123456789:AAEhBP0av28abcdefghijklmnopqrstuvwx"
STOP = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Stop", callback_data="stop:41:0")]])
OPENING = SendMessage(chat_id=7, text="Once ▌", reply_markup=STOP)
NOTICE = SendMessage(chat_id=7, text="Hello")
EDIT = EditMessageText(chat_id=7, message_id=70, text="Once upon")


class Server:
    """A Bot API server that says when a call has come, and answers when it is told to."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.has_come = asyncio.Event()
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.status = 200

    async def answer(self, request: web.Request) -> web.Response:
        await request.read()
        self.came.append(request.match_info["method"])
        self.has_come.set()
        await self.goes_on.wait()
        if self.status != 200:
            return web.json_response({"ok": False, "description": "Bad Request"}, status=self.status)
        message = {"message_id": 71, "date": 1, "chat": {"id": 7, "type": "private"}}
        me = {"id": 1, "is_bot": True, "first_name": "Delta"}
        results = {"sendMessage": message, "getMe": me}
        return web.json_response({"ok": True, "result": results.get(request.match_info["method"], True)})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def confessed() -> list[LateCall]:
    return []


@pytest.fixture
def lease(clock: FakeClock, confessed: list[LateCall]) -> Lease:
    async def give_back(_lease: Lease) -> None:
        pass

    return Lease(Fence(1, 5), clock.boot() + 4.0, clock, confess=confessed.append, give_back=give_back)


@pytest.fixture
async def server() -> Server:
    return Server()


@pytest.fixture
async def bot(server: Server, lease: Lease) -> AsyncIterator[Bot]:
    app = web.Application()
    app.router.add_route("*", "/bot{token}/{method}", server.answer)
    async with TestServer(app) as listening:
        bot = make_bot(Settings.load(bot_token=TOKEN, telegram_api_url=str(listening.make_url(""))), lease=lease)
        yield bot
        await bot.session.close()


EVERY = [
    OPENING,
    EDIT,
    GetMe(),
    SendChatAction(chat_id=7, action="typing"),
    SendMessageDraft(chat_id=7, draft_id=1, text="x"),
]


@pytest.mark.parametrize("method", EVERY, ids=lambda each: each.__api_method__)
async def test_no_call_begins_while_it_is_in_doubt_whose_the_bot_is(
    bot: Bot, server: Server, lease: Lease, clock: FakeClock, method: TelegramMethod[object]
) -> None:
    await bot(GetMe())
    await clock.advance(4.0)
    waits = asyncio.ensure_future(bot(method))
    await clock.advance(1.0)
    assert server.came == ["getMe"]

    lease.prolong(clock.boot() + 4.0)
    await waits

    assert server.came == ["getMe", method.__api_method__]


async def test_a_call_that_waited_is_not_made_where_another_process_has_the_bot(
    bot: Bot, server: Server, lease: Lease, clock: FakeClock
) -> None:
    await clock.advance(4.0)
    waits = asyncio.ensure_future(bot(EDIT))
    await clock.advance(1.0)

    lease.lose()

    with pytest.raises(Fenced):
        await waits
    assert server.came == []


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (OPENING, [LateCall(1, "sendMessage", 7, 71)]),
        (EDIT, [LateCall(1, "editMessageText", 7, 70)]),
        (DeleteMessage(chat_id=7, message_id=70), [LateCall(1, "deleteMessage", 7, 70)]),
        (NOTICE, []),
        (SendChatAction(chat_id=7, action="typing"), []),
    ],
    ids=["opening", "edit", "deletion", "notice", "action"],
)
async def test_what_was_under_way_when_the_bot_was_lost_is_confessed_as_far_as_it_can_be_mended(
    bot: Bot,
    server: Server,
    lease: Lease,
    confessed: list[LateCall],
    method: TelegramMethod[object],
    expected: list[LateCall],
) -> None:
    server.goes_on.clear()
    call = asyncio.ensure_future(bot(method))
    await server.has_come.wait()

    lease.lose()
    server.goes_on.set()

    with pytest.raises(Fenced):
        await call
    assert confessed == expected


async def test_an_edit_that_is_cancelled_after_the_bot_was_lost_is_confessed_too(
    bot: Bot, server: Server, lease: Lease, confessed: list[LateCall]
) -> None:
    server.goes_on.clear()
    call = asyncio.ensure_future(bot(EDIT))
    await server.has_come.wait()

    lease.lose()
    call.cancel()
    await asyncio.wait({call})
    server.goes_on.set()

    assert confessed == [LateCall(1, "editMessageText", 7, 70)]


async def test_what_was_refused_is_not_confessed(
    bot: Bot, server: Server, lease: Lease, confessed: list[LateCall]
) -> None:
    server.status = 400
    with pytest.raises(TelegramBadRequest):
        await bot(EDIT)
    server.goes_on.clear()
    server.has_come.clear()
    call = asyncio.ensure_future(bot(EDIT))
    await server.has_come.wait()

    lease.lose()
    server.goes_on.set()

    with pytest.raises(Fenced):
        await call
    assert confessed == []


async def test_what_comes_back_in_doubt_is_taken_for_an_answer_where_nobody_took_the_bot(
    bot: Bot, server: Server, lease: Lease, clock: FakeClock, confessed: list[LateCall]
) -> None:
    server.goes_on.clear()
    call = asyncio.ensure_future(bot(EDIT))
    await server.has_come.wait()
    await clock.advance(4.0)
    server.goes_on.set()

    lease.prolong(clock.boot() + 4.0)

    assert await call is True
    assert confessed == []
