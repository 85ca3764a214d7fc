"""What no other handler takes: prompts, and what cannot be one.

In a private chat everything is meant for the bot, so an unknown command, a sticker or a photo without words gets a
sentence. In a group only a text that mentions the bot or replies to it is; an unknown command may be another bot's.
"""

from aiogram import Router
from aiogram.enums import ContentType
from aiogram.methods import DeleteMessage
from aiogram.types import CallbackQuery, Message, Update, User
from aiogram.utils.formatting import Text

from bot.catalog import Catalog
from bot.intake.handlers.stop import button_of
from bot.intake.mention import Author, addressed, command, is_group
from bot.intake.notice import Method, filled, notice, toast
from bot.storage.tables import Chat
from bot.storage.turns import Turns, Verdict
from bot.texts import Texts

MEDIA = frozenset(
    {
        ContentType.ANIMATION,
        ContentType.AUDIO,
        ContentType.CHECKLIST,
        ContentType.CONTACT,
        ContentType.DICE,
        ContentType.DOCUMENT,
        ContentType.GAME,
        ContentType.LOCATION,
        ContentType.PAID_MEDIA,
        ContentType.PHOTO,
        ContentType.POLL,
        ContentType.STICKER,
        ContentType.STORY,
        ContentType.VENUE,
        ContentType.VIDEO,
        ContentType.VIDEO_NOTE,
        ContentType.VOICE,
    }
)


def router() -> Router:
    """Build the router."""
    router = Router(name="prompt")
    router.message.register(prompt)
    router.callback_query.register(press)
    return router


async def prompt(
    message: Message,
    event_update: Update,
    me: User,
    author: Author,
    chat: Chat,
    texts: Texts,
    catalog: Catalog,
    turns: Turns,
) -> list[Method]:
    """Queue a prompt; the answer comes from the worker."""
    if called := command(message, me):
        is_ours = called.named or not is_group(message)
        return [notice(message, filled(texts.unknown_command, command=f"/{called.name}"))] if is_ours else []
    text = addressed(message, me)
    if not text:
        return _without_text(message, me, texts)
    is_missing = chat.provider not in catalog.ids and chat.missing_told != chat.provider
    verdict = await turns.accept(
        event_update.update_id,
        chat.id,
        message_id=message.message_id,
        user_id=author.id,
        text=text,
        language=texts.code,
        group=is_group(message),
        missing=chat.provider if is_missing else None,
    )
    told: list[Method] = []
    if verdict is Verdict.BUSY:
        told.append(notice(message, texts.busy, reply=True))
    if verdict is Verdict.ACCEPTED and is_missing:
        missing = filled(texts.provider_missing, provider=chat.provider, default=catalog.default)
        told.append(notice(message, missing))
    return [*told, *await _strays(message, me, chat, turns)]


async def press(query: CallbackQuery, texts: Texts) -> Method:
    """Answer a button that an older version of the bot made."""
    return toast(query, texts.button_too_old)


def _without_text(message: Message, me: User, texts: Texts) -> list[Method]:
    if is_group(message):
        mentioned = filled(texts.only_mentioned, username=Text(me.username or ""))
        said = mentioned if message.text else texts.only_text if message.caption else None
        return [notice(message, said)] if said else []
    return [notice(message, texts.only_text)] if message.content_type in MEDIA else []


async def _strays(message: Message, me: User, chat: Chat, turns: Turns) -> list[Method]:
    """Take away what a crash left behind, if the message replies to it."""
    replied = message.reply_to_message
    if replied is None or replied.reply_markup is None or replied.from_user is None or replied.from_user.id != me.id:
        return []
    buttons = [
        button_of(replied, key.callback_data or "") for row in replied.reply_markup.inline_keyboard for key in row
    ]
    strays = [button for button in buttons if button and await turns.is_stray(chat.id, button)]
    return [DeleteMessage(chat_id=message.chat.id, message_id=replied.message_id)] if strays else []
