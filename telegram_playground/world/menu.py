"""The `/` menu that a user sees; core.telegram.org/bots/api#determining-list-of-commands. Pure."""

from telegram_playground.protocol.wire import Json
from telegram_playground.world.chats import Chat
from telegram_playground.world.people import Bot, User


def menu(chat: Chat, user: User) -> list[Json]:
    """Return the commands of all bots of a chat for a user, each with its bot's id."""
    return [
        {"bot": bot.id, **command} for bot in chat.bots.values() if chat.has(bot.id) for command in _of(bot, chat, user)
    ]


def _of(bot: Bot, chat: Chat, user: User) -> list[Json]:
    if chat.type == "private":
        scopes = [f"chat:{chat.id}", "all_private_chats", "default"]
    else:
        admin = chat.status(user.id) in ("creator", "administrator")
        scopes = [f"chat_member:{chat.id}:{user.id}"]
        scopes += [f"chat_administrators:{chat.id}"] if admin else []
        scopes += [f"chat:{chat.id}"]
        scopes += ["all_chat_administrators"] if admin else []
        scopes += ["all_group_chats", "default"]
    for scope in scopes:
        for language in (user.language_code, "") if user.language_code else ("",):
            commands = bot.commands.get((scope, language))
            if commands:
                return commands
    return []
