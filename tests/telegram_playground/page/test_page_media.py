"""Albums, voice messages, polls, invoices, ticks, and answers without a needless quotation."""

import struct
import zlib

import pytest
from playwright.async_api import Page, expect

from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.server import Playground
from tests.telegram_playground.raw_bot import RawBot

pytestmark = [pytest.mark.browser, pytest.mark.proof]

PLAYABLE = """node => new Promise((done) => {
    node.onloadedmetadata = () => done(true);
    node.onerror = () => done(false);
    node.load();
})"""


def png(width: int, height: int) -> bytes:
    """Return a grey picture."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + b"\x80" * width) * height
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


async def test_an_album_is_a_grid_of_two_columns(people: PlaygroundClient, chat: Chat, ann: User, page: Page) -> None:
    files = [(f"{side}.png", "image/png", png(side, 200)) for side in (100, 300, 200)]
    await people.upload("send_album", files, chat=chat.key, user=ann.id, caption="Three")
    tiles = page.locator(".message.tile")
    await expect(tiles).to_have_count(3)
    first, second, third = [await tile.bounding_box() for tile in await tiles.all()]

    assert first
    assert second
    assert third
    assert (first["y"], first["width"]) == (second["y"], second["width"])
    assert first["x"] + first["width"] <= second["x"] + 1
    assert third["y"] >= first["y"] + first["height"]
    assert third["width"] >= 2 * first["width"] - 1  # the last one of an odd number has its row for itself
    await people.write(chat, ann, "after")
    after = await page.locator(".message", has_text="after").bounding_box()
    assert after
    assert after["width"] > third["width"]
    await page.set_viewport_size({"width": 390, "height": 800})
    assert await page.evaluate("document.documentElement.scrollWidth") == 390


async def test_a_voice_message_is_recorded_by_keyboard(chat: Chat, playground: Playground, page: Page) -> None:
    voice = page.get_by_role("button", name="Record a voice message")
    await voice.press("Enter")
    await page.get_by_text("Recording").wait_for()
    await page.keyboard.press("Escape")
    await expect(page.locator("#recording")).to_be_hidden()
    await voice.press("Enter")
    await page.locator("#recording .figure", has_text="0:01").wait_for()
    await voice.press("Enter")
    await expect(page.locator(".message audio")).to_have_count(1)

    sent = [*playground.world.chats[chat.key].messages.values()][-1].content["voice"]
    data = next(file.data for file in [playground.world.files.get(sent["file_id"])] if file)
    assert sent["mime_type"] == "audio/ogg"
    assert data.startswith(b"OggS\x00\x02")
    assert b"OpusHead" in data[:64]
    assert 1 <= sent["duration"] <= 4
    assert await page.locator(".message audio").evaluate(PLAYABLE)


async def test_ticks_tell_whether_a_bot_has_taken_a_message(chat: Chat, raw: RawBot, page: Page) -> None:
    ticks = page.locator(".message.own .ticks")
    await expect(ticks).to_have_text("✓")
    await expect(page.get_by_role("img", name="sent; no bot has taken it")).to_have_count(1)

    updates = await raw.updates()
    await expect(ticks).to_have_text("✓")  # given, but not confirmed
    await raw.updates(updates[-1]["update_id"] + 1)

    await expect(ticks).to_have_text("✓✓")
    await page.reload()
    await expect(ticks).to_have_text("✓✓")


async def test_an_answer_to_what_stands_directly_above_has_a_sign_instead_of_a_quotation(
    people: PlaygroundClient, chat: Chat, ann: User, raw: RawBot, page: Page
) -> None:
    question = await people.write(chat, ann, "Why?")
    reply = {"chat_id": chat.id, "reply_parameters": {"message_id": question.message_id}}
    await raw("sendMessage", text="Because.", **reply)
    await raw("sendMessage", text="And because.", **reply)
    quotations = page.locator(".answered")
    await expect(quotations).to_have_count(2)

    await expect(quotations.first).to_be_hidden()
    await expect(quotations.last).to_be_visible()  # it answers what is not directly above
    await page.get_by_role("button", name="Chat details").click()
    await page.get_by_role("switch", name="Quote the message directly above").check()
    await page.keyboard.press("Escape")

    await expect(quotations.first).to_be_visible()
    await page.reload()
    await expect(quotations.first).to_be_visible()


async def test_people_vote_and_pay_in_the_page(chat: Chat, raw: RawBot, page: Page) -> None:
    await raw("sendPoll", chat_id=chat.id, question="Tea?", options=[{"text": "Yes"}, {"text": "No"}])
    yes = page.get_by_role("button", name="Yes 0 %")
    await yes.press("Enter")
    await expect(page.get_by_role("button", name="Yes 100 %")).to_have_attribute("aria-pressed", "true")
    prices = [{"label": "Tea", "amount": 3}]
    await raw(
        "sendInvoice", chat_id=chat.id, title="Tea", description="Hot", payload="t", currency="XTR", prices=prices
    )
    await expect(page.get_by_text("3 ⭐", exact=True)).to_be_visible()

    await page.locator(".key", has_text="Pay").press("Enter")
    offset, paid = 0, False
    while not paid:
        for update in await raw.updates(offset, timeout=30):
            offset = update["update_id"] + 1
            if "pre_checkout_query" in update:
                await raw("answerPreCheckoutQuery", pre_checkout_query_id=update["pre_checkout_query"]["id"], ok=True)
            paid = "successful_payment" in update.get("message", {})


async def test_a_key_that_asks_for_the_contact_sends_it(chat: Chat, raw: RawBot, page: Page) -> None:
    keys = [[{"text": "My number", "request_contact": True}, {"text": "My place", "request_location": True}]]
    await raw("sendMessage", chat_id=chat.id, text="Who?", reply_markup={"keyboard": keys})
    await page.get_by_role("button", name="My number").press("Enter")
    await page.get_by_role("button", name="My place").press("Enter")
    await expect(page.locator(".message.own")).to_have_count(3)

    contents = [update["message"] for update in await raw.updates()][-2:]
    assert [next(name for name in ("contact", "location") if name in one) for one in contents] == [
        "contact",
        "location",
    ]
