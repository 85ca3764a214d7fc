"""Methods: the Bot API's methods that open and edit the messages of a reply; pure."""

from collections.abc import Sequence
from dataclasses import replace

from aiogram.methods import (
    AnswerGuestQuery,
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    SendDocument,
    SendMessage,
    SendPhoto,
)
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.reply.layout import Frame, Versions
from bot.reply.place import Inline, Place
from bot.storage.exchanges.jobs import Job
from bot.texts import Texts

FILE = "answer.md"

BESIDE, SHORT = 3, 14  # buttons of so many characters stand in one row

Offer = tuple[str, str]  # a button's label, and the data that it carries


class Methods:
    """Makes the methods that show the frames of an answer, at the place where it stands now."""

    def __init__(self, job: Job, place: Place, texts: Texts) -> None:
        self.place = place
        self._asked = job.message_id
        self._texts = texts
        self.offered: Sequence[Offer] = job.offered  # beside Retry
        self._stops: dict[str, InlineKeyboardMarkup] = {}

    def follow(self, telegram_id: int) -> None:
        """Go on in the supergroup that the group has become."""
        self.place = self.place.moved(telegram_id)

    def become(self, inline_id: str) -> None:
        """Go on in the inline message that a guest question was answered by."""
        if isinstance(self.place, Inline):
            self.place = replace(self.place, inline_id=inline_id)

    def opening(self, number: int, frame: Frame) -> SendMessage | SendDocument | SendPhoto | AnswerGuestQuery:
        """Send a part; the first one is the reply to the prompt, and the others make no sound."""
        if isinstance(self.place, Inline):
            return self.place.send(frame.text, self._keyboard(frame))
        if frame.picture is not None:
            asked = None if number else self._asked
            return self.place.send_picture(frame.picture, frame.text, self._keyboard(frame), reply_to=asked)
        if frame.document is not None:
            return self.place.send_file(frame.document, FILE, frame.text, self._keyboard(frame))
        return self.place.send(frame.text, self._keyboard(frame), reply_to=None if number else self._asked)

    def edit(
        self, message_id: int, frame: Frame, shown: Frame | None = None
    ) -> EditMessageText | EditMessageReplyMarkup | EditMessageMedia:
        """Have a message show a frame; of a file, and of a picture that it shows already, only the button changes.

        `shown`: what it shows now, None where that is not known.
        """
        if isinstance(self.place, Inline):
            return self.place.edit(frame.text, self._keyboard(frame))
        stands = shown is not None and (shown.picture, shown.text) == (frame.picture, frame.text)
        if frame.picture is not None and not stands:
            return self.place.edit_picture(message_id, frame.picture, frame.text, self._keyboard(frame))
        if frame.is_media:
            return self.place.edit_keyboard(message_id, self._keyboard(frame))
        return self.place.edit(message_id, frame.text, self._keyboard(frame))

    def button(self, data: str) -> InlineKeyboardMarkup:
        """Return a keyboard of one button: Stop or Retry, as its callback data says; beside Retry what is offered."""
        if data in self._stops:  # it goes with each edit
            return self._stops[data]
        is_stop = data.startswith("stop")
        label = self._texts.stop_button if is_stop else self._texts.retry_button
        offered = self.offered if self.place.is_chat else ()  # what is sent beside an answer goes to a chat
        rows = [[(label, data)], *([] if is_stop else _rows(offered))]
        keys = [[InlineKeyboardButton(text=text, callback_data=carried) for text, carried in row] for row in rows]
        keyboard = InlineKeyboardMarkup(inline_keyboard=keys)
        if is_stop:
            self._stops[data] = keyboard
        return keyboard

    def _keyboard(self, frame: Frame) -> InlineKeyboardMarkup | None:
        if frame.button is None:
            return None
        keyboard = self.button(frame.button)
        if frame.versions is not None:
            keyboard.inline_keyboard[0][:0] = _choice(frame.versions)
        if frame.has_more:
            more = f"more:{frame.button.rpartition(':')[2]}"
            keyboard.inline_keyboard.append([InlineKeyboardButton(text=self._texts.more_button, callback_data=more)])
        return keyboard


def _rows(offered: Sequence[Offer]) -> list[list[Offer]]:
    """Return buttons in rows: short ones stand side by side."""
    rows: list[list[Offer]] = []
    for offer in offered:
        beside = rows[-1] if rows else []
        if 0 < len(beside) < BESIDE and all(len(label) <= SHORT for label, _ in (*beside, offer)):
            beside.append(offer)
        else:
            rows.append([offer])
    return rows


def _choice(versions: Versions) -> list[InlineKeyboardButton]:
    """Return the buttons that show the version before and the one after; the middle one tells who made this one."""
    place = f"{versions.number}/{len(versions.ids)}"
    choice = {
        "◀": f"show:{versions.beside(-1)}:{versions.shown}",
        place: f"made:{versions.shown}",
        "▶": f"show:{versions.beside(1)}:{versions.shown}",
    }
    return [InlineKeyboardButton(text=label, callback_data=data) for label, data in choice.items()]
