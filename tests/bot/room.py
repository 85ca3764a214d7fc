"""Room: one chat as a reader sees it, behind a session that answers at once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import DeleteMessage, EditMessageReplyMarkup, EditMessageText, SendDocument, SendMessage
from aiogram.types import Chat, Document, InlineKeyboardMarkup, Message

from tests.bot.telegram import Answer, Method, Telegram

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Room:
    """Carries out sends, edits and deletions; `texts` are what stands, from the top down."""

    def __init__(self, telegram: Telegram, *, first: int = 2) -> None:
        self._telegram = telegram
        self._ids: Iterator[int] = count(first)
        self.messages: dict[int, Message] = {}
        self._works: dict[type[Method], Answer] = {
            SendMessage: self.send,
            SendDocument: self.send_document,
            EditMessageText: self.edit,
            EditMessageReplyMarkup: self.edit_keyboard,
            DeleteMessage: self.delete,
        }
        for kind, work in self._works.items():
            telegram.answers(kind, work)

    def first(self, kind: type[Method], *answers: Answer) -> None:
        """Answer the next calls of one kind otherwise."""
        self._telegram.answers(kind, *answers, self._works[kind])

    @property
    def texts(self) -> list[str]:
        """What a reader reads; a file is its name."""
        stands = [self.messages[message_id] for message_id in sorted(self.messages)]
        return [message.text or (message.document.file_name if message.document else "") or "" for message in stands]

    @property
    def buttons(self) -> list[str | None]:
        """The callback data of the button under each message."""
        stands = [self.messages[message_id].reply_markup for message_id in sorted(self.messages)]
        return [keyboard.inline_keyboard[0][0].callback_data if keyboard else None for keyboard in stands]

    def send(self, method: SendMessage) -> Message:
        """Post a text."""
        asked = method.reply_parameters.message_id if method.reply_parameters else None
        message_id, keyboard = next(self._ids), method.reply_markup
        return self._put(message_id, method.chat_id, text=method.text, keyboard=keyboard, asked=asked)

    def send_document(self, method: SendDocument) -> Message:
        """Post a file."""
        file = Document(file_id="1", file_unique_id="1", file_name="answer.md")
        return self._put(next(self._ids), method.chat_id, document=file, keyboard=method.reply_markup)

    def edit(self, method: EditMessageText) -> Message:
        """Change a text. Raises TelegramBadRequest."""
        former = self._get(method, method.message_id)
        return self._put(former.message_id, former.chat.id, text=method.text, keyboard=method.reply_markup)

    def edit_keyboard(self, method: EditMessageReplyMarkup) -> Message:
        """Change a button. Raises TelegramBadRequest."""
        former = self._get(method, method.message_id)
        if former.reply_markup == method.reply_markup:
            raise TelegramBadRequest(method, "Bad Request: message is not modified")
        chat_id, keyboard = former.chat.id, method.reply_markup
        asked = former.reply_to_message.message_id if former.reply_to_message else None
        self._put(
            former.message_id, chat_id, text=former.text, document=former.document, keyboard=keyboard, asked=asked
        )
        return self.messages[former.message_id]

    def delete(self, method: DeleteMessage) -> bool:
        """Take a message away. Raises TelegramBadRequest."""
        if self.messages.pop(method.message_id, None) is None:
            raise TelegramBadRequest(method, "Bad Request: message to delete not found")
        return True

    def _get(self, method: Method, message_id: int | None) -> Message:
        if message_id not in self.messages:
            raise TelegramBadRequest(method, "Bad Request: message to edit not found")
        return self.messages[message_id]

    def _put(
        self,
        message_id: int,
        chat_id: int | str | None,
        *,
        text: str | None = None,
        document: Document | None = None,
        keyboard: object = None,
        asked: int | None = None,
    ) -> Message:
        chat = Chat(id=int(chat_id or 0), type="private")
        message = self.messages[message_id] = Message(
            message_id=message_id,
            date=NOW,
            chat=chat,
            text=text,
            document=document,
            reply_to_message=Message(message_id=asked, date=NOW, chat=chat) if asked else None,
            reply_markup=keyboard if isinstance(keyboard, InlineKeyboardMarkup) else None,
        )
        return message
