"""Draft: a growing text as Telegram's native draft, in private chats; the final text is sent and edited as ever."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.clock import Clock
from bot.delivery.delivery import Delivery
from bot.delivery.pace.progress import Progress
from bot.reply.markdown.rendered import Rendered
from bot.reply.place import InChat

log = logging.getLogger(__name__)

THINK_S = 0.3  # an earlier call would keep the first text of a quick provider waiting


class Draft:
    """The draft of one answer; its id is the answer's, by which a press of its Stop button is known again.

    `is_expected`: the operator is told where there are none.

    A draft lives for 30 s after its last update and goes when a message is sent (core.telegram.org/bots/api
    #sendmessagedraft). So the last one must be awaited before the first part is opened, or it comes back as a ghost.
    """

    def __init__(
        self, answer_id: int, place: InChat, *, delivery: Delivery, clock: Clock, is_expected: bool = False
    ) -> None:
        self._answer_id = answer_id
        self._place = place
        self._delivery = delivery
        self._clock = clock
        self._is_expected = is_expected
        self._calling = asyncio.Lock()
        self._ended = False
        self.shown: Rendered | None = None

    async def think(self) -> None:
        """Show that an answer is coming, if it does not at once: an empty draft is Telegram's own "Thinking…"."""
        await self._clock.sleep(THINK_S)
        if self.shown is None and not self._calling.locked():
            await self._send(Rendered(""))

    async def show(self, newest: Callable[[], Awaitable[Rendered]], progress: Progress, hurry: asyncio.Event) -> bool:
        """Show the newest text when that is worth a call, the first at once where many are left; nothing in a `hurry`.

        False if the server has no drafts.
        """
        aside, chat_id = self._delivery.aside, self._place.key
        while (wait := aside.draft_wait(chat_id, progress, is_first=self.shown is None)) > 0:
            if await self._clock.wait(hurry, wait):
                return True
        text = await newest()
        if not await self._send(text):
            self.shown = None
            if self._is_expected:
                log.warning("STREAM_MODE is draft, but drafts are refused, editing instead chat=%s", self._place.key)
            return False
        self.shown = text
        return True

    async def end(self) -> None:
        """Send no more, and wait for the frame under way."""
        self._ended = True
        async with self._calling:
            pass

    async def _send(self, text: Rendered) -> bool:
        method = self._place.draft(self._answer_id, text)
        async with self._calling:
            return self._ended or await self._delivery.aside.draft(method)
