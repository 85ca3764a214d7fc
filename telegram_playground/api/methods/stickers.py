"""Methods about sticker sets."""

import re

from telegram_playground.api.context import Context
from telegram_playground.api.methods.media import file_of
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.world.icons import topic_icons
from telegram_playground.world.media import file_content, thumbnail
from telegram_playground.world.stickers import Sticker, StickerSet

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_KINDS = frozenset({"regular", "mask", "custom_emoji"})
_FORMATS = frozenset({"static", "animated", "video"})
_MAX_TITLE, _MAX_STICKERS, _MAX_EMOJI, _MAX_KEYWORDS = 64, 120, 20, 20
_POINTS = frozenset({"forehead", "eyes", "mouth", "chin"})
_NOT_FOUND = "STICKERSET_INVALID"


async def create_set(context: Context, method: Values) -> bool:
    """Make a set; its name ends in _by_ and the bot's name."""
    user = context.known_user(method.user_id)
    ending = f"_by_{context.bot.user.username}".lower()
    if not _NAME.fullmatch(method.name) or not method.name.lower().endswith(ending) or "__" in method.name:
        raise bad_request("invalid sticker set name is specified")
    if method.name.lower() in context.world.sticker_sets:
        raise bad_request("sticker set name is already occupied")
    kind = method.sticker_type or "regular"
    if kind not in _KINDS:
        raise bad_request("unsupported sticker type specified")
    if not 1 <= len(method.stickers) <= 50:
        raise bad_request("wrong number of stickers specified")
    stickers = [await _sticker(context, each) for each in method.stickers]
    made = StickerSet(method.name, _title(method.title), kind, user.id, context.bot.id, stickers)
    context.world.sticker_sets[method.name.lower()] = made
    return True


async def get_set(context: Context, method: Values) -> Json:
    """Return a set."""
    found = context.world.sticker_sets.get(method.name.lower())
    if found is None:
        raise bad_request(_NOT_FOUND)
    return found.json()


async def upload_sticker(context: Context, method: Values) -> Json:
    """Store a file that will be a sticker."""
    context.known_user(method.user_id)
    if method.sticker_format not in _FORMATS:
        raise bad_request("invalid sticker format specified")
    file = await file_of(context, method.sticker, "sticker")
    return {**file.json(), "file_path": file.path}


async def add_sticker(context: Context, method: Values) -> bool:
    """Put one more sticker into a set."""
    found = _own_set(context, method.name)
    if len(found.stickers) >= _MAX_STICKERS:
        raise bad_request("STICKERS_TOO_MUCH")
    found.stickers.append(await _sticker(context, method.sticker))
    return True


async def delete_sticker(context: Context, method: Values) -> bool:
    """Take a sticker out of its set."""
    found, sticker = _own_sticker(context, method.sticker)
    found.stickers.remove(sticker)
    return True


async def replace_sticker(context: Context, method: Values) -> bool:
    """Put another sticker into the place of one."""
    found, old = _own_sticker(context, method.old_sticker)
    new = await _sticker(context, method.sticker)
    found.stickers[found.stickers.index(old)] = new
    return True


async def move_sticker(context: Context, method: Values) -> bool:
    """Move a sticker to another place in its set."""
    found, sticker = _own_sticker(context, method.sticker)
    if not 0 <= method.position < len(found.stickers):
        raise bad_request("invalid sticker position specified")
    found.stickers.remove(sticker)
    found.stickers.insert(method.position, sticker)
    return True


async def set_sticker(context: Context, method: Values) -> bool:
    """Set what a sticker stands for: its emoji or its words."""
    _, sticker = _own_sticker(context, method.sticker)
    if method.kind == "setStickerEmojiList":
        sticker.emoji = _emoji(method.emoji_list)
    else:
        sticker.keywords = (method.keywords or [])[:_MAX_KEYWORDS]
    return True


async def set_mask_position(context: Context, method: Values) -> bool:
    """Say where on a face a mask lies, or take that back."""
    found, sticker = _own_sticker(context, method.sticker)
    if found.kind != "mask":
        raise bad_request("STICKER_INVALID")
    if method.mask_position and method.mask_position.point not in _POINTS:
        raise bad_request("can't parse mask position: wrong point specified")
    sticker.mask = method.mask_position.json() if method.mask_position else None
    return True


async def set_title(context: Context, method: Values) -> bool:
    """Give a set another name for people."""
    _own_set(context, method.name).title = _title(method.title)
    return True


async def set_thumbnail(context: Context, method: Values) -> bool:
    """Give a set a picture, or none."""
    found = _own_set(context, method.name)
    if method.format not in _FORMATS:
        raise bad_request("invalid sticker format specified")
    found.thumbnail = thumbnail(await file_of(context, method.thumbnail, "sticker")) if method.thumbnail else None
    return True


async def set_emoji_thumbnail(context: Context, method: Values) -> bool:
    """Show one of its emoji for a set of custom emoji, or the first again."""
    found = _own_set(context, method.name)
    if found.kind != "custom_emoji":
        raise bad_request(_NOT_FOUND)
    shown = {sticker.file.unique_id: sticker for sticker in found.stickers}.get(method.custom_emoji_id)
    if method.custom_emoji_id and shown is None:
        raise bad_request("invalid custom emoji identifier specified")
    found.thumbnail = thumbnail(shown.file) if shown else None
    return True


async def delete_set(context: Context, method: Values) -> bool:
    """Take a set away."""
    _own_set(context, method.name)
    del context.world.sticker_sets[method.name.lower()]
    return True


async def custom_emoji(context: Context, method: Values) -> list[Json]:
    """Return custom emoji by their ids; this server has those in its sets, and the signs of topics."""
    if len(method.custom_emoji_ids) > 200:
        raise bad_request("too many custom emoji identifiers specified")
    known = {each["custom_emoji_id"]: each for each in topic_icons()} | {
        sticker.file.unique_id: sticker.json(each)
        for each in context.world.sticker_sets.values()
        if each.kind == "custom_emoji"
        for sticker in each.stickers
    }
    return [known[each] for each in method.custom_emoji_ids if each in known]


async def _sticker(context: Context, given: Values) -> Sticker:
    if given.format not in _FORMATS:
        raise bad_request("invalid sticker format specified")
    emoji = _emoji(given.emoji_list)
    file = await file_of(context, given.sticker, "sticker")
    shown = file_content("sticker", file)["sticker"]
    return Sticker(file, shown, emoji, (given.keywords or [])[:_MAX_KEYWORDS], given.format)


def _emoji(emoji: list[str]) -> list[str]:
    if not 1 <= len(emoji) <= _MAX_EMOJI or not all(each and len(each) <= 20 for each in emoji):
        raise bad_request("sticker must have an emoji")
    return emoji


def _title(title: str) -> str:
    if not 1 <= len(title.strip()) <= _MAX_TITLE:
        raise bad_request("PACK_TITLE_INVALID")
    return title.strip()


def _own_set(context: Context, name: str) -> StickerSet:
    found = context.world.sticker_sets.get(name.lower())
    if found is None or found.bot != context.bot.id:
        raise bad_request(_NOT_FOUND)
    return found


def _own_sticker(context: Context, file_id: str) -> tuple[StickerSet, Sticker]:
    for found in context.world.sticker_sets.values():
        for sticker in found.stickers:
            if sticker.file.file_id == file_id and found.bot == context.bot.id:
                return found, sticker
    raise bad_request("STICKER_INVALID")


METHODS = {
    "createNewStickerSet": create_set,
    "getStickerSet": get_set,
    "uploadStickerFile": upload_sticker,
    "addStickerToSet": add_sticker,
    "deleteStickerFromSet": delete_sticker,
    "replaceStickerInSet": replace_sticker,
    "setStickerPositionInSet": move_sticker,
    "setStickerEmojiList": set_sticker,
    "setStickerKeywords": set_sticker,
    "setStickerSetTitle": set_title,
    "setStickerSetThumbnail": set_thumbnail,
    "setStickerMaskPosition": set_mask_position,
    "setCustomEmojiStickerSetThumbnail": set_emoji_thumbnail,
    "deleteStickerSet": delete_set,
    "getCustomEmojiStickers": custom_emoji,
}
