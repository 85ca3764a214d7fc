"""Traced: an answerer whose every answer is told, with its steps, to whoever traces them."""

import asyncio
from collections.abc import Callable

from bot.clock import Clock
from bot.process.spans import Span, collecting
from bot.storage.answers.context import Context
from bot.storage.exchanges.jobs import Job
from bot.work.worker import Answerer

Send = Callable[[Span, list[Span]], None]  # an answer, and its steps


class Traced:
    """Answers as another one does."""

    def __init__(self, answerer: Answerer, send: Send, clock: Clock) -> None:
        self._answerer = answerer
        self._send = send
        self._clock = clock

    async def answer(self, job: Job, context: Context | None, stopped: asyncio.Event) -> None:
        """Bring a claimed answer to its end."""
        began_at = self._clock.now()
        with collecting() as spans:
            try:
                await self._answerer.answer(job, context, stopped)
            finally:
                about = {"answer": job.id, "chat": job.chat.id, "attempt": job.attempt}
                self._send(Span("answer", began_at, self._clock.now(), about), spans)

    async def apologise(self, job: Job) -> Job | None:
        """Have an answer that met a bug of ours end with an error."""
        return await self._answerer.apologise(job)
