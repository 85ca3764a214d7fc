"""Methods that send files, and getFile."""

from telegram_playground.api.context import Context
from telegram_playground.api.methods.sending import send
from telegram_playground.api.place import placed
from telegram_playground.errors import ApiError, bad_request
from telegram_playground.text.message_text import MAX_CAPTION, Parsed, parse
from telegram_playground.values import Values
from telegram_playground.wire import Json
from telegram_playground.world.chats import Message
from telegram_playground.world.files import File
from telegram_playground.world.media import KINDS, file_content

MAX_DOWNLOAD_BYTES = 20 << 20  # core.telegram.org/bots/api#getfile
MAX_UPLOAD_BYTES = 50 << 20
_ALBUM = range(2, 11)


async def send_file(context: Context, method: Values) -> Json:
    """Send a photo, a document or another file."""
    kind = next(kind for kind in KINDS if method.has(kind))
    parsed = _caption(method)
    file = _file(context, getattr(method, kind), kind)
    return await send(context, method, lambda: _content(context, kind, file, parsed))


async def send_media_group(context: Context, method: Values) -> list[Json]:
    """Send an album: several messages, one call."""
    if len(method.media) not in _ALBUM:
        raise bad_request("group send failed: an album has 2 to 10 items")
    items = [(item.type, _file(context, item.media, item.type), _caption(item)) for item in method.media]
    chat = context.writable(method.chat_id)
    place = placed(context, chat, method)
    contents = [_content(context, kind, file, parsed) for kind, file, parsed in items]
    await context.admit(chat)
    album = str(context.world.random.randrange(10**16, 10**17))
    messages: list[Message] = [
        context.world.post(
            context.writable(method.chat_id),
            context.bot.user,
            content,
            thread_id=place.thread_id,
            reply_to=place.reply_to,
            notify=not method.disable_notification,
            extra={"media_group_id": album},
        )
        for content in contents
    ]
    return [message.json() for message in messages]


async def get_file(context: Context, method: Values) -> Json:
    """Tell where a file can be fetched."""
    file = context.world.files.get(method.file_id)
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.data) > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {**file.json(), "file_path": file.path}


def _file(context: Context, value: object, kind: str) -> File:
    """Return the file that a parameter means: an upload, or one that was sent before."""
    upload = context.uploads.get(str(value).removeprefix("attach://"))
    if upload:
        if len(upload.data) > MAX_UPLOAD_BYTES:
            raise ApiError(413, "Request Entity Too Large")
        if not upload.data:
            raise bad_request("file must be non-empty")
        return context.add_file(upload, kind)
    if str(value).startswith(("http://", "https://")):
        raise bad_request("not simulated: files by URL")
    file = context.world.files.get(str(value))
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return file


def _caption(method: Values) -> Parsed:
    caption, mode = getattr(method, "caption", None), getattr(method, "parse_mode", None)
    return parse(caption, mode, getattr(method, "caption_entities", None), can_be_empty=True)


def _content(context: Context, kind: str, file: File, parsed: Parsed) -> Json:
    formatted = context.settled(parsed, can_be_empty=True)
    context.check_length(formatted.text, "message caption is too long", limit=MAX_CAPTION)
    return file_content(kind, file) | formatted.content(text="caption", entities="caption_entities")


METHODS = {
    "sendPhoto": send_file,
    "sendDocument": send_file,
    "sendVideo": send_file,
    "sendAnimation": send_file,
    "sendAudio": send_file,
    "sendVoice": send_file,
    "sendVideoNote": send_file,
    "sendSticker": send_file,
    "sendMediaGroup": send_media_group,
    "getFile": get_file,
}
