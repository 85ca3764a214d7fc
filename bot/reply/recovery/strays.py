"""Strays: messages of ours that no search found in time, whose part was opened anew; they are taken away.

They are looked for when nothing else needs the chat's budget, again after a restart, and once more when a send that was
left without an answer can have landed. A probe is the search's: only the lost message is "not modified" by exactly the
opening keyboard. Ids that are known to be others' are never probed, and none while a lost part is searched for in the
chat: its message would take this keyboard, and that search would not know it again.
"""

import asyncio
import logging
from itertools import islice

from aiogram.methods import DeleteMessage, EditMessageReplyMarkup
from aiogram.types import InlineKeyboardMarkup, Message

from bot.clock import Clock
from bot.delivery.delivery import Delivery
from bot.delivery.priority import Priority
from bot.delivery.refusal import DeliveryError, MessageGone, Rejected
from bot.delivery.wish import Call, Method, Wish, always
from bot.reply.layout import stop
from bot.reply.methods import Methods
from bot.reply.place import InChat
from bot.storage.answers.answers import Answers
from bot.storage.answers.parts import Parts
from bot.storage.signals import Signals
from bot.storage.tables import Stray
from bot.texts import texts

log = logging.getLogger(__name__)

LANDS_S = 120.0  # so late a send without an answer may be carried out
KEPT_S = 48 * 3600.0  # a bot deletes no older message, core.telegram.org/bots/api#deletemessage
BEYOND = 8  # ids above the highest one that is in use
MAX_PROBES = 30
LOOK_S = 2.0  # while another part is looked for in the chat
NOT_MADE, NOT_YET = object(), object()


class Strays:
    """Looks for strays, one at a time, while `run` runs."""

    def __init__(self, delivery: Delivery, parts: Parts, answers: Answers, signals: Signals, clock: Clock) -> None:
        self._delivery = delivery
        self._parts = parts
        self._answers = answers
        self._signals = signals
        self._clock = clock
        self._under_way: set[tuple[int, int, int]] = set()

    async def run(self) -> None:
        """Take away what is found, for ever. Raises DatabaseDamaged."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._signals.strays.clear()
                for stray in await self._parts.strays():
                    if (key := _key(stray)) not in self._under_way:
                        self._under_way.add(key)
                        group.create_task(self._sweep(stray))
                await self._signals.strays.wait()

    async def _sweep(self, stray: Stray) -> None:
        """Look for one at once and once more later."""
        lands_at = stray.lost_at + LANDS_S
        try:
            found = await self._probe_all(stray)
            if not found and self._clock.wall() < lands_at:
                await self._clock.sleep(lands_at - self._clock.wall())
                found = await self._probe_all(stray)
        except DeliveryError as error:
            log.info("stray not looked for answer=%s part=%s error=%s", stray.answer_id, stray.number, error)
        else:
            log.info("stray looked for answer=%s part=%s found=%s", stray.answer_id, stray.number, found)
        await self._parts.swept(stray)
        self._under_way.discard(_key(stray))

    async def _probe_all(self, stray: Stray) -> int | None:
        """Probe each id that it can have; return the one that was found and deleted. Raises DeliveryError."""
        job = await self._answers.get(stray.answer_id)
        if job is None or self._clock.wall() > stray.lost_at + KEPT_S:
            return None
        chat = job.chat
        opening = Methods(job, InChat.of(chat), texts(job.language)).keyboard.button(stop(job.id, stray.number))
        for message_id in await self._ids(stray, chat.telegram_id):
            answer = await self._probe(chat.telegram_id, message_id, opening)
            if answer is None:
                await self._call(chat.telegram_id, DeleteMessage(chat_id=chat.telegram_id, message_id=message_id))
                return message_id
            if isinstance(answer, Message):  # another one of ours, a notice: it gets its looks back
                bare = EditMessageReplyMarkup(chat_id=chat.telegram_id, message_id=message_id)
                await self._call(chat.telegram_id, bare)
        return None

    async def _ids(self, stray: Stray, chat_id: int) -> list[int]:
        """Return the ids that it can have by now, not too many: all chats of a counter have taken some meanwhile."""
        highest = max(stray.highest, self._delivery.seen.highest(chat_id)) + BEYOND
        taken = await self._parts.taken(chat_id, stray.after, highest) | self._delivery.seen.lately(chat_id)
        free = (message_id for message_id in range(stray.after + 1, highest + 1) if message_id not in taken)
        return list(islice(free, MAX_PROBES))

    async def _probe(self, chat_id: int, message_id: int, opening: InlineKeyboardMarkup) -> object:
        """Return None where this is the stray, another message of ours, or that it is neither."""
        while (answer := await self._probe_now(chat_id, message_id, opening)) is NOT_YET:
            await self._clock.sleep(LOOK_S)
        return answer

    async def _probe_now(self, chat_id: int, message_id: int, opening: InlineKeyboardMarkup) -> object:
        answer: object = NOT_MADE

        async def make() -> Call | None:
            nonlocal answer
            if any(part.telegram_id == chat_id for part in await self._parts.lost(chat_id)):
                answer = NOT_YET
                return None
            taken = await self._parts.taken(chat_id, message_id - 1, message_id) | self._delivery.seen.lately(chat_id)
            if message_id in taken:
                return None
            edit = EditMessageReplyMarkup(chat_id=chat_id, message_id=message_id, reply_markup=opening)
            return Call(edit, landed)

        async def landed(result: object) -> None:
            nonlocal answer
            answer = result

        try:
            await self._delivery.call(Wish(chat_id, make), Priority.IDLE)
        except (MessageGone, Rejected):
            return NOT_MADE
        return answer

    async def _call(self, chat_id: int, method: Method) -> None:
        """Make a call that may fail."""
        try:
            await self._delivery.call(Wish(chat_id, always(method)), Priority.OPEN)
        except (MessageGone, Rejected) as error:
            log.info("stray not taken away chat=%s error=%s", chat_id, error)


def _key(stray: Stray) -> tuple[int, int, int]:
    return stray.answer_id, stray.number, stray.after
