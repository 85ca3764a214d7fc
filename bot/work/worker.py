"""Worker: claims turns, one a conversation and N in all, and passes stops on.

After a death it begins again what was under way, all at once. What was under way at several deaths in a row may be
their cause: it is begun only when the process has lived for a while with nothing under way (a death before that has
another cause), those with the fewest deaths first and few at a time, so that in the end the guilty one is alone.
"""

import asyncio
import logging
import math
from contextlib import suppress
from typing import Protocol

from bot.clock import Clock
from bot.storage.faults import DatabaseDamaged
from bot.storage.tables import Turn
from bot.storage.turns import SUSPECTED, Turns

log = logging.getLogger(__name__)

QUIET_S = 4.0  # in which nothing is begun, where turns are suspected
SHARE = 1 / 4  # of the suspected turns that are under way at a time: of 1,000, one is alone after five deaths
REST_S = 0.5  # for the database to hear that the process ends in order


class Answering(Protocol):
    """Who answers turns: the responder."""

    async def answer(self, turn: Turn, stopped: asyncio.Event) -> None:
        """Bring a turn to its end."""

    async def apologise(self, turn: Turn) -> Turn | None:
        """Have a turn that met a bug of ours end with an error; return it where that is still to be delivered."""


class Worker:
    """Runs a responder per open turn. A turn that is being delivered holds no place."""

    def __init__(self, turns: Turns, responder: Answering, *, max_turns: int, providers: int, clock: Clock) -> None:
        self._turns = turns
        self._responder = responder
        self._clock = clock
        self._places = max_turns
        self._places_per_provider = max(1, max_turns // 2) if providers > 1 else max_turns
        self._stops: dict[int, asyncio.Event] = {}
        self._suspected = 0  # turns that have not ended since
        self._under_suspicion: set[int] = set()  # those of them that are under way

    async def run(self) -> None:
        """Take up what a former process left, then answer what comes, for ever. Raises DatabaseDamaged."""
        try:
            async with asyncio.TaskGroup() as group:
                self._suspected = await self._turns.recover()
                if self._suspected:
                    log.warning("these may have killed the process, they go on one by one turns=%s", self._suspected)
                    await self._clock.sleep(QUIET_S)
                for turn in await self._turns.resume():
                    self._begin(turn, group)
                while True:
                    self._turns.changed.clear()
                    await self._begin_what_may(group)
                    if self._turns.stopped.is_set():
                        await self._pass_stops_on()
                    await self._turns.changed.wait()
        except asyncio.CancelledError:
            with suppress(TimeoutError):
                async with asyncio.timeout(REST_S):
                    await self._turns.rest()
            raise

    async def _begin_what_may(self, group: asyncio.TaskGroup) -> None:
        """Claim turns until there is none, or no place for it."""
        while claimed := await self._claim():
            self._begin(claimed, group)
        while len(self._under_suspicion) < math.ceil(self._suspected * SHARE):
            if not (suspect := await self._next_suspect()):
                break
            self._begin(suspect, group)

    async def _next_suspect(self) -> Turn | None:
        """Take up the suspected turn with the fewest deaths; an answer that is there goes before others."""
        for turn_id in await self._turns.suspected_answers():
            if turn_id not in self._stops:
                return next(iter(await self._turns.resume(turn_id)), None)
        return await self._claim(suspect=True)

    async def _claim(self, *, suspect: bool = False) -> Turn | None:
        per_provider = self._places_per_provider
        return await self._turns.claim(places=self._places, places_per_provider=per_provider, suspect=suspect)

    async def _pass_stops_on(self) -> None:
        self._turns.stopped.clear()
        for turn_id in await self._turns.stopping():
            if stop := self._stops.get(turn_id):
                stop.set()

    def _begin(self, turn: Turn, group: asyncio.TaskGroup) -> None:
        what = turn.id, turn.chat_id, turn.state, turn.attempt, turn.deaths
        log.info("turn begun turn=%s chat=%s state=%s attempt=%s deaths=%s", *what)
        if turn.deaths >= SUSPECTED:
            self._under_suspicion.add(turn.id)
        self._stops[turn.id] = asyncio.Event()
        if turn.stop:
            self._stops[turn.id].set()
        group.create_task(self._answer(turn))

    async def _answer(self, turn: Turn) -> None:
        """Answer one turn; whatever goes wrong, the conversation is not stuck behind it. Raises DatabaseDamaged."""
        under_way: Turn | None = turn
        try:
            while under_way:
                under_way = await self._try(under_way, self._stops[turn.id])
        finally:
            del self._stops[turn.id]
            if turn.id in self._under_suspicion:
                self._under_suspicion.discard(turn.id)
                self._suspected -= 1
                self._turns.changed.set()

    async def _try(self, turn: Turn, stopped: asyncio.Event) -> Turn | None:
        """Answer a turn; return it where a bug is to be told in its place. Raises DatabaseDamaged."""
        try:
            await self._responder.answer(turn, stopped)
        except Exception as error:
            if damaged := _damaged(error):
                raise damaged from error
            log.exception("turn broke turn=%s", turn.id)
            return await self._responder.apologise(turn)
        return None


def _damaged(error: BaseException) -> DatabaseDamaged | None:
    """Return what says in an error, or in a group of them, that the database is damaged."""
    if isinstance(error, BaseExceptionGroup):
        return next((found for each in error.exceptions if (found := _damaged(each))), None)
    return error if isinstance(error, DatabaseDamaged) else None
