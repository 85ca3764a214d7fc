"""Methods about the bot itself: who it is, its commands, its texts."""

import re

from telegram_playground.api.context import Context
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.world.media import photo_sizes
from telegram_playground.world.membership import rights_in
from telegram_playground.world.people import MAX_PHOTOS

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")  # core.telegram.org/bots/api#botcommand
_LANGUAGE = re.compile(r"[a-z]{2}")  # tdlib BotInfoManager.cpp, validate_bot_language_code
_MAX_MENUS = 1000
_MAX_COMMANDS, _MAX_DESCRIPTION = 100, 256
_TEXTS = {"name": 64, "description": 512, "short_description": 120}


async def get_me(context: Context, method: Values) -> Json:
    """Tell who the bot is."""
    return context.bot.json()


async def set_my_commands(context: Context, method: Values) -> bool:
    """Set the `/` menu for a scope and a language."""
    scope = _scope_of(context, method)
    if len(method.commands) > _MAX_COMMANDS:
        raise bad_request("too many commands specified")
    _check_language(method)
    commands = []
    for command in method.commands:
        name = command.command.removeprefix("/")
        if not _COMMAND.fullmatch(name):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command.description.strip()) <= _MAX_DESCRIPTION:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        is_ephemeral = {"is_ephemeral": True} if command.is_ephemeral else {}
        commands.append({"command": name, "description": command.description.strip(), **is_ephemeral})
    menus = context.bot.commands
    menus[scope, method.language_code or ""] = commands
    if len(menus) > _MAX_MENUS:
        del menus[next(iter(menus))]
    context.world.tell("commands", bot=context.bot.id)
    return True


async def get_my_commands(context: Context, method: Values) -> list[Json]:
    """Return the `/` menu of exactly this scope and language."""
    return context.bot.commands.get((_scope_of(context, method), method.language_code or ""), [])


async def delete_my_commands(context: Context, method: Values) -> bool:
    """Take back the `/` menu of a scope and a language."""
    context.bot.commands.pop((_scope_of(context, method), method.language_code or ""), None)
    context.world.tell("commands", bot=context.bot.id)
    return True


async def set_text(context: Context, method: Values) -> bool:
    """Set the bot's name or one of its descriptions, for a language."""
    kind = method.kind.removeprefix("setMy")
    kind = {"Name": "name", "Description": "description"}.get(kind, "short_description")
    text = getattr(method, kind) or ""
    _check_language(method)
    if len(text) > _TEXTS[kind]:
        raise bad_request(f"bot {kind.replace('_', ' ')} is too long")
    context.bot.texts[kind, method.language_code or ""] = text
    if kind == "name" and not method.language_code and text:
        context.bot.user.first_name = text
        context.world.tell("bot", bot=context.bot.control_json())
    return True


async def get_text(context: Context, method: Values) -> Json:
    """Return the bot's name or one of its descriptions."""
    kind = method.kind.removeprefix("getMy")
    kind = {"Name": "name", "Description": "description"}.get(kind, "short_description")
    texts, language = context.bot.texts, method.language_code or ""
    missing = context.bot.user.first_name if kind == "name" else ""
    return {kind: texts.get((kind, language)) or texts.get((kind, ""), missing)}


async def set_menu_button(context: Context, method: Values) -> bool:
    """Set what the button beside the message field does."""
    button = method.menu_button.json() if method.menu_button else {"type": "default"}
    user_id = context.known_user(method.chat_id).id if method.chat_id else None
    context.bot.menu_buttons[user_id] = button
    return True


async def get_menu_button(context: Context, method: Values) -> Json:
    """Return what the button beside the message field does."""
    buttons = context.bot.menu_buttons
    if method.chat_id:
        return buttons.get(context.known_user(method.chat_id).id) or {"type": "default"}
    button = buttons.get(None)
    return button if button and button["type"] != "default" else {"type": "commands"}


async def user_photos(context: Context, method: Values) -> Json:
    """Return a user's profile pictures, the newest first."""
    user = context.known_user(method.user_id)
    offset, limit = max(method.offset or 0, 0), min(max(method.limit or 100, 1), 100)
    photos = user.photos[::-1]
    return {"total_count": len(photos), "photos": [photo_sizes(file) for file in photos[offset : offset + limit]]}


async def set_photo(context: Context, method: Values) -> bool:
    """Give the bot a profile picture."""
    field = "photo" if method.photo.has("photo") else "animation"
    upload = context.uploads.get(str(getattr(method.photo, field)).removeprefix("attach://"))
    if upload is None or not upload.data:
        raise bad_request("photo must be uploaded as an InputFile")
    context.bot.user.photos.append(context.add_file(upload, "photo"))
    del context.bot.user.photos[:-MAX_PHOTOS]
    return True


async def remove_photo(context: Context, method: Values) -> bool:
    """Take the newest profile picture away."""
    if context.bot.user.photos:
        context.bot.user.photos.pop()
    return True


async def set_rights(context: Context, method: Values) -> bool:
    """Set the rights that the bot asks for when it is made an administrator."""
    rights = method.rights.json() if method.rights else {}
    context.bot.default_rights[bool(method.for_channels)] = rights
    return True


async def user_audios(context: Context, method: Values) -> Json:
    """Return the music in a profile; nobody has any here."""
    context.known_user(method.user_id)
    return {"total_count": 0, "audios": []}


async def get_rights(context: Context, method: Values) -> Json:
    """Return the rights that the bot asks for."""
    given = context.bot.default_rights.get(bool(method.for_channels), {})
    rights = {name: bool(given.get(name)) for name in rights_in(channel=bool(method.for_channels))}
    return {**rights, "is_anonymous": bool(given.get("is_anonymous")) and not method.for_channels}


async def accept(context: Context, method: Values) -> bool:
    """Say yes: there is nothing to log out of or to close here."""
    return True


def _check_language(method: Values) -> None:
    if method.language_code and not _LANGUAGE.fullmatch(method.language_code):
        raise bad_request("invalid language code specified")


def _scope_of(context: Context, method: Values) -> str:
    """Return one word for a BotCommandScope: its type and what it is limited to; raises ApiError."""
    values: Json = method.scope.json() if method.scope else {"type": "default"}
    if "chat_id" in values:
        values["chat_id"] = context.chat(values["chat_id"]).id
    if "user_id" in values:
        context.known_user(values["user_id"])
    return ":".join(str(values[name]) for name in ("type", "chat_id", "user_id") if name in values)


METHODS = {
    "getMe": get_me,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": set_text,
    "setMyDescription": set_text,
    "setMyShortDescription": set_text,
    "getMyName": get_text,
    "getMyDescription": get_text,
    "getMyShortDescription": get_text,
    "setChatMenuButton": set_menu_button,
    "getChatMenuButton": get_menu_button,
    "getUserProfilePhotos": user_photos,
    "getUserProfileAudios": user_audios,
    "setMyProfilePhoto": set_photo,
    "removeMyProfilePhoto": remove_photo,
    "setMyDefaultAdministratorRights": set_rights,
    "getMyDefaultAdministratorRights": get_rights,
    "logOut": accept,
    "close": accept,
}
