"""Methods: the Bot API's methods that open and edit the messages of a reply; pure."""

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

from bot.reply.keyboard import Keyboard
from bot.reply.layout import Frame
from bot.reply.place import Inline, Place
from bot.storage.exchanges.jobs import Job
from bot.texts import Texts

FILE = "answer.md"


class Methods:
    """Makes the methods that show the frames of an answer, at the place where it stands now."""

    def __init__(self, job: Job, place: Place, texts: Texts) -> None:
        self.place = place
        self._asked = job.message_id
        self.keyboard = Keyboard(texts, job.offered if place.is_chat else ())

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
            return self.place.send(frame.text, self.keyboard.under(frame))
        if frame.picture is not None:
            asked = None if number else self._asked
            return self.place.send_picture(frame.picture, frame.text, self.keyboard.under(frame), reply_to=asked)
        if frame.document is not None:
            return self.place.send_file(frame.document, FILE, frame.text, self.keyboard.under(frame))
        return self.place.send(frame.text, self.keyboard.under(frame), reply_to=None if number else self._asked)

    def edit(
        self, message_id: int, frame: Frame, shown: Frame | None = None
    ) -> EditMessageText | EditMessageReplyMarkup | EditMessageMedia:
        """Have a message show a frame; of a file, and of a picture that it shows already, only the button changes.

        `shown`: what it shows now, None where that is not known.
        """
        if isinstance(self.place, Inline):
            return self.place.edit(frame.text, self.keyboard.under(frame))
        stands = shown is not None and (shown.picture, shown.text) == (frame.picture, frame.text)
        if frame.picture is not None and not stands:
            return self.place.edit_picture(message_id, frame.picture, frame.text, self.keyboard.under(frame))
        if frame.is_media:
            return self.place.edit_keyboard(message_id, self.keyboard.under(frame))
        return self.place.edit(message_id, frame.text, self.keyboard.under(frame))
