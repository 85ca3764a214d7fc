"""Methods that send files, and getFile."""

from telegram_playground.api.context import Context
from telegram_playground.api.fetching import fetched
from telegram_playground.api.formats import check_photo, check_resent, is_thumbnail, kind_of_file
from telegram_playground.api.keyboards import markup_json
from telegram_playground.api.methods.editing import edit
from telegram_playground.api.methods.sending import extras, send
from telegram_playground.api.place import placed
from telegram_playground.api.receiver import receiver_of
from telegram_playground.api.rights import check_rights
from telegram_playground.protocol.errors import ApiError, bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.text.message_text import MAX_CAPTION, Parsed, parse
from telegram_playground.world.chats import Message
from telegram_playground.world.files import File
from telegram_playground.world.media import ALBUM_KINDS, KINDS, file_content, live_photo, photo_sizes, thumbnail

MAX_DOWNLOAD_BYTES = 20 << 20  # core.telegram.org/bots/api#getfile
MAX_UPLOAD_BYTES = 50 << 20
_ALBUM = range(1, 11)
_SAID = ("width", "height", "duration", "length", "performer", "title", "emoji", "start_timestamp")
_UNEDITABLE = frozenset({"poll", "dice", "location", "contact", "invoice", "voice", "sticker", "video_note"})
_UNCAPTIONED = frozenset({"sticker", "video_note"})


async def send_file(context: Context, method: Values) -> Json:
    """Send a photo, a document or another file."""
    kind = next(kind for kind in KINDS if method.has(kind))
    parsed = caption_of(method)
    file = await file_of(context, getattr(method, kind), kind)
    said = await said_with(context, method)
    return await send(context, method, lambda: media_content(context, kind, file, parsed, said))


async def send_live_photo(context: Context, method: Values) -> Json:
    """Send a photo that moves for a moment."""
    parsed = caption_of(method)
    file = await file_of(context, method.live_photo, "video")
    said = await said_with(context, method)
    return await send(context, method, lambda: media_content(context, "live_photo", file, parsed, said))


async def send_media_group(context: Context, method: Values) -> list[Json]:
    """Send an album: several messages, one call."""
    if len(method.media) not in _ALBUM:
        raise bad_request(f"too {'much' if method.media else 'few'} messages to send as an album")
    kinds = {item.type for item in method.media}
    if not any(kinds <= together for together in ALBUM_KINDS):
        raise bad_request("can't use the specified media types together in an album")
    parsed = [caption_of(item) for item in method.media]
    items = [
        (item, await file_of(context, item.media, item.type), await said_with(context, item)) for item in method.media
    ]
    chat = context.writable(method.chat_id)
    place = placed(context, chat, method)
    if receiver_of(context, chat, method):
        raise bad_request("an album is seen by all")
    contents = [
        media_content(context, item.type, file, caption, said)
        for (item, file, said), caption in zip(items, parsed, strict=True)
    ]
    for content in contents:
        check_rights(context, chat, content)
    await context.admit(chat)
    chat = context.writable(method.chat_id)
    album = {"media_group_id": str(context.world.random.randrange(10**16, 10**17))} if len(contents) > 1 else {}
    messages: list[Message] = [
        context.world.post(
            chat,
            context.bot.user,
            content,
            thread_id=place.thread_id,
            reply_to=place.reply_to,
            quote=place.quote,
            notify=not method.disable_notification,
            extra={**album, **extras(method)},
        )
        for content in contents
    ]
    return [message.json() for message in messages]


async def edit_message_media(context: Context, method: Values) -> Json | bool:
    """Show another file, or a file instead of a text."""
    item = method.media
    parsed = caption_of(item)
    markup = markup_json(method.reply_markup, inline=True)
    if getattr(method, "inline_message_id", None) and str(item.media).startswith("attach://"):
        raise bad_request("can't upload a file for an inline message")
    file = await file_of(context, item.media, item.type)
    said = await said_with(context, item)

    def content(message: Message) -> Json:
        if message.content.keys() & _UNEDITABLE or ("media_group_id" in message.extra and item.type == "animation"):
            raise bad_request("message can't be edited")
        return media_content(context, item.type, file, parsed, said)

    return await edit(context, method, content, markup)


async def get_file(context: Context, method: Values) -> Json:
    """Tell where a file can be fetched."""
    file = context.world.files.get(method.file_id)
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.data) > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {**file.json(), "file_path": file.path}


async def file_of(context: Context, value: object, kind: str) -> File:
    """Return the file that a parameter means: an upload, an address, or one that was sent before."""
    upload = context.uploads.get(str(value).removeprefix("attach://"))
    if upload is None and str(value).lower().startswith(("http://", "https://")):
        upload = await fetched(str(value), photo=kind == "photo")
    if upload:
        if len(upload.data) > MAX_UPLOAD_BYTES:
            raise ApiError(413, "Request Entity Too Large")
        if not upload.data:
            raise bad_request("file must be non-empty")
        if kind == "photo":
            check_photo(upload.data)
        return context.add_file(upload, kind)
    file = context.world.files.get(str(value))
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    check_resent(kind, file)
    return file


def said_of(context: Context, item: Values) -> Json:
    """Return what a sender says of a file: its size, its length, whose it is."""
    said = {name: getattr(item, name, None) for name in _SAID}
    for name in ("width", "height", "duration", "length"):
        said[name] = max(said[name] or 0, 0)
    upload = context.uploads.get(str(getattr(item, "thumbnail", None)).removeprefix("attach://"))
    if upload and is_thumbnail(upload.data):
        said["thumbnail"] = thumbnail(context.add_file(upload, "thumbnail"))
    if getattr(item, "has_spoiler", None):
        said["has_spoiler"] = True
    if getattr(item, "show_caption_above_media", None):
        said["above"] = True
    return said


async def said_with(context: Context, item: Values) -> Json:
    """Return that, and the pictures that belong to a film: its cover, or the photo that moves."""
    said = said_of(context, item)
    if getattr(item, "cover", None):
        said["cover"] = photo_sizes(await file_of(context, item.cover, "photo"))
    if item.has("live_photo") or getattr(item, "type", None) == "live_photo":
        said["still"] = await file_of(context, item.photo, "photo")
    return said


def caption_of(item: Values) -> Parsed:
    """Return a caption without its markup; raises ApiError."""
    caption, mode = getattr(item, "caption", None), getattr(item, "parse_mode", None)
    return parse(caption, mode, getattr(item, "caption_entities", None), can_be_empty=True)


def media_content(context: Context, kind: str, file: File, parsed: Parsed, said: Json) -> Json:
    """Return what a message with a file shows; raises ApiError for a caption that is too long."""
    kind = kind_of_file(kind, file)
    content = live_photo(file, said["still"]) if kind == "live_photo" else file_content(kind, file, said)
    return content if kind in _UNCAPTIONED else content | captioned(context, kind, parsed, said)


def captioned(context: Context, kind: str, parsed: Parsed, said: Json) -> Json:
    """Return what stands around a file; raises ApiError for a caption that is too long."""
    formatted = context.settled(parsed, can_be_empty=True)
    context.check_length(formatted.text, "message caption is too long", limit=MAX_CAPTION)
    content = formatted.content(text="caption", entities="caption_entities")
    if said.get("has_spoiler") and kind in ("photo", "video", "animation", "live_photo"):
        content["has_media_spoiler"] = True
    if said.get("above") and formatted.text:
        content["show_caption_above_media"] = True
    return content


METHODS = {
    "sendPhoto": send_file,
    "sendDocument": send_file,
    "sendVideo": send_file,
    "sendAnimation": send_file,
    "sendAudio": send_file,
    "sendVoice": send_file,
    "sendVideoNote": send_file,
    "sendSticker": send_file,
    "sendLivePhoto": send_live_photo,
    "editMessageMedia": edit_message_media,
    "editEphemeralMessageMedia": edit_message_media,
    "sendMediaGroup": send_media_group,
    "getFile": get_file,
}
