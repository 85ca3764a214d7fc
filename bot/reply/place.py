"""Place: where a reply stands, what can be done there, and the methods that do it; pure."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from aiogram.methods import (
    AnswerGuestQuery,
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
    InlineQueryResultArticle,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
    InputTextMessageContent,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)

from bot.reply.layout import Shot
from bot.reply.markdown.rendered import Rendered, to_units
from bot.storage.exchanges.jobs import Job
from bot.storage.ids import ELSEWHERE, is_person
from bot.storage.tables import Chat

PHOTOS = ("image/jpeg", "image/png", "image/webp")
MAX_PHOTO = 10_000_000  # bytes, core.telegram.org/bots/api#sendphoto; what is more is a file
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)  # previews flicker while links grow
PLACEHOLDER_S = 3.0  # without a delta, in private chats and inline messages
INLINE_GAP_S = 1.25  # between two edits of an inline message: nobody was refused at that pace; its limit is not told
INLINE_ROOM = 3_400  # UTF-16 units of an answer there: with the question (256 characters) and notes it is one message
MAX_ASKED = 256  # characters of an inline query, core.telegram.org/bots/api#inlinequery
_GAP = "\n\n"
ONLY = 1  # stands for the id of an inline message among those of a reply: it is the only one, and has none
TITLE = "…"  # of what answers a guest question; nobody sees it


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


@dataclass(frozen=True, slots=True)
class Inline:
    """One message in a chat that is not the bot's: an inline message, or the answer to a guest question.

    It can only be edited, by an id that `AnswerGuestQuery` returns (`inline_id` is None until then); edits tell nothing
    of it. `asked` is the question, which nobody else sees where it was typed into the field.
    """

    asker_id: int
    inline_id: str | None = None
    query_id: str | None = None
    asked: str = ""

    is_chat: ClassVar[bool] = False
    room_utf16: ClassVar[int | None] = INLINE_ROOM
    gap_s: ClassVar[float] = INLINE_GAP_S
    has_drafts: ClassVar[bool] = False
    is_private: ClassVar[bool] = False
    is_set_by_asker: ClassVar[bool] = True

    def moved(self, _telegram_id: int) -> Self:
        """Return where it goes on: it stays."""
        return self

    @property
    def key(self) -> int:
        """Whose budget a call spends: that of the asker's private chat."""
        return self.asker_id

    @property
    def placeholder_s(self) -> float | None:
        """Return when a message without words may hold the reply's place: a guest question expires in seconds."""
        return 0.0 if self.inline_id is None else PLACEHOLDER_S

    def send(self, text: Rendered, keyboard: InlineKeyboardMarkup | None = None) -> AnswerGuestQuery:
        """Answer the guest question."""
        content = InputTextMessageContent(
            message_text=text.text, entities=list(text.entities), link_preview_options=NO_PREVIEW, parse_mode=None
        )
        article = InlineQueryResultArticle(id="1", title=TITLE, input_message_content=content, reply_markup=keyboard)
        return AnswerGuestQuery(guest_query_id=self.query_id or "", result=article)

    def edit(self, text: Rendered, keyboard: InlineKeyboardMarkup | None = None) -> EditMessageText:
        """Have the message show another text, under the question, and only this button."""
        whole = under_question(self.asked, text)
        return EditMessageText(
            inline_message_id=self.inline_id,
            text=whole.text,
            entities=list(whole.entities),
            link_preview_options=NO_PREVIEW,
            reply_markup=keyboard,
            parse_mode=None,
        )

    def say(self, told: str) -> EditMessageText | None:
        """Say something in place of the answer."""
        return self.edit(Rendered(told)) if self.inline_id else None


def under_question(asked: str, text: Rendered) -> Rendered:
    """Return a text under the question that it answers, as a quotation."""
    asked = asked.strip()
    if not asked:
        return text
    quotation = MessageEntity(type="blockquote", offset=0, length=len(to_units(asked)))
    cut = len(to_units(asked)) + len(_GAP)
    below = (entity.model_copy(update={"offset": entity.offset + cut}) for entity in text.entities)
    return Rendered(f"{asked}{_GAP}{text.text}", (quotation, *below))


def place_of(job: Job) -> "Place":
    """Return where the reply of an answer stands."""
    if job.chat.thread_id != ELSEWHERE:
        return InChat.of(job.chat)
    return Inline(job.chat.telegram_id, job.inline_id, job.query_id, job.asked[:MAX_ASKED])


def _file(shot: Shot) -> BufferedInputFile:
    return BufferedInputFile(shot.data, f"picture.{shot.media_type.rpartition('/')[2]}")


def _is_photo(shot: Shot) -> bool:
    return not shot.as_file and shot.media_type in PHOTOS and len(shot.data) <= MAX_PHOTO


def _replying(message_id: int | None) -> ReplyParameters | None:
    return ReplyParameters(message_id=message_id, allow_sending_without_reply=True) if message_id is not None else None


Place = InChat | Inline
