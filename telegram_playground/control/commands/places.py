"""Commands that make bots, people, chats and topics and say who is where."""

import re
from typing import Any, cast

from telegram_playground.api.schema import Upload
from telegram_playground.control.arguments import Arguments
from telegram_playground.control.stage import Stage
from telegram_playground.protocol.errors import bad_request
from telegram_playground.world import membership
from telegram_playground.world.chats import Chat, ChatType
from telegram_playground.world.measuring import dimensions
from telegram_playground.world.members import Member
from telegram_playground.world.people import MAX_PHOTOS

_TOKEN = re.compile(r"\d{1,15}:[A-Za-z0-9_-]{35,}")
_MAX_PHOTO_BYTES = 10 << 20  # core.telegram.org/bots/api#sendphoto
_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,31}")
_SWITCHES = (
    *("can_read_all_group_messages", "has_topics_enabled", "supports_guest_queries", "supports_inline_queries"),
    "tells_inline_choices",
)


async def set_bot(stage: Stage, arguments: Arguments) -> Any:
    """Return a bot, made on first use of its token, with what is to be changed."""
    if "token" in arguments:
        token = arguments.text("token")
        found = stage.world.roster.bot(token) if _TOKEN.fullmatch(token) else None
        if found is None:
            raise bad_request("the token is not of Telegram's form, or another one of the same bot")
    else:
        found = stage.bot(arguments.integer("id"))
    first_name = arguments.name("first_name") if "first_name" in arguments else found.user.first_name
    switches = {flag: arguments.flag(flag) for flag in _SWITCHES if flag in arguments}
    if "username" in arguments:
        stage.world.roster.rename(found, _username(arguments))
    found.user.first_name = first_name
    for flag, value in switches.items():
        setattr(found, flag, value)
    stage.world.tell("bot", bot=found.control_json())
    return found.control_json()


async def add_user(stage: Stage, arguments: Arguments) -> Any:
    """Make a person."""
    user = stage.world.roster.add_user(
        arguments.name("first_name"),
        last_name=arguments.name("last_name", ""),
        username=_username(arguments) if "username" in arguments else "",
        language=arguments.name("language", ""),
    )
    return user.json()


async def edit_user(stage: Stage, arguments: Arguments) -> Any:
    """Change a person's names or language; what is not given stays."""
    user = stage.user(arguments.integer("user"))
    raw = arguments.raw()
    language = arguments.name("language", "") if "language" in raw else user.language_code
    first_name = arguments.name("first_name") if "first_name" in arguments else user.first_name
    last_name = arguments.name("last_name", "") if "last_name" in raw else user.last_name
    user.language_code, user.first_name, user.last_name = language, first_name, last_name
    stage.world.tell("user", user=user.json())
    return user.json()


async def set_photo(stage: Stage, arguments: Arguments, upload: Upload) -> Any:
    """Give a person a further profile picture."""
    user = stage.user(arguments.integer("user"))
    if user.is_bot or not 0 < len(upload.data) <= _MAX_PHOTO_BYTES or dimensions(upload.data) is None:
        raise bad_request("a person's profile picture is a picture of 10 MB at the most")
    user.photos.append(stage.world.files.add(upload.name, upload.mime, upload.data, kind="photo"))
    del user.photos[:-MAX_PHOTOS]
    stage.world.tell("user", user=user.json())
    return user.json()


async def private(stage: Stage, arguments: Arguments) -> Any:
    """Return the private chat of a user and a bot."""
    return stage.world.private(
        stage.user(arguments.integer("user")), stage.bot(arguments.integer("bot"))
    ).control_json()


async def add_group(stage: Stage, arguments: Arguments) -> Any:
    """Make a group."""
    kind = arguments.name("kind", "supergroup")
    if kind not in ("group", "supergroup", "channel"):
        raise bad_request("kind must be group, supergroup or channel")
    members = [stage.user(user_id) for user_id in arguments.integers("members")]
    bots = [stage.bot(bot_id) for bot_id in arguments.integers("bots")]
    if all(member.is_bot for member in members):
        raise bad_request("a group needs a person among its members")
    chat = stage.world.add_group(
        arguments.name("title"),
        members=members,
        kind=cast("ChatType", kind),
        signs=arguments.flag("signs"),
        forum=arguments.flag("forum") and kind == "supergroup",
        username=_username(arguments) if "username" in arguments else "",
    )
    for guest in bots:
        membership.join(stage.world, chat, guest.user, by=members[0])
        if kind == "channel":  # bots are in channels as administrators only
            membership.set_status(stage.world, chat, guest.user, "administrator", by=members[0])
    return chat.control_json()


async def add_topic(stage: Stage, arguments: Arguments) -> Any:
    """Open a topic."""
    chat = _chat(stage, arguments)
    has_topics = chat.is_forum or any(bot.has_topics_enabled for bot in chat.bots.values() if chat.user)
    if not has_topics:
        raise bad_request("the chat is not a forum")
    membership.add_topic(stage.world, chat, arguments.name("name"), by=_creator(chat).user)
    return chat.control_json()


async def close_topic(stage: Stage, arguments: Arguments) -> Any:
    """Close a topic."""
    return _set_topic(stage, arguments, closed=True)


async def reopen_topic(stage: Stage, arguments: Arguments) -> Any:
    """Open a closed topic again."""
    return _set_topic(stage, arguments, closed=False)


async def add_member(stage: Stage, arguments: Arguments) -> Any:
    """Add a user or a bot to a group."""
    chat = _group(stage, arguments)
    membership.join(stage.world, chat, stage.user(arguments.integer("user")), by=_creator(chat).user)
    return chat.control_json()


async def remove_member(stage: Stage, arguments: Arguments) -> Any:
    """Take a user or a bot out of a group."""
    chat = _group(stage, arguments)
    membership.leave(stage.world, chat, stage.user(arguments.integer("user")), by=_creator(chat).user)
    return chat.control_json()


async def promote(stage: Stage, arguments: Arguments) -> Any:
    """Make a member an administrator."""
    return _set_status(stage, arguments, admin=True)


async def demote(stage: Stage, arguments: Arguments) -> Any:
    """Make an administrator a member."""
    return _set_status(stage, arguments, admin=False)


async def block(stage: Stage, arguments: Arguments) -> Any:
    """Let the user of a private chat block the bot."""
    return _block(stage, arguments, blocked=True)


async def unblock(stage: Stage, arguments: Arguments) -> Any:
    """Let the user of a private chat unblock the bot."""
    return _block(stage, arguments, blocked=False)


async def migrate(stage: Stage, arguments: Arguments) -> Any:
    """Turn a basic group into a supergroup."""
    chat = _chat(stage, arguments)
    if chat.type != "group" or chat.migrated_to:
        raise bad_request("the chat is not a basic group")
    return membership.migrate(stage.world, chat).control_json()


def _set_topic(stage: Stage, arguments: Arguments, *, closed: bool) -> Any:
    chat = _chat(stage, arguments)
    topic = chat.topics.get(arguments.integer("message_thread_id"))
    if topic is None:
        raise bad_request("message thread not found")
    membership.close_topic(stage.world, chat, topic, by=_creator(chat).user, closed=closed)
    return chat.control_json()


def _set_status(stage: Stage, arguments: Arguments, *, admin: bool) -> Any:
    chat, user = _group(stage, arguments), stage.user(arguments.integer("user"))
    if not chat.has(user.id) or chat.status(user.id) == "creator":
        raise bad_request("the user is not a member of the chat, or its creator")
    by = _creator(chat).user
    membership.set_status(stage.world, chat, user, "administrator" if admin else "member", by=by)
    return chat.control_json()


def _block(stage: Stage, arguments: Arguments, *, blocked: bool) -> Any:
    chat = _chat(stage, arguments)
    if chat.type != "private":
        raise bad_request("only in a private chat")
    membership.block(stage.world, chat, blocked=blocked)
    return chat.control_json()


def _chat(stage: Stage, arguments: Arguments) -> Chat:
    return stage.chat(arguments.text("chat"))


def _group(stage: Stage, arguments: Arguments) -> Chat:
    chat = _chat(stage, arguments)
    if chat.type == "private":
        raise bad_request("only in a group")
    return chat


def _creator(chat: Chat) -> Member:
    """Return the one in whose name something happens: the creator of a group, the user of a private chat."""
    people = [member for member in chat.members.values() if not member.user.is_bot]
    return next((member for member in people if member.status == "creator"), people[0])


def _username(arguments: Arguments) -> str:
    name = arguments.text("username").removeprefix("@")
    if not _USERNAME.fullmatch(name):
        raise bad_request("username must be 3 to 32 letters, digits and _")
    return name


COMMANDS = {
    "bot": set_bot,
    "add_user": add_user,
    "edit_user": edit_user,
    "private": private,
    "add_group": add_group,
    "add_topic": add_topic,
    "close_topic": close_topic,
    "reopen_topic": reopen_topic,
    "add_member": add_member,
    "remove_member": remove_member,
    "promote": promote,
    "demote": demote,
    "block": block,
    "unblock": unblock,
    "migrate": migrate,
}
