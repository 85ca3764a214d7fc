"""Late: an edit that had no answer may be carried out after newer ones, and overwrite them with an older text.

Telegram holds calls back for flood waits, and a call that is given up here goes on there. So the part is shown once
more from time to time, until no such edit can be under way. Which parts those are is stored: a kill forgets nothing.
"""

import asyncio
import logging
from dataclasses import replace

from bot.clock import Clock
from bot.delivery.delivery import Delivery
from bot.delivery.priority import Priority
from bot.delivery.refusal import DeliveryError
from bot.delivery.wish import Call, Wish
from bot.reply.layout import Layout
from bot.reply.methods import Methods
from bot.reply.place import InChat
from bot.storage import parts
from bot.storage.chats import Chats
from bot.storage.parts import Parts
from bot.storage.tables import State
from bot.storage.turns import Turns
from bot.texts import texts

log = logging.getLogger(__name__)

CHECKS_S = (12.0, 30.0, 60.0, 125.0)  # after the edit; no call has been seen to land later than 120 s


class Late:
    """Shows parts once more on which an older edit may have landed; `run` must be running."""

    def __init__(
        self, *, delivery: Delivery, parts: Parts, turns: Turns, chats: Chats, clock: Clock, max_parts: int
    ) -> None:
        self._delivery = delivery
        self._parts = parts
        self._turns = turns
        self._chats = chats
        self._clock = clock
        self._max_parts = max_parts
        self._checked: dict[tuple[int, int], float] = {}  # when a part was last shown once more, wall clock

    async def run(self) -> None:
        """Look after late parts, for ever; those of a former process too."""
        await self._parts.died()
        while True:
            self._parts.overdue.clear()
            late, now = await self._parts.late(), self._clock.wall()
            self._checked = {part.key: self._checked[part.key] for part in late if part.key in self._checked}
            async with asyncio.TaskGroup() as group:
                for part in late:
                    if self._due(part) <= now:
                        group.create_task(self._check(part))
            waits = [self._due(part) - self._clock.wall() for part in late]
            await self._clock.wait(self._parts.overdue, max(0.0, min(waits)) if waits else None)

    def _due(self, part: parts.Late) -> float:
        """Return when a part is to be shown once more (wall clock)."""
        checked = max(self._checked.get(part.key, part.since), part.since)
        return next((part.since + each for each in CHECKS_S if part.since + each > checked), checked)

    async def _check(self, part: parts.Late) -> None:
        """Show a part as it is to stand, if its answer is complete; else newer edits come anyway."""
        self._checked[part.key] = self._clock.wall()
        if part.since + CHECKS_S[-1] <= self._clock.wall():
            await self._parts.settle(part)
        try:
            await self._show(part)
        except DeliveryError as error:
            log.info("late part not shown again turn=%s part=%s error=%s", part.turn_id, part.number, error)

    async def _show(self, part: parts.Late) -> None:
        turn = await self._turns.get(part.turn_id)
        if turn is None or turn.state != State.DONE or turn.shown is None:
            return
        chat = await self._chats.row(turn.chat_id)
        frames = Layout(turn.id, max_parts=self._max_parts).final(turn.shown, note=turn.note or "")
        if part.number >= len(frames):
            return
        frame = frames[part.number]
        if not await self._parts.is_last(turn):
            frame = replace(frame, button=None)
        methods = Methods(turn, InChat.of(chat), texts(turn.language))

        async def make() -> Call | None:
            is_there = await self._parts.message(part.turn_id, part.number) == part.message_id
            return Call(methods.edit(part.message_id, frame)) if is_there else None

        await self._delivery.call(Wish(chat.telegram_id, make), Priority.IDLE)
