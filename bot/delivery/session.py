"""The HTTP session to the Bot API server."""

from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import TelegramMethod
from aiogram.methods.base import Response, TelegramType
from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError

PROXY_ERRORS = (ProxyError, ProxyConnectionError, ProxyTimeoutError, OSError, UnicodeError)


class Session(AiohttpSession):
    """aiogram's session, for which a proxy that does not work is a network error like any other.

    It keeps the models of responses: pydantic keeps only weak references, and one takes 20 ms to be made again.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._models: set[type[Response[Any]]] = set()

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        """Make a request. Raises TelegramAPIError, ClientDecodeError."""
        self._models.add(Response[method.__returning__])  # type: ignore[name-defined]  # known at run time only
        try:
            return await super().make_request(bot, method, timeout)
        except PROXY_ERRORS as error:
            raise TelegramNetworkError(method=method, message=type(error).__name__) from error
