"""Gate: where several processes may serve a bot, no call is made unless this one surely has it.

Calls wait while that is in doubt, and so does what comes back meanwhile. One that is under way when the bot is lost
cannot be taken back: it is confessed to the process that has the bot by now, which mends what it did.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from aiogram.exceptions import TelegramAPIError
from aiogram.methods import TelegramMethod
from aiogram.types import InlineKeyboardMarkup, Message

from bot.delivery.refusal import is_outage
from bot.storage.engine.faults import Fenced
from bot.storage.engine.fence import Fence
from bot.storage.ownership.members import LateCall

OPENING = "stop:"  # begins the data of the button that a part of a reply is sent with
CHANGES = ("edit", "delete")  # begin the methods that change a message


class Lease(Protocol):
    """Whether this process has the bot."""

    fence: Fence

    async def held(self) -> None:
        """Return when it surely has it. Raises Fenced."""

    def answered(self, call: LateCall) -> None:
        """Take note of a call that was answered."""


@dataclass(slots=True)
class Passage:
    """A call that is under way, and its result once that is there."""

    result: object = None


class Gate:
    """Lets calls through."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease

    @asynccontextmanager
    async def passed(self, method: TelegramMethod[Any]) -> AsyncIterator[Passage]:
        """Wait until a call may be made; the block makes it. Raises Fenced before it, and after it in place of all."""
        await self.held()
        passage = Passage()
        try:
            yield passage
        except Fenced:
            raise
        except TelegramAPIError as error:
            if is_outage(error):
                self._ended(method, passage)
            await self.held()
            raise
        except BaseException:
            self._ended(method, passage)
            raise
        self._ended(method, passage)
        await self.held()

    async def held(self) -> None:
        """Wait until the bot is surely ours. Raises Fenced."""
        await self._lease.held()

    def _ended(self, method: TelegramMethod[Any], passage: Passage) -> None:
        """Have a call confessed that may have been carried out, if the bot is not ours any more."""
        if call := self._call(method, passage.result):
            self._lease.answered(call)

    def _call(self, method: TelegramMethod[Any], result: object) -> LateCall | None:
        """Return what there is to be mended of a call: an opening, or a change of a message, of which the id is known.

        Of notices there is nothing: they are said at least once.
        """
        name, chat_id = method.__api_method__, getattr(method, "chat_id", None)
        if not isinstance(chat_id, int):
            return None
        if name.startswith(CHANGES):
            message_id = getattr(method, "message_id", None)
        else:
            message_id = result.message_id if isinstance(result, Message) and _opens(method) else None
        return LateCall(self._lease.fence.bot_id, name, chat_id, message_id) if message_id else None


def _opens(method: TelegramMethod[Any]) -> bool:
    """Tell whether a call opens a part of a reply."""
    keyboard = getattr(method, "reply_markup", None)
    rows = keyboard.inline_keyboard if isinstance(keyboard, InlineKeyboardMarkup) else []
    return any((button.callback_data or "").startswith(OPENING) for row in rows for button in row)
