"""Access: strangers are kept out of what people send, and told so."""

import asyncio
import logging
import re
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import (
    CallbackQuery,
    ChatMemberUpdated,
    InlineQuery,
    Message,
    MessageGenerationStopped,
    TelegramObject,
    User,
)

from bot.intake.batch import Batch, Refused
from bot.intake.elsewhere.offers import person_of, shut, told
from bot.intake.freshness import Freshness
from bot.intake.message.keyboard import stands_under
from bot.intake.message.mention import Author, addressed, asks, author, command, is_group, name
from bot.intake.message.tails import Tails
from bot.intake.middlewares.handler import Handler
from bot.intake.notice import filled, letter, notice, toast
from bot.intake.people.access import Rules, allowed, rules_of
from bot.intake.people.membership import joined
from bot.settings import AccessMode, Settings
from bot.storage.ids import is_person
from bot.storage.overheard import Overhearing
from bot.storage.people.access import Accesses
from bot.storage.people.invites import Invites, Redeemed
from bot.storage.questions.questions import Spot
from bot.storage.questions.taking import Stranger
from bot.storage.tables import Rule
from bot.texts import Texts, texts

log = logging.getLogger(__name__)

CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")  # core.telegram.org/bots/features#deep-linking


class Access(BaseMiddleware):
    """Drops strangers; each of them, and each foreign group, is told once.

    What passes carries its `author`, `is_admin` (of the bot), `is_tail` (`Tails`), `has_paired` where it made its
    author the owner, and for a press of a button the message `pressed`. `asked` is set when there is an owner to be
    told who wants to come in.
    """

    def __init__(
        self,
        settings: Settings,
        accesses: Accesses,
        freshness: Freshness,
        asked: asyncio.Event,
        invites: Invites,
        tails: Tails,
        overhearing: Overhearing,
    ) -> None:
        self._settings = settings
        self._accesses = accesses
        self._invites = invites
        self._freshness = freshness
        self._asked = asked
        self._tails = tails
        self._overhearing = overhearing

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Handle what a person did."""
        if person := person_of(data["event_update"]):
            return await self._elsewhere(handler, event, person, data)
        match event:
            case Message() if data["event_update"].guest_message is not None:
                return None  # whose person is not known
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
        if data["event_update"].edited_message is not None:
            return await self._edit(handler, message, who, data)
        called = command(message, me)
        is_meant = addressed(message, me, self._settings.bot_names) is not None
        is_piece = message.media_group_id is not None  # of an album: another one of it may mention the bot
        if who is None:
            return None
        is_tail = self._tails.is_one(message, who)
        is_chatter = not (is_meant or called or is_piece or is_tail)
        if is_chatter and not (is_group(message) and await self._overhearing.limit(message.chat.id)):
            return None
        rules = await self._rules(who.id, message.chat.id, data["batch"])
        if allowed(rules, who.id, message.chat.id):
            if not is_chatter:
                self._tails.note(message, who)
                _meet(who, rules, data["batch"])
            data.update(author=who, is_admin=who.id in rules.admins, is_tail=is_tail)
            return await handler(message, data)
        if is_group(message):
            is_named = called is not None and called.named  # a bare command may be another bot's
            is_meant = is_named or (is_meant and not asks(message, me))
        elif called and called.name == "start" and await self._pair(called.args, message, data):
            data.update(author=who, is_admin=True, has_paired=True)
            data["batch"].names[who.id] = who.name
            return await handler(message, data)
        elif called and called.name == "start" and CODE.fullmatch(called.args) and message.from_user:
            match await self._redeem(called.args, message.from_user, data):
                case Redeemed.LET_IN:
                    data.update(author=who, is_admin=False)
                    return await handler(message, data)
                case Redeemed.OVER:
                    return self._refuse(who, message, data, code=called.args)
        return self._refuse(who, message, data) if is_meant else None

    async def _edit(self, handler: Handler, message: Message, who: Author | None, data: dict[str, Any]) -> Any:
        """Let an edited message through; a stranger's is dropped: who corrects a word asks for nothing."""
        if who is None:
            return None
        rules = await self._rules(who.id, message.chat.id, data["batch"])
        if not allowed(rules, who.id, message.chat.id):
            return None
        data.update(author=who, is_admin=who.id in rules.admins)
        return await handler(message, data)

    async def _press(self, handler: Handler, query: CallbackQuery, data: dict[str, Any]) -> Any:
        words = self._words(query.from_user)
        chat = query.message.chat if query.message else None
        if chat is None or (chat.type == "private" and chat.id != query.from_user.id):
            return [toast(query, words.not_your_button)]
        rules = await self._rules(query.from_user.id, chat.id, data["batch"])
        if not allowed(rules, query.from_user.id, chat.id):
            return [toast(query, words.refusal_toast)]
        if not isinstance(query.message, Message):
            return [toast(query, words.button_too_old)]
        if query.message.from_user is None or query.message.from_user.id != data["me"].id:
            return [toast(query, words.not_your_button)]
        if is_group(query.message) and not stands_under(query.message, query.data or ""):
            return [toast(query, words.button_too_old)]
        who = Author(query.from_user.id, name(query.from_user))
        _meet(who, rules, data["batch"])
        data.update(author=who, is_admin=who.id in rules.admins, pressed=query.message)
        return await handler(query, data)

    async def _elsewhere(self, handler: Handler, event: TelegramObject, person: User, data: dict[str, Any]) -> Any:
        """Let through what somebody does in a chat that is not the bot's: only the person's own access counts there."""
        if person.is_bot:
            return None
        who, words = Author(person.id, name(person)), self._words(person)
        rules = await self._rules(who.id, who.id, data["batch"])
        if allowed(rules, who.id, who.id):
            data.update(author=who, is_admin=who.id in rules.admins)
            return await handler(event, data)
        match event:
            case InlineQuery():
                return [shut(event, words, is_denied=who.id in rules.kept_out)]
            case CallbackQuery():
                return [toast(event, words.not_your_button)]
            case Message(guest_query_id=str() as query_id):
                return self._refuse_guest(who, person, query_id, data)
        return None

    def _refuse_guest(self, who: Author, person: User, query_id: str, data: dict[str, Any]) -> Refused | None:
        """Tell a stranger once, where the bot was asked as a guest."""
        rules = data["batch"].rules
        if rules.get(who.id):
            return None
        rules[who.id] = Rule.TOLD
        refusal = told(Spot(query_id=query_id), filled(self._words(person).refusal, id=who.id))
        return Refused(Stranger(who.id, who.id, who.name, None, person.language_code), (refusal,))

    async def _membership(self, handler: Handler, change: ChatMemberUpdated, data: dict[str, Any]) -> Any:
        who = Author(change.from_user.id, name(change.from_user))
        data["is_admin"] = False
        if joined(change) and change.chat.type != "private":
            rules = await self._rules(who.id, change.chat.id, data["batch"])
            data["is_admin"] = who.id in rules.admins
            if not allowed(rules, who.id, change.chat.id):
                return self._refuse(who, change, data)
        return await handler(change, data)

    def _words(self, person: User | None) -> Texts:
        return texts(self._settings.language, person.language_code if person else None)

    async def _rules(self, user_id: int, chat_id: int, batch: Batch) -> Rules:
        return rules_of(await self._stored(batch, user_id, chat_id), self._settings)

    async def _stored(self, batch: Batch, *telegram_ids: int) -> dict[int, Rule | None]:
        """Return what is known of some ids; that of the whole batch is read at once."""
        await self._freshness.refresh(batch)
        if missing := [telegram_id for telegram_id in telegram_ids if telegram_id not in batch.rules]:
            batch.rules |= {**dict.fromkeys(missing), **await self._accesses.rules(*missing)}
        return {telegram_id: batch.rules[telegram_id] for telegram_id in telegram_ids}

    async def _pair(self, code: str, message: Message, data: dict[str, Any]) -> bool:
        person = message.from_user
        if self._settings.access is not AccessMode.PAIRING or not code or person is None:
            return False
        update_id = data["event_update"].update_id
        has_paired = await self._accesses.pair(update_id, code, person.id, language=person.language_code)
        if has_paired:
            log.info("access paired owner=%s", person.id)
            self._asked.set()
        return has_paired

    async def _redeem(self, code: str, person: User, data: dict[str, Any]) -> Redeemed:
        update_id = data["event_update"].update_id
        redeemed = await self._invites.redeem(
            update_id, code, person.id, name=name(person), language=person.language_code
        )
        if redeemed is Redeemed.LET_IN:
            log.info("access invited user=%s", person.id)
            self._asked.set()
        return redeemed

    def _refuse(
        self, who: Author, event: Message | ChatMemberUpdated, data: dict[str, Any], *, code: str | None = None
    ) -> Refused | None:
        """Tell a stranger or a foreign group, once; where strangers may ask, the admins are told by `Requests`.

        `code`: of a link that is over, which is told instead.
        """
        chat, rules = event.chat, data["batch"].rules
        if (rules.get(chat.id) and code is None) or rules.get(who.id) is Rule.DENY:
            return None
        rules[chat.id] = Rule.TOLD
        language = event.from_user.language_code if event.from_user else None
        words = self._words(event.from_user)
        sentence = words.invite_over if code else words.refusal
        text = filled(sentence if chat.type == "private" else words.refusal_group, id=chat.id)
        refusal = notice(event, text) if isinstance(event, Message) else letter(chat.id, text)
        title = None if chat.type == "private" else chat.title or ""
        return Refused(Stranger(chat.id, who.id, who.name, title, language, code), (refusal,))


def _meet(who: Author, rules: Rules, batch: Batch) -> None:
    """Have the name of a person noted who was let in, or is an admin; of others it is when they ask something."""
    if is_person(who.id) and (who.id in rules.let_in or who.id in rules.admins):
        batch.names[who.id] = who.name
