"""Mending: what a refused call says of the screen, and what is shown in place of that which Telegram does not take."""

import logging
from contextlib import suppress

from bot.clock import Clock
from bot.delivery.delivery import Delivery
from bot.delivery.priority import Priority
from bot.delivery.refusal import DeliveryError, MessageGone, NoText, Rejected, TopicGone, Unanswered
from bot.delivery.wish import Wish, always
from bot.reply.markdown.rendered import Rendered
from bot.reply.marks import PLACEHOLDER
from bot.reply.methods import Methods
from bot.reply.place import ONLY, InChat
from bot.reply.recovery.resumption import Resumption
from bot.reply.screen import Screen, Step
from bot.storage.answers.parts import Parts
from bot.storage.answers.replies import Replies
from bot.storage.exchanges.jobs import Job
from bot.texts import Texts

log = logging.getLogger(__name__)

LOOK_S = 0.5  # between two looks whether a guest question's answer has been found
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
        replies: Replies,
        clock: Clock,
    ) -> None:
        self._job = job
        self._methods = methods
        self._texts = texts
        self._screen = screen
        self._resumption = resumption
        self._delivery = delivery
        self._parts = parts
        self._replies = replies
        self._clock = clock
        self._may_be_sent = job.attempt > 1 or job.is_made  # the answer to a guest question

    async def mend(self, step: Step, called_at: float, error: DeliveryError) -> None:
        """Take what the refusal of a step says; `called_at`: when its call was made.

        Raises DeliveryError, Undeliverable.
        """
        if not self._methods.place.is_chat:
            await self._mend_alone(step, error)
            return
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
            case TopicGone() if not error.is_closed or self._screen.message_id(0) is None:
                raise error
            case Rejected():
                await self._rejected(step, error)
            case _:
                raise error

    async def _mend_alone(self, step: Step, error: DeliveryError) -> None:
        """Take what a refusal says of an inline message, which can be sent but once, and not be searched for.

        The answer to a guest question whose sending had no answer is found by a press of its Stop button
        (`Stops.stop_elsewhere`); until then it is sent once more.
        """
        is_open = self._screen.message_id(step.number) is not None
        if is_open and type(error) is Rejected:
            await self._rejected(step, error)
        elif is_open or not isinstance(error, Unanswered | Rejected):
            raise Undeliverable(str(error)) from error
        elif isinstance(error, Unanswered) and not self._may_be_sent:
            self._may_be_sent = True
        elif not self._may_be_sent or not await self._is_named(step):
            raise Undeliverable(str(error)) from error

    async def _is_named(self, step: Step) -> bool:
        """Wait for a press that tells which inline message answers a guest question."""
        until = self._clock.now() + LATE_S
        while self._clock.now() < until:
            if inline_id := await self._replies.inline_id(self._job.reply_id):
                self._methods.become(inline_id)
                self._screen.found(step.number, ONLY)
                return True
            await self._clock.sleep(LOOK_S)
        return False

    async def forget(self, step: Step) -> None:
        """Note that a part is no more."""
        self._screen.changed(step)
        await self._parts.forget(self._job.reply_id, step.number)

    async def _rejected(self, step: Step, error: Rejected) -> None:
        """Show it otherwise."""
        log.warning("frame rejected answer=%s part=%s error=%s", self._job.id, step.number, error)
        if step.frame is None:
            await self._leave(step)
        elif self._screen.frames.is_waiting and self._screen.frames.meanwhile.give_up_thoughts():
            return
        elif isinstance(error, NoText):
            self._screen.shows_file(step.number)
        elif step.frame.picture is not None:
            if not self._screen.frames.give_up_pictures(self._texts.picture_refused):
                raise Unshowable(str(error)) from error
        elif step.frame.document is not None:
            self._screen.frames.give_up_file(self._texts.rest_refused)
        elif self._screen.frames.give_up_looks() or self._give_up_more(step):
            return
        elif not self._screen.frames.give_up(self._texts.unshowable):
            raise Unshowable(str(error)) from error

    def _give_up_more(self, step: Step) -> bool:
        """Leave it at the parts that stand, as where the topic was closed meanwhile; False where that is no way."""
        is_further = step.number > 0 and self._screen.message_id(step.number) is None
        return is_further and self._screen.frames.give_up_more(step.number, self._texts.rest_refused)

    async def _leave(self, step: Step) -> None:
        """Empty a message that cannot be deleted, because it is older than two days, and forget it."""
        place, message_id = self._methods.place, self._screen.message_id(step.number)
        if message_id is not None and isinstance(place, InChat):
            emptied = place.edit(message_id, Rendered(PLACEHOLDER))
            with suppress(MessageGone, Rejected):
                await self._delivery.call(Wish(place.key, always(emptied)), Priority.FINAL)
        await self.forget(step)
