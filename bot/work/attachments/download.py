"""Download: a file is fetched from where Telegram keeps it; the address holds the token, and is told to nobody."""

import asyncio
import logging
from io import BufferedWriter
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import PRODUCTION
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import GetFile
from aiohttp import ClientError, ClientPayloadError, ClientTimeout, StreamReader
from aiohttp_socks import ProxyError

from bot.clock import Clock
from bot.extract.found import Reason, Unread
from providers.care.turns import Place, Turns

log = logging.getLogger(__name__)

MAX_FILE = 20 << 20  # bytes, core.telegram.org/bots/api#getfile
AT_ONCE = 48  # of the session's 100 connections, which calls need too
EACH = 4  # of one person
STALL_S = 15.0  # with less than LEAST
YIELD_S = 3.0  # with less than LEAST while somebody waits for the place
LEAST = 4 << 10  # bytes
LOOK_S = 1.0
WHOLE_S = 60.0  # for all files of a question, with all tries
PAUSES_S = (1.0, 3.0)  # before it is tried again
MAX_PAUSE_S = 10.0  # that Telegram may ask for
CHUNK = 256 << 10
_FAILED = (ClientError, ProxyError, OSError, TimeoutError, TelegramAPIError, ClientDecodeError, UnicodeError)


class Pace:
    """How a file comes in: the time at which there was so much more of it that it comes at all."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._came_at = clock.now()
        self._some = 0  # bytes since then

    @property
    def silent_s(self) -> float:
        """For how long it has not come."""
        return self._clock.now() - self._came_at

    def came(self, size: int) -> None:
        """Note some bytes."""
        self._some += size
        if self._some >= LEAST:
            self._some, self._came_at = 0, self._clock.now()


class Download:
    """Fetches files straight to the disk, some at a time; one that does not come leaves its place to who waits."""

    def __init__(self, bot: Bot, clock: Clock) -> None:
        self._bot = bot
        self._clock = clock
        self._turns = Turns(AT_ONCE, each=EACH)

    async def fetch(self, file_id: str, target: Path, *, of: int = 0, until: float | None = None) -> None:
        """Write a file of Telegram's to `target`, for a person, `until` a time of the clock. Raises Unread."""
        left_s = WHOLE_S if until is None else until - self._clock.now()
        fetching = asyncio.ensure_future(self._persist(file_id, target, of))
        try:
            if not await self._wait(fetching, left_s):
                raise Unread(Reason.UNREACHABLE)
            await fetching
        finally:
            await _ended(fetching)

    async def _persist(self, file_id: str, target: Path, of: int) -> None:
        """Try again as long as that may help. Raises Unread."""
        for pause_s in (*PAUSES_S, None):
            try:
                async with self._turns.place(of) as place:
                    await self._try(file_id, target, place)
                return
            except TelegramBadRequest as error:
                raise Unread(Reason.TOO_BIG if "too big" in error.message else Reason.LOST) from None
            except TelegramRetryAfter as error:
                if pause_s is None or error.retry_after > MAX_PAUSE_S:
                    raise Unread(Reason.UNREACHABLE) from None
                await self._clock.sleep(error.retry_after)
            except _FAILED as error:
                log.warning("file not fetched error=%s", type(error).__name__)  # in its words the token may be
                if pause_s is None:
                    raise Unread(Reason.UNREACHABLE) from None
                await self._clock.sleep(pause_s)

    async def _try(self, file_id: str, target: Path, place: Place) -> None:
        """Fetch a file as long as it comes. Raises TimeoutError where it does not, Unread, and what is in _FAILED."""
        pace = Pace(self._clock)
        fetching = asyncio.ensure_future(self._fetch(file_id, target, pace))
        try:
            while not await self._wait(fetching, LOOK_S):
                if pace.silent_s >= STALL_S or (pace.silent_s >= YIELD_S and place.give_way()):
                    raise TimeoutError
            await fetching
        finally:
            await _ended(fetching)

    async def _wait(self, task: "asyncio.Future[None]", seconds: float) -> bool:
        """Wait for a task, at most so long; tell whether it is done."""
        timer = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
        return task.done()

    async def _fetch(self, file_id: str, target: Path, pace: Pace) -> None:
        found = await self._bot(GetFile(file_id=file_id), request_timeout=round(STALL_S))
        if found.file_size is not None and found.file_size > MAX_FILE:
            raise Unread(Reason.TOO_BIG)
        path, api = found.file_path or "", self._bot.session.api
        if path.startswith("/") and api != PRODUCTION:  # a server of one's own, on this machine
            await asyncio.to_thread(_copy, Path(path), target)
            return
        session = self._bot.session
        if not path or not isinstance(session, AiohttpSession):
            raise Unread(Reason.LOST)
        url = api.file_url(self._bot.token, quote(path))
        timeout = ClientTimeout(total=None)  # it is watched
        http = await session.create_session()
        async with http.get(url, timeout=timeout, allow_redirects=False) as answer:
            if answer.status >= 500:
                raise TelegramServerError(GetFile(file_id=""), str(answer.status))
            if answer.status != 200:
                raise Unread(Reason.LOST)
            with await _opened(target) as file:
                await _write(answer.content, file, found.file_size, pace)


async def _ended(task: "asyncio.Future[None]") -> None:
    """End a task that nobody waits for any more."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _opened(target: Path) -> BinaryIO:
    """Open a file to be written; it is closed, too, where nobody waits for it any more."""
    opening = asyncio.ensure_future(asyncio.to_thread(target.open, "wb"))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(_close)
        raise


def _close(opening: "asyncio.Future[BufferedWriter]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


async def _write(content: StreamReader, file: BinaryIO, size: int | None, pace: Pace) -> None:
    """Write what comes, as it comes. Raises Unread where it is too much, ClientPayloadError where it breaks off."""
    written, piece = 0, bytearray()
    async for some in content.iter_chunked(CHUNK):
        written += len(some)
        pace.came(len(some))
        if written > MAX_FILE:
            raise Unread(Reason.TOO_BIG)
        piece += some
        if len(piece) >= CHUNK:
            await asyncio.to_thread(file.write, bytes(piece))
            piece.clear()
    await asyncio.to_thread(file.write, bytes(piece))
    if size is not None and written != size:
        raise ClientPayloadError


def _copy(source: Path, target: Path) -> None:
    """Copy a file that a server of one's own keeps. Raises OSError, Unread."""
    with source.open("rb") as file:
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise Unread(Reason.TOO_BIG)
    target.write_bytes(data)
