"""Delivery: every call to Telegram that sends or edits goes through here, one at a time in a chat.

A wish waits for a slot; when budgets and priorities grant one, the wish is asked for its call, so that the newest text
goes out and a refused call is made anew.
"""

import asyncio
import logging
from contextvars import Context, copy_context

from aiogram import Bot

from bot.clock import Clock
from bot.delivery.aside import Aside
from bot.delivery.budget.budget import Budget
from bot.delivery.budget.memory import Memory
from bot.delivery.courier import Again, Courier, Lost, Outcome
from bot.delivery.pace.streams import Streams
from bot.delivery.postbox import Postbox
from bot.delivery.priority import Priority
from bot.delivery.seen import Seen
from bot.delivery.server.incidents import Incidents
from bot.delivery.server.server import Server
from bot.delivery.slots.slots import Slots
from bot.delivery.slots.waiting import Waiting
from bot.delivery.tasks import Tasks
from bot.delivery.wish import Wish
from bot.storage.answers.parts import Parts
from bot.storage.telegram.notices import Notices

log = logging.getLogger(__name__)

CLOSE_S = 6.0  # an orderly stop takes 10 s at the most


class Delivery:
    """Grants slots to wishes and has their calls carried out. `run` must be running.

    Beside it, each for itself: `seen`, the message ids in use, those of sent messages among them; `streams`, the
    replies that grow; `aside`, the calls that take no slot; `postbox`, the bot's own notices.
    """

    def __init__(
        self,
        bot: Bot,
        budget: Budget,
        streams: Streams,
        *,
        memory: Memory,
        seen: Seen,
        parts: Parts,
        notices: Notices,
        clock: Clock,
    ) -> None:
        incidents, self._server = Incidents(clock), Server(bot, clock)
        self.seen = seen
        self.streams = streams
        self._clock = clock
        self._slots = Slots(budget, streams, clock)
        self._courier = Courier(
            bot,
            budget,
            memory=memory,
            seen=seen,
            parts=parts,
            server=self._server,
            incidents=incidents,
            clock=clock,
        )
        self._tasks = Tasks()
        self.aside = Aside(bot, budget, streams, incidents, self._tasks, clock)
        self.postbox = Postbox(
            self.call, budget, self._slots, streams, self.aside, self._server, notices, self._tasks, clock
        )
        self._granted: dict[Waiting, tuple[asyncio.Future[asyncio.Task[Outcome]], Context]] = {}
        self._in_flight: set[asyncio.Task[Outcome]] = set()
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many calls wait for a slot."""
        return len(self._granted)

    async def run(self) -> None:
        """Grant slots, for ever. Raises ConfigurationError where the token is revoked; calls wait for a good one."""
        while (denial := self._server.denial) is None:
            self._slots.changed.clear()
            now = self._clock.now()
            waiting, wait_s = self._slots.next(now) if not self._closed else (None, None)
            if waiting is None:
                await self._clock.wait(self._slots.changed, wait_s)
            elif not (granted := self._granted[waiting])[0].done():  # else its caller is just withdrawing it
                self._slots.take(waiting, now)
                future, context = granted
                future.set_result(self._start(waiting.wish, context))
        raise denial

    async def close(self) -> None:
        """Grant nothing any more and wait until no call is in flight; a send cut off then is searched for later."""
        self._closed = True
        self._tasks.stop()
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=CLOSE_S)
        left = list(self._in_flight)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, self._tasks.close(), return_exceptions=True)

    def reconsider(self, wish: Wish, *, delta: bool = False) -> None:
        """Look at a wish again if it waits: its text is whole, or (`delta`) more of it has come."""
        self._slots.reconsider(wish, delta=delta)

    def leisure_s(self, wish: Wish) -> float:
        """Return for how many seconds no delta can bring a call for this wish nearer; 0: it may at any time."""
        return self._slots.leisure_s(wish)

    async def call(self, wish: Wish, priority: Priority) -> None:
        """Wait for a slot and carry the wish's call out, again and again as long as that may help.

        A caller that is cancelled withdraws the wish; a call in flight goes on and lands. Raises what the call's
        `refused` does: DeliveryError, unless it says otherwise.
        """
        since = self._clock.now()
        outcome: Outcome = Again()
        while isinstance(outcome, Again):
            waiting = Waiting(wish, priority, since, self._courier.not_before(wish))
            granted: asyncio.Future[asyncio.Task[Outcome]] = asyncio.get_running_loop().create_future()
            self._granted[waiting] = granted, copy_context()
            self._slots.enter(waiting)
            try:
                task = await granted
            finally:
                self._slots.leave(waiting)
                del self._granted[waiting]
            outcome = await asyncio.shield(task)
        if isinstance(outcome, Lost):
            await outcome.call.refused(outcome.error)

    def _start(self, wish: Wish, context: Context) -> asyncio.Task[Outcome]:
        """Begin a call as a part of its caller's work: the log tells what it is about."""
        task = asyncio.get_running_loop().create_task(self._carry_out(wish), context=context)
        self._in_flight.add(task)
        task.add_done_callback(self._landed)
        return task

    async def _carry_out(self, wish: Wish) -> Outcome:
        try:
            return await self._courier.carry_out(wish)
        finally:
            self._slots.free(wish.chat_id)

    def _landed(self, task: asyncio.Task[Outcome]) -> None:
        self._in_flight.discard(task)
        if not task.cancelled():
            task.exception()  # retrieved here too: the caller may be gone
