"""Files come from Telegram's server, where one that stalls holds up no other, or from a place on this machine."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path, PosixPath
from typing import Any, cast

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.methods import GetFile
from aiogram.methods.base import TelegramMethod, TelegramType
from aiogram.types import File
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.extract.found import Reason, Unread
from bot.work.attachments.download import (
    AT_ONCE,
    EACH,
    LOOK_S,
    MAX_FILE,
    STALL_S,
    WHOLE_S,
    YIELD_S,
    Download,
)
from tests.bot.telegram import Telegram
from tests.clock import FakeClock


def named(session: Telegram, source: Path, api: TelegramAPIServer) -> Download:
    session.api = api
    session.answers(GetFile, File(file_id="f", file_unique_id="u", file_path=str(source)))
    return Download(Bot("1:a", session=session), FakeClock())


async def test_it_is_copied_from_there(session: Telegram, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"content")

    await named(session, source, TelegramAPIServer.from_base("http://127.0.0.1:9")).fetch("f", target)

    assert target.read_bytes() == b"content"


async def test_more_than_a_bot_may_have_is_not_copied(session: Telegram, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    with source.open("wb") as file:
        file.truncate(MAX_FILE + 1)

    with pytest.raises(Unread) as unread:
        await named(session, source, TelegramAPIServer.from_base("http://127.0.0.1:9")).fetch("f", target)

    assert unread.value.reason is Reason.TOO_BIG
    assert not target.exists()


async def test_telegram_itself_never_names_a_place_on_this_machine(session: Telegram, tmp_path: Path) -> None:
    source, target = tmp_path / "secret", tmp_path / "target"
    source.write_bytes(b"secret")

    with pytest.raises(Unread):
        await named(session, source, PRODUCTION).fetch("f", target)

    assert not target.exists()


class Served(AiohttpSession):
    """Telegram's server of files: those of which the address begins with "stalled" stop after some bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.was_asked, self.go_on = asyncio.Event(), asyncio.Event()

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        assert isinstance(method, GetFile)
        return cast(TelegramType, File(file_id=method.file_id, file_unique_id="u", file_path=method.file_id))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.asked.append(name)
        self.was_asked.set()
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"con")
        if name.startswith("stalled"):
            await self.go_on.wait()
        await answer.write(b"tent")
        return answer


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    session, app = Served(), web.Application()
    app.router.add_get("/file/bot{token}/{name}", session.answer)
    async with TestServer(app, shutdown_timeout=0) as server:
        session.api = TelegramAPIServer.from_base(str(server.make_url("/")))
        yield session
        session.go_on.set()
        await session.close()


class Slow(PosixPath):
    """A place on a disk that is slow to open a file."""

    def open(self, *how: Any, **named: Any) -> Any:
        OPENS.set()
        assert GOES_ON.wait(60)
        OPENED.append(super().open(*how, **named))
        return OPENED[-1]


OPENS, GOES_ON, OPENED = threading.Event(), threading.Event(), list[Any]()


async def test_one_that_is_given_up_while_it_is_opened_is_closed(served: Served, tmp_path: Path) -> None:
    download = Download(Bot("1:a", session=served), FakeClock())
    fetching = asyncio.ensure_future(download.fetch("f", Slow(tmp_path / "target")))
    assert await asyncio.to_thread(OPENS.wait, 60)
    fetching.cancel()
    await asyncio.gather(fetching, return_exceptions=True)
    GOES_ON.set()
    async with asyncio.timeout(60):
        while not OPENED or not OPENED[0].closed:  # noqa: ASYNC110  # in a thread
            await asyncio.sleep(0.01)


async def asked(served: Served, count: int) -> None:
    async with asyncio.timeout(60):
        while len(served.asked) < count:
            served.was_asked.clear()
            await served.was_asked.wait()


async def test_files_that_stall_leave_their_places_to_those_of_others(served: Served, tmp_path: Path) -> None:
    clock = FakeClock()
    download = Download(Bot("1:a", session=served), clock)
    people = range(AT_ONCE // EACH + 2)
    stalled = [
        asyncio.ensure_future(download.fetch(f"stalled{of}-{number}", tmp_path / f"{of}-{number}", of=of))
        for of in people
        for number in range(EACH)
    ]
    await asked(served, AT_ONCE)

    mine = asyncio.ensure_future(download.fetch("mine", tmp_path / "mine", of=1_000))
    for _ in range(2):  # of those before it not all have a place at first
        await clock.advance(YIELD_S)
    async with asyncio.timeout(60):
        await mine

    assert (tmp_path / "mine").read_bytes() == b"content"
    assert not any(task.done() for task in stalled)  # they are tried again
    for task in stalled:
        task.cancel()
    await asyncio.gather(*stalled, return_exceptions=True)


async def test_files_that_stall_leave_their_places_to_others_of_the_same_question(
    served: Served, tmp_path: Path
) -> None:
    clock = FakeClock()
    download = Download(Bot("1:a", session=served), clock)
    names = [*(f"stalled{number}" for number in range(EACH)), "whole"]
    *stalled, whole = [
        asyncio.ensure_future(download.fetch(name, tmp_path / name, until=clock.now() + WHOLE_S)) for name in names
    ]
    await asked(served, EACH)

    await clock.advance(YIELD_S)
    async with asyncio.timeout(60):
        await whole
    await clock.advance(WHOLE_S)

    for task in stalled:
        with pytest.raises(Unread) as unread:
            await task
        assert unread.value.reason is Reason.UNREACHABLE


async def test_a_file_that_stalls_is_waited_for_where_nobody_else_waits(served: Served, tmp_path: Path) -> None:
    clock = FakeClock()
    fetching = asyncio.ensure_future(Download(Bot("1:a", session=served), clock).fetch("stalled", tmp_path / "file"))
    await asked(served, 1)

    await clock.advance(STALL_S - 2 * LOOK_S)
    served.go_on.set()
    async with asyncio.timeout(60):
        await fetching

    assert (tmp_path / "file").read_bytes() == b"content"
    assert served.asked == ["stalled"]
