"""Files are taken as what they are: no photo that Telegram would not take, no voice message that is none."""

from io import BytesIO
from typing import Any

import aiohttp
import pytest

from telegram_playground.client import Chat, PlaygroundClient, User
from tests.telegram_playground.raw_bot import Answer, RawBot, answer_of

FILM = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
TEXT = ("a.txt", "text/plain", b"words")
MP3 = ("a.mp3", "audio/mpeg", b"ID3\4\0\0\0\0\0\0")
OGG = ("a.ogg", "audio/ogg", b"OggS\0\2")
FLAC = ("a.flac", "audio/flac", b"fLaC\0")
MP4 = ("a.mp4", "video/mp4", FILM)
WEBP = ("a.webp", "image/webp", b"RIFF\0\0\0\0WEBPVP8L")
TGS = ("a.tgs", "application/x-tgsticker", b"\x1f\x8b\x08\0")


def png(width: int, height: int, *, more: int = 0) -> tuple[str, str, bytes]:
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    return "a.png", "image/png", head + bytes(more)


async def sent(raw: RawBot, method: str, file: tuple[str, str, bytes], chat: Chat, **more: str) -> Answer:
    name, mime, data = file
    form = aiohttp.FormData({"chat_id": str(chat.id), **more})
    form.add_field(method.removeprefix("send").lower(), BytesIO(data), filename=name, content_type=mime)
    async with raw.session.post(f"{raw.base}/{method}", data=form) as response:
        return await answer_of(response)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (TEXT, "IMAGE_PROCESS_FAILED"),
        (MP4, "IMAGE_PROCESS_FAILED"),
        (("a.png", "image/png", b"\x89PNG\r\n\x1a\n"), "IMAGE_PROCESS_FAILED"),
        (png(0, 5), "IMAGE_PROCESS_FAILED"),
        (png(5001, 5000), "PHOTO_INVALID_DIMENSIONS"),
        (png(2001, 100), "PHOTO_INVALID_DIMENSIONS"),
        (
            png(10, 10, more=10 << 20),
            f"file of size {(10 << 20) + 29} bytes is too big for a photo; the maximum size is 10485760 bytes",
        ),
    ],
)
async def test_what_is_no_photo_is_refused(raw: RawBot, chat: Chat, file: tuple[str, str, bytes], said: str) -> None:
    assert (await sent(raw, "sendPhoto", file, chat)).description == f"Bad Request: {said}"


async def test_the_largest_photos_are_taken(raw: RawBot, chat: Chat) -> None:
    for file in (png(5000, 5000), png(2000, 100), png(1, 1)):
        assert "photo" in (await sent(raw, "sendPhoto", file, chat)).result


@pytest.mark.parametrize(
    ("method", "file", "shown"),
    [
        *(("sendVoice", file, "voice") for file in (OGG, MP3)),
        *(("sendVoice", file, kind) for file, kind in ((FLAC, "audio"), (TEXT, "document"))),
        *(("sendAudio", file, kind) for file, kind in ((MP3, "audio"), (FLAC, "audio"), (TEXT, "document"))),
        *(("sendVideo", file, kind) for file, kind in ((MP4, "video"), (TEXT, "document"))),
        *(("sendAnimation", file, kind) for file, kind in ((MP4, "animation"), (png(5, 5), "document"))),
        *(("sendSticker", file, kind) for file, kind in ((WEBP, "sticker"), (TGS, "sticker"), (TEXT, "document"))),
        *(("sendDocument", file, "document") for file in (TEXT, MP3, png(5, 5))),
    ],
)
async def test_a_file_of_another_kind_is_sent_as_what_it_is(
    raw: RawBot, chat: Chat, method: str, file: tuple[str, str, bytes], shown: str
) -> None:
    message: dict[str, Any] = (await sent(raw, method, file, chat)).result

    assert shown in message
    assert ("voice" in message) == (shown == "voice")


async def test_a_photo_is_not_sent_again_as_a_file_nor_the_other_way_round(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    photo = (await sent(raw, "sendPhoto", png(10, 10), chat)).result["photo"][-1]["file_id"]
    document = (await sent(raw, "sendDocument", TEXT, chat)).result["document"]["file_id"]
    of_ann = await people.send_file(chat, ann, "b.png", png(10, 10)[2], mime="image/png")

    assert await raw.refused("sendDocument", chat_id=chat.id, document=photo) == (
        "Bad Request: can't use file of type Photo as Document"
    )
    assert await raw.refused("sendPhoto", chat_id=chat.id, photo=document) == (
        "Bad Request: can't use file of type Document as Photo"
    )
    for size in of_ann.raw["photo"]:
        assert "photo" in await raw("sendPhoto", chat_id=chat.id, photo=size["file_id"])
