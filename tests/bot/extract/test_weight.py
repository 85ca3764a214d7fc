"""The weight of a PDF: what its streams come to once they are unpacked, without unpacking more than the limit."""

import time
import zlib

import pytest

from bot.extract.weight import DEFLATE, weight

LIMIT = 4 << 20
NOTHING = bytes(LIMIT + 1)


def of(*streams: tuple[bytes, bytes]) -> bytes:
    """Return the objects of a PDF: dictionaries, and what is packed as they say."""
    objects = (
        b"%d 0 obj\n<<%s/Length %d>>\nstream\r\n%s\nendstream\nendobj\n" % (number, said, len(packed), packed)
        for number, (said, packed) in enumerate(streams, start=1)
    )
    return b"%PDF-1.7\n" + b"".join(objects)


def test_what_is_deflated_is_counted_as_it_is_unpacked() -> None:
    words = b"BT (words) Tj ET" * 5_000

    assert weight(of((b"/Filter/FlateDecode", zlib.compress(words))), LIMIT) == len(words)
    assert weight(of((b"/Filter [ /Fl ] ", zlib.compress(words)), (b"", b"plain")), LIMIT) == len(words) + 6


@pytest.mark.parametrize(
    ("said", "packed"),
    [
        (b"/Filter/FlateDecode", zlib.compress(NOTHING)),
        (b"/Filter[/FlateDecode/FlateDecode]", zlib.compress(zlib.compress(NOTHING))),
        (b"/Filter[/ASCIIHexDecode/FlateDecode]", zlib.compress(NOTHING).hex().encode()),
        (b"/Filter/Flate#44ecode", zlib.compress(NOTHING)),
        (b"/Filter 9 0 R", zlib.compress(NOTHING)),
        (b"/Note(" + b"x" * 10_000 + b")/Filter/FlateDecode", zlib.compress(NOTHING)),
        (b"/Filter/DCTDecode/Filter/FlateDecode", zlib.compress(NOTHING)),
        (b"/Filter/LZWDecode", bytes(LIMIT // 1_000)),
        (b"/#46ilter/FlateDecode", zlib.compress(NOTHING)),
        (b"/Filter/FlateDecode/X/obj", zlib.compress(NOTHING)),
    ],
)
def test_whatever_may_come_to_more_is_too_much(said: bytes, packed: bytes) -> None:
    assert weight(of((said, packed)), LIMIT) > LIMIT


@pytest.mark.parametrize("end", [b"\r", b" \n", b"\n", b"\t\r\n"])
def test_however_a_stream_begins_it_is_counted(end: bytes) -> None:
    bomb = of((b"/Filter/FlateDecode", zlib.compress(NOTHING))).replace(b"stream\r\n", b"stream" + end, 1)

    assert weight(bomb, LIMIT) > LIMIT


def test_what_a_wrong_checksum_ends_is_counted_all_the_same() -> None:
    part = bytes(LIMIT // 10)
    forged = zlib.compress(part)[:-1] + b"x"

    assert weight(of(*[(b"/Filter/FlateDecode", forged)] * 12), LIMIT) > LIMIT
    assert weight(of(*[(b"/Filter/FlateDecode", zlib.compress(part)[:-12])] * 12), LIMIT) > LIMIT


def test_many_that_are_small_add_up_and_too_many_are_not_looked_at() -> None:
    small = zlib.compress(bytes(LIMIT // 10))

    assert weight(of(*[(b"/Filter/FlateDecode", small)] * 12), LIMIT) > LIMIT
    assert weight(b"1 0 obj<<>>stream\n" * 150_000, LIMIT) > LIMIT


def test_pictures_count_as_they_lie_there() -> None:
    scan = bytes(LIMIT // 2)

    assert weight(of((b"/Subtype/Image/Filter/DCTDecode", scan)), LIMIT) == len(scan) + 1


def test_it_takes_no_longer_than_to_unpack_the_limit() -> None:
    bomb = of(*[(b"/Filter/FlateDecode", zlib.compress(bytes(LIMIT * 5)))] * 20)
    began_s = time.process_time()

    assert weight(bomb, LIMIT) <= LIMIT + DEFLATE * 1024

    assert time.process_time() - began_s < 1
