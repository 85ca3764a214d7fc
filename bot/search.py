"""The search for a part whose opening send was never answered: which message is it, if it was carried out at all?

A probe changes nothing: `editMessageReplyMarkup` with exactly the opening keyboard, whose data names turn and part, is
answered "message is not modified" by this very message and by an error of every other one that is not ours.
"""

from collections.abc import Iterator, Sequence

from aiogram.methods import EditMessageReplyMarkup
from aiogram.types import InlineKeyboardMarkup, Message

from bot.budget import Priority
from bot.delivery import Claim, Delivery, Landed, MessageGone, Method, Rejected
from bot.storage.parts import Parts, is_supergroup
from bot.storage.tables import Part

MAX_PROBES = 14
UNSEEN = 2  # ids beyond the highest known one that are tried,
UNSEEN_IN_SUPERGROUPS = 8  # where messages come that the bot is not shown


class Search:
    """Looks for lost parts; found ids and the bot's other messages are told apart by the rows and by what was seen."""

    def __init__(self, delivery: Delivery, parts: Parts) -> None:
        self._delivery = delivery
        self._parts = parts

    async def find(self, chat_id: int, lost: Part, keyboard: InlineKeyboardMarkup) -> int | None:
        """Return the id of the message that shows a part, None where there is none. Raises DeliveryError."""
        others = await self._parts.lost(chat_id)
        taken = await self._parts.taken(chat_id, lost.after) | self._delivery.seen(chat_id)
        margin = UNSEEN_IN_SUPERGROUPS if is_supergroup(chat_id) else UNSEEN
        highest = max(lost.after, self._delivery.known(chat_id)) + len(others) + margin
        unknown = [candidate for candidate in range(lost.after + 1, highest + 1) if candidate not in taken]
        ranks = [(part.turn_id, part.number) for part in others]
        rank = ranks.index((lost.turn_id, lost.number)) if (lost.turn_id, lost.number) in ranks else 0
        for message_id in _outwards(unknown, rank):
            if await self._is(chat_id, message_id, keyboard):
                return message_id
        return None

    async def _is(self, chat_id: int, message_id: int, keyboard: InlineKeyboardMarkup) -> bool:
        """Probe one message."""
        changed: object = None
        probe = EditMessageReplyMarkup(chat_id=chat_id, message_id=message_id, reply_markup=keyboard)

        async def landed(result: object) -> None:
            nonlocal changed
            changed = result

        try:
            await self._call(chat_id, probe, landed)
        except (MessageGone, Rejected):
            return False
        if isinstance(changed, Message):  # another message of ours, a notice: give it back its looks
            await self._call(chat_id, probe.model_copy(update={"reply_markup": None}), landed)
            return False
        return True

    async def _call(self, chat_id: int, method: Method, landed: Landed) -> None:
        async def make() -> Method:
            return method

        await self._delivery.call(Claim(chat_id, Priority.OPEN, make, landed))


def _outwards(candidates: Sequence[int], rank: int) -> Iterator[int]:
    """Yield the candidates from the one at `rank` outwards, not too many."""
    rank = min(rank, len(candidates) - 1)
    order = sorted(range(len(candidates)), key=lambda index: (abs(index - rank), index))
    yield from (candidates[index] for index in order[:MAX_PROBES])
