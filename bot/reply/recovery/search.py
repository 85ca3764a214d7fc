"""The search for a part whose opening send was never answered: which message is it, if it was carried out at all?

A probe changes nothing: `editMessageReplyMarkup` with exactly the opening keyboard, whose data names answer and part,
is answered "message is not modified" by this very message and by an error of every other one that is not ours. Another
message of ours takes the keyboard, and the answer shows which one it is: a notice, that gets its looks back, or the
lost part of another topic, which is found by this.

Each probe costs a call of the chat's budget, so the likeliest ids alone are probed before the part is opened anew; the
others are left to `Strays`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakValueDictionary

from aiogram.methods import EditMessageReplyMarkup
from aiogram.types import InlineKeyboardMarkup, Message

from bot.delivery.delivery import Delivery
from bot.delivery.priority import Priority
from bot.delivery.refusal import MessageGone, Rejected
from bot.delivery.wish import Wish, always
from bot.reply.marks import CURSOR, is_placeholder
from bot.storage.answers.parts import Lost, Parts
from bot.storage.ids import is_supergroup

MAX_PROBES = 3  # before the part is opened anew, shared by all that are lost in a chat
UNSEEN = 2  # ids beyond the highest known one that are tried,
UNSEEN_IN_SUPERGROUPS = 8  # where messages come that the bot is not shown


@dataclass(frozen=True, slots=True)
class Sought:
    """A part to be found, its opening keyboard and another one; `priority`: how urgent its text is."""

    reply_id: int
    number: int
    opening: InlineKeyboardMarkup
    other: InlineKeyboardMarkup
    priority: Priority = Priority.OPEN


@dataclass(frozen=True, slots=True)
class Found:
    """The message that shows a part, and what it shows, if that was read."""

    message_id: int
    message: Message | None = None


class Search:
    """Looks for lost parts, for one at a time in a chat, and stores what it finds."""

    def __init__(self, delivery: Delivery, parts: Parts) -> None:
        self._delivery = delivery
        self._parts = parts
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def find(self, chat_id: int, sought: Sought) -> Found | None:
        """Return the message that shows a part, None where there is none. Raises DeliveryError."""
        async with self._locks.setdefault(chat_id, asyncio.Lock()):
            lost = await self._parts.lost(chat_id)
            rank = next((rank for rank, part in enumerate(lost) if part.key == (sought.reply_id, sought.number)), None)
            if rank is None:  # another search has met it, or its Stop button was pressed
                message_id = await self._parts.message(sought.reply_id, sought.number)
                return Found(message_id) if message_id is not None else None
            candidates = await self._candidates(chat_id, lost, rank)
            here = sum(part.telegram_id == chat_id for part in lost)
            for message_id in candidates[: max(1, MAX_PROBES // here)]:
                if message_id in self._delivery.seen.lately(chat_id):  # meanwhile, and so another's
                    continue
                if found := await self._try(chat_id, message_id, sought, lost):
                    return found
            if candidates:
                await self._parts.stray(lost[rank], highest=max(candidates))
            return None

    async def read(
        self,
        chat_id: int,
        message_id: int,
        keyboard: InlineKeyboardMarkup | None,
        priority: Priority = Priority.OPEN,
    ) -> Message | None:
        """Give a message of ours another keyboard, to read it; None where it had that one. Raises DeliveryError."""
        result: object = None

        async def landed(answer: object) -> None:
            nonlocal result
            result = answer

        edit = EditMessageReplyMarkup(chat_id=chat_id, message_id=message_id, reply_markup=keyboard)
        await self._delivery.call(Wish(chat_id, always(edit, landed)), priority)
        return result if isinstance(result, Message) else None

    async def _candidates(self, chat_id: int, lost: Sequence[Lost], rank: int) -> list[int]:
        """Return the ids that the lost part at `rank` may have, the likeliest first."""
        after = lost[rank].after
        margin = UNSEEN_IN_SUPERGROUPS if is_supergroup(chat_id) else UNSEEN
        known = max(after, self._delivery.seen.highest(chat_id))
        highest = known + len(lost) + margin
        taken = await self._parts.taken(chat_id, after, highest) | self._delivery.seen.lately(chat_id)
        unknown = [message_id for message_id in range(after + 1, highest + 1) if message_id not in taken]
        beside = sum(part.after == after for part in lost[:rank])  # of an outage's sends most were not carried out
        between = sum(message_id <= known for message_id in unknown)  # what is missing there is the likeliest
        return _outwards(unknown, min(beside, between - 1) if between else beside)

    async def _try(self, chat_id: int, message_id: int, sought: Sought, lost: Sequence[Lost]) -> Found | None:
        """Probe one message."""
        here = {part.thread_id: part for part in lost if part.telegram_id == chat_id}
        key = sought.reply_id, sought.number
        try:
            message = await self.read(chat_id, message_id, sought.opening, sought.priority)
            if message is None:
                # Stored before it is read: then its keyboard is another one, and no probe would know it again.
                await self._parts.opened(*key, message_id)
                message = await self.read(chat_id, message_id, sought.other, sought.priority)
                if message is None or _owner(message, here) == key:
                    return Found(message_id, message)
                await self._parts.lose(*key)
            if owner := _owner(message, here):
                await self._parts.opened(*owner, message_id)
                if owner == key:  # a search that was killed had given it another keyboard
                    return Found(message_id, message)
            else:
                await self.read(chat_id, message_id, None, sought.priority)
        except (MessageGone, Rejected):
            pass
        return None


def looks_opened(message: Message) -> bool:
    """Tell whether a message may be a part that was only opened; a file shows nothing of it."""
    text = message.text or ""
    return text.endswith(CURSOR.strip()) or is_placeholder(text) or message.document is not None or bool(message.photo)


def _owner(message: Message, here: Mapping[int, Lost]) -> tuple[int, int] | None:
    """Tell which lost part a message of ours is: a conversation has one at the most."""
    thread_id = message.message_thread_id if message.is_topic_message else None
    part = here.get(thread_id or 0)
    replied = message.reply_to_message
    is_answer = part is not None and (replied is None or replied.message_id == part.reply_to)
    return part.key if part and is_answer and looks_opened(message) else None


def _outwards(candidates: Sequence[int], start: int) -> list[int]:
    """Return the candidates from the one at `start` outwards."""
    start = min(start, len(candidates) - 1)
    order = sorted(range(len(candidates)), key=lambda index: (abs(index - start), index))
    return [candidates[index] for index in order]
