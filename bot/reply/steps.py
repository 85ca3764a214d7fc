"""Steps: the calls that bring the screen of one reply nearer to its newest text."""

import asyncio
from collections.abc import Callable
from functools import partial

from aiogram.types import Message, SentGuestMessage

from bot.clock import Clock
from bot.delivery.delivery import Delivery
from bot.delivery.pace.first_line import is_line
from bot.delivery.pace.progress import Progress
from bot.delivery.priority import Priority
from bot.delivery.wish import Call, Method, Wish
from bot.reply.draft import Draft
from bot.reply.markdown.rendered import Rendered
from bot.reply.mending import Mending
from bot.reply.methods import Methods
from bot.reply.place import ONLY, InChat
from bot.reply.screen import Screen, Step
from bot.reply.thought import below
from bot.slices import in_turns
from bot.storage.answers.parts import Parts
from bot.storage.answers.replies import Replies
from bot.storage.exchanges.jobs import Job
from providers.visible import is_visible

ROOMY = 3_000  # characters: a longer last part will soon need another one, and a call to open it


class Steps:
    """Takes one after the other, each with the newest text when it is granted; writes the reply's progress, alone."""

    def __init__(
        self,
        job: Job,
        *,
        screen: Screen,
        methods: Methods,
        mending: Mending,
        delivery: Delivery,
        parts: Parts,
        replies: Replies,
        clock: Clock,
    ) -> None:
        self._job = job
        self._screen = screen
        self._methods = methods
        self._mending = mending
        self._delivery = delivery
        self._parts = parts
        self._replies = replies
        self._clock = clock
        self._progress = Progress()
        self._wish = Wish(methods.place.key, self._make, self._progress)
        self._leaves = self._thinks = False

    def heard(self, newest: Callable[[], str]) -> None:
        """Take word of a delta; `newest` is asked for the whole text until that is a line."""
        if self._thinks and is_visible(newest()):
            self._thinks = False
            self._progress.begin_text()
        self._heard(lambda: below(newest()))

    def thought(self, newest: Callable[[], Rendered]) -> None:
        """Take word of a thought: progress as any other, which leaves a call for the first text of the answer."""
        self._thinks = True
        self._progress.spare = 1
        self._heard(lambda: newest().text)

    def worked(self) -> None:
        """Take word of a tool that runs, or ran: like a thought, as long as there is no text."""
        if self._screen.frames.is_waiting:
            self._thinks = True
            self._progress.spare = 1
        self._heard(lambda: ".\n")

    def drawn(self) -> None:
        """Take word of more of a picture: progress as any other."""
        self._heard(lambda: "")

    def _heard(self, newest: Callable[[], str]) -> None:
        now, progress = self._clock.now(), self._progress
        if not progress.begun_at:
            self._delivery.streams.begun(self._wish.chat_id, now)
        progress.heard(now)
        if not progress.has_line:
            progress.has_line = is_line(newest())
        self._delivery.reconsider(self._wish, delta=True)

    def leisure_s(self) -> float:
        """Return for how long no delta can matter, and have those that come until then count as spread over it."""
        leisure_s = self._delivery.leisure_s(self._wish) if self._progress.has_line else 0.0
        self._progress.rests = leisure_s > 0
        return leisure_s

    def finish(self) -> None:
        """Take word that the text is whole: what waits goes before all progress."""
        self._progress.is_final = True
        self._delivery.reconsider(self._wish)
        if self._progress.begun_at:
            now = self._clock.now()
            self._delivery.streams.lasted(self._wish.chat_id, now - self._progress.begun_at, now)

    def leave(self) -> None:
        """Make no call any more: what waits for a slot is taken back when it gets one."""
        self._leaves = self._progress.is_final = True
        self._delivery.reconsider(self._wish)

    def follow(self) -> None:
        """Go on where the place is now."""
        self._wish = Wish(self._methods.place.key, self._make, self._progress)
        self._screen.clear()
        self._screen.shows_former = False

    async def lay_out(self) -> None:
        """Have the newest text laid out; others have their turn between."""
        await in_turns(self._screen.frames.lay_out(), partial(self._clock.sleep, 0), self._clock.now)

    async def take(self, *, at_once: bool = False) -> None:
        """Make the call that is needed when a slot is granted, for the newest text then.

        `at_once`: it does not wait until progress is worth a call. Raises DeliveryError, Undeliverable.
        """
        self._progress.is_open = self._screen.message_id(0) is not None
        await self._delivery.call(self._wish, Priority.OPEN if at_once else Priority.PROGRESS)

    async def show_draft(self, draft: Draft, hurry: asyncio.Event) -> bool:
        """Show a text that still fits in one part as a native draft; False where there is none."""

        async def newest() -> Rendered:
            self._progress.called_at = self._clock.now()
            self._progress.take()
            await self.lay_out()
            return self._screen.drafted()

        is_taken = await draft.show(newest, self._progress, hurry)
        self._progress.shown()
        return is_taken

    async def _make(self) -> Call | None:
        """Return the call that is needed now."""
        if self._leaves:
            return None
        newer_since = self._progress.take()
        await self.lay_out()
        step, frames = self._screen.next(), self._screen.frames.wanted()
        if step is None or step.number < len(frames) - 1:
            self._progress.leave(newer_since)
        if step is None:
            return None
        self._progress.spare = int(self._thinks or len(frames[-1].text.text) > ROOMY)
        self._progress.called_at = called_at = self._clock.now()
        self._progress.not_before = called_at + self._methods.place.gap_s
        if (method := await self._method(step)) is None:
            return None
        return Call(method, partial(self._landed, step), partial(self._mending.mend, step, called_at))

    async def _method(self, step: Step) -> Method | None:
        """Return the method that takes a step; None where it is taken without one."""
        place, message_id = self._methods.place, self._screen.message_id(step.number)
        if step.frame is None:
            if message_id is not None and isinstance(place, InChat):
                return place.delete(message_id)
            await self._mending.forget(step)
            return None
        if message_id is None:
            if place.is_chat:
                after = self._delivery.seen.highest(place.key)
                await self._parts.intend(self._job.reply_id, step.number, answer_id=self._job.id, after=after)
            return self._methods.opening(step.number, step.frame)
        if self._screen.shows_former and not self._screen.frames.is_final:
            self._screen.shows_former = False
            await self._replies.overwrite(self._job.reply_id)
        return self._methods.edit(message_id, step.frame, self._screen.shown(step.number))

    async def _landed(self, step: Step, result: object) -> None:
        """Note what a call has shown, before the next call of the chat goes."""
        self._progress.shown()
        if step.frame is None:
            await self._mending.forget(step)
            return
        is_new = self._screen.message_id(step.number) is None
        message = result if isinstance(result, Message) else None
        self._screen.changed(step, message)
        if isinstance(result, SentGuestMessage):
            await self._become(step, result.inline_message_id)
        if message and is_new:
            await self._parts.opened(self._job.reply_id, step.number, message.message_id)

    async def _become(self, step: Step, inline_id: str) -> None:
        """Note the inline message that a guest question was answered by."""
        self._methods.become(inline_id)
        self._screen.became(step.number, ONLY)
        await self._replies.opened(self._job.reply_id, inline_id)
