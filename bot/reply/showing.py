"""Showing: the calls of one reply, from what stands already to all of its final text."""

import asyncio

from bot.clock import Clock
from bot.delivery.delivery import Delivery
from bot.delivery.refusal import Migrated
from bot.reply.draft import Draft
from bot.reply.markdown.rendered import Rendered
from bot.reply.methods import Methods
from bot.reply.place import ONLY, InChat, Inline
from bot.reply.recovery.resumption import Resumption, reach, standing
from bot.reply.screen import Screen
from bot.reply.steps import Steps
from bot.reply.typing import Signs
from bot.storage.answers.parts import Parts
from bot.storage.chats import Chats
from bot.storage.exchanges.jobs import Job

UNREAD = 10**9  # characters that an inline message shows, as far as is known: nothing that grows goes over it


class Showing:
    """Makes the calls that a reply needs, one after the other; `go_on` and `hurry` say that there may be others."""

    def __init__(
        self,
        job: Job,
        *,
        screen: Screen,
        methods: Methods,
        steps: Steps,
        resumption: Resumption,
        delivery: Delivery,
        parts: Parts,
        chats: Chats,
        clock: Clock,
        draft: Draft | None,
    ) -> None:
        self._job = job
        self._screen = screen
        self._methods = methods
        self._steps = steps
        self._resumption = resumption
        self._delivery = delivery
        self._parts = parts
        self._chats = chats
        self._clock = clock
        self._signs = Signs(methods, screen, draft, delivery=delivery, clock=clock)
        self._changed = asyncio.Event()
        self._hurry = asyncio.Event()  # the final text is there
        self._leaves = False
        self.resumed = asyncio.Event()  # what a former process left is taken up
        self.draft = draft  # None also where there are none any more
        self.stands = False

    def go_on(self) -> None:
        """Take word of something else to show."""
        self._changed.set()

    def hurry(self) -> None:
        """Take word that the text is whole."""
        self._hurry.set()
        self._changed.set()

    def leave(self) -> None:
        """End after the call that is under way."""
        self._leaves = True
        self.hurry()

    async def run(self) -> None:
        """Make the calls that show the text, until all of the final one stands. Raises DeliveryError, Undeliverable."""
        while not self.resumed.is_set():
            try:
                await self._resume()
                self.resumed.set()
            except Migrated as error:
                await self._follow(error.chat_id)
        async with asyncio.TaskGroup() as group:
            typing = group.create_task(self._signs.type() if not self._job.is_made else self._clock.sleep(0))
            placeholder = group.create_task(self._signs.hold_place(self._hold_place))
            with self._delivery.streams.streaming(self._methods.place.key):
                await self._show_all()
            typing.cancel()
            placeholder.cancel()

    async def _resume(self) -> None:
        """Take up the parts of a former process, or of the answer that this one replaces."""
        job, frames = self._job, self._screen.frames
        if isinstance(self._methods.place, Inline):
            self._take_up_alone(is_there=self._methods.place.inline_id is not None)
            return
        rows = await self._parts.of(job.reply_id) if job.has_parts else []
        self._screen.shows_former = bool(rows) and job.former is not None and not job.is_made
        messages = await self._resumption.messages(rows)
        left: list[Rendered] = []
        lengths: list[int] = []
        is_begun = not job.is_made and job.attempt > 1 and not self._screen.shows_former
        if is_begun or frames.kept_note is not None:
            messages = await self._resumption.read(messages)
            note = frames.kept_note or ""
            left, lengths = standing(messages, note=note), reach(messages, note=note)
        self._screen.take_up(
            [each.message_id if each else None for each in messages],
            left,
            lengths,
            [row.answer_id == job.id for row in rows],
        )

    def _take_up_alone(self, *, is_there: bool) -> None:
        """Take up the inline message of a former process, or of the answer that this one replaces.

        It cannot be read back: so what stands there after a kill stays until the text is whole.
        """
        job = self._job
        self._screen.shows_former = is_there and job.former is not None and not job.is_made
        is_begun = is_there and not job.is_made and job.attempt > 1 and not self._screen.shows_former
        self._screen.take_up([ONLY] if is_there else [], (), [UNREAD] if is_begun else [], ())

    async def _show_all(self) -> None:
        """Make the calls that are needed until the final text stands."""
        while True:
            self._changed.clear()
            if self._leaves:
                return
            if self._screen.only_grows:
                await self._take()
                continue
            await self._steps.lay_out()
            if self._screen.frames.is_final and self._screen.next() is None:
                self.stands = True
                return
            if self.draft and self._screen.is_draftable:
                await self._show_draft(self.draft)
            elif (step := self._screen.next()) is None:
                await self._changed.wait()
            else:
                if self.draft:
                    await self.draft.end()
                await self._take(at_once=step.at_once)

    async def _take(self, *, at_once: bool = False) -> None:
        try:
            await self._steps.take(at_once=at_once)
        except Migrated as error:
            await self._follow(error.chat_id)

    async def _show_draft(self, draft: Draft) -> None:
        """Show a text as a native draft; where there is none, edit from here on."""
        text = self._screen.drafted()
        if not text.text or text == draft.shown:
            await self._changed.wait()
        elif not await self._steps.show_draft(draft, self._hurry):
            self.draft = None

    async def _follow(self, telegram_id: int) -> None:
        """Go on in the supergroup that the group has become; its messages are left behind."""
        if isinstance(self._methods.place, InChat):
            await self._chats.migrate(self._methods.place.telegram_id, telegram_id)
        self._methods.follow(telegram_id)
        self._steps.follow()

    def _hold_place(self) -> None:
        """Open the reply with "…", unless the messages of a former answer stand there."""
        if not self._screen.shows_former:
            self._screen.frames.meanwhile.hold_place()
            self._changed.set()
