"""Picture: scaled down to what models look at, upright, without what a camera notes about place and time."""

from io import BytesIO
from typing import TYPE_CHECKING

from bot.extract.found import MAX_BODY, MAX_SIDE, Found, Reason, Unread

if TYPE_CHECKING:
    import PIL.Image

MAX_PIXELS = 50_000_000  # that are unpacked; a JPEG is unpacked at a fraction of its size
MAX_WEBP = 30_000_000  # pixels; the package that reads it takes several times as much memory as others
DEEP = 65_535  # the white of a grey picture with 16 bits, in a PNG
MAX_SIDE_UNSCALED = 8_000  # Anthropic's limit
MAX_UNSCALED = 3_500_000  # bytes of a picture that goes as it is: 5 MB in base64 is Anthropic's limit
QUALITY = 85
_SCALABLE = {"P": "RGBA", "I;16": "I", "I;16B": "I", "I;16L": "I", "I;16N": "I"}  # in these a picture can be scaled
_PNG = b"\x89PNG\r\n\x1a\n"
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # JPEG's start-of-frame markers


def picture(data: bytes) -> Found:
    """Return a picture as JPEG, its longer side at most MAX_SIDE. Raises Unread."""
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError
    except ImportError:
        return as_it_is(data)
    if _webp_pixels(data) > MAX_WEBP:
        raise Unread(Reason.TOO_LARGE)
    Image.MAX_IMAGE_PIXELS = None  # counted here: what is unpacked, not what the file claims before
    try:
        with Image.open(BytesIO(data)) as image:
            image.draft("RGB", (MAX_SIDE, MAX_SIDE))
            kind = image.format
            if image.width * image.height > MAX_PIXELS:
                raise Unread(Reason.TOO_LARGE)
            image.load()
            small = image.convert(_SCALABLE[image.mode]) if image.mode in _SCALABLE else image
            greys = _greys(small, kind)
            small.thumbnail((MAX_SIDE, MAX_SIDE), reducing_gap=2.0)
            upright = ImageOps.exif_transpose(_in_bytes(small, *greys) if greys else small)
            return Found("image/jpeg", _saved(upright, Image.new("RGB", upright.size, "white")))
    except UnidentifiedImageError:
        raise Unread(Reason.BROKEN if data.startswith((b"\xff\xd8", _PNG, b"GIF8")) else Reason.UNKNOWN) from None
    except MemoryError:
        raise Unread(Reason.TOO_LARGE) from None
    except (OSError, ValueError, SyntaxError, TypeError, ArithmeticError, LookupError, EOFError):
        raise Unread(Reason.BROKEN) from None


def as_it_is(data: bytes) -> Found:
    """Return a picture unchanged, where nothing scales it and every service takes it. Raises Unread."""
    size = _size(data)
    if size is None:
        raise Unread(Reason.BROKEN if data.startswith((b"\xff\xd8", _PNG)) else Reason.NO_EXTRA)
    if max(size) > MAX_SIDE_UNSCALED or len(data) > min(MAX_UNSCALED, MAX_BODY):
        raise Unread(Reason.NO_EXTRA)
    return Found("image/png" if data.startswith(_PNG) else "image/jpeg", data)


def _greys(image: "PIL.Image.Image", kind: str | None) -> tuple[float, float] | None:
    """Return which greys are black and white in a picture whose greys have more than 8 bits, None of another one.

    Where its format does not say so, they are the darkest and the brightest one.
    """
    if image.mode not in ("I", "F"):
        return None
    darkest, brightest = image.getextrema()
    return (0.0, DEEP) if kind == "PNG" else (float(darkest), float(brightest))  # type: ignore[arg-type]  # of one band


def _in_bytes(image: "PIL.Image.Image", black: float, white: float) -> "PIL.Image.Image":
    """Return a picture in greys of 8 bits."""
    scale = 255 / (white - black) if white > black else 0.0
    return image.convert("F").point(lambda grey: grey * scale - black * scale).convert("L")


def _webp_pixels(data: bytes) -> int:
    """Return how many pixels a WebP says that it has, 0 of another picture (RFC 9649, 2.5 to 2.7)."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return 0
    match data[12:16]:
        case b"VP8X":
            width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case _:
            width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    return width * height


def _saved(image: "PIL.Image.Image", page: "PIL.Image.Image") -> bytes:
    """Return a picture on a page (white, where it can be looked through) as JPEG."""
    if image.mode in ("RGBA", "LA", "PA"):
        page.paste(image, mask=image.getchannel("A"))
    else:
        page.paste(image.convert("RGB"))
    file = BytesIO()
    page.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _size(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a JPEG or PNG, None where it has none."""
    if data.startswith(_PNG):
        width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
        return (width, height) if len(data) > 24 and width and height else None
    at = 2
    while data.startswith(b"\xff\xd8") and at + 9 <= len(data) and data[at] == 0xFF:
        if data[at + 1] in _FRAMES:
            height, width = (int.from_bytes(data[at + 5 + step : at + 7 + step], "big") for step in (0, 2))
            return (width, height) if width and height else None
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return None
