"""Files up and down."""

import struct

import aiohttp

from telegram_playground.api.methods.media import MAX_DOWNLOAD_BYTES
from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.server import Playground
from tests.telegram_playground.raw_bot import TOKEN, RawBot, answer_of

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 320, 200) + b"\x08\x02\0\0\0"


async def test_a_document_goes_up_and_comes_down(raw: RawBot, playground: Playground, chat: Chat) -> None:
    form = aiohttp.FormData({"chat_id": str(chat.id), "caption": "<b>c</b>", "parse_mode": "HTML"})
    form.add_field("document", b"all of it", filename="answer.md", content_type="text/markdown")
    async with raw.session.post(f"{raw.base}/sendDocument", data=form) as response:
        message = (await answer_of(response)).result

    file = await raw("getFile", file_id=message["document"]["file_id"])
    async with raw.session.get(f"{playground.url}/file/bot{TOKEN}/{file['file_path']}") as response:
        data = await response.read()

    assert message["document"]["file_name"] == "answer.md"
    assert (message["caption"], message["caption_entities"][0]["type"]) == ("c", "bold")
    assert "text" not in message
    assert (data, file["file_size"]) == (b"all of it", 9)


async def test_a_file_can_be_attached_by_name_and_sent_again_by_id(raw: RawBot, chat: Chat) -> None:
    form = aiohttp.FormData({"chat_id": str(chat.id), "photo": "attach://picture"})
    form.add_field("picture", PNG, filename="a.png", content_type="image/png")
    async with raw.session.post(f"{raw.base}/sendPhoto", data=form) as response:
        size = (await answer_of(response)).result["photo"][-1]

    again = await raw("sendPhoto", chat_id=chat.id, photo=size["file_id"])

    assert (size["width"], size["height"]) == (320, 200)
    assert again["photo"][-1]["file_id"] == size["file_id"]


async def test_a_picture_sent_as_a_document_has_a_thumbnail_of_its_own(raw: RawBot, chat: Chat) -> None:
    form = aiohttp.FormData({"chat_id": str(chat.id)})
    form.add_field("document", PNG.replace(struct.pack(">I", 320), struct.pack(">I", 640)), filename="a.png")
    form.add_field("thumbnail", PNG, filename="b.png", content_type="image/png")
    async with raw.session.post(f"{raw.base}/sendDocument", data=form) as response:
        shown = (await answer_of(response)).result["document"]

    assert (shown["thumbnail"]["width"], shown["thumbnail"]["height"]) == (320, 100)
    file = await raw("getFile", file_id=shown["thumbnail"]["file_id"])
    assert file["file_size"] == shown["file_size"]


async def test_a_live_photo_is_a_film_and_a_picture(raw: RawBot, chat: Chat) -> None:
    form = aiohttp.FormData({"chat_id": str(chat.id), "caption": "sea"})
    form.add_field("live_photo", b"film", filename="a.mp4", content_type="video/mp4")
    form.add_field("photo", PNG, filename="a.png", content_type="image/png")
    async with raw.session.post(f"{raw.base}/sendLivePhoto", data=form) as response:
        sent = (await answer_of(response)).result

    assert sent["live_photo"]["photo"][-1]["width"] == 320
    assert (sent["video"]["file_id"], sent["caption"]) == (sent["live_photo"]["file_id"], "sea")
    assert "live_photo" in await raw.refused("sendLivePhoto", chat_id=chat.id, photo="x")
    film, still = sent["video"]["file_id"], sent["live_photo"]["photo"][0]["file_id"]
    media = {"type": "live_photo", "media": film, "photo": still}
    album = await raw("sendMediaGroup", chat_id=chat.id, media=[media, {"type": "photo", "media": still}])
    assert ["live_photo" in one for one in album] == [True, False]
    text = await raw("sendMessage", chat_id=chat.id, text="x")
    edited = await raw("editMessageMedia", chat_id=chat.id, message_id=text["message_id"], media=media)
    assert edited["live_photo"]["file_id"] == film
    covered = await raw("sendVideo", chat_id=chat.id, video=film, cover=still, start_timestamp=3)
    assert (covered["video"]["cover"][-1]["width"], covered["video"]["start_timestamp"]) == (320, 3)


async def test_a_poll_shows_pictures_and_places_and_says_more(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    photo = (await people.send_file(chat, ann, "a.png", PNG, mime="image/png")).raw["photo"][0]["file_id"]
    sent = await raw(
        "sendPoll",
        chat_id=chat.id,
        question="Where?",
        options=[{"text": "Here", "media": {"type": "location", "latitude": 1, "longitude": 2}}, "There"],
        media={"type": "photo", "media": photo},
        description="*Choose*",
        description_parse_mode="MarkdownV2",
    )

    poll = sent["poll"]
    assert poll["media"]["photo"][-1]["file_id"].startswith(photo[:8])
    assert poll["options"][0]["media"] == {"location": {"latitude": 1, "longitude": 2}}
    assert (poll["description"], poll["description_entities"][0]["type"]) == ("Choose", "bold")
    refused = await raw.refused(
        "sendPoll", chat_id=chat.id, question="?", options=["a"], media={"type": "photo", "media": "nothing"}
    )
    assert refused == "Bad Request: wrong file identifier/HTTP URL specified"


async def test_an_album_is_several_messages(raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User) -> None:
    photo = await people.send_file(chat, ann, "a.png", PNG, mime="image/png")
    media = [{"type": "photo", "media": photo.raw["photo"][0]["file_id"], "caption": text} for text in ("one", "two")]

    messages = await raw("sendMediaGroup", chat_id=chat.id, media=media)

    assert [message["caption"] for message in messages] == ["one", "two"]
    assert messages[0]["media_group_id"] == messages[1]["media_group_id"]


async def test_what_people_send_reaches_the_bot_by_its_kind(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await people.send_file(chat, ann, "a.png", PNG, mime="image/png", caption="look /here")
    await people.send_file(chat, ann, "a.webp", b"webp", mime="image/webp")
    await people.send_file(chat, ann, "a.ogg", b"ogg", mime="audio/ogg")
    await people.send_file(chat, ann, "a.zip", b"zip", mime="application/zip")

    messages = [update["message"] for update in await raw.updates()][1:]

    kinds = ["photo", "sticker", "voice", "document"]
    assert [kind for kind, message in zip(kinds, messages, strict=True) if kind in message] == kinds
    assert messages[0]["caption"] == "look /here"
    assert messages[0]["caption_entities"][0]["type"] == "bot_command"


async def test_what_cannot_be_fetched_or_sent_is_refused(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    big = await people.send_file(chat, ann, "big.bin", b"\0" * (MAX_DOWNLOAD_BYTES + 1))
    caption = {"chat_id": chat.id, "caption": "x" * 1025, "document": big.raw["document"]["file_id"]}

    assert await raw.refused("getFile", file_id=big.raw["document"]["file_id"]) == "Bad Request: file is too big"
    assert await raw.refused("getFile", file_id="nope") == "Bad Request: invalid file_id"
    assert await raw.refused("sendDocument", **caption) == "Bad Request: message caption is too long"
    assert await raw.refused("sendDocument", chat_id=chat.id) == "Bad Request: there is no document in the request"
    assert await raw.refused("sendDocument", chat_id=chat.id, document="what") == (
        "Bad Request: wrong file identifier/HTTP URL specified"
    )
