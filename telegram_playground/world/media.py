"""What messages with files show, by kind."""

from telegram_playground.wire import Json
from telegram_playground.world.files import File, dimensions

KINDS = ("photo", "document", "video", "animation", "audio", "voice", "video_note", "sticker")
_BY_TYPE = {"image/gif": "animation", "image/webp": "sticker", "audio/ogg": "voice"}
_BY_FAMILY = {"image": "photo", "video": "video", "audio": "audio"}


def kind_of(mime: str) -> str:
    """Return the kind that Telegram's apps send a file as."""
    return _BY_TYPE.get(mime) or _BY_FAMILY.get(mime.partition("/")[0], "document")


def file_content(kind: str, file: File) -> Json:
    """Return the message's field that shows a file; sizes and lengths that are not known are 0 or 1."""
    width, height = dimensions(file.data) or (0, 0)
    size = {"width": width, "height": height}
    named = {"file_name": file.name, "mime_type": file.mime}
    common = file.json()
    if kind == "photo":
        return {"photo": [{**common, **size}]}
    if kind == "sticker":
        return {"sticker": {**common, **size, "type": "regular", "is_animated": False, "is_video": False}}
    if kind == "animation":
        animation = {**common, **size, **named, "duration": 1}
        return {"animation": animation, "document": {**common, **named}}
    details: dict[str, Json] = {
        "video": {**size, **named, "duration": 1},
        "audio": {**named, "duration": 1},
        "voice": {"mime_type": file.mime, "duration": 1},
        "video_note": {"length": width or 240, "duration": 1},
    }
    return {kind: {**common, **details.get(kind, named)}}
