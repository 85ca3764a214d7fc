"""What Telegram takes as a photo, a voice message, a film: what is something else is refused, or sent as what it is.

Limits: core.telegram.org/bots/api#sendphoto, #sendvoice, #sendanimation, #sendvideonote; words as its server says them.
"""

from telegram_playground.protocol.errors import bad_request
from telegram_playground.world.files import File
from telegram_playground.world.measuring import dimensions

MAX_PHOTO_BYTES, MAX_THUMBNAIL_BYTES = 10 << 20, 200 << 10
_MAX_SIDES, _MAX_RATIO = 10_000, 20
_OGG, _MP3 = b"OggS", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")
_WITH_SOUND = (b"M4A ", b"M4B ", b"mp42", b"isom", b"dash", b"iso5", b"iso6")  # brands of MP4 that voice players take


def check_photo(data: bytes) -> None:
    """Raise ApiError for what is no photo to Telegram."""
    if len(data) > MAX_PHOTO_BYTES:
        most = f"the maximum size is {MAX_PHOTO_BYTES} bytes"
        raise bad_request(f"file of size {len(data)} bytes is too big for a photo; {most}")
    size = None if _is_film(data) else dimensions(data)
    if size is None or not all(size):
        raise bad_request("IMAGE_PROCESS_FAILED")
    if sum(size) > _MAX_SIDES or max(size) > _MAX_RATIO * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def check_resent(kind: str, file: File) -> None:
    """Raise ApiError where a photo is sent again as a file, or a file as a photo."""
    former = file.path.partition("/")[0].removesuffix("s")
    if former != "thumbnail" and (former == "photo") != (kind == "photo"):
        raise bad_request(f"can't use file of type {_name(former)} as {_name(kind)}")


def is_thumbnail(data: bytes) -> bool:
    """Tell whether a picture that came with a file can be shown in its place; another one is passed over."""
    return 0 < len(data) <= MAX_THUMBNAIL_BYTES and not _is_film(data) and dimensions(data) is not None


def kind_of_file(kind: str, file: File) -> str:
    """Return as what a file is sent: as the kind that was asked for, or where it is none as what it is."""
    data, family = file.data, file.mime.partition("/")[0]
    is_voice = data.startswith((_OGG, *_MP3)) or (_is_film(data) and data[8:12] in _WITH_SOUND)
    match kind:
        case "voice" if not is_voice:
            return "audio" if family == "audio" else "document"
        case "audio" if family != "audio" and not is_voice:
            return "document"
        case "animation" if not (file.mime == "image/gif" or family == "video" or _is_film(data)):
            return "document"
        case "video" if family != "video" and not _is_film(data):
            return "document"
        case "video_note" if not _is_film(data) and family != "video":
            return "document"
        case "video_note" if (size := dimensions(data)) and size[0] != size[1]:
            return "video"
        case "sticker" if family not in ("image", "video") and not data.startswith(b"\x1f\x8b"):
            return "document"
    return kind


def _is_film(data: bytes) -> bool:
    return data[4:8] == b"ftyp"


def _name(kind: str) -> str:
    return {"voice": "VoiceNote", "video_note": "VideoNote"}.get(kind, kind.capitalize())
