"""Mending: what a refused call says of the screen, and what is shown in place of that which Telegram does not take."""

import logging
from contextlib import suppress

from bot.clock import Clock
from bot.delivery.delivery import Delivery
from bot.delivery.priority import Priority
from bot.delivery.refusal import DeliveryError, MessageGone, NoText, Rejected, Unanswered
from bot.delivery.wish import Wish, always
from bot.reply.layout import PLACEHOLDER
from bot.reply.markdown.rendered import Rendered
from bot.reply.methods import Methods
from bot.reply.resumption import Resumption
from bot.reply.screen import Screen, Step
from bot.storage.answers.parts import Parts
from bot.storage.exchanges.jobs import Job
from bot.texts import Texts

log = logging.getLogger(__name__)

LATE_S = 10.0  # an opening without an answer is searched for that late: the server holds calls for flood waits


class Undeliverable(Exception):
    """The text cannot be shown in this chat."""


class Unshowable(Undeliverable):
    """Telegram takes neither the text nor a sentence in its place; a message of its own may pass."""


class Mending:
    """Brings the screen of one reply back to what Telegram has, after a step was refused."""

    def __init__(
        self,
        job: Job,
        texts: Texts,
        *,
        screen: Screen,
        methods: Methods,
        resumption: Resumption,
        delivery: Delivery,
        parts: Parts,
        clock: Clock,
    ) -> None:
        self._job = job
        self._methods = methods
        self._texts = texts
        self._screen = screen
        self._resumption = resumption
        self._delivery = delivery
        self._parts = parts
        self._clock = clock

    async def mend(self, step: Step, called_at: float, error: DeliveryError) -> None:
        """Take what the refusal of a step says; `called_at`: when its call was made.

        Raises DeliveryError, Undeliverable.
        """
        match error:
            case MessageGone() if step.frame is None:
                await self.forget(step)
            case MessageGone():
                if not self._screen.gone(step.number):
                    raise Undeliverable("deleted again") from error
            case Unanswered():
                await self._clock.sleep(called_at + LATE_S - self._clock.now())
                if found := await self._resumption.find(step.number, self._job.id):
                    self._screen.found(step.number, found.message_id)
            case Rejected():
                await self._rejected(step, error)
            case _:
                raise error

    async def forget(self, step: Step) -> None:
        """Note that a part is no more."""
        self._screen.changed(step)
        await self._parts.forget(self._job.reply_id, step.number)

    async def _rejected(self, step: Step, error: Rejected) -> None:
        """Show it otherwise."""
        log.warning("frame rejected answer=%s part=%s error=%s", self._job.id, step.number, error)
        if step.frame is None:
            await self._leave(step)
        elif self._screen.frames.give_up_thoughts():
            return
        elif isinstance(error, NoText):
            self._screen.shows_file(step.number)
        elif step.frame.picture is not None:
            if not self._screen.frames.give_up_pictures(self._texts.picture_refused):
                raise Unshowable(str(error)) from error
        elif step.frame.document is not None:
            self._screen.frames.give_up_file(self._texts.rest_refused)
        elif not self._screen.frames.give_up_looks() and not self._screen.frames.give_up(self._texts.unshowable):
            raise Unshowable(str(error)) from error

    async def _leave(self, step: Step) -> None:
        """Empty a message that cannot be deleted, because it is older than two days, and forget it."""
        place, message_id = self._methods.place, self._screen.message_id(step.number)
        if message_id is not None:
            emptied = place.edit(message_id, Rendered(PLACEHOLDER))
            with suppress(MessageGone, Rejected):
                await self._delivery.call(Wish(place.key, always(emptied)), Priority.FINAL)
        await self.forget(step)
