"""Reply: the parts that show one turn's text; the newest text wins, the final one always arrives.

A part is opened by a send that is never the complete text (it ends in the cursor, or is "…") and becomes complete only
by an edit: a send cannot be repeated after a crash, an edit can.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from aiogram.methods import DeleteMessage, EditMessageReplyMarkup, EditMessageText, SendDocument, SendMessage
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)

from bot.budget import Priority
from bot.claim import Claim, Method
from bot.clock import Clock
from bot.delivery import Delivery
from bot.draft import Draft
from bot.layout import CURSOR, PLACEHOLDER, Frame, Layout
from bot.markdown.rendered import Rendered, to_units
from bot.refusal import MessageGone, Migrated, Rejected, Unanswered
from bot.search import Found, Search, Sought
from bot.storage.chats import Chats
from bot.storage.parts import Parts
from bot.storage.tables import Chat, State, Turn
from bot.texts import Texts

log = logging.getLogger(__name__)

PLACEHOLDER_S = 3.0  # without a delta, in private chats
TYPING_S = 4.0  # a chat action lasts 5 s, core.telegram.org/bots/api#sendchataction
FULL = 4_000  # UTF-16 units: there is no room for a note under a longer part
ROOMY = 3_000  # characters: a longer last part will soon need another one, and a call to open it
READ_S = 10.0  # for what stands on the screen to be read
LATE_S = 10.0  # a call without an answer may be carried out that late: the server holds calls for flood waits
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)  # previews flicker while links grow


class Undeliverable(Exception):
    """The text cannot be shown in this chat."""


@dataclass(slots=True)
class Shown:
    """A part as it stands: its message (None: still to be opened), what that shows and whether it is a file (None: not
    known).
    """

    message_id: int | None
    frame: Frame | None = None
    is_file: bool | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The next call that brings the screen nearer to the text: `frame` None deletes part `number`."""

    number: int
    frame: Frame | None


class Reply:
    """Shows the text of one turn, from the first delta to the exact final text.

    `show` and `finish` tell it the newest text and return at once; `run` makes the calls.
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
        self._texts = texts
        self._delivery = delivery
        self._search = search
        self._parts = parts
        self._chats = chats
        self._clock = clock
        self._layout = Layout(turn.id, max_parts=max_parts)
        self._text = ""
        self._draft = draft
        self._hurry = asyncio.Event()
        self._final = False
        self._placeholder = False
        self._plain = False
        self._reopened: set[int] = set()  # parts that were deleted and sent anew
        self._late: set[int] = set()  # parts of which an edit has had no answer: it may still land
        self._late_until = 0.0
        self._takes_over = False  # the messages of the answer that this one replaces
        self._frames: list[Frame] | None = []
        self._shown: list[Shown] = []
        self._standing: list[Rendered] = []  # what a former process left on the screen, as long as it stands
        self._note: str | None = None  # what goes under it
        self._resumed = asyncio.Event()
        self._changed = asyncio.Event()
        self._step: Step | None = None
        self._newer_since = 0.0  # when text came that the call under way does not show
        self._claim = Claim(chat.telegram_id, Priority.OPEN, self._make, self._landed)

    async def standing(self) -> str | None:
        """Return the text that a former process left on the screen, as long as it stands there.

        None where it cannot be read in time, because the chat is refused.
        """
        if not await self._clock.wait(self._resumed, READ_S):
            return None
        return "\n\n".join(part.text for part in self._standing)

    async def takes_over(self) -> bool:
        """Tell whether the messages show the answer that this one replaces, until there is text to show."""
        await self._resumed.wait()
        return self._takes_over

    def show(self, text: str) -> None:
        """Take the newest text."""
        if not self._claim.begun_at:
            self._claim.begun_at = self._claim.called_at = self._clock.now()
        if not self._claim.behind_since:
            self._claim.behind_since = self._clock.now()
        if not self._newer_since:
            self._newer_since = self._clock.now()
        self._claim.rhythm.add(self._clock.now())
        self._text = text
        self._frames = None
        self._changed.set()
        self._delivery.reconsider(self._claim, delta=True)

    def keep(self, note: str, *, otherwise: str) -> None:
        """Leave what stands as it is, with a note under it; where nothing stands, finish `otherwise`."""
        self._note = note
        self.finish(otherwise)

    def finish(self, text: str) -> None:
        """Take the final text: it goes before all progress, and `run` returns when it stands."""
        self._text = text
        self._final = True
        self._frames = None
        self._claim.priority = Priority.FINAL
        self._hurry.set()
        self._changed.set()
        self._delivery.reconsider(self._claim)
        if self._claim.begun_at:
            self._delivery.lasted(self._chat.telegram_id, self._clock.now() - self._claim.begun_at)

    async def run(self) -> None:
        """Make the calls that show the text, until all of the final one stands. Raises DeliveryError, Undeliverable."""
        while not self._resumed.is_set():
            try:
                await self._resume()
                self._resumed.set()
            except Migrated as error:
                await self._follow(error.chat_id)
        self._frames = None
        async with asyncio.TaskGroup() as group:
            typing = group.create_task(self._type())
            placeholder = group.create_task(self._hold_place())
            with self._delivery.streaming(self._claim.chat_id):
                await self._show_all()
            typing.cancel()
            placeholder.cancel()
        for number in self._late:
            if number < len(self._shown):
                self._delivery.repeat(self._claim.chat_id, partial(self._again, number), self._late_until)

    async def _show_all(self) -> None:
        """Make the calls that are needed until the final text stands."""
        while not (self._final and self._next() is None):
            self._changed.clear()
            if self._draft and not self._final and not self._shown and len(self._wanted()) < 2:
                await self._show_draft(self._draft)
            elif (step := self._next()) is None:
                await self._changed.wait()
            else:
                await self._call(step)

    async def _show_draft(self, draft: Draft) -> None:
        """Show a text that still fits in one part as a native draft; where there is none, edit from here on."""
        text = self._drafted()
        if not text.text or text == draft.shown:
            await self._changed.wait()
            return

        def newest() -> Rendered:
            self._newer_since = 0.0
            return self._drafted()

        if not await draft.show(newest, self._claim, self._hurry):
            self._draft = None
        self._claim.behind_since = self._newer_since

    def _drafted(self) -> Rendered:
        frames = self._wanted()
        text = frames[0].text if frames else Rendered("")
        return Rendered(text.text.removesuffix(CURSOR), text.entities)

    async def _resume(self) -> None:
        """Take up the parts of a former process, or of the answer that this one replaces."""
        found: dict[int, Message] = {}
        rows = await self._parts.of(self._turn.id)
        self._takes_over = bool(rows) and self._turn.replaces is not None and self._turn.attempt == 1
        for part in rows:
            lost = None if part.message_id else await self._find(part.number)
            self._shown.append(Shown(lost.message_id if lost else part.message_id))
            if lost and lost.message:
                found[part.number] = lost.message
        while self._shown and self._shown[-1].message_id is None:
            self._shown.pop()
        is_resumed = self._turn.state == State.GENERATING and self._turn.attempt > 1
        if is_resumed or self._note is not None:
            for number in range(len(self._shown)):
                message = found.get(number) or await self._read_back(number)
                if message is None or message.text is None:
                    return
                self._standing.append(self._left(message))
                if _looks_opened(message):
                    return  # it was not completed yet: what follows in the next part does not go on from here

    async def _find(self, number: int) -> Found | None:
        """Search for a part whose opening send was never answered."""
        stop = self._layout.stop(number)
        opening, other = self._button(stop), self._other_button(number)
        sought = Sought(self._turn.id, number, opening, other, _looks_opened)
        found = await self._search.find(self._claim.chat_id, sought)
        log.info("part searched turn=%s part=%s found=%s", self._turn.id, number, found and found.message_id)
        return found

    async def _read_back(self, number: int) -> Message | None:
        """Read what a part shows."""
        message_id = self._shown[number].message_id
        if message_id is None:
            return None
        try:
            return await self._search.read(self._claim.chat_id, message_id, self._other_button(number))
        except MessageGone:
            self._shown[number].message_id = None
        except Rejected as error:
            log.warning("part not read back turn=%s part=%s error=%s", self._turn.id, number, error)
        return None

    def _left(self, message: Message) -> Rendered:
        """Return the text of a message without what is not part of the answer."""
        text = (message.text or "").removesuffix(PLACEHOLDER).removesuffix(CURSOR.strip()).rstrip()
        return Rendered(text.removesuffix(self._note or "").rstrip(), tuple(message.entities or ()))

    async def _follow(self, telegram_id: int) -> None:
        """Go on in the supergroup that the group has become; its messages are left behind."""
        await self._chats.migrate(self._chat.telegram_id, telegram_id)
        self._claim.chat_id = self._chat.telegram_id = telegram_id
        self._shown = []
        self._standing = []

    async def _call(self, step: Step) -> None:
        """Make one call for `step`, or for what is newer when the slot is granted."""
        if self._draft:
            await self._draft.end()
        if not self._final:
            opens = step.number >= len(self._shown) or self._shown[step.number].message_id is None
            self._claim.priority = Priority.OPEN if opens else Priority.PROGRESS
        try:
            await self._carry_out(step)
        except Migrated as error:
            await self._follow(error.chat_id)

    async def _carry_out(self, step: Step) -> None:
        """Make the call and mend what a refusal says of the screen. Raises DeliveryError, Undeliverable."""
        try:
            await self._delivery.call(self._claim)
        except MessageGone:
            await self._reopen()
        except Unanswered:
            step = self._step or step
            await self._clock.sleep(self._claim.called_at + LATE_S - self._clock.now())
            if found := await self._find(step.number):
                self._shown[step.number : step.number + 1] = [Shown(found.message_id)]
        except Rejected as error:
            step = self._step or step
            log.warning("frame rejected turn=%s part=%s error=%s", self._turn.id, step.number, error)
            if step.frame is None:
                await self._leave(step.number)
            elif "no text in the message" in str(error).lower():
                self._shown[step.number].is_file = True
            elif self._plain:
                raise Undeliverable(str(error)) from error
            else:
                self._plain = True
                self._frames = None

    async def _leave(self, number: int) -> None:
        """Empty a message that cannot be deleted, because it is older than two days, and forget it."""
        message_id = self._shown.pop(number).message_id

        async def make() -> Method:
            return EditMessageText(chat_id=self._claim.chat_id, message_id=message_id, text=PLACEHOLDER)

        with suppress(MessageGone, Rejected):
            await self._delivery.call(Claim(self._claim.chat_id, Priority.FINAL, make))
        await self._parts.forget(self._turn.id, number)

    async def _reopen(self) -> None:
        """Forget a part that was deleted; it is opened anew once, because moderation bots delete for ever."""
        step = self._step
        if step is None or step.frame is None:
            self._shown.pop()
            await self._parts.forget(self._turn.id, len(self._shown))
            return
        if step.number in self._reopened:
            raise Undeliverable("deleted again")
        self._reopened.add(step.number)
        self._shown[step.number] = Shown(None)

    async def _make(self) -> Method | None:
        """Return the call that is needed now, with the newest text."""
        step = self._step = self._next()
        if step is None:
            return None
        self._newer_since = 0.0
        self._claim.spare = int(len(self._wanted()[-1].text.text) > ROOMY)
        self._claim.called_at = self._clock.now()
        chat_id = self._claim.chat_id
        if step.frame is None:
            message_id = self._shown[step.number].message_id
            if message_id is not None:
                return DeleteMessage(chat_id=chat_id, message_id=message_id)
            await self._landed(None)
            return None
        shown = self._shown[step.number] if step.number < len(self._shown) else None
        if shown is None or shown.message_id is None:
            await self._parts.intend(self._turn.id, step.number, after=self._delivery.known(chat_id))
            return self._opening(step.number, step.frame)
        if step.frame.document is not None:
            keyboard = self._keyboard(step.frame.button)
            return EditMessageReplyMarkup(chat_id=chat_id, message_id=shown.message_id, reply_markup=keyboard)
        return self._edit(shown.message_id, step.frame)

    async def _again(self, number: int) -> Method | None:
        """Return the last edit of a part once more, if it is still this turn's."""
        part = self._shown[number]
        if part.message_id is None or part.frame is None or not await self._parts.of(self._turn.id):
            return None
        return self._edit(part.message_id, part.frame) if part.frame.document is None else None

    def _edit(self, message_id: int, frame: Frame) -> EditMessageText:
        return EditMessageText(
            chat_id=self._claim.chat_id,
            message_id=message_id,
            text=frame.text.text,
            entities=list(frame.text.entities),
            link_preview_options=NO_PREVIEW,
            reply_markup=self._keyboard(frame.button),
            parse_mode=None,
        )

    def _opening(self, number: int, frame: Frame) -> SendMessage | SendDocument:
        if frame.document is not None:
            return SendDocument(
                chat_id=self._claim.chat_id,
                message_thread_id=self._chat.thread_id or None,
                document=BufferedInputFile(frame.document.encode(), "answer.md"),
                disable_notification=True,
                reply_markup=self._keyboard(frame.button),
            )
        first = number == 0
        reply = ReplyParameters(message_id=self._turn.message_id, allow_sending_without_reply=True)
        return SendMessage(
            chat_id=self._claim.chat_id,
            message_thread_id=self._chat.thread_id or None,
            text=frame.text.text,
            entities=list(frame.text.entities),
            link_preview_options=NO_PREVIEW,
            reply_parameters=reply if first else None,
            disable_notification=None if first else True,
            reply_markup=self._keyboard(frame.button),
            parse_mode=None,
        )

    async def _landed(self, result: object) -> None:
        """Note what a call has shown, before the next call of the chat goes."""
        step = self._step
        if step is None:
            return
        self._claim.behind_since = self._newer_since
        if self._claim.unanswered_at is not None:
            self._late.add(step.number)
            self._late_until = self._claim.unanswered_at + LATE_S
            self._claim.unanswered_at = None
        if step.frame is None:
            del self._shown[step.number]
            await self._parts.forget(self._turn.id, step.number)
            return
        if step.number == len(self._shown):
            self._shown.append(Shown(None))
        shown = self._shown[step.number]
        shown.frame = step.frame
        if not isinstance(result, Message):
            return
        shown.is_file = result.document is not None
        if shown.is_file != (step.frame.document is not None):
            shown.frame = None
        if shown.message_id is None:
            shown.message_id = result.message_id
            await self._parts.opened(self._turn.id, step.number, result.message_id)

    def _next(self) -> Step | None:
        """Return the next call that is needed, the newest text given."""
        frames = self._wanted()
        if self._holds_back(frames):
            return None
        for number, frame in enumerate(frames):
            if number >= len(self._shown) or self._shown[number].message_id is None:
                return Step(number, self._layout.opening(number, frame))
        for number, frame in enumerate(frames):
            shown = self._shown[number]
            if shown.frame != frame:
                return Step(len(self._shown) - 1, None) if self._must_go(shown, frame) else Step(number, frame)
        if self._final and len(self._shown) > len(frames):
            return Step(len(self._shown) - 1, None)
        return None

    def _must_go(self, shown: Shown, frame: Frame) -> bool:
        """Tell whether a message cannot become what is wanted: a text no file, and no file another one."""
        if frame.document is None:
            return shown.is_file is True
        is_former = self._turn.replaces is not None if shown.frame is None else shown.frame.document != frame.document
        return shown.is_file is False or is_former

    def _holds_back(self, frames: list[Frame]) -> bool:
        """Tell whether a resumed text is still shorter than what stands: the screen is never rolled back."""
        if self._final or not self._standing:
            return False
        length = len(frames[-1].text.text) - len(CURSOR) if frames else 0
        is_longer = (len(frames), length) > (len(self._standing), len(self._standing[-1].text))
        if is_longer:
            self._standing = []
        return not is_longer

    def _wanted(self) -> list[Frame]:
        """Return what the parts should show now."""
        if self._note is not None and any(part.text for part in self._standing):
            return self._kept(self._note)
        if self._frames is None:
            lay_out = self._layout.final if self._final else self._layout.growing
            self._frames = lay_out(self._text, plain=self._plain)
        if not self._frames and self._placeholder:
            return [self._layout.placeholder()]
        return self._frames

    def _kept(self, note: str) -> list[Frame]:
        """Return the frames of what stands, with a note under it."""
        *full, last = self._standing
        retry = f"retry:{self._turn.id}"
        if note and len(to_units(last.text)) > FULL:
            return [*map(Frame, self._standing), Frame(Rendered(note), retry)]
        return [*map(Frame, full), Frame(Rendered(f"{last.text}\n\n{note}".strip(), last.entities), retry)]

    def _keyboard(self, button: str | None) -> InlineKeyboardMarkup | None:
        return self._button(button) if button is not None else None

    def _other_button(self, number: int) -> InlineKeyboardMarkup:
        """Return a Stop button that no message has had before."""
        return self._button(f"{self._layout.stop(number)}:{self._clock.wall() * 1000:.0f}")

    def _button(self, button: str) -> InlineKeyboardMarkup:
        label = self._texts.stop_button if button.startswith("stop") else self._texts.retry_button
        return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=label, callback_data=button)]])

    async def _type(self) -> None:
        """Show the chat action until the first text is there."""
        if self._draft:
            await self._draft.think()
        while not any(part.frame for part in self._shown) and not (self._draft and self._draft.shown):
            self._delivery.typing(self._claim.chat_id, self._chat.thread_id)
            await self._clock.sleep(TYPING_S)

    async def _hold_place(self) -> None:
        """Open the reply with "…" where nothing comes for long, so that there is a button to stop it; not in groups."""
        if self._chat.telegram_id > 0 and not self._draft:
            await self._clock.sleep(PLACEHOLDER_S)
            self._placeholder = not self._takes_over
            self._changed.set()


def _looks_opened(message: Message) -> bool:
    """Tell whether a message may be a part that was only opened; a file shows nothing of it."""
    text = message.text or ""
    return text.endswith(CURSOR.strip()) or text == PLACEHOLDER or message.document is not None
