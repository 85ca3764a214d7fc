"""The bot's own membership: blocked and unblocked, added to a group and removed."""

import logging

from aiogram import Router
from aiogram.types import ChatMemberAdministrator, ChatMemberUpdated, User
from aiogram.utils.formatting import Text

from bot.intake.admins import Admins
from bot.intake.membership import is_present, joined
from bot.intake.notice import Method, filled, letter
from bot.storage.chats import Chats
from bot.texts import Texts

log = logging.getLogger(__name__)


def router() -> Router:
    """Build the router."""
    router = Router(name="member")
    router.my_chat_member.register(change)
    return router


async def change(event: ChatMemberUpdated, me: User, texts: Texts, chats: Chats, admins: Admins) -> Method | None:
    """Note whether the chat can be written to; greet a group and say what the bot cannot see there."""
    log.info("membership chat=%s status=%s by=%s", event.chat.id, event.new_chat_member.status, event.from_user.id)
    await chats.set_gone(event.chat.id, gone=not is_present(event.new_chat_member))
    if not joined(event) or event.chat.type not in ("group", "supergroup"):
        return None
    admins.want(event.chat.id)
    greeting = filled(texts.added, username=Text(me.username or ""))
    sees_all = me.can_read_all_group_messages or isinstance(event.new_chat_member, ChatMemberAdministrator)
    return letter(event.chat.id, greeting if sees_all else Text(greeting, "\n\n", texts.privacy))
