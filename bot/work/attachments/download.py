"""Download: a file is fetched from where Telegram keeps it; the address holds the token, and is told to nobody."""

import asyncio
import logging
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
from bot.work.attachments.turns import Turns

log = logging.getLogger(__name__)

MAX_FILE = 20 << 20  # bytes, core.telegram.org/bots/api#getfile
AT_ONCE = 4
STALL_S = 15.0  # without a byte
WHOLE_S = 60.0  # with all tries
PAUSES_S = (1.0, 3.0)  # before it is tried again
MAX_PAUSE_S = 10.0  # that Telegram may ask for
CHUNK = 256 << 10
_FAILED = (ClientError, ProxyError, OSError, TimeoutError, TelegramAPIError, ClientDecodeError, UnicodeError)


class Download:
    """Fetches files, a few at a time, straight to the disk."""

    def __init__(self, bot: Bot, clock: Clock) -> None:
        self._bot = bot
        self._clock = clock
        self._turns = Turns(AT_ONCE)

    async def fetch(self, file_id: str, target: Path, *, of: int = 0) -> None:
        """Write a file of Telegram's to `target`, for a question. Raises Unread."""
        try:
            async with self._turns.place(of), asyncio.timeout(WHOLE_S):
                await self._persist(file_id, target)
        except TimeoutError:
            raise Unread(Reason.UNREACHABLE) from None

    async def _persist(self, file_id: str, target: Path) -> None:
        """Try again as long as that may help. Raises Unread."""
        for pause_s in (*PAUSES_S, None):
            try:
                await self._fetch(file_id, target)
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

    async def _fetch(self, file_id: str, target: Path) -> None:
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
        timeout = ClientTimeout(total=None, sock_connect=STALL_S, sock_read=STALL_S)
        http = await session.create_session()
        async with http.get(url, timeout=timeout, allow_redirects=False) as answer:
            if answer.status >= 500:
                raise TelegramServerError(GetFile(file_id=""), str(answer.status))
            if answer.status != 200:
                raise Unread(Reason.LOST)
            with await asyncio.to_thread(target.open, "wb") as file:
                await _write(answer.content, file, found.file_size)


async def _write(content: StreamReader, file: BinaryIO, size: int | None) -> None:
    """Write what comes, as it comes. Raises Unread where it is too much, ClientPayloadError where it breaks off."""
    written, piece = 0, bytearray()
    async for some in content.iter_chunked(CHUNK):
        written += len(some)
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
