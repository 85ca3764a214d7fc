"""What stands around the handlers: PostReturned around each update, Access and LoadChat around what people send."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import (
    CallbackQuery,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    MessageGenerationStopped,
    TelegramObject,
    Update,
    User,
)
from aiogram.utils.formatting import Code, TextLink

from bot.catalog import Catalog
from bot.intake.access import Rules, allowed
from bot.intake.membership import joined
from bot.intake.mention import Author, addressed, author, command, is_group, name
from bot.intake.notice import Method, filled, letter, notice, thread_id, toast
from bot.intake.outbox import Outbox
from bot.settings import AccessMode, Settings
from bot.storage.access import Accesses
from bot.storage.chats import Chats
from bot.storage.tables import Rule
from bot.storage.updates import Updates
from bot.texts import Texts, texts

log = logging.getLogger(__name__)

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
Returned = list[Method] | None


class PostReturned(BaseMiddleware):
    """Passes over updates that were taken before; takes those that something is said about, and posts it.

    Outermost: it also tells `met` the chat and id of every message, meant for the bot or not.
    """

    def __init__(self, met: Callable[[int, int], None], updates: Updates, outbox: Outbox) -> None:
        self._met = met
        self._updates = updates
        self._outbox = outbox

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> None:
        """Handle one update."""
        if not isinstance(event, Update):
            raise TypeError(f"not an update: {type(event).__name__}")
        query = event.callback_query
        for message in (event.message, event.edited_message, query.message if query else None):
            if message is not None:
                self._met(message.chat.id, message.message_id)
        if await self._updates.known(event.update_id):
            return
        returned = await handler(event, data)
        methods = returned if isinstance(returned, list) else [returned]
        methods = [method for method in methods if isinstance(method, TelegramMethod)]
        if methods:
            chat, person = data.get("event_chat"), data.get("event_from_user")
            await self._outbox.say(
                event.update_id,
                methods,
                chat_id=chat.id if chat else None,
                by=person.id if person else 0,
                too_much=_too_much(event.message, data) if event.message else None,
            )


def _too_much(message: Message, data: dict[str, Any]) -> SendMessage:
    """Return what is said in place of all answers for which there is no room."""
    settings: Settings = data["settings"]
    language = message.from_user.language_code if message.from_user else None
    words = texts(settings.language, language)
    return notice(message, words.too_much, reply=True)


class Access(BaseMiddleware):
    """Drops strangers; each of them, and each foreign group, is told once.

    What passes carries its `author`, `is_admin` (of the bot), `has_paired` where it made its author the owner, and for
    a press of a button the message `pressed`.
    """

    def __init__(self, settings: Settings, accesses: Accesses) -> None:
        self._settings = settings
        self._accesses = accesses

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Handle what a person did."""
        match event:
            case Message():
                return await self._message(handler, event, data)
            case CallbackQuery():
                return await self._press(handler, event, data)
            case ChatMemberUpdated():
                return await self._membership(handler, event, data)
            case MessageGenerationStopped():  # only the user of a private chat can
                return await handler(event, data)
        raise TypeError(f"not an event of a person: {type(event).__name__}")

    async def _message(self, handler: Handler, message: Message, data: dict[str, Any]) -> Any:
        who, me = author(message), data["me"]
        called = command(message, me)
        is_meant = addressed(message, me) is not None
        if who is None or not (is_meant or called):
            return None
        rules = await self._rules(who.id, message.chat.id)
        if allowed(rules, who.id, message.chat.id):
            data.update(author=who, is_admin=who.id in rules.admins)
            return await handler(message, data)
        if is_group(message):
            is_meant = is_meant or (called is not None and called.named)  # a bare command may be another bot's
        elif called and called.name == "start" and await self._pair(called.args, message, data):
            data.update(author=who, is_admin=True, has_paired=True)
            return await handler(message, data)
        return await self._refuse(who, message, data) if is_meant else None

    async def _press(self, handler: Handler, query: CallbackQuery, data: dict[str, Any]) -> Any:
        words = self._words(query.from_user)
        chat = query.message.chat if query.message else None
        if chat is None or (chat.type == "private" and chat.id != query.from_user.id):
            return [toast(query, words.not_your_button)]
        rules = await self._rules(query.from_user.id, chat.id)
        if not allowed(rules, query.from_user.id, chat.id):
            return [toast(query, words.refusal_toast)]
        if not isinstance(query.message, Message):
            return [toast(query, words.button_too_old)]
        if query.message.from_user is None or query.message.from_user.id != data["me"].id:
            return [toast(query, words.not_your_button)]
        who = Author(query.from_user.id, name(query.from_user))
        data.update(author=who, is_admin=who.id in rules.admins, pressed=query.message)
        return await handler(query, data)

    async def _membership(self, handler: Handler, change: ChatMemberUpdated, data: dict[str, Any]) -> Any:
        who = Author(change.from_user.id, name(change.from_user))
        if joined(change) and change.chat.type != "private":
            rules = await self._rules(who.id, change.chat.id)
            if not allowed(rules, who.id, change.chat.id):
                return await self._refuse(who, change, data)
        return await handler(change, data)

    def _words(self, person: User | None) -> Texts:
        return texts(self._settings.language, person.language_code if person else None)

    async def _rules(self, user_id: int, chat_id: int) -> Rules:
        stored = await self._accesses.rules(user_id, chat_id)
        ids = {rule: frozenset(id_ for id_, stored_rule in stored.items() if stored_rule is rule) for rule in Rule}
        return Rules(
            everybody=self._settings.access is AccessMode.OPEN,
            admins=ids[Rule.OWNER].union(self._settings.admins),
            let_in=ids[Rule.ALLOW].union(self._settings.allowed_users, self._settings.allowed_chats),
            kept_out=ids[Rule.DENY],
        )

    async def _pair(self, code: str, message: Message, data: dict[str, Any]) -> bool:
        person = message.from_user
        if self._settings.access is not AccessMode.PAIRING or not code or person is None:
            return False
        update_id = data["event_update"].update_id
        has_paired = await self._accesses.pair(update_id, code, person.id, language=person.language_code)
        if has_paired:
            log.info("access paired owner=%s", person.id)
        return has_paired

    async def _refuse(self, who: Author, event: Message | ChatMemberUpdated, data: dict[str, Any]) -> Returned:
        """Tell a stranger or a foreign group, once; where strangers may ask, tell the admins too.

        Who is kept out gets no answer: it would speak of the group, which may well be let in.
        """
        chat = event.chat
        rules = await self._accesses.rules(who.id, chat.id)
        if rules.get(chat.id, Rule.TOLD) is not Rule.TOLD or rules.get(who.id) is Rule.DENY:
            return None
        language = event.from_user.language_code if event.from_user else None
        if not await self._accesses.tell(data["event_update"].update_id, chat.id, language=language):
            return None
        log.info("access refused chat=%s user=%s", chat.id, who.id)
        words = self._words(event.from_user)
        text = filled(words.refusal if chat.type == "private" else words.refusal_group, id=chat.id)
        refusal = notice(event, text) if isinstance(event, Message) else letter(chat.id, text)
        if self._settings.access is not AccessMode.PAIRING:
            return [refusal]
        admins = sorted({*self._settings.admins, *await self._accesses.owners()})
        return [refusal, *[await self._request(admin, who, event) for admin in admins]]

    async def _request(self, admin: int, who: Author, event: Message | ChatMemberUpdated) -> Method:
        """Ask an admin, in his language, to decide about a stranger or a foreign group."""
        chosen, seen = await self._accesses.languages(admin)
        words = texts(chosen, self._settings.language, seen)
        chat = event.chat
        person = TextLink(who.name, url=f"tg://user?id={who.id}") if who.id > 0 else Code(who.name)
        if chat.type == "private":
            text = filled(words.request, name=person, id=chat.id)
        else:
            text = filled(words.request_group, name=person, title=chat.title or "", id=chat.id)
        buttons = [
            InlineKeyboardButton(text=words.allow_button, callback_data=f"allow:{chat.id}"),
            InlineKeyboardButton(text=words.deny_button, callback_data=f"deny:{chat.id}"),
        ]
        return letter(admin, text, InlineKeyboardMarkup(inline_keyboard=[buttons]))


class LoadChat(BaseMiddleware):
    """Puts the conversation's row and the texts in its language in the data."""

    def __init__(self, settings: Settings, chats: Chats, catalog: Catalog) -> None:
        self._settings = settings
        self._chats = chats
        self._catalog = catalog

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Handle what a person did."""
        if isinstance(event, ChatMemberUpdated):
            data["texts"] = texts(self._settings.language, event.from_user.language_code)
            return await handler(event, data)
        place = data["pressed"] if isinstance(event, CallbackQuery) else event
        if not isinstance(place, Message | MessageGenerationStopped):
            raise TypeError(f"not in a conversation: {type(event).__name__}")
        person = event.from_user if isinstance(event, Message | CallbackQuery) else None
        language = person.language_code if person else None
        telegram_id = place.chat.id
        thread = thread_id(place) if isinstance(place, Message) else place.message_thread_id
        chat = await self._chats.get(telegram_id, thread or 0, provider=self._catalog.default)
        if chat.gone_at is not None:  # who writes is there
            await self._chats.set_gone(telegram_id, gone=False)
        data.update(chat=chat, texts=texts(chat.language, self._settings.language, language))
        return await handler(event, data)
