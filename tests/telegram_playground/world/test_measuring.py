"""Sizes and lengths are read from the first bytes of a file; what is no such file, or half of one, has none."""

import struct

import pytest

from telegram_playground.world.measuring import dimensions, seconds


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def film(width: int, height: int, milliseconds: int) -> bytes:
    head = struct.pack(">IIIII", 0, 0, 0, 1000, milliseconds) + bytes(80)
    seen = (
        struct.pack(">IIIIII", 7, 0, 0, 1, 0, milliseconds) + bytes(52) + struct.pack(">II", width << 16, height << 16)
    )
    heard = struct.pack(">IIIIII", 7, 0, 0, 2, 0, milliseconds) + bytes(60)
    tracks = [box(b"trak", box(b"tkhd", track)) for track in (heard, seen)]
    return box(b"ftyp", b"isom", bytes(4)) + box(b"mdat", b"x" * 50) + box(b"moov", box(b"mvhd", head), *tracks)


PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)
GIF = b"GIF89a" + struct.pack("<HH", 320, 180)
JPEG = b"\xff\xd8\xff\xe0\0\4ab\xff\xc0\0\x0b\x08" + struct.pack(">HH", 48, 64) + bytes(4)
SHARP = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 511 | 499 << 14)
SOFT = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0abc\x9d\x01\x2a" + struct.pack("<HH", 512, 400)
MOVING = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0" + (511).to_bytes(3, "little") + (99).to_bytes(3, "little")


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (PNG, (640, 480)),
        (GIF, (320, 180)),
        (JPEG, (64, 48)),
        (SHARP, (512, 500)),
        (SOFT, (512, 400)),
        (MOVING, (512, 100)),
        (film(360, 640, 4200), (360, 640)),
    ],
)
def test_pictures_and_films_have_a_size_and_their_beginnings_do_no_harm(data: bytes, size: tuple[int, int]) -> None:
    assert dimensions(data) == size
    for end in range(len(data)):
        dimensions(data[:end])
        seconds(data[:end])


def test_a_film_lasts_as_long_as_it_says() -> None:
    assert seconds(film(1, 1, 4200)) == 5
    assert seconds(film(1, 1, 0)) == 1
    assert seconds(b"\0\0\0\x08ftyp" + b"\0\0\0\0moov" * 10) is None
    assert (seconds(b"text"), dimensions(b"text")) == (None, None)
