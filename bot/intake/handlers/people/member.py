"""The bot's own membership: blocked and unblocked, added to a group and removed."""

import asyncio
import logging

from aiogram import Router
from aiogram.types import (
    ChatMemberAdministrator,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Update,
    User,
)
from aiogram.utils.formatting import Text

from bot.intake.handlers.people.allow import SHUT
from bot.intake.message.mention import GROUPS
from bot.intake.notice import Method, filled, letter
from bot.intake.people.admins import Admins
from bot.intake.people.membership import is_present, joined
from bot.settings import AccessMode, Settings
from bot.storage.chats import Chats
from bot.storage.overheard import Overhearing
from bot.storage.people.access import Accesses
from bot.storage.tables import Rule
from bot.texts import Texts

log = logging.getLogger(__name__)


def register(router: Router) -> None:
    """Register the handlers."""
    router.my_chat_member.register(change)


async def change(
    event: ChatMemberUpdated,
    event_update: Update,
    me: User,
    is_admin: bool,
    texts: Texts,
    settings: Settings,
    chats: Chats,
    accesses: Accesses,
    admins: Admins,
    asked: asyncio.Event,
    overhearing: Overhearing,
) -> Method | None:
    """Note whether the chat can be written to; greet a group and say what the bot cannot see there.

    A group that an admin of the bot adds is let in, as by /allow; a button takes that back.
    """
    log.info("membership chat=%s status=%s by=%s", event.chat.id, event.new_chat_member.status, event.from_user.id)
    is_gone = not is_present(event.new_chat_member)
    await chats.set_gone(event.chat.id, gone=is_gone, removed=is_gone and event.chat.type in GROUPS)
    if is_gone or event.chat.type not in GROUPS:
        asked.set()  # an admin who is back may have to be told who asked meanwhile
        return None
    admins.want(event.chat.id)  # of whom the bot may be one now, or no more
    if not joined(event):
        return None
    sees_all = me.can_read_all_group_messages or isinstance(event.new_chat_member, ChatMemberAdministrator)
    if sees_all:
        greeting = filled(texts.added, username=Text(me.username or ""))
        if await overhearing.limit(event.chat.id):  # from before it was removed
            greeting = Text(greeting, "\n\n", texts.along_still)
    else:
        greeting = Text(texts.privacy, "\n\n", texts.added_unheard)
    keyboard = None
    if is_admin and settings.access is not AccessMode.OPEN:
        await accesses.set(event_update.update_id, event.chat.id, Rule.ALLOW, by=event.from_user.id)
        asked.set()
        log.info("access decided id=%s rule=allow by=%s", event.chat.id, event.from_user.id)
        greeting = Text(greeting, "\n\n", texts.group_opened)
        shut = InlineKeyboardButton(text=texts.group_shut_button, callback_data=f"{SHUT}:{event.chat.id}")
        keyboard = InlineKeyboardMarkup(inline_keyboard=[[shut]])
    return letter(event.chat.id, greeting, keyboard)
