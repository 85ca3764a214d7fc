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
from bot.reply.layout import Layout, Shot, Versions
from bot.reply.methods import Methods
from bot.reply.place import InChat
from bot.reply.recovery import kept
from bot.storage.answers import parts
from bot.storage.answers.parts import Parts
from bot.storage.answers.replies import Replies
from bot.storage.signals import Signals
from bot.texts import texts

log = logging.getLogger(__name__)

CHECKS_S = (12.0, 30.0, 60.0, 125.0)  # after the edit; no call has been seen to land later than 120 s


class Late:
    """Shows parts once more on which an older edit may have landed; `run` must be running."""

    def __init__(
        self, *, delivery: Delivery, parts: Parts, replies: Replies, signals: Signals, clock: Clock, max_parts: int
    ) -> None:
        self._delivery = delivery
        self._parts = parts
        self._replies = replies
        self._signals = signals
        self._clock = clock
        self._max_parts = max_parts
        self._checked: dict[tuple[int, int], float] = {}  # when a part was last shown once more, wall clock
        self._under_way: set[tuple[int, int]] = set()

    async def run(self) -> None:
        """Look after late parts, for ever; those of a former process too."""
        await self._parts.died()
        async with asyncio.TaskGroup() as group:
            while True:
                self._signals.late.clear()
                late, now = await self._parts.late(), self._clock.wall()
                self._checked = {part.key: self._checked[part.key] for part in late if part.key in self._checked}
                free = [part for part in late if part.key not in self._under_way]
                for part in free:
                    if self._due(part) <= now:
                        self._under_way.add(part.key)
                        group.create_task(self._check(part))
                waits = [self._due(part) - self._clock.wall() for part in free if part.key not in self._under_way]
                await self._clock.wait(self._signals.late, max(0.0, min(waits)) if waits else None)

    def _due(self, part: parts.Late) -> float:
        """Return when a part is to be shown once more (wall clock)."""
        checked = max(self._checked.get(part.key, part.since), part.since)
        return next((part.since + each for each in CHECKS_S if part.since + each > checked), checked)

    async def _check(self, part: parts.Late) -> None:
        """Show a part as it is to stand, if its answer is complete; else newer edits come anyway."""
        self._checked[part.key] = self._clock.wall()
        is_last = part.since + CHECKS_S[-1] <= self._clock.wall()

        async def make() -> Call | None:
            return await self._edit(part)  # made when it is granted: what stands may change while it waits

        try:
            await self._delivery.call(Wish(part.telegram_id, make), Priority.IDLE)
        except DeliveryError as error:
            log.info("late part not shown again reply=%s part=%s error=%s", part.reply_id, part.number, error)
        if is_last:
            await self._parts.settle(part)
        self._under_way.discard(part.key)
        self._signals.late.set()

    async def _edit(self, part: parts.Late) -> Call | None:
        """Return what shows a part as it stands now, None where it does not, or no more in that message."""
        standing = await self._replies.standing(part.reply_id)
        if standing is None or await self._parts.message(part.reply_id, part.number) != part.message_id:
            return None
        job, left = standing
        layout = Layout(job.id, max_parts=self._max_parts)
        layout.ends_as(Versions(job.id, job.versions, again=not job.is_void))
        if left is None:
            frames = layout.final(job.shown, note=job.note or "", is_cut=job.is_cut, quote=job.quote or "")
            shots = [Shot(each.sha256, each.media_type) for each in job.pictures]
            frames = layout.pictured(frames if job.shown or not shots else [], shots, job.note or "")
        else:
            stood = kept.from_json(left)
            frames = layout.kept(stood, job.note or "") if stood else []
        if part.number >= len(frames):
            return None
        frame = frames[part.number]
        if not await self._replies.is_last(part.reply_id):
            frame = replace(frame, button=None, versions=None)
        shown = frame if frame.picture else None  # of a picture the buttons may be older ones
        return Call(Methods(job, InChat.of(job.chat), texts(job.language)).edit(part.message_id, frame, shown))
