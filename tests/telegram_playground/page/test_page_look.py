"""The page at every width, in two colours, two languages, with very long chats, and for those who cannot see it."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.server import Playground
from tests.telegram_playground.browser import PHONE, Open, picture, say
from tests.telegram_playground.raw_bot import RawBot

pytestmark = [pytest.mark.browser, pytest.mark.proof]
AXE = Path(__file__).parents[1] / "node_modules/axe-core/axe.min.js"
GIF = b"GIF89a\1\0\1\0\0\0\0;"
WIDE = """() => [...document.querySelectorAll("body, #scroller, #chats, #pane")]
    .filter((node) => node.scrollWidth > node.clientWidth).map((node) => node.id)"""


async def test_nothing_scrolls_sideways_on_a_phone(
    people: PlaygroundClient, chat: Chat, raw: RawBot, open_page: Open
) -> None:
    page = await open_page(size=PHONE, touch=True)
    await raw(
        "sendMessage",
        chat_id=chat.id,
        text="w" * 300,
        reply_markup={"inline_keyboard": [[{"text": "k" * 60, "callback_data": "x"}] * 3]},
    )
    code = {"type": "pre", "offset": 0, "length": 200, "language": "long" * 30}
    await raw("sendMessage", chat_id=chat.id, text="c" * 200, entities=[code])
    table = "|" + "|".join(["wide cell"] * 12) + "|\n" + "|" + "---|" * 12 + "\n"
    await raw("sendRichMessage", chat_id=chat.id, rich_message={"markdown": table})
    await expect(page.locator(".message:not(.own)")).to_have_count(3)
    await picture(page, "phone")
    assert await page.evaluate(WIDE) == []

    await page.get_by_role("button", name="Looking glass").click()
    for tab in ("Calls", "Limits", "Trouble"):
        await page.get_by_role("tab", name=tab).click()
        assert await page.evaluate(WIDE) == []
    await page.locator("#unlook").click()
    await page.get_by_label("Back to the chats").click()
    await picture(page, "phone-list")
    assert await page.evaluate(WIDE) == []


async def test_on_a_phone_one_goes_from_the_list_to_a_chat_and_back(group: Chat, open_page: Open) -> None:
    page = await open_page(size=PHONE, touch=True)
    await expect(page.get_by_label("Message", exact=True)).to_be_visible()

    await page.get_by_label("Back to the chats").click()
    await expect(page.get_by_label("Message", exact=True)).to_be_hidden()
    await page.locator(".row", has_text="Club").click()

    await expect(page.locator("#title")).to_have_text("Club")
    await expect(page.locator(".row").first).to_be_hidden()


async def test_dark_follows_the_system_and_the_switch_stays_after_a_reload(bot: Bot, open_page: Open) -> None:
    page = await open_page(dark=True)
    side = page.locator(".side")
    await expect(side).to_have_css("background-color", "rgb(23, 26, 33)")
    await picture(page, "dark")

    await page.get_by_label("Dark or light").click()
    await expect(side).to_have_css("background-color", "rgb(255, 255, 255)")
    await page.reload()

    await expect(side).to_have_css("background-color", "rgb(255, 255, 255)")


async def test_the_page_speaks_the_readers_language_and_can_be_switched(bot: Bot, raw: RawBot, open_page: Open) -> None:
    page = await open_page(locale="ru-RU")
    await expect(page.get_by_placeholder("Сообщение")).to_be_focused()
    await expect(page.locator("html")).to_have_attribute("lang", "ru")
    await say_in_russian(page, "привет")
    assert (await raw.updates(-1, timeout=30))[-1]["message"]["from"]["language_code"] == "ru"

    await page.get_by_label("EN, English").click()

    await expect(page.get_by_placeholder("Message")).to_be_focused()
    await expect(page.get_by_text("Today")).to_be_visible()
    await say(page, "hello")
    assert (await raw.updates(-1, timeout=30))[-1]["message"]["from"]["language_code"] == "en"


async def test_who_speaks_a_third_language_keeps_it(
    people: PlaygroundClient, bot: Bot, raw: RawBot, open_page: Open
) -> None:
    await people.private(await people.add_user("Uwe", language="de"), bot)
    page = await open_page(locale="ru-RU")
    await page.get_by_label("EN, English").click()
    await say(page, "hallo")
    assert (await raw.updates(-1, timeout=30))[-1]["message"]["from"]["language_code"] == "de"


async def test_a_key_of_one_sign_has_a_name_and_a_long_one_stays_on_its_line(
    chat: Chat, raw: RawBot, page: Page
) -> None:
    keys = [[{"text": "🔄", "callback_data": "r"}], [{"text": "✗ Запретить " * 9, "callback_data": "x"}] * 2]
    await raw("sendMessage", chat_id=chat.id, text="Choose", reply_markup={"inline_keyboard": keys})

    again = page.get_by_role("button", name="Again")
    await expect(again).to_have_text("🔄")
    one = await again.bounding_box()
    long = await page.locator(".key").last.bounding_box()
    assert one
    assert long
    assert long["height"] == pytest.approx(one["height"], abs=3)


async def say_in_russian(page: Page, text: str) -> None:
    field = page.get_by_label("Сообщение", exact=True)
    await field.fill(text)
    await field.press("Enter")


async def test_a_chat_of_10000_messages_opens_at_its_end_and_keeps_few_of_them_in_the_page(
    playground: Playground, bot: Bot, ann: User, chat: Chat, open_page: Open
) -> None:
    world = playground.world
    for number in range(10_000):
        world.post(
            world.chats[chat.key], world.bots[bot.id].user, {"text": f"message {number} " + "word " * (number % 30)}
        )

    page = await open_page()
    await expect(page.locator(".body", has_text="message 9999")).to_be_in_viewport()
    await page.mouse.move(700, 400)
    older = page.locator(".body", has_text=re.compile(r"message 9[0-4]\d\d "))
    while not await older.count():
        await page.mouse.wheel(0, -4000)
    assert await page.locator(".message").count() <= 300

    world.post(world.chats[chat.key], world.bots[bot.id].user, {"text": "the newest"})
    await expect(page.locator("#below")).to_have_text("1")
    await page.get_by_label("To the newest message").click()
    await expect(page.locator(".body", has_text="the newest")).to_be_in_viewport()
    assert await page.locator(".message").count() <= 300


async def test_a_new_message_is_read_aloud_once_it_stopped_growing(chat: Chat, raw: RawBot, page: Page) -> None:
    await expect(page.locator(".message", has_text="/start")).to_be_visible()  # else it may be no new one
    sent = await raw("sendMessage", chat_id=chat.id, text="One")
    await raw("editMessageText", chat_id=chat.id, message_id=sent["message_id"], text="One two")

    await expect(page.locator("[aria-live=polite]")).to_have_text("Bot 42: One two")


async def test_every_control_has_a_name(chat: Chat, raw: RawBot, page: Page) -> None:
    await raw("sendMessage", chat_id=chat.id, text="Hello")
    await page.get_by_role("button", name="Looking glass").click()
    for tab in ("Calls", "Limits", "Trouble"):
        await page.get_by_role("tab", name=tab).click()

        for role in ("button", "textbox", "checkbox", "switch", "combobox", "slider", "searchbox", "spinbutton"):
            for control in await page.get_by_role(role).all():
                await expect(control).to_have_accessible_name(re.compile(r"\S"))


STUCK = """() => [...document.querySelectorAll(".app *, dialog *")].filter((node) => {
    const next = node.nextSibling, words = (one) => one.textContent.trim();
    const flows = node.closest(".body, select, datalist, svg, .day, .tabs, ul, ol, .actions") === node.parentElement;
    return next?.nodeType === 1 && next.tagName !== "SELECT" && words(node) && words(next)
        && !node.closest(".body, select, datalist")
        && ["SPAN", "B", "TIME", "OUTPUT"].includes(node.tagName) && !flows;
}).map((node) => `${node.textContent}|${node.nextSibling.textContent}`)"""


async def test_no_two_labels_are_read_as_one_word(
    people: PlaygroundClient, chat: Chat, group: Chat, ann: User, raw: RawBot, open_page: Open
) -> None:
    written = await people.write(group, ann, "hello")
    await raw("setMyCommands", commands=[{"command": "help", "description": "What it can do"}])
    sent = await raw("sendMessage", chat_id=group.id, text="Hi", reply_parameters={"message_id": written.message_id})
    await people.react(group, ann, sent["message_id"], "🔥")
    await raw("editMessageText", chat_id=group.id, message_id=sent["message_id"], text="Hi there")
    await people.fault("sendMessage", "500", times=1)
    page = await open_page()
    await page.locator(".row", has_text="Club").click()
    await page.get_by_label("Message", exact=True).fill("/")
    await page.get_by_role("option").first.wait_for()
    assert await page.evaluate(STUCK) == []

    await page.get_by_role("button", name="Looking glass").click()
    for tab in ("Calls", "Limits", "Trouble"):
        await page.get_by_role("tab", name=tab).click()
        assert await page.evaluate(STUCK) == []
    for button in ("Chat details", "New chat"):
        await page.get_by_role("button", name=button).click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await page.evaluate(STUCK) == []
        await page.keyboard.press("Escape")


async def test_the_keyboard_alone_is_enough(chat: Chat, raw: RawBot, page: Page) -> None:
    await raw("sendMessage", chat_id=chat.id, text="Hello")
    message = page.locator(".message:not(.own)")
    await expect(page.get_by_label("Message", exact=True)).to_be_focused()

    await message.get_by_role("button", name="More").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="React with 👍")).to_be_focused()
    for _ in range(6):
        await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("menuitem", name="Reply")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Message", exact=True)).to_be_focused()
    await page.keyboard.press("Escape")

    await expect(page.locator("#context")).to_be_hidden()


SERIOUS = """async () => {
    const ends = (animation) => animation.effect.getComputedTiming().iterations !== Infinity;
    await Promise.allSettled(document.getAnimations().filter(ends).map(({ finished }) => finished));
    const { violations } = await axe.run();
    const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
    return serious.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);
}"""


async def show_everything(raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User) -> None:
    """Put one of each kind of message into the chat."""
    here = {"latitude": 1, "longitude": 2}
    files = [("a.gif", "image/gif", GIF)] * 2
    await people.upload("send_album", files, chat=chat.key, user=ann.id, kind="photo")
    for name, mime in (
        ("a.ogg", "audio/ogg"),
        ("a.mp3", "audio/mpeg"),
        ("a.mp4", "video/mp4"),
        ("a.txt", "text/plain"),
    ):
        await people.send_file(chat, ann, name, b"x", mime=mime)
    await people.send_file(chat, ann, "a.webp", GIF, mime="image/webp")
    await raw("sendLocation", chat_id=chat.id, **here)
    await raw("sendVenue", chat_id=chat.id, title="Cafe", address="Street 1", **here)
    await raw("sendContact", chat_id=chat.id, phone_number="+1", first_name="Bob")
    await raw("sendDice", chat_id=chat.id)
    media = {"type": "location", **here}
    await raw("sendPoll", chat_id=chat.id, question="Where?", options=["Here"], media=media, description="Choose")
    await raw("sendRichMessage", chat_id=chat.id, rich_message={"markdown": "# Head\n\n| a | b |\n|--|--|\n| 1 | 2 |"})
    keys = [[{"text": "Data", "callback_data": "x"}, {"text": "Address", "url": "https://example.org"}]]
    await raw("sendMessage", chat_id=chat.id, text="keys", reply_markup={"inline_keyboard": keys})
    await raw("sendMessage", chat_id=chat.id, text="keys", reply_markup={"keyboard": [["One", "Two"]]})


@pytest.mark.parametrize("dark", [False, True])
async def test_axe_finds_no_serious_violation(
    dark: bool, chat: Chat, raw: RawBot, open_page: Open, people: PlaygroundClient, ann: User
) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci --ignore-scripts --prefix tests/telegram_playground")
    page = await open_page(dark=dark)
    text = "See https://example.org and the secret"
    await raw("sendMessage", chat_id=chat.id, text=text, entities=[{"type": "spoiler", "offset": 32, "length": 6}])
    await raw("sendPoll", chat_id=chat.id, question="Tea?", options=[{"text": "Yes"}, {"text": "No"}])
    prices = [{"label": "Tea", "amount": 3}]
    await raw("sendInvoice", chat_id=chat.id, title="Tea", description="-", payload="t", currency="XTR", prices=prices)
    await show_everything(raw, people, chat, ann)
    await say(page, "hello")
    await page.get_by_role("button", name="Record a voice message").click()
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    await page.keyboard.press("Control+f")
    await page.keyboard.type("secret")
    await page.get_by_text("1 / 1").wait_for()
    await page.get_by_role("button", name="Looking glass").click()

    for tab in ("Calls", "Limits", "Trouble"):
        await page.get_by_role("tab", name=tab).click()
        assert await page.evaluate(SERIOUS) == []
    await page.locator(".message:not(.own)").first.get_by_role("button", name="More").focus()
    await page.keyboard.press("Enter")
    assert await page.evaluate(SERIOUS) == []
    await page.get_by_role("menuitem", name="Forward").press("Enter")
    assert await page.evaluate(SERIOUS) == []
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Chat details").press("Enter")
    assert await page.evaluate(SERIOUS) == []


@pytest.mark.parametrize("dark", [False, True])
async def test_axe_finds_no_serious_violation_before_there_is_a_bot(dark: bool, open_page: Open) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci --ignore-scripts --prefix tests/telegram_playground")
    page = await open_page(dark=dark)
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    await page.get_by_role("tab", name="grammY").wait_for()

    assert await page.evaluate(SERIOUS) == []


async def test_a_window_that_changes_its_size_stays_at_the_newest_message(chat: Chat, raw: RawBot, page: Page) -> None:
    for number in range(12):
        await raw("sendMessage", chat_id=chat.id, text=f"{number} " + "word " * 60)
    newest = page.locator(".body", has_text="11 word")
    await expect(newest).to_be_in_viewport()

    for width, height in ((800, 500), (1280, 800), (390, 700), (1280, 400), (1280, 900)):
        await page.set_viewport_size({"width": width, "height": height})
        await expect(page.get_by_label("To the newest message")).to_be_hidden()
        await expect(newest).to_be_in_viewport()


async def test_on_a_phone_messages_use_the_width(chat: Chat, raw: RawBot, open_page: Open) -> None:
    page = await open_page(size=PHONE, touch=True)
    await raw("sendMessage", chat_id=chat.id, text="word " * 60)

    await expect(page.locator("#messages")).to_have_css("padding-left", "8px")
    await expect(page.locator(".message:not(.own) .tools")).to_be_hidden()
