"""Sound: what a recording or a film is, and how long, told from its bytes, whatever it is called; pure."""

from dataclasses import dataclass

from bot.extract.found import Reason, Unread

_HEAD = 12
_OPUS_HEAD = 64  # bytes of the first page in which the codec is named
_OPUS_RATE = 48_000  # samples a second, whatever was recorded
_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Sound:
    """A format: how models are told, and the extension by which services tell it."""

    media_type: str
    extension: str


OGG = Sound("audio/ogg", "ogg")
MP3 = Sound("audio/mp3", "mp3")
WAV = Sound("audio/wav", "wav")
FLAC = Sound("audio/flac", "flac")
AIFF = Sound("audio/aiff", "aiff")
AAC = Sound("audio/aac", "aac")
M4A = Sound("audio/mp4", "m4a")
FILM = Sound("video/mp4", "mp4")
WEBM = Sound("video/webm", "webm")
ALL = {each.media_type: each for each in (OGG, MP3, WAV, FLAC, AIFF, AAC, M4A, FILM, WEBM)}


def sound_of(data: bytes, *, is_film: bool) -> Sound:
    """Return what bytes are; a film and a recording may lie in the same box. Raises Unread."""
    if not data.strip(b"\0"):
        raise Unread(Reason.EMPTY)
    if data.startswith(b"OggS"):
        return OGG
    if data.startswith(b"fLaC"):
        return FLAC
    if data.startswith(b"RIFF") and data[8:_HEAD] == b"WAVE":
        return WAV
    if data.startswith(b"FORM") and data[8:_HEAD] in (b"AIFF", b"AIFC"):
        return AIFF
    if data[4:8] == b"ftyp":
        return FILM if is_film else M4A
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return WEBM
    if data.startswith(b"ID3"):
        return MP3
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return MP3 if data[1] & 0x06 else AAC
    raise Unread(Reason.UNKNOWN)


def seconds_of(data: bytes) -> float | None:
    """Return how long a voice message is: what the last page of its OGG counts (RFC 7845, 4); None of other formats."""
    last = data.rfind(b"OggS")
    if last < 0 or b"OpusHead" not in data[:_OPUS_HEAD] or len(data) < last + 14:
        return None
    samples = int.from_bytes(data[last + 6 : last + 14], "little", signed=True)
    return samples / _OPUS_RATE if 0 < samples < _OPUS_RATE * _DAY_S else None
