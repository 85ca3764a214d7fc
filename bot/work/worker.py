"""Worker: claims turns, one a conversation and N in all, and passes stops on."""

import asyncio
import logging

from bot.storage.faults import DatabaseDamaged
from bot.storage.tables import Turn
from bot.storage.turns import Turns
from bot.work.responder import Responder

log = logging.getLogger(__name__)


class Worker:
    """Runs a responder per open turn. A turn that is being delivered holds no place."""

    def __init__(self, turns: Turns, responder: Responder, *, max_turns: int, providers: int) -> None:
        self._turns = turns
        self._responder = responder
        self._places = max_turns
        self._places_per_provider = max(1, max_turns // 2) if providers > 1 else max_turns
        self._stops: dict[int, asyncio.Event] = {}

    async def run(self) -> None:
        """Take up what a former process left, then answer what comes, for ever. Raises DatabaseDamaged."""
        async with asyncio.TaskGroup() as group:
            for turn in await self._turns.recover():
                self._begin(turn, group)
            while True:
                self._turns.changed.clear()
                while claimed := await self._turns.claim(
                    places=self._places, places_per_provider=self._places_per_provider
                ):
                    self._begin(claimed, group)
                if self._turns.stopped.is_set():
                    await self._pass_stops_on()
                await self._turns.changed.wait()

    async def _pass_stops_on(self) -> None:
        self._turns.stopped.clear()
        for turn_id in await self._turns.stopping():
            if stop := self._stops.get(turn_id):
                stop.set()

    def _begin(self, turn: Turn, group: asyncio.TaskGroup) -> None:
        log.info("turn begun turn=%s chat=%s state=%s attempt=%s", turn.id, turn.chat_id, turn.state, turn.attempt)
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
