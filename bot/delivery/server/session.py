"""The HTTP session to the Bot API server: reads what comes back, whoever wrote it.

Between the bot and the server there may be a proxy, a gateway or another program. Only an object with `ok` is an answer
of the server; all else is an error that says how it came.
"""

import asyncio
import json
import math
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.base import BaseSession
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import EditMessageText, SendMessage, TelegramMethod
from aiogram.methods.base import Response, TelegramType
from aiogram.types import MessageEntity
from aiohttp import ClientError, ClientSession, FormData, TCPConnector, TraceConfig
from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
from pydantic import TypeAdapter, ValidationError
from yarl import URL

from bot.clock import Clock
from bot.delivery.refusal import is_outage, meaningful
from bot.delivery.server.gate import Gate
from bot.process.spans import note
from bot.tally import Tally

FAILURES = (ClientError, ProxyError, ProxyConnectionError, ProxyTimeoutError, OSError, UnicodeError, TimeoutError)
REFUSALS: dict[int, type[TelegramAPIError]] = {
    HTTPStatus.BAD_REQUEST: TelegramBadRequest,
    HTTPStatus.UNAUTHORIZED: TelegramUnauthorizedError,
    HTTPStatus.FORBIDDEN: TelegramForbiddenError,
    HTTPStatus.NOT_FOUND: TelegramNotFound,
    HTTPStatus.CONFLICT: TelegramConflictError,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: TelegramEntityTooLarge,
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
READ = ("message_id", "date", "chat", "document", "photo")  # of a message that we wrote: more takes as long as the call
NOT_CARRIED_OUT = range(400, 500)  # of whoever answered; but after 408 nobody knows


class Session(AiohttpSession):
    """aiogram's session, for which a proxy that does not work is a network error like any other.

    It keeps the models of responses: pydantic keeps only weak references, and one takes 20 ms to be made again.
    """

    def __init__(
        self,
        *,
        tally: Tally | None = None,
        clock: Clock | None = None,
        gate: Gate | None = None,
        proxy: str | None = None,
        limit: int = 100,
        **options: Any,
    ) -> None:
        BaseSession.__init__(self, **options)  # not aiogram's own, which reads all certificates each time
        self._session = None
        self._connector_type = TCPConnector
        self._connector_init = {**_connecting(), "limit": limit}
        self._should_reset_connector = True
        self._proxy = None
        if proxy:
            self._setup_proxy_connector(proxy)
        self._gate = gate
        self._doors = _doors(gate) if gate else None
        self._tally = tally or Tally()
        self._clock = clock or Clock()
        self._models: set[type[Response[Any]]] = set()

    async def create_session(self) -> ClientSession:
        """Return the client; where there is a gate, it is asked once more when there is a connection to write to."""
        client = await super().create_session()
        if self._doors and self._doors not in client.trace_configs:
            client.trace_configs.append(self._doors)
        return client

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        """Make a request. Raises TelegramAPIError, ClientDecodeError, and Fenced where another process has the bot."""
        if self._gate is None:
            return await self._made(bot, method, timeout)
        async with self._gate.passed(method) as passage:
            passage.result = result = await self._made(bot, method, timeout)
        return result

    async def _made(self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None) -> TelegramType:
        outcome, began_at = "unanswered", self._clock.now()
        try:
            result = await self._request(bot, method, timeout)
            outcome = "ok"
            return result
        except TelegramRetryAfter:
            outcome = "flood"
            raise
        except (TelegramAPIError, ClientDecodeError) as error:
            if not is_outage(error):
                outcome = "refused"
            raise
        except asyncio.CancelledError:
            outcome = ""
            raise
        finally:
            now = self._clock.now()
            if outcome:
                self._tally.called(method.__api_method__, outcome, now - began_at, now=now)
                note(f"telegram {method.__api_method__}", began_at, now, outcome=outcome)

    async def _request(self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None) -> TelegramType:
        form, headers = self._form(bot, method)
        url = self.api.api_url(token=bot.token, method=method.__api_method__)
        try:
            session = await self.create_session()
            limit_s = self.timeout if timeout is None else timeout
            async with session.post(url, data=form, headers=headers, timeout=limit_s) as answer:  # type: ignore[arg-type]  # aiohttp takes seconds too
                content = await answer.text()
        except FAILURES as error:
            reason = f": {error}" if isinstance(error, ClientError) else ""  # of others a proxy's password may be part
            raise TelegramNetworkError(method, f"{type(error).__name__}{reason}") from error
        if answer.method != "POST":  # 301, 302 and 303 make a call without parameters of it
            status = answer.history[0].status
            raise TelegramAPIError(method, f"HTTP {status} to another address, look at TELEGRAM_API_URL")
        response = self.check_response(bot, method, answer.status, content)
        return cast("TelegramType", response.result)

    def _form(
        self, bot: Bot, method: TelegramMethod[TelegramType]
    ) -> tuple[FormData | bytes, Mapping[str, str] | None]:
        """Return the body of a request and its headers; without a file yarl encodes it, in a quarter of the time, and
        pydantic the entities, in a tenth.
        """
        files: dict[str, Any] = {}
        named = method.model_dump(warnings=False, exclude={"entities"}).items()
        fields = {name: value for name, given in named if (value := self.prepare_value(given, bot=bot, files=files))}
        if files:
            return self.build_form_data(bot, method), None
        if entities := getattr(method, "entities", None):
            fields["entities"] = _entities().dump_json(entities, exclude_none=True).decode()
        return URL.build(query=fields).raw_query_string.encode(), FORM

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        """Return the answer of a call that was carried out. Raises TelegramAPIError, ClientDecodeError."""
        try:
            body = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise _strange(method, status_code, error) from error
        if not isinstance(body, dict) or not isinstance(body.get("ok"), bool):
            raise _strange(method, status_code, TypeError("not of a Bot API server"))
        if not body["ok"] or status_code not in range(200, 300):
            raise _refusal(method, status_code, body)
        if isinstance(result := body.get("result"), dict):
            if isinstance(method, EditMessageText):  # the message as we wrote it, whose number we know
                body["result"] = True
            elif isinstance(method, SendMessage):
                body["result"] = {name: result[name] for name in READ if name in result}
        model: type[Response[TelegramType]] = Response[method.__returning__]  # type: ignore[name-defined]  # known at run time only
        self._models.add(model)
        try:
            response = model.model_validate(body, context={"bot": bot})
        except ValidationError as error:
            where = [".".join(map(str, problem["loc"])) for problem in error.errors(include_input=False)[:3]]
            raise _unreadable(TypeError(f"problems={where}")) from None  # what people wrote is in that error
        if response.result is None:  # of no method
            raise _unreadable(TypeError("no result"))
        return response


@cache
def _connecting() -> Mapping[str, Any]:
    """Return how aiogram connects, with the certificates (0.6 MB, 25 ms) once for all bots of a process."""
    return AiohttpSession()._connector_init


@cache
def _entities() -> TypeAdapter[list[MessageEntity]]:
    return TypeAdapter(list[MessageEntity])  # not as the program is loaded: it takes time


def _doors(gate: Gate) -> TraceConfig:
    """Return what has each request pass the gate right before it is written: to connect may take seconds."""

    async def look(_client: ClientSession, _context: SimpleNamespace, _connected: object) -> None:
        await gate.held()

    tracing = TraceConfig()
    tracing.on_connection_create_end.append(look)
    tracing.on_connection_reuseconn.append(look)
    tracing.freeze()
    return tracing


def _refusal(method: TelegramMethod[Any], status: int, body: dict[str, Any]) -> TelegramAPIError:
    """Return the error of a call that the server did not carry out; of its fields any may be missing or strange.

    Errors are logged, so they hold no words that the server may have been given.
    """
    code = _whole(body.get("error_code"))
    status = int(code) if code and status in range(200, 300) else status
    text = body.get("description")
    text = (meaningful(text) if isinstance(text, str) else "") or f"status {status}"
    parameters = body.get("parameters")
    if isinstance(parameters, dict):
        if retry_after_s := _whole(parameters.get("retry_after")):
            return TelegramRetryAfter(method, text, retry_after_s)
        if chat_id := _whole(parameters.get("migrate_to_chat_id"), least=None):
            return TelegramMigrateToChat(method, text, chat_id)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TelegramServerError(method, text)
    return REFUSALS.get(status, TelegramAPIError)(method, text)


def _strange(method: TelegramMethod[Any], status: int, error: Exception) -> Exception:
    """Return the error of a body that no Bot API server has written."""
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return TelegramEntityTooLarge(method, f"HTTP {status}")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TelegramServerError(method, f"HTTP {status}")
    if status in NOT_CARRIED_OUT and status != HTTPStatus.REQUEST_TIMEOUT:
        return TelegramAPIError(method, f"HTTP {status}")
    return _unreadable(error)


def _unreadable(error: Exception) -> ClientDecodeError:
    """Return the error of an answer that says nothing; its content is in no log."""
    return ClientDecodeError("Failed to read the answer", error, None)


def _whole(value: object, *, least: int | None = 1) -> int | None:
    """Return a number, rounded up; None where it is none, or less than `least`."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = value if isinstance(value, int) else math.ceil(float(value))
    except (ValueError, OverflowError):
        return None
    return number if least is None or number >= least else None
