"""The Bot API: one call from its arrival to its answer.

    arrival → fault? → the way there → its turn in the chat → method → the way back → fault? → answer

Calls for one chat are carried out one after the other, in the order of their arrival; chat actions and drafts have a
line of their own.
"""

import asyncio
import logging
import random as randomness
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from telegram_playground.api.context import Context
from telegram_playground.api.faults import Fault, Faults
from telegram_playground.api.methods import HANDLERS
from telegram_playground.api.request import Received
from telegram_playground.api.schema import Schema, integer, schemas
from telegram_playground.limits.flood_limits import Family, Floods
from telegram_playground.protocol.errors import ApiError, TooManyRequests
from telegram_playground.protocol.wire import Json, readable
from telegram_playground.world.calls import Call, Calls
from telegram_playground.world.chats import Chat
from telegram_playground.world.people import Bot
from telegram_playground.world.queries import Queries
from telegram_playground.world.state import World

log = logging.getLogger(__name__)
_TYPING = frozenset({"sendChatAction", "sendMessageDraft", "sendRichMessageDraft"})
_RICH = frozenset({"sendRichMessage", "sendRichMessageDraft"})
_DRAFTS = frozenset({"sendMessageDraft", "sendRichMessageDraft"})
_SHUFFLE_S = 0.3
_MAX_NAME = 64  # of a method that does not exist, in the record
_BAD_GATEWAY = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>502 Bad Gateway</body>\r\n</html>\r\n"


class Dropped(Exception):
    """The connection is to be closed without an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: JSON, or (`raw`) what no Bot API server says."""

    status: int
    body: Json
    raw: str | None = None
    retry_after_s: int | None = None


class Api:
    """Carries out calls."""

    def __init__(
        self, world: World, *, floods: Floods, faults: Faults, calls: Calls, queries: Queries, random: randomness.Random
    ) -> None:
        self._world = world
        self._floods = floods
        self._faults = faults
        self._calls = calls
        self._queries = queries
        self._random = random

    def _schema(self, name: str) -> Schema:
        """Return the method of this name, in any case; raises ApiError for one that this server does not have.

        One that Telegram has and this server does not is 501, and counted.
        """
        schema = schemas().get(name.lower())
        options = self._world.options
        if (
            schema is None
            or (schema.name in _DRAFTS and not options.drafts)
            or (schema.name in _RICH and not options.rich)
        ):
            raise ApiError(404, "Not Found: method not found")
        if schema.name.lower() not in HANDLERS:
            self._calls.missed(schema.name, now=self._world.clock.now())
            if schema.name in options.answer_true or "*" in options.answer_true:
                return schema
            raise ApiError(501, f"Not Implemented: {schema.name} is not simulated by the playground")
        return schema

    async def answer(self, bot: Bot, name: str, received: Received) -> Answer:
        """Carry out one call; raises Dropped where no answer goes back."""
        clock = self._world.clock
        arrived = clock.now()
        chat = self._chat(bot, received)
        name = _shown(name)
        call = self._calls.begin(bot.id, name, chat.key if chat else None, received.recorded(), now=arrived)
        try:
            answer = await self._through(bot, call, chat, received)
            call.body = answer.body
            return answer
        except Dropped:
            call.body = {"ok": False, "description": "the connection was closed without an answer"}
            raise
        except asyncio.CancelledError:
            call.body = call.body or {"ok": False, "description": "the client went away"}
            raise
        finally:
            self._calls.finish(call, now=clock.now())

    async def _through(self, bot: Bot, call: Call, chat: Chat | None, received: Received) -> Answer:
        """Take a call through the fault that is meant for it, if any."""
        fault = self._faults.take(bot.id, call.method, received.parameters.get("chat_id"))
        if fault is None:
            return await self._carried_out(bot, call, chat, received)
        call.fault = fault.kind
        if fault.times is not None:  # one less is left of it, or none
            self._world.tell("faults", faults=self._faults.list())
        early = await self._before(fault, bot, call, chat, received)
        if early is not None:
            return early
        answer = await self._carried_out(bot, call, chat, received)
        if fault.kind in ("lost", "reset"):
            raise Dropped
        if fault.kind == "body":
            return _strange(fault)
        if fault.kind == "hold" and fault.execute:
            await self._faults.hold(call)
        if fault.kind == "hang":
            await self._hang(fault)
        return answer

    async def _before(self, fault: Fault, bot: Bot, call: Call, chat: Chat | None, received: Received) -> Answer | None:
        """Do what a fault does before the call is carried out; returns an answer where it never is."""
        match fault.kind:
            case "429":
                return _refusal(TooManyRequests(int(fault.seconds or 1)))
            case "flood":
                if chat:
                    seconds, now = int(fault.seconds or 1), self._world.clock.now()
                    self._floods.punish(bot.id, chat.id, _family(call.method), seconds, now)
            case "500":
                return _refusal(ApiError(500, "Internal Server Error"))
            case "502html":
                return Answer(502, {"ok": False, "error_code": 502, "description": "Bad Gateway"}, raw=_BAD_GATEWAY)
            case "error":
                return _refusal(ApiError(fault.code, fault.description))
            case "body" if not fault.execute:
                return _strange(fault)
            case "reset":
                raise Dropped
            case "late":
                self._world.tasks.start(self._carried_out_later(fault, bot, call, chat, received))
                raise Dropped
            case "hang" if not fault.execute:
                await self._hang(fault)
            case "delay":
                await self._faults.stuck(self._world.clock.sleep(fault.seconds or 1))
            case "duplicate":
                bot.updates.repeat()
            case "shuffle":
                bot.updates.shuffle(self._random)
            case "hold" if not fault.execute:
                await self._faults.hold(call)
        return None

    async def _hang(self, fault: Fault) -> None:
        """Keep a client waiting, for a while or until it goes away."""
        if fault.seconds is None:
            await self._faults.stuck(asyncio.Event().wait())
        await self._faults.stuck(self._world.clock.sleep(fault.seconds or 0))
        raise Dropped

    async def _carried_out_later(
        self, fault: Fault, bot: Bot, call: Call, chat: Chat | None, received: Received
    ) -> None:
        await self._faults.until_released(call, self._world.clock.sleep(fault.seconds or 1))
        await self._carried_out(bot, call, chat, received)

    async def _carried_out(self, bot: Bot, call: Call, chat: Chat | None, received: Received) -> Answer:
        """Carry out a call, with the way there and back."""
        clock = self._world.clock
        there, back = self._latency(), self._latency()
        due = clock.now() + there
        try:
            async with self._turn(chat, call.method):
                if there:
                    await clock.sleep(due - clock.now())
                context = Context(self._world, self._floods, bot, call, self._queries, received.uploads)
                result = await self._run(context, received)
                call.executed = clock.now()
            answer = Answer(200, {"ok": True, "result": result})
        except ApiError as error:
            answer = _refusal(error)
        if back:
            await clock.sleep(back)
        return answer

    async def _run(self, context: Context, received: Received) -> Any:
        schema = self._schema(context.call.method)
        if received.refusal:
            raise received.refusal
        if schema.name.lower() not in HANDLERS:
            return True
        method = schema.read(received.parameters, received.uploads)
        try:
            return await HANDLERS[schema.name.lower()](context, method)
        except ApiError:
            context.forget_files()
            raise
        except Exception as error:
            log.exception("method failed method=%s", schema.name)
            raise ApiError(500, "Internal Server Error") from error

    @asynccontextmanager
    async def _turn(self, chat: Chat | None, method: str) -> AsyncIterator[None]:
        """Wait until no earlier call of the same line is under way for this chat."""
        if chat is None:
            yield
            return
        if self._world.options.order == "shuffled":
            await self._world.clock.sleep(self._random.uniform(0, _SHUFFLE_S))
            yield
            return
        async with chat.lanes.setdefault(_family(method), asyncio.Lock()):
            yield

    def _latency(self) -> float:
        """Return the seconds of one way."""
        options = self._world.options
        if not options.latency_s and not options.jitter_s:
            return 0.0
        return max(0.0, options.latency_s + self._random.uniform(-options.jitter_s, options.jitter_s)) / 2

    def _chat(self, bot: Bot, received: Received) -> Chat | None:
        """Return the chat a call is about, if there is one."""
        value = received.parameters.get("chat_id")
        if isinstance(value, str) and value.startswith("@"):
            found = self._world.roster.named(value)
            return found if isinstance(found, Chat) else None
        if not isinstance(value, int | str) or isinstance(value, bool):
            return None
        return self._world.chat_of(bot, integer(str(value)))


def _family(method: str) -> Family:
    return "typing" if method in _TYPING else "message"


def _shown(name: str) -> str:
    """Return a method's name as Telegram writes it, or what was sent instead, cut short."""
    schema = schemas().get(name.lower())
    return schema.name if schema else readable(name[:_MAX_NAME])


def _strange(fault: Fault) -> Answer:
    """Return what a gateway, or another program, says in the server's place."""
    recorded: Json = {"ok": False, "error_code": fault.code, "description": "no answer of the server"}
    return Answer(fault.code, recorded, raw=fault.description)


def _refusal(error: ApiError) -> Answer:
    retry_after_s = error.retry_after_s if isinstance(error, TooManyRequests) else None
    return Answer(error.code, error.body(), retry_after_s=retry_after_s)
