"""Postbox: the bot's own notices, which wait in a line per chat until Telegram has carried them out or refused them.

The outbox of the database holds them all; of a long line only the head is in memory, the rest are keys.
"""

import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from aiogram.exceptions import TelegramServerError
from aiogram.methods import EditEphemeralMessageText, EditMessageText, SendDocument, SendMessage
from aiogram.types import Message

from bot.clock import Clock
from bot.delivery.aside import Aside
from bot.delivery.budget.budget import Budget
from bot.delivery.line import Letter, Line
from bot.delivery.pace.streams import Streams
from bot.delivery.priority import Priority
from bot.delivery.refusal import ChatGone, DeliveryError, Migrated, Unanswered
from bot.delivery.server.server import Server
from bot.delivery.shares import Shares
from bot.delivery.slots.slots import Slots
from bot.delivery.tasks import Tasks
from bot.delivery.wish import Call, Method, Wish
from bot.storage.ids import NOWHERE, is_person
from bot.storage.telegram.notices import Notices

log = logging.getLogger(__name__)

MAX_ASKED = 20  # notices that wait in a chat for those who asked there: contract, as many as questions,
MAX_ASKED_PER_PERSON = 3  # and of one person in a group
HELD = 5  # methods of a line that are in memory
SILENCES = 2  # a send that was never answered may have been carried out: so often it is made again
LOOK_S = 1.0  # what waits while an answer grows sees the end of it within that
ASK_AGAIN_S = 4.0  # an outage's end is seen within 5 s
UNSEEN_S = 15.0  # a reply that only one person sees is taken for so long, core.telegram.org/bots/api#ephemeral-messages


class Postbox:
    """Says notices, one at a time in a chat, and has presses answered.

    In a group what one person, or all, ask for beyond a share waits, unless the group's budget is nearly full; where no
    answer grows, unless the budget has what must be left to the next one. What comes `last`, as words for strangers,
    has a line of its own beside it and leaves the budgets to all others.
    """

    def __init__(
        self,
        call: Callable[[Wish, Priority], Awaitable[None]],
        budget: Budget,
        slots: Slots,
        streams: Streams,
        aside: Aside,
        server: Server,
        outbox: Notices,
        tasks: Tasks,
        clock: Clock,
    ) -> None:
        self._call = call
        self._budget = budget
        self._slots = slots
        self._streams = streams
        self._aside = aside
        self._server = server
        self._outbox = outbox
        self._tasks = tasks
        self._clock = clock
        self._lines: dict[tuple[int, bool], Line] = {}
        self._shares = Shares()

    def post(
        self,
        method: Method,
        *,
        by: int = 0,
        key: int | None = None,
        last: bool = False,
        openly: Method | None = None,
    ) -> None:
        """Send a notice or answer a callback query, without waiting; a notice waits for ever if need be.

        `by`: the person whom it answers; 0 for what nobody in that chat asked for.
        `key`: it is taken out of the outbox as soon as Telegram has carried it out or refused it. A kill right between
        the two posts it twice. `last`: it leaves the bot's budget to all others, as what is said to a stranger.
        `openly`: what is said in its place where only one person was to see it, and Telegram does not take that.
        """
        chat_id = (by or NOWHERE) if _inline_id(method) else getattr(method, "chat_id", None)
        if not isinstance(chat_id, int):
            self._tasks.spawn(self._aside.answer(method))
            return
        is_new = (chat_id, last) not in self._lines
        outdated = self._put(chat_id, method, by=by, key=key, last=last, openly=openly)
        self._lines[chat_id, last].changed.set()
        if is_new:
            self._tasks.spawn(self._work(chat_id, last=last))
        for each in outdated:
            self._tasks.spawn(self._outbox.drop(each))

    def has_room(self, chat_id: int, by: int, also: Sequence[int] = ()) -> bool:
        """Tell whether one notice more may wait in answer to a person; `also`: whom others answer before it."""
        line = self._lines.get((chat_id, False))
        asked = [*(letter.by for letter in line.asked), *also] if line else also
        is_full = not is_person(chat_id) and sum(person == by for person in asked) >= MAX_ASKED_PER_PERSON
        return not is_full and len(asked) < MAX_ASKED

    def _put(
        self, chat_id: int, method: Method, *, by: int, key: int | None, last: bool, openly: Method | None
    ) -> list[int]:
        """Let a notice wait; return the keys of what need not be said any more.

        That is this one where its equal waits right before it, and edits of a message that this one edits again.
        """
        line = self._lines.setdefault((chat_id, last), Line())
        letters = line.asked if by else line.unasked
        edits = method.message_id if isinstance(method, EditMessageText) else None
        is_file = isinstance(method, SendDocument)  # which is like no other, and no JSON
        mark = id(method) if is_file else hash(method.model_dump_json(exclude_unset=True))
        priority = Priority.IDLE if last else Priority.NOTICE
        letter = Letter(type(method), key, by, mark, edits, priority=priority, is_unseen=_is_unseen(method))
        if letter.is_unseen:
            letter.openly = openly
        if letter.is_unseen and isinstance(method, SendMessage):
            letter.until = self._clock.now() + UNSEEN_S
        if letters and letters[-1].mark == letter.mark and not letters[-1].is_going:
            log.info("notice is one with its equal chat=%s waiting=%s", chat_id, len(letters))
            return [key] if key is not None else []
        outdated = [each for each in letters if edits is not None and each.edits == edits and not each.is_going]
        for each in outdated:
            letters.remove(each)
        if key is None or len(letters) < HELD:
            letter.method = method
        letters.insert(sum(each.is_unseen for each in letters) if letter.is_unseen else len(letters), letter)
        return [each.key for each in outdated if each.key is not None]

    async def _work(self, chat_id: int, *, last: bool) -> None:
        """Say what waits in a line, until nothing does."""
        line = self._lines[chat_id, last]
        if not last:
            self._slots.hold(chat_id)
        try:
            while letter := await self._next(chat_id, line):
                await self._say(chat_id, letter)
                line.remove(letter)
        finally:
            del self._lines[chat_id, last]
            if not last:
                self._slots.release(chat_id)

    async def _next(self, chat_id: int, line: Line) -> Letter | None:
        """Wait until the next one may be said; None where nothing waits."""
        while True:
            line.changed.clear()
            now = self._clock.now()
            shares = self._shares
            letter, wait_s = line.next(partial(shares.ready_in, chat_id, now), partial(shares.had_at, chat_id))
            if letter is None:
                return None
            if not wait_s or not (wait_s := min(wait_s, self._room_in(chat_id, now))):
                shares.take(chat_id, now, letter.by, self._budget.supply(chat_id, now))
                return letter
            await self._clock.wait(line.changed, min(wait_s, LOOK_S) if self._streams.of(chat_id) else wait_s)

    def _room_in(self, chat_id: int, now: float) -> float:
        """Return the seconds until a chat has room for a notice beyond the shares, if nothing is called meanwhile."""
        calls = math.inf if self._streams.of(chat_id) else 1 + self._shares.left(chat_id, now)
        return self._budget.room_in(chat_id, calls, now)

    async def _say(self, chat_id: int, letter: Letter) -> None:
        if (method := letter.method or await self._read(letter)) is None:
            return
        try:
            await self._until_carried_out(self._wish(chat_id, letter, method), letter.priority)
            return
        except Migrated as error:
            method, chat_id = method.model_copy(update={"chat_id": error.chat_id}), error.chat_id
        except DeliveryError as error:
            await self._lose(chat_id, letter, error)
            return
        try:
            await self._until_carried_out(self._wish(chat_id, letter, method), letter.priority)
        except DeliveryError as error:
            await self._lose(chat_id, letter, error)

    async def _read(self, letter: Letter) -> Method | None:
        """Return a notice as it stands in the outbox."""
        body = await self._outbox.body(letter.key) if letter.key is not None else None
        return letter.kind.model_validate_json(body) if body is not None else None

    def _wish(self, chat_id: int, letter: Letter, method: Method) -> Wish:
        async def make() -> Call | None:
            if letter.until is not None and self._clock.now() > letter.until:
                log.info("notice came too late chat=%s method=%s", chat_id, letter.kind.__api_method__)
                self._say_openly(letter)
                return None
            if (inline_id := _inline_id(method)) and await self._outbox.is_outdated(inline_id):
                await landed(True)
                return None
            letter.is_going = True
            return Call(method, landed)

        async def landed(result: object) -> None:
            if isinstance(result, Message) and isinstance(method, SendMessage) and result.message_id:
                await self._outbox.sent(chat_id, result.message_id, letter.key)
            elif letter.key is not None:
                await self._outbox.drop(letter.key)

        return Wish(chat_id, make)

    async def _until_carried_out(self, wish: Wish, priority: Priority) -> None:
        """Make a call, again and again as long as an error of the server says that it was not carried out."""
        silences = 0
        while True:
            try:
                return await self._call(wish, priority)
            except Unanswered as error:
                if not isinstance(error.__cause__, TelegramServerError):
                    silences += 1
                if silences > SILENCES:
                    raise
            while not await self._server.is_itself():
                await self._clock.sleep(ASK_AGAIN_S)

    async def _lose(self, chat_id: int, letter: Letter, error: DeliveryError) -> None:
        log.warning("notice lost chat=%s method=%s error=%s", chat_id, letter.kind.__api_method__, error)
        if letter.key is not None:
            await self._outbox.drop(letter.key)
        if not isinstance(error, ChatGone):
            self._say_openly(letter)

    def _say_openly(self, letter: Letter) -> None:
        if letter.openly is not None:
            self.post(letter.openly, by=letter.by)


def _inline_id(method: Method) -> str | None:
    return method.inline_message_id if isinstance(method, EditMessageText) else None


def _is_unseen(method: Method) -> bool:
    """Tell whether only one person sees what a method says: core.telegram.org/bots/api#ephemeral-messages."""
    replied = method.reply_parameters if isinstance(method, SendMessage) else None
    return isinstance(method, EditEphemeralMessageText) or bool(replied and replied.ephemeral_message_id is not None)
