"""Reply: makes the calls that show one turn's text; the newest text wins, the final one always arrives.

A part is opened by a send that is never the complete text (it ends in the cursor, or is "…") and becomes complete only
by an edit: a send cannot be repeated after a crash, an edit can.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from aiogram.methods import DeleteMessage, EditMessageText
from aiogram.types import Message

from bot.clock import Clock
from bot.delivery.delivery import Delivery
from bot.delivery.pace.progress import Progress
from bot.delivery.priority import Priority
from bot.delivery.refusal import DeliveryError, MessageGone, Migrated, NoText, Rejected, Unanswered
from bot.delivery.wish import Call, Method, Wish, always
from bot.reply.draft import Draft
from bot.reply.layout import PLACEHOLDER
from bot.reply.markdown.rendered import Rendered
from bot.reply.methods import Methods
from bot.reply.resumption import Resumption, standing
from bot.reply.screen import Screen, Step
from bot.reply.search import Search
from bot.storage.chats import Chats
from bot.storage.parts import Parts
from bot.storage.tables import Chat, State, Turn
from bot.texts import Texts

log = logging.getLogger(__name__)

PLACEHOLDER_S = 3.0  # without a delta, in private chats
TYPING_S = 4.0  # a chat action lasts 5 s, core.telegram.org/bots/api#sendchataction
ROOMY = 3_000  # characters: a longer last part will soon need another one, and a call to open it
READ_S = 10.0  # for what stands on the screen to be read
LATE_S = 10.0  # an opening without an answer is searched for that late: the server holds calls for flood waits


class Undeliverable(Exception):
    """The text cannot be shown in this chat."""


class Unshowable(Undeliverable):
    """Telegram takes neither the text nor a sentence in its place; a message of its own may pass."""


class Reply:
    """Shows the text of one turn, from the first delta to the exact final text.

    `show` and `finish` tell it of the newest text and return at once; `run` makes the calls.
    """

    def __init__(
        self,
        turn: Turn,
        chat: Chat,
        texts: Texts,
        *,
        delivery: Delivery,
        search: Search,
        parts: Parts,
        chats: Chats,
        clock: Clock,
        max_parts: int,
        draft: Draft | None = None,
    ) -> None:
        self._turn = turn
        self._chat = chat
        self._delivery = delivery
        self._parts = parts
        self._chats = chats
        self._clock = clock
        self._draft = draft
        self._texts = texts
        self._methods = Methods(turn, chat, texts)
        self._resumption = Resumption(turn, chat, self._methods, search=search, clock=clock)
        self._screen = Screen(turn.id, max_parts=max_parts, replaces=turn.replaces is not None)
        self._progress = Progress()
        self._wish = Wish(chat.telegram_id, self._make, self._progress)
        self._takes_over = False  # the messages of the answer that this one replaces
        self._resumed = asyncio.Event()
        self._changed = asyncio.Event()
        self._hurry = asyncio.Event()  # the final text is there

    async def standing(self) -> str | None:
        """Return the text that a former process left on the screen, as long as it stands there.

        None where it cannot be read in time, because the chat is refused.
        """
        if not await self._clock.wait(self._resumed, READ_S):
            return None
        return "\n\n".join(part.text for part in self._screen.standing)

    async def takes_over(self) -> bool:
        """Tell whether the messages show the answer that this one replaces, until there is text to show."""
        await self._resumed.wait()
        return self._takes_over

    def show(self, newest: Callable[[], str]) -> None:
        """Take word of a delta; `newest` is asked for the whole text when a frame is made of it."""
        self._progress.heard(self._clock.now())
        self._screen.grow(newest)
        self._changed.set()
        self._delivery.reconsider(self._wish, delta=True)

    def wait(self, line: str) -> None:
        """Show a line in the place of "…" until there is text."""
        if not (self._takes_over or self._draft):
            self._screen.hold_place(line)
            self._changed.set()

    def keep(self, note: str, *, otherwise: str) -> None:
        """Leave what stands as it is, with a note under it; where nothing stands, finish `otherwise`."""
        self._screen.finish(otherwise, note, keeps=True)
        self._finish()

    def finish(self, text: str, note: str = "") -> None:
        """Take the final text and the line under it: it goes before all progress, and `run` returns when it stands."""
        self._screen.finish(text, note)
        self._finish()

    def _finish(self) -> None:
        self._progress.is_final = True
        self._hurry.set()
        self._changed.set()
        self._delivery.reconsider(self._wish)
        if self._progress.begun_at:
            self._delivery.streams.lasted(self._chat.telegram_id, self._clock.now() - self._progress.begun_at)

    async def run(self) -> None:
        """Make the calls that show the text, until all of the final one stands. Raises DeliveryError, Undeliverable."""
        while not self._resumed.is_set():
            try:
                await self._resume()
                self._resumed.set()
            except Migrated as error:
                await self._follow(error.chat_id)
        async with asyncio.TaskGroup() as group:
            typing = group.create_task(self._type())
            placeholder = group.create_task(self._hold_place())
            with self._delivery.streams.streaming(self._chat.telegram_id):
                await self._show_all()
            typing.cancel()
            placeholder.cancel()

    async def _resume(self) -> None:
        """Take up the parts of a former process, or of the answer that this one replaces."""
        rows = await self._parts.of(self._turn.id)
        self._takes_over = bool(rows) and self._turn.replaces is not None and self._turn.attempt == 1
        messages, left = await self._resumption.messages(rows), []
        if (self._turn.state == State.GENERATING and self._turn.attempt > 1) or self._screen.kept_note is not None:
            messages = await self._resumption.read(messages)
            left = standing(messages, note=self._screen.kept_note or "")
        self._screen.take_up([each.message_id if each else None for each in messages], left)

    async def _show_all(self) -> None:
        """Make the calls that are needed until the final text stands."""
        while True:
            self._changed.clear()
            await self._lay_out()
            if self._screen.is_final and self._screen.next() is None:
                return
            if self._draft and self._screen.is_draftable:
                await self._show_draft(self._draft)
            elif (step := self._screen.next()) is None:
                await self._changed.wait()
            else:
                await self._call(step)

    async def _lay_out(self) -> None:
        """Have the newest text laid out; others have their turn between."""
        for _ in self._screen.lay_out():
            await self._clock.sleep(0)

    async def _show_draft(self, draft: Draft) -> None:
        """Show a text that still fits in one part as a native draft; where there is none, edit from here on."""
        text = self._screen.drafted()
        if not text.text or text == draft.shown:
            await self._changed.wait()
            return

        async def newest() -> Rendered:
            self._progress.called_at = self._clock.now()
            self._progress.take()
            await self._lay_out()
            return self._screen.drafted()

        if not await draft.show(newest, self._progress, self._hurry):
            self._draft = None
        self._progress.shown()

    async def _call(self, step: Step) -> None:
        """Make one call for `step`, or for what is newer when the slot is granted."""
        if self._draft:
            await self._draft.end()
        try:
            await self._delivery.call(self._wish, Priority.OPEN if step.at_once else Priority.PROGRESS)
        except Migrated as error:
            await self._follow(error.chat_id)

    async def _mend(self, step: Step, error: DeliveryError) -> None:
        """Mend what a refusal says of the screen. Raises DeliveryError, Undeliverable."""
        match error:
            case MessageGone() if step.frame is None:
                await self._deleted(step)
            case MessageGone():
                if not self._screen.gone(step.number):
                    raise Undeliverable("deleted again") from error
            case Unanswered():
                await self._clock.sleep(self._progress.called_at + LATE_S - self._clock.now())
                if found := await self._resumption.find(step.number):
                    self._screen.found(step.number, found.message_id)
            case Rejected():
                await self._rejected(step, error)
            case _:
                raise error

    async def _rejected(self, step: Step, error: Rejected) -> None:
        """Show it otherwise."""
        log.warning("frame rejected turn=%s part=%s error=%s", self._turn.id, step.number, error)
        if step.frame is None:
            await self._leave(step)
        elif isinstance(error, NoText):
            self._screen.shows_file(step.number)
        elif step.frame.document is not None:
            self._screen.give_up_file(self._texts.rest_refused)
        elif not self._screen.give_up_looks() and not self._screen.give_up(self._texts.unshowable):
            raise Unshowable(str(error)) from error

    async def _leave(self, step: Step) -> None:
        """Empty a message that cannot be deleted, because it is older than two days, and forget it."""
        chat_id, message_id = self._chat.telegram_id, self._screen.message_id(step.number)
        emptied = EditMessageText(chat_id=chat_id, message_id=message_id, text=PLACEHOLDER)
        with suppress(MessageGone, Rejected):
            await self._delivery.call(Wish(chat_id, always(emptied)), Priority.FINAL)
        await self._deleted(step)

    async def _deleted(self, step: Step) -> None:
        self._screen.changed(step)
        await self._parts.forget(self._turn.id, step.number)

    async def _follow(self, telegram_id: int) -> None:
        """Go on in the supergroup that the group has become; its messages are left behind."""
        await self._chats.migrate(self._chat.telegram_id, telegram_id)
        self._chat.telegram_id = telegram_id
        self._wish = Wish(telegram_id, self._make, self._progress)
        self._screen.clear()

    async def _make(self) -> Call | None:
        """Return the call that is needed now, with the newest text."""
        newer_since = self._progress.take()
        await self._lay_out()
        step, frames = self._screen.next(), self._screen.wanted()
        if step is None or step.number < len(frames) - 1:
            self._progress.leave(newer_since)
        if step is None:
            return None
        self._progress.spare = int(len(frames[-1].text.text) > ROOMY)
        self._progress.called_at = self._clock.now()
        method = await self._method(step)
        return Call(method, partial(self._landed, step), partial(self._mend, step)) if method else None

    async def _method(self, step: Step) -> Method | None:
        """Return the call that takes a step."""
        chat_id, message_id = self._chat.telegram_id, self._screen.message_id(step.number)
        if step.frame is None:
            if message_id is not None:
                return DeleteMessage(chat_id=chat_id, message_id=message_id)
            await self._deleted(step)
            return None
        if message_id is None:
            await self._parts.intend(self._turn.id, step.number, after=self._delivery.seen.highest(chat_id))
            return self._methods.opening(step.number, step.frame)
        return self._methods.edit(message_id, step.frame)

    async def _landed(self, step: Step, result: object) -> None:
        """Note what a call has shown, before the next call of the chat goes."""
        self._progress.shown()
        if step.frame is None:
            await self._deleted(step)
            return
        is_new = self._screen.message_id(step.number) is None
        message = result if isinstance(result, Message) else None
        self._screen.changed(step, message)
        if message and is_new:
            await self._parts.opened(self._turn.id, step.number, message.message_id)

    async def _type(self) -> None:
        """Show the chat action until the first text is there."""
        if self._draft:
            await self._draft.think()
        while self._screen.is_blank and not (self._draft and self._draft.shown):
            self._delivery.aside.typing(self._chat.telegram_id, self._chat.thread_id)
            await self._clock.sleep(TYPING_S)

    async def _hold_place(self) -> None:
        """Open the reply with "…" where nothing comes for long, so that there is a button to stop it; not in groups."""
        if self._chat.telegram_id > 0 and not self._draft:
            await self._clock.sleep(PLACEHOLDER_S)
            if not self._takes_over:
                self._screen.hold_place()
                self._changed.set()
