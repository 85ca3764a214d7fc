"""Methods: the Bot API's methods that open and edit the messages of a reply; pure."""

from aiogram.methods import EditMessageReplyMarkup, EditMessageText, SendDocument, SendMessage
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)

from bot.reply.layout import Frame
from bot.storage.tables import Chat, Turn
from bot.texts import Texts

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)  # previews flicker while links grow


class Methods:
    """Makes the methods that show the frames of a turn in its chat."""

    def __init__(self, turn: Turn, chat: Chat, texts: Texts) -> None:
        self._turn = turn
        self._chat = chat
        self._texts = texts

    def opening(self, number: int, frame: Frame) -> SendMessage | SendDocument:
        """Send a part; the first one is the reply to the prompt, and the others make no sound."""
        if frame.document is not None:
            return SendDocument(
                chat_id=self._chat.telegram_id,
                message_thread_id=self._chat.thread_id or None,
                document=BufferedInputFile(frame.document.encode(), "answer.md"),
                caption=frame.text.text or None,
                parse_mode=None,
                disable_notification=True,
                reply_markup=self._keyboard(frame),
            )
        first = number == 0
        reply = ReplyParameters(message_id=self._turn.message_id, allow_sending_without_reply=True)
        return SendMessage(
            chat_id=self._chat.telegram_id,
            message_thread_id=self._chat.thread_id or None,
            text=frame.text.text,
            entities=list(frame.text.entities),
            link_preview_options=NO_PREVIEW,
            reply_parameters=reply if first else None,
            disable_notification=None if first else True,
            reply_markup=self._keyboard(frame),
            parse_mode=None,
        )

    def edit(self, message_id: int, frame: Frame) -> EditMessageText | EditMessageReplyMarkup:
        """Have a message show a frame; of a file only the button changes."""
        if frame.document is not None:
            return EditMessageReplyMarkup(
                chat_id=self._chat.telegram_id, message_id=message_id, reply_markup=self._keyboard(frame)
            )
        return EditMessageText(
            chat_id=self._chat.telegram_id,
            message_id=message_id,
            text=frame.text.text,
            entities=list(frame.text.entities),
            link_preview_options=NO_PREVIEW,
            reply_markup=self._keyboard(frame),
            parse_mode=None,
        )

    def button(self, data: str) -> InlineKeyboardMarkup:
        """Return a keyboard of one button: Stop or Retry, as its callback data says."""
        label = self._texts.stop_button if data.startswith("stop") else self._texts.retry_button
        return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=label, callback_data=data)]])

    def _keyboard(self, frame: Frame) -> InlineKeyboardMarkup | None:
        return self.button(frame.button) if frame.button is not None else None
