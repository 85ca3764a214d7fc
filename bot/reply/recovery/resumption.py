"""Resumption: the messages that a former process left of a reply, and what they show."""

import logging
from collections.abc import Iterator, Sequence

from aiogram.types import InlineKeyboardMarkup, Message

from bot.clock import Clock
from bot.delivery.priority import Priority
from bot.delivery.refusal import MessageGone, Rejected
from bot.reply.layout import stop
from bot.reply.markdown.rendered import Rendered
from bot.reply.marks import CURSOR, PLACEHOLDER, is_placeholder, without_line
from bot.reply.methods import Methods
from bot.reply.recovery.search import Found, Search, Sought, looks_opened
from bot.reply.thought import answer_in
from bot.storage.exchanges.jobs import Job
from bot.storage.tables import Part

log = logging.getLogger(__name__)


class Resumption:
    """Finds the messages of one reply and reads them. Its methods raise DeliveryError."""

    def __init__(self, job: Job, methods: Methods, *, search: Search, clock: Clock) -> None:
        self._job = job
        self._methods = methods
        self._search = search
        self._clock = clock

    async def messages(self, parts: Sequence[Part]) -> list[Found | None]:
        """Return the message of each part, None for one that has to be opened anew; the last one is there."""
        found = [
            Found(part.message_id) if part.message_id else await self.find(part.number, part.answer_id)
            for part in parts
        ]
        while found and found[-1] is None:
            found.pop()
        return found

    async def find(self, number: int, answer_id: int) -> Found | None:
        """Search for a part whose opening send, for an answer, was never answered."""
        opening = self._methods.keyboard.button(stop(answer_id, number))
        sought = Sought(self._job.reply_id, number, opening, self._unused(number), self._priority)
        found = await self._search.find(self._methods.place.key, sought)
        log.info("part searched answer=%s part=%s found=%s", answer_id, number, found and found.message_id)
        return found

    async def read(self, messages: Sequence[Found | None]) -> list[Found | None]:
        """Return the messages with what they show, None for one that is gone; only up to the first that is no text."""
        read = [Found(each.message_id) if each else None for each in messages]
        for number, each in enumerate(messages):
            read[number] = each = await self._read(number, each) if each and not each.message else each
            if each is None or each.message is None or each.message.text is None:
                break
        return read

    async def _read(self, number: int, found: Found) -> Found | None:
        """Read what a part shows."""
        try:
            message = await self._search.read(
                self._methods.place.key, found.message_id, self._unused(number), self._priority
            )
            return Found(found.message_id, message)
        except MessageGone:
            return None
        except Rejected as error:
            log.warning("part not read back answer=%s part=%s error=%s", self._job.id, number, error)
            return found

    @property
    def _priority(self) -> Priority:
        """How urgent it is: a whole text waits for no other that became whole later."""
        return Priority.FINAL if self._job.is_made else Priority.OPEN

    def _unused(self, number: int) -> InlineKeyboardMarkup:
        """Return a Stop button that no message has had before."""
        return self._methods.keyboard.button(f"{stop(self._job.id, number)}:{self._clock.wall() * 1000:.0f}")


def standing(messages: Sequence[Found | None], *, note: str) -> list[Rendered]:
    """Return the texts that were read, without what is not of the answer: cursor, placeholder, the note under it,
    what the model thought alone.

    Only up to the first that was not completed: the next one does not go on from there.
    """
    texts = []
    for message in _read(messages):
        texts.append(_left(message, note))
        if looks_opened(message):
            break
    return texts


def reach(messages: Sequence[Found | None], *, note: str) -> list[int]:
    """Return how many characters of the answer each message shows that was read."""
    return [len(answer_in(_left(message, note))) for message in _read(messages)]


def _read(messages: Sequence[Found | None]) -> Iterator[Message]:
    for each in messages:
        if each is None or each.message is None or each.message.text is None:
            break
        yield each.message


def _left(message: Message, note: str) -> Rendered:
    if is_placeholder(message.text or ""):
        return Rendered("")
    text = (message.text or "").removesuffix(PLACEHOLDER).removesuffix(CURSOR.strip()).rstrip()
    text = without_line(text) if looks_opened(message) else text
    left = Rendered(text.removesuffix(note).rstrip(), tuple(message.entities or ()))
    return left if answer_in(left) else Rendered("")  # of the answer there is nothing beside what was thought
