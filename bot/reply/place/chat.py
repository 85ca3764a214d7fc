"""Chat: a place where a reply is messages, and the methods that send, edit and delete them; pure."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from aiogram.methods import (
    DeleteMessage,
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    SendAudio,
    SendChatAction,
    SendDocument,
    SendMessage,
    SendMessageDraft,
    SendPhoto,
    SendVoice,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)

from bot.reply.layout import Shot
from bot.reply.markdown.rendered import Rendered
from bot.storage.ids import is_person
from bot.storage.tables import Chat

PHOTOS = ("image/jpeg", "image/png", "image/webp")
MAX_PHOTO = 10_000_000  # bytes, core.telegram.org/bots/api#sendphoto; what is more is a file
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)  # previews flicker while links grow
PLACEHOLDER_S = 3.0  # without a delta, in private chats and inline messages


@dataclass(frozen=True, slots=True)
class InChat:
    """A chat, or a topic of a forum (`thread_id`, else 0).

    A place of another kind is a class beside this one, with what it can of it: `Inline`.
    """

    telegram_id: int
    thread_id: int = 0

    is_chat: ClassVar[bool] = True  # messages can be sent there, searched for, read and deleted
    room_utf16: ClassVar[int | None] = None  # of a part, where that is less than a message holds
    gap_s: ClassVar[float] = 0.0  # that lies between two calls at the least

    @classmethod
    def of(cls, chat: Chat) -> Self:
        """Return the place of a conversation."""
        return cls(chat.telegram_id, chat.thread_id)

    def moved(self, telegram_id: int) -> Self:
        """Return where it goes on: the group has become a supergroup."""
        return replace(self, telegram_id=telegram_id)

    @property
    def key(self) -> int:
        """Whose budget a call spends: all topics of a chat share one."""
        return self.telegram_id

    @property
    def has_drafts(self) -> bool:
        """Tell whether a growing text can be a native draft."""
        return is_person(self.telegram_id)

    @property
    def is_private(self) -> bool:
        """Tell whether nobody else reads it."""
        return is_person(self.telegram_id)

    @property
    def is_set_by_asker(self) -> bool:
        """Tell whether nobody else chooses how it answers there."""
        return is_person(self.telegram_id)

    @property
    def placeholder_s(self) -> float | None:
        """Return when a message without words may hold a reply's place; None in a group, where it would disturb."""
        return PLACEHOLDER_S if is_person(self.telegram_id) else None

    def say(self, told: str) -> SendMessage | None:
        """Say something that is no reply."""
        return SendMessage(chat_id=self.telegram_id, message_thread_id=self.thread_id or None, text=told)

    def send(
        self, text: Rendered, keyboard: InlineKeyboardMarkup | None = None, *, reply_to: int | None = None
    ) -> SendMessage:
        """Post a text: the reply to a message, or without a sound what goes on from there."""
        reply = _replying(reply_to)
        return SendMessage(
            chat_id=self.telegram_id,
            message_thread_id=self.thread_id or None,
            text=text.text,
            entities=list(text.entities),
            link_preview_options=NO_PREVIEW,
            reply_parameters=reply,
            disable_notification=None if reply else True,
            reply_markup=keyboard,
            parse_mode=None,
        )

    def send_file(
        self,
        content: str,
        name: str,
        caption: Rendered,
        keyboard: InlineKeyboardMarkup | None = None,
        *,
        reply_to: int | None = None,
    ) -> SendDocument:
        """Post a file, without a sound."""
        file = BufferedInputFile(content.encode(), name)
        return self._document(file, caption.text, None, keyboard, _replying(reply_to), is_silent=True)

    def send_picture(
        self, shot: Shot, caption: Rendered, keyboard: InlineKeyboardMarkup | None, *, reply_to: int | None = None
    ) -> SendPhoto | SendDocument:
        """Post a picture, as a file where it is none that Telegram shows; the reply to a message makes a sound."""
        reply, file = _replying(reply_to), _file(shot)
        if _is_photo(shot):
            return SendPhoto(
                chat_id=self.telegram_id,
                message_thread_id=self.thread_id or None,
                photo=file,
                caption=caption.text or None,
                caption_entities=list(caption.entities) or None,
                parse_mode=None,
                disable_notification=None if reply else True,
                reply_parameters=reply,
                reply_markup=keyboard,
            )
        entities = list(caption.entities) or None
        return self._document(file, caption.text, entities, keyboard, reply, is_silent=not reply)

    def _document(
        self,
        file: InputFile,
        caption: str,
        entities: list[MessageEntity] | None,
        keyboard: InlineKeyboardMarkup | None,
        reply: ReplyParameters | None,
        *,
        is_silent: bool,
    ) -> SendDocument:
        return SendDocument(
            chat_id=self.telegram_id,
            message_thread_id=self.thread_id or None,
            document=file,
            caption=caption or None,
            caption_entities=entities,
            parse_mode=None,
            disable_notification=is_silent or None,
            reply_parameters=reply,
            reply_markup=keyboard,
        )

    def send_voice(self, data: bytes, caption: Rendered, *, reply_to: int) -> SendVoice:
        """Post a voice message, without a sound of its own."""
        return SendVoice(
            chat_id=self.telegram_id,
            message_thread_id=self.thread_id or None,
            voice=BufferedInputFile(data, "answer.ogg"),
            caption=caption.text or None,
            parse_mode=None,
            disable_notification=True,
            reply_parameters=_replying(reply_to),
        )

    def as_audio(self, voice: SendVoice) -> SendAudio:
        """Post the same as a piece of music, where people take no voice messages."""
        return SendAudio(
            chat_id=self.telegram_id,
            message_thread_id=self.thread_id or None,
            audio=voice.voice,
            caption=voice.caption,
            parse_mode=None,
            disable_notification=True,
            reply_parameters=voice.reply_parameters,
        )

    def edit_picture(
        self, message_id: int, shot: Shot, caption: Rendered, keyboard: InlineKeyboardMarkup | None = None
    ) -> EditMessageMedia:
        """Have a message, of whatever kind, become a picture."""
        kind = InputMediaPhoto if _is_photo(shot) else InputMediaDocument
        media = kind(
            media=_file(shot),
            caption=caption.text or None,
            caption_entities=list(caption.entities) or None,
            parse_mode=None,
        )
        return EditMessageMedia(chat_id=self.telegram_id, message_id=message_id, media=media, reply_markup=keyboard)

    def edit(self, message_id: int, text: Rendered, keyboard: InlineKeyboardMarkup | None = None) -> EditMessageText:
        """Have a message show another text, and only this button."""
        return EditMessageText(
            chat_id=self.telegram_id,
            message_id=message_id,
            text=text.text,
            entities=list(text.entities),
            link_preview_options=NO_PREVIEW,
            reply_markup=keyboard,
            parse_mode=None,
        )

    def edit_keyboard(self, message_id: int, keyboard: InlineKeyboardMarkup | None = None) -> EditMessageReplyMarkup:
        """Have a message show another button, or none."""
        return EditMessageReplyMarkup(chat_id=self.telegram_id, message_id=message_id, reply_markup=keyboard)

    def delete(self, message_id: int) -> DeleteMessage:
        """Take a message away; Telegram refuses that after two days."""
        return DeleteMessage(chat_id=self.telegram_id, message_id=message_id)

    def type(self) -> SendChatAction:
        """Show that the bot is at work, for 5 s."""
        return SendChatAction(chat_id=self.telegram_id, action="typing", message_thread_id=self.thread_id or None)

    def draft(self, draft_id: int, text: Rendered) -> SendMessageDraft:
        """Show a text that grows; without words it is Telegram's own "Thinking…"."""
        return SendMessageDraft(
            chat_id=self.telegram_id,
            message_thread_id=self.thread_id or None,
            draft_id=draft_id,
            text=text.text,
            entities=list(text.entities),
            parse_mode=None,
            can_stop=True,
            keep_on_stop=True,
        )


def _file(shot: Shot) -> BufferedInputFile:
    return BufferedInputFile(shot.data, f"picture.{shot.media_type.rpartition('/')[2]}")


def _is_photo(shot: Shot) -> bool:
    return not shot.as_file and shot.media_type in PHOTOS and len(shot.data) <= MAX_PHOTO


def _replying(message_id: int | None) -> ReplyParameters | None:
    return ReplyParameters(message_id=message_id, allow_sending_without_reply=True) if message_id is not None else None
