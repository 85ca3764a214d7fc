"""Typing: what tells a reader that the bot is at work, as long as there is no text.

The chat action comes at once, or with a draft's "Thinking…" (`THINK_S` in `draft.py`); "…" comes after the time that
its place says (`PLACEHOLDER_S` in `place/chat.py`).
"""

from collections.abc import Callable

from bot.clock import Clock
from bot.delivery.delivery import Delivery
from bot.reply.draft import Draft
from bot.reply.methods import Methods
from bot.reply.place import InChat
from bot.reply.screen import Screen

TYPING_S = 4.0  # a chat action lasts 5 s, core.telegram.org/bots/api#sendchataction


class Signs:
    """The chat action, and "…" where nothing comes for long."""

    def __init__(
        self, methods: Methods, screen: Screen, draft: Draft | None, *, delivery: Delivery, clock: Clock
    ) -> None:
        self._methods = methods
        self._screen = screen
        self._draft = draft
        self._delivery = delivery
        self._clock = clock

    async def type(self) -> None:
        """Show the chat action until the first text is there."""
        place = self._methods.place
        if not isinstance(place, InChat):
            return
        if self._draft:
            await self._draft.think()
        while self._screen.is_blank and not (self._draft and self._draft.shown):
            self._delivery.aside.type(place.type())
            await self._clock.sleep(TYPING_S)

    async def hold_place(self, hold: Callable[[], None]) -> None:
        """Have the reply opened after a while, for its Stop button, where that may be and no draft has one."""
        placeholder_s = self._methods.place.placeholder_s
        if placeholder_s is not None and not self._draft:
            await self._clock.sleep(placeholder_s)
            hold()
