"""/image: a picture as the answer, its previews as edits of one message; also after a kill, and where it fails."""

import asyncio
import base64
import itertools
import json
import struct
import zlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from bot.app.app import App
from bot.texts.en import EN
from telegram_playground.client import Chat, Message, PlaygroundClient, User
from telegram_playground.model import Model, Raw, Refusal
from tests.crash.point import CommitPoint
from tests.thorough import chosen
from tests.walks.conftest import Hasty, press_when_done
from tests.walks.nursery import Child

pytestmark = pytest.mark.walk

T = TypeVar("T")

COMMITS = ("insert files", "update answers done", "update parts")
CALLS = (("sendPhoto", False), ("sendPhoto", True), ("editMessageReplyMarkup", True))


def png(shade: int, side: int = 8) -> bytes:
    """Return a grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes([shade] * side)) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


async def of_bot(people: PlaygroundClient, chat: Chat, ann: User) -> list[Message]:
    return [each for each in await people.messages(chat) if each.sender != ann.id]


async def until(met: Callable[[], Awaitable[T | None]]) -> T:
    """Look again and again until there is what is looked for; return it."""
    async with asyncio.timeout(60):
        while True:
            if found := await met():
                return found
            await asyncio.sleep(0.05)


async def picture(people: PlaygroundClient, chat: Chat, ann: User, *, stops: bool = False, buttons: int = 1) -> Message:
    """Wait for a picture that is whole, or `stops`: that is being made."""

    async def look() -> Message | None:
        for message in await of_bot(people, chat, ann):
            data = message.buttons[0].data or "" if message.buttons else ""
            if "photo" in message.raw and len(message.buttons) >= buttons and data.startswith("stop") is stops:
                return message
        return None

    return await until(look)


async def only(people: PlaygroundClient, chat: Chat, ann: User, count: int) -> None:
    """Wait until the bot has so many messages."""

    async def look() -> bool:
        return len(await of_bot(people, chat, ann)) == count

    await until(look)


async def test_a_picture_is_made_of_what_somebody_writes(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, quick: App
) -> None:
    model.media.picture = png(10)

    asked = await people.write(chat, ann, "/image a red fox")

    shown = await picture(people, chat, ann)
    assert model.media.drawn[0]["prompt"] == "a red fox"
    assert [button.text for button in shown.buttons] == [EN.retry_button]
    assert shown.reply_to == asked.message_id
    assert len(await of_bot(people, chat, ann)) == 1


async def test_previews_grow_in_the_one_message(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, quick: App
) -> None:
    model.media.picture, model.media.previews, model.media.hold = png(10), [png(200), png(100)], asyncio.Event()

    await people.write(chat, ann, "/image a red fox")

    growing = await picture(people, chat, ann, stops=True)
    model.media.hold.set()
    shown = await picture(people, chat, ann)
    assert shown.message_id == growing.message_id
    await people.write(chat, ann, "And?")
    await people.wait(chat, text="And", complete=True)
    await only(people, chat, ann, 2)


@pytest.mark.proof
async def test_a_picture_is_changed_under_it_and_in_reply_to_it(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, quick: App
) -> None:
    model.media.picture = png(10)
    sent = await people.send_file(chat, ann, "fox.png", png(90), kind="photo", caption="/image make it blue")
    first = await picture(people, chat, ann)
    assert first.reply_to == sent.message_id

    await people.write(chat, ann, "/image now red", reply_to=first.message_id)
    await only(people, chat, ann, 2)
    await people.send_file(chat, ann, "notes.txt", b"words", caption="/image of this")

    await people.wait(chat, text="of this", complete=True)
    blue, red = model.media.drawn
    assert (blue["prompt"], len(blue["image"])) == ("make it blue", 1)
    assert (red["prompt"], len(red["image"])) == ("now red", 1)


async def test_a_service_that_changes_none_is_told_in_one_sentence(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, quick: App
) -> None:
    model.media.picture, model.media.edits = png(10), False

    await people.send_file(chat, ann, "fox.png", png(90), kind="photo", caption="/image make it blue")

    answer = await people.wait(chat, text="⚠️", complete=True)
    assert answer.text.endswith(EN.image_unchanged.removeprefix("⚠️ "))


@pytest.mark.proof
async def test_another_version_and_back_again(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, quick: App
) -> None:
    model.media.picture = png(10)
    await people.write(chat, ann, "/image a red fox")
    first = await picture(people, chat, ann)
    model.media.picture = png(20)

    await press_when_done(people, chat, ann, first.message_id, EN.retry_button)
    shown = await picture(people, chat, ann, buttons=4)
    assert (await press_when_done(people, chat, ann, shown.message_id, "◀")) is not None

    assert len(model.media.drawn) == 2
    await people.write(chat, ann, "What did I ask for?")
    await people.wait(chat, text="What did I", complete=True)
    assert len([each for each in await of_bot(people, chat, ann) if "photo" in each.raw]) == 1
    said = [(each["role"], each["content"]) for each in model.requests[-1].messages]
    assert said[-3:-1] == [("user", "a red fox"), ("assistant", "[image]")]


async def test_it_is_stopped_by_its_button(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, quick: App
) -> None:
    model.media.picture, model.media.previews, model.media.hold = png(10), [png(200)], asyncio.Event()
    await people.write(chat, ann, "/image a red fox")
    await picture(people, chat, ann, stops=True)

    await people.write(chat, ann, "/stop")

    await people.wait(chat, text=f"^{EN.stopped}$", complete=True)
    await only(people, chat, ann, 1)


@pytest.mark.proof
@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (Refusal(200, "<html>hello</html>", media_type="text/html"), "⚠️"),
        (Refusal(200, {"data": [{"url": "http://127.0.0.1:1/secret"}]}), "not public"),
    ],
    ids=["html", "inner"],
)
async def test_a_failure_is_told_once(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, quick: App, refusal: Refusal, told: str
) -> None:
    model.media.picture, model.media.refusals = png(10), [refusal] * 9

    await people.write(chat, ann, "/image a red fox")

    failure = await people.wait(chat, text="^⚠️", complete=True)
    assert told in failure.text
    assert len(await of_bot(people, chat, ann)) == 1


async def test_where_no_service_makes_pictures_that_is_told(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, quick: App
) -> None:
    await people.write(chat, ann, "/image a red fox")

    failure = await people.wait(chat, text="^⚠️", complete=True)
    assert (failure.text, failure.buttons) == (EN.image_nobody, [])  # as before any service was asked


@pytest.mark.proof
async def test_a_picture_that_telegram_refuses_comes_as_a_file(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, hasty: Hasty
) -> None:
    model.media.picture = png(10)
    for method in ("sendPhoto", "editMessageMedia"):
        await people.fault(method, "error", code=400, description="Bad Request: PHOTO_INVALID_DIMENSIONS", times=1)
    async with hasty():
        await people.write(chat, ann, "/image a red fox")

        async def look() -> bool:
            return any("document" in each.raw for each in await of_bot(people, chat, ann))

        await until(look)


async def test_a_chat_model_that_answers_with_a_picture_is_shown_with_it(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, quick: App
) -> None:

    address = f"data:image/png;base64,{base64.b64encode(png(10)).decode()}"
    images = [{"type": "image_url", "image_url": {"url": address}}]
    chunk = {"choices": [{"index": 0, "delta": {"images": images}}]}
    model.says("fox", "Here it is:", Raw(f"data: {json.dumps(chunk)}\n\n".encode()))

    await people.write(chat, ann, "A fox, please.")

    shown = await picture(people, chat, ann)
    text, last = await of_bot(people, chat, ann)
    assert (text.text, text.buttons, last.message_id) == ("Here it is:", [], shown.message_id)


@pytest.mark.proof
async def test_it_is_one_picture_though_the_bot_dies_at_every_commit_on_its_way(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, child: Child
) -> None:
    model.media.picture = png(10)
    await people.write(chat, ann, "/image a red fox")
    for label, after in itertools.product(COMMITS, chosen((False, True), True)):
        await child.start(CommitPoint(label, 1, after))
        assert await child.ended() is not None, (label, after)
    await child.start()

    await picture(people, chat, ann)
    await people.write(chat, ann, "And?")
    await people.wait(chat, text="And", complete=True)
    await only(people, chat, ann, 2)
    assert [("photo" in each.raw) for each in await of_bot(people, chat, ann)] == [True, False]


@pytest.mark.proof
async def test_it_is_one_picture_though_the_bot_dies_at_every_call_on_its_way(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, child: Child
) -> None:
    model.media.picture = png(10)
    await people.write(chat, ann, "/image a red fox")
    for method, executed in CALLS:
        await people.fault(method, "hold", execute=executed, chat=chat.id)
        await child.start()
        await people.wait_held()
        await child.kill()
        await people.clear_faults()
    await child.start()

    await picture(people, chat, ann)
    await people.write(chat, ann, "And?")
    await people.wait(chat, text="And", complete=True)
    await only(people, chat, ann, 2)


@pytest.mark.proof
async def test_a_picture_that_grows_when_the_bot_dies_stays_the_one_message(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, child: Child
) -> None:
    model.media.picture, model.media.previews, model.media.hold = png(10), [png(200)], asyncio.Event()
    await people.write(chat, ann, "/image a red fox")
    await child.start()
    growing = await picture(people, chat, ann, stops=True)
    await people.fault("editMessageMedia", "hold", execute=False, chat=chat.id)
    model.media.hold.set()
    await people.wait_held()
    await child.kill()
    await people.clear_faults()
    await people.fault("editMessageMedia", "hold", execute=True, chat=chat.id)
    await child.start()
    await people.wait_held()
    await child.kill()
    await people.clear_faults()
    await child.start()

    shown = await picture(people, chat, ann)
    assert shown.message_id == growing.message_id
    await people.write(chat, ann, "And?")
    await people.wait(chat, text="And", complete=True)
    await only(people, chat, ann, 2)
