"""A performance: the items of an answer sent one after the other, each at its time."""

import asyncio

from aiohttp import web

from telegram_playground.model.answer import (
    Answer,
    Cut,
    Finish,
    Hang,
    Headers,
    Raw,
    Refusal,
    Reset,
    Thought,
    ToolCall,
    Torn,
    Usage,
)
from telegram_playground.model.protocol.completion import Completion, estimated
from telegram_playground.model.request import End, Request
from telegram_playground.process.clock import Clock


class Performance:
    """Carries one answer out. Pauses are reckoned from the beginning: a late delta does not make the next one late."""

    def __init__(self, request: Request, completion: Completion, clock: Clock, connection: asyncio.Transport | None):
        self._request = request
        self._completion = completion
        self._clock = clock
        self._connection = connection
        self._due = clock.now()
        self._finish: str | None = "stop"
        self._usage: Usage | None = None
        self._calls = 0

    async def play(self, answer: Answer) -> web.StreamResponse:
        """Send all items; return what the server is to return."""
        completion = self._completion
        if not answer or not isinstance(answer[0], Refusal | Reset | Hang | Cut):
            await completion.open()
        for item in answer:
            match item:
                case str():
                    self._request.deltas.append(self._clock.now())
                    await completion.text(item)
                case float() | int():
                    await self._pause(item)
                case asyncio.Event():
                    await item.wait()
                    self._due = self._clock.now()
                case Headers():
                    await completion.open()
                case Thought():
                    await completion.thought(item)
                case ToolCall():
                    await completion.call(self._calls, item)
                    self._calls += 1
                    self._finish = "tool_calls"
                case Usage():
                    self._usage = item
                case Finish(reason):
                    self._finish = reason
                case Raw(data):
                    await completion.raw(data)
                case Torn(size):
                    completion.tear(size)
                case _:
                    return await self._fail(item)
        usage = self._usage or estimated(self._request.messages, len(self._request.deltas))
        await completion.end(self._finish, usage)
        self._request.end = End.ANSWERED
        return completion.response

    async def _pause(self, seconds: float) -> None:
        self._due += seconds
        if (early_s := self._due - self._clock.now()) > 0:
            await self._clock.sleep(early_s)

    async def _fail(self, fault: Refusal | Reset | Hang | Cut) -> web.StreamResponse:
        self._request.end = End.BROKEN
        match fault:
            case Refusal():
                await self._pause(fault.after_s)
                if not self._completion.is_open:
                    self._request.end = End.REFUSED
                    return self._completion.refused(fault)
                await self._completion.fail(fault)
            case Reset(after_s):
                await self._pause(after_s)
                if self._connection:
                    self._connection.abort()
            case Hang():
                await asyncio.Event().wait()
            case Cut():
                await self._completion.cut()
        return self._completion.response
