"""What messages with files show, by kind."""

from telegram_playground.protocol.wire import Json
from telegram_playground.world.files import File
from telegram_playground.world.measuring import dimensions, seconds

KINDS = ("photo", "document", "video", "animation", "audio", "voice", "video_note", "sticker")
# Kinds of different sets are not mixed in an album.
ALBUM_KINDS = (frozenset({"photo", "video", "live_photo"}), frozenset({"document"}), frozenset({"audio"}))
_BY_TYPE = {"image/gif": "animation", "image/webp": "sticker", "audio/ogg": "voice"}
_BY_FAMILY = {"image": "photo", "video": "video", "audio": "audio"}
_PHOTO_SIZES = {"-s": 90, "-m": 320, "-x": 800}  # longest sides of what is made beside the photo itself
_MAX_PHOTO = 1280
# What a sender may say of a file of each kind, and what stands there where nothing is said.
_SAID: dict[str, Json] = {
    "video": {"width": 0, "height": 0, "duration": 1, "start_timestamp": None, "cover": None},
    "animation": {"width": 0, "height": 0, "duration": 1},
    "audio": {"duration": 1, "performer": None, "title": None},
    "voice": {"duration": 1},
    "video_note": {"length": 240, "duration": 1},
    "sticker": {"emoji": None},
}
_PICTURED = frozenset({"document", "animation", "sticker"})
_THUMBNAIL = 320  # its longest side; core.telegram.org/bots/api#senddocument
_NAMED = frozenset({"document", "video", "animation", "audio"})


def kind_of(mime: str) -> str:
    """Return the kind that Telegram's apps send a file as."""
    return _BY_TYPE.get(mime) or _BY_FAMILY.get(mime.partition("/")[0], "document")


def file_content(kind: str, file: File, said: Json | None = None) -> Json:
    """Return the message's field that shows a file; `said`: what its sender says of it, a thumbnail among that.

    Sizes and lengths that are not known are 0 or 1.
    """
    said = said or {}
    if kind == "photo":
        return {"photo": photo_sizes(file)}
    width, height = dimensions(file.data) or (0, 0)
    shown = file.json()
    if kind in _NAMED:
        shown |= {"file_name": file.name, "mime_type": file.mime}
    if kind == "voice":
        shown["mime_type"] = "audio/ogg"
    if kind == "sticker":
        shown |= {"width": width, "height": height, "type": "regular", "is_animated": False, "is_video": False}
    for name, missing in _SAID.get(kind, {}).items():
        measured = seconds(file.data) if name == "duration" else _measured(name, width, height)
        value = said.get(name) or measured or missing
        if value is not None:
            shown[name] = value
    if kind in _PICTURED and width and not file.mime.startswith("video/"):
        shown["thumbnail"] = _small(file, width, height)  # of a picture the server makes one itself
    elif "thumbnail" in said and kind not in ("voice", "sticker"):
        shown["thumbnail"] = said["thumbnail"]
    if kind == "animation":
        return {"animation": shown, "document": {**file.json(), "file_name": file.name, "mime_type": file.mime}}
    return {kind: shown}


def _measured(name: str, width: int, height: int) -> int | None:
    return {"width": width, "height": height, "length": width}.get(name)


def photo_sizes(file: File) -> list[Json]:
    """Return a photo in two to four sizes, the largest one last; its longest side is 1280 at the most."""
    width, height = dimensions(file.data) or (_MAX_PHOTO, _MAX_PHOTO)
    longest = max(width, height, 1)
    sizes = []
    for suffix, side in _PHOTO_SIZES.items():
        if side < longest or suffix == "-s":
            size = {"file_id": file.file_id + suffix, "file_unique_id": file.unique_id + suffix}
            sizes.append({**size, "file_size": len(file.data), **_scaled(width, height, min(side / longest, 1))})
    return [*sizes, {**file.json(), **_scaled(width, height, min(_MAX_PHOTO / longest, 1))}]


def _small(file: File, width: int, height: int) -> Json:
    size = {"file_id": f"{file.file_id}-m", "file_unique_id": f"{file.unique_id}-m", "file_size": len(file.data)}
    return {**size, **_scaled(width, height, min(_THUMBNAIL / max(width, height), 1))}


def live_photo(file: File, still: File) -> Json:
    """Return the message's fields that show a photo that moves for a moment."""
    video = file_content("video", file)["video"]
    shown = {name: video[name] for name in ("width", "height", "duration", "mime_type")}
    return {"live_photo": {**file.json(), **shown, "photo": photo_sizes(still)}, "video": video}


def thumbnail(file: File) -> Json:
    """Return a PhotoSize for a picture that was sent along."""
    width, height = dimensions(file.data) or (320, 320)
    return {**file.json(), "width": width, "height": height}


def chat_photo(file: File) -> Json:
    """Return a ChatPhoto."""
    small, big = f"{file.file_id}-s", file.file_id
    return {
        "small_file_id": small,
        "small_file_unique_id": f"{file.unique_id}-s",
        "big_file_id": big,
        "big_file_unique_id": file.unique_id,
    }


def _scaled(width: int, height: int, by: float) -> Json:
    return {"width": max(round(width * by), 1), "height": max(round(height * by), 1)}
