"""Worker: claims turns, one a conversation and N in all, and passes stops on."""

import asyncio
import logging

from bot.responder import Responder
from bot.storage.tables import Outcome, Turn
from bot.storage.turns import Turns

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
        """Take up what a former process left, then answer what comes, for ever."""
        async with asyncio.TaskGroup() as group:
            for turn in await self._turns.recover():
                self._begin(turn, group)
            while True:
                self._turns.changed.clear()
                while claimed := await self._turns.claim(
                    places=self._places, places_per_provider=self._places_per_provider
                ):
                    self._begin(claimed, group)
                for turn_id in await self._turns.stopping():
                    if stop := self._stops.get(turn_id):
                        stop.set()
                await self._turns.changed.wait()

    def _begin(self, turn: Turn, group: asyncio.TaskGroup) -> None:
        log.info("turn begun turn=%s chat=%s state=%s attempt=%s", turn.id, turn.chat_id, turn.state, turn.attempt)
        self._stops[turn.id] = asyncio.Event()
        if turn.stop:
            self._stops[turn.id].set()
        group.create_task(self._answer(turn))

    async def _answer(self, turn: Turn) -> None:
        """Answer one turn; whatever goes wrong, the conversation is not stuck behind it."""
        try:
            await self._responder.answer(turn, self._stops[turn.id])
        except Exception:
            log.exception("turn broke turn=%s", turn.id)
            await self._turns.close(turn.id, Outcome.FAILED)
        finally:
            del self._stops[turn.id]
