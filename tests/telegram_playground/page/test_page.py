"""The page: how it finds its bot, how an answer grows, what buttons do."""

import itertools
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from telegram_playground.client import Bot, Chat, PlaygroundClient
from telegram_playground.server import Playground
from tests.telegram_playground.browser import DESKTOP, PHONE, Open, picture, say
from tests.telegram_playground.raw_bot import TOKEN, RawBot

pytestmark = pytest.mark.browser
STOP = {"inline_keyboard": [[{"text": "Stop", "callback_data": "stop"}]]}


async def hear(raw: RawBot, kind: str = "message") -> Any:
    """Return the last update of a kind, or the next one if there is none yet."""
    offset = -1
    while True:
        update = (await raw.updates(offset, timeout=30))[-1]
        offset = update["update_id"] + 1
        if kind in update:
            await raw.updates(offset)
            return update[kind]


async def test_without_a_bot_the_page_says_how_to_connect_one_and_goes_on_when_it_comes(
    page: Page, playground: Playground, people: PlaygroundClient
) -> None:
    await page.get_by_role("tab", name="Deltagram").click()
    await expect(page.get_by_text(f"TELEGRAM_API_URL={playground.url}")).to_be_visible()
    await picture(page, "no-bot")

    await people.bot(TOKEN, first_name="Delta")

    await expect(page.get_by_role("heading", name="Delta").first).to_be_visible()
    await expect(page.get_by_label("Message", exact=True)).to_be_focused()


async def test_it_opens_in_a_private_chat_where_enter_sends(bot: Bot, raw: RawBot, page: Page) -> None:
    field = page.get_by_label("Message", exact=True)
    await expect(field).to_be_focused()

    await page.keyboard.type("first line")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("second line")
    await page.keyboard.press("Enter")

    heard = await hear(raw)
    assert heard["text"] == "first line\nsecond line"
    assert heard["from"]["first_name"] == "You"
    await expect(page.locator(".own .body")).to_have_text("first line\nsecond line")
    await expect(field).to_have_value("")


async def test_an_empty_chat_offers_what_any_bot_knows_and_the_commands_of_this_one(
    bot: Bot, raw: RawBot, page: Page
) -> None:
    chips = page.locator("#welcome .chip")
    await expect(chips).to_have_text(["/start"])

    commands = [{"command": name, "description": name} for name in ("help", "start", "new", "model", "provider")]
    await raw("setMyCommands", commands=commands)

    await expect(chips).to_have_text(["/start", "/help", "/new", "/model"])
    await chips.nth(1).click()
    assert (await hear(raw))["text"] == "/help"


async def test_an_answer_grows_in_one_message_until_stop_is_pressed(bot: Bot, raw: RawBot, page: Page) -> None:
    await say(page, "tell me")
    chat_id = (await hear(raw))["chat"]["id"]
    body = page.locator(".message:not(.own) .body")

    await raw("sendChatAction", chat_id=chat_id, action="typing")
    await expect(page.get_by_text("typing…").first).to_be_visible()
    sent = await raw("sendMessage", chat_id=chat_id, text="One", reply_markup=STOP)
    await expect(body).to_have_text("One")
    await expect(page.get_by_text("typing…")).to_have_count(0)
    for text in ("One, two", "One, two, three", "One, two, three, four"):
        await raw("editMessageText", chat_id=chat_id, message_id=sent["message_id"], text=text, reply_markup=STOP)
        await expect(body).to_have_text(text)
    await expect(page.locator(".message")).to_have_count(2)
    await expect(page.locator(".message:not(.own) .meta")).to_contain_text("edited")
    await picture(page, "growing")
    await page.get_by_role("button", name="Stop").click()

    pressed = await hear(raw, "callback_query")
    assert pressed["data"] == "stop"
    await raw("answerCallbackQuery", callback_query_id=pressed["id"])
    await raw("editMessageReplyMarkup", chat_id=chat_id, message_id=sent["message_id"])
    await expect(page.get_by_role("button", name="Stop")).to_have_count(0)


async def test_an_edit_keeps_the_stop_button_that_is_being_pressed(chat: Chat, raw: RawBot, page: Page) -> None:
    sent = await raw("sendMessage", chat_id=chat.id, text="One", reply_markup=STOP)
    await page.get_by_role("button", name="Stop").hover()
    await page.mouse.down()

    await raw("editMessageText", chat_id=chat.id, message_id=sent["message_id"], text="One two", reply_markup=STOP)
    await expect(page.locator(".message:not(.own) .body")).to_have_text("One two")
    await page.mouse.up()

    assert (await hear(raw, "callback_query"))["data"] == "stop"


async def test_a_pressed_button_shows_its_answer_as_a_toast_or_an_alert(chat: Chat, raw: RawBot, page: Page) -> None:
    keys = [[{"text": "Quiet", "callback_data": "q"}, {"text": "Loud", "callback_data": "l"}]]
    await raw("sendMessage", chat_id=chat.id, text="Choose", reply_markup={"inline_keyboard": keys})

    await page.get_by_role("button", name="Quiet").click()
    await expect(page.locator(".key.busy")).to_have_text("Quiet")
    await raw("answerCallbackQuery", callback_query_id=(await hear(raw, "callback_query"))["id"], text="Done it")
    await expect(page.get_by_role("status").get_by_text("Done it")).to_be_visible()
    await expect(page.locator(".key.busy")).to_have_count(0)

    await page.get_by_role("button", name="Loud").click()
    query = await hear(raw, "callback_query")
    await raw("answerCallbackQuery", callback_query_id=query["id"], text="Look here", show_alert=True)
    await expect(page.get_by_role("dialog")).to_contain_text("Look here")
    await page.get_by_role("button", name="OK", exact=True).click()
    await expect(page.get_by_role("dialog")).to_have_count(0)


AT_END = """() => {
    const { scrollHeight, scrollTop, clientHeight } = document.getElementById("scroller");
    return scrollHeight - scrollTop - clientHeight < 1;
}"""
WIDTHS = """node => [".bubble", ".keyboard"].map((name) => node.querySelector(name).getBoundingClientRect())
    .map(({ left, right }) => [left, right])"""


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
async def test_a_message_and_its_keyboard_have_one_width_that_is_no_more_than_they_need(
    chat: Chat, raw: RawBot, open_page: Open, size: tuple[int, int]
) -> None:
    texts = ["4", "Well, this one is longer than its keys, so they are made as wide as it is."]
    for text, labels in itertools.product(texts, (["🔄"], ["A key with a long label of its own", "B"])):
        keys = [[{"text": label, "callback_data": label}] for label in labels]
        await raw("sendMessage", chat_id=chat.id, text=text, reply_markup={"inline_keyboard": keys})
    page = await open_page(size=size)
    shown = page.locator(".message:not(.own)")
    await expect(shown).to_have_count(4)

    widths = [await shown.nth(number).evaluate(WIDTHS) for number in range(4)]

    assert all(bubble == keyboard for bubble, keyboard in widths)
    (left, right), _ = widths[0]
    assert right - left < 100


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
async def test_a_toast_covers_no_words_and_moves_none_that_are_read(
    chat: Chat, raw: RawBot, open_page: Open, size: tuple[int, int]
) -> None:
    for number in range(30):
        await raw("sendMessage", chat_id=chat.id, text=f"line {number}")
    await raw("sendMessage", chat_id=chat.id, text="Choose", reply_markup=STOP)
    for number in range(5):
        await raw("sendMessage", chat_id=chat.id, text=f"after {number}")
    page = await open_page(size=size)
    key, read = page.get_by_role("button", name="Stop"), page.get_by_text("line 25", exact=True)

    await page.wait_for_function(AT_END)
    for scrolled in (0, -100):
        await page.locator("#scroller").evaluate("(node, by) => { node.scrollTop += by; }", scrolled)
        await expect(key).to_be_in_viewport()
        before = await read.bounding_box()
        await key.click()
        query = await hear(raw, "callback_query")
        await raw("answerCallbackQuery", callback_query_id=query["id"], text="Done it")
        toast = page.locator(".toast", has_text="Done it").last
        await toast.wait_for()

        after = await read.bounding_box()
        assert before
        assert after
        assert abs(after["y"] - before["y"]) < 1
        shown, room = await toast.bounding_box(), await page.locator("#scroller").bounding_box()
        assert shown
        assert room
        assert shown["y"] + shown["height"] <= room["y"]
        await expect(toast).to_have_count(0)


async def test_what_failed_in_a_dialog_is_said_in_it(bot: Bot, page: Page, people: PlaygroundClient) -> None:
    await people.add_user("Ann", username="anna")
    await page.get_by_label("New chat").click()
    await page.get_by_role("button", name="New person").click()
    await page.get_by_label("First name").fill("Zoe")
    await page.get_by_label("Username").fill("anna")

    await page.get_by_role("button", name="Create").click()

    await expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("anna")
    await expect(page.get_by_label("First name")).to_have_value("Zoe")


async def test_a_press_that_the_bot_never_answers_is_told(
    people: PlaygroundClient, chat: Chat, raw: RawBot, page: Page
) -> None:
    await people.set(callback_expiry_s=0.1)
    await raw("sendMessage", chat_id=chat.id, text="Choose", reply_markup=STOP)

    await page.get_by_role("button", name="Stop").click()

    await expect(page.get_by_text("did not answer the button in time")).to_be_visible()


async def test_a_reload_keeps_the_chats_and_what_was_open(
    people: PlaygroundClient, bot: Bot, chat: Chat, group: Chat, page: Page
) -> None:
    await page.locator(".row", has_text="Club").click()
    await expect(page.locator("#title")).to_have_text("Club")

    await page.reload()

    await expect(page.locator("#title")).to_have_text("Club")
    await page.locator(".row", has_text="/start").click()
    await expect(page.locator(".own .body")).to_have_text("/start")


async def test_a_server_that_was_started_again_is_found_again(bot: Bot, page: Page, playground: Playground) -> None:
    await expect(page.get_by_label("Message", exact=True)).to_be_focused()

    await playground.close()
    await expect(page.get_by_text("Connection lost")).to_be_visible()
    async with Playground(port=urlsplit(playground.url).port or 0):
        await expect(page.get_by_text("No bot yet")).to_be_visible()

        await expect(page.get_by_text("Connection lost")).to_have_count(0)


async def test_deleted_messages_vanish(people: PlaygroundClient, chat: Chat, raw: RawBot, page: Page) -> None:
    sent = await raw("sendMessage", chat_id=chat.id, text="Read fast")
    await expect(page.get_by_text("Read fast").first).to_be_visible()

    await raw("deleteMessage", chat_id=chat.id, message_id=sent["message_id"])

    await expect(page.get_by_text("Read fast")).to_have_count(0)


async def test_a_message_that_grows_stays_in_sight_unless_the_reader_scrolled_up(
    chat: Chat, raw: RawBot, page: Page
) -> None:
    sent = await raw("sendMessage", chat_id=chat.id, text="line\n" * 60 + "end 1")
    await expect(page.get_by_text("end 1")).to_be_in_viewport()

    await raw("editMessageText", chat_id=chat.id, message_id=sent["message_id"], text="line\n" * 90 + "end 2")
    await expect(page.get_by_text("end 2")).to_be_in_viewport()

    await page.mouse.move(700, 400)
    await page.mouse.wheel(0, -600)
    await expect(page.get_by_label("To the newest message")).to_be_visible()
    top = await page.locator("#scroller").evaluate("node => node.scrollTop")
    await raw("editMessageText", chat_id=chat.id, message_id=sent["message_id"], text="line\n" * 120 + "end 3")
    await expect(page.locator(".message:not(.own) .body")).to_contain_text("end 3")
    assert await page.locator("#scroller").evaluate("node => node.scrollTop") == top

    await page.get_by_label("To the newest message").click()
    await expect(page.get_by_text("end 3")).to_be_in_viewport()


async def test_a_draft_thinks_grows_can_be_stopped_and_gives_way_to_the_message(
    chat: Chat, raw: RawBot, page: Page
) -> None:
    draft = page.locator(".draft .body")
    await raw("sendMessageDraft", chat_id=chat.id, draft_id=7, text="", can_stop=True)
    await expect(draft).to_have_text("Thinking…")
    for text in ("One", "One two"):
        await raw("sendMessageDraft", chat_id=chat.id, draft_id=7, text=text, can_stop=True, keep_on_stop=True)
        await expect(draft).to_have_text(text)

    await page.get_by_role("button", name="Stop").click()
    assert (await hear(raw, "stopped_message_generation"))["draft_id"] == 7
    await raw("sendMessage", chat_id=chat.id, text="One two.")

    await expect(draft).to_have_count(0)
    await expect(page.locator(".message:not(.own) .body")).to_have_text("One two.")
