"""The page's chats: groups, forums, people, replies, edits, files."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from tests.telegram_playground.browser import picture, say
from tests.telegram_playground.raw_bot import RawBot

pytestmark = [pytest.mark.browser, pytest.mark.proof]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


async def test_a_mention_in_a_group_is_completed_and_reaches_the_bot(
    people: PlaygroundClient, bot: Bot, raw: RawBot, group: Chat, page: Page
) -> None:
    await people.bot(bot.token, can_read_all_group_messages=True)
    await page.locator(".row", has_text="Club").click()
    field = page.get_by_label("Message", exact=True)

    await field.press_sequentially("hey @te")
    await expect(page.get_by_role("option")).to_contain_text("@test_bot")
    await field.press("Enter")
    await field.press_sequentially("look")
    await field.press("Enter")

    await expect(page.locator(".own .body")).to_have_text("hey @test_bot look")
    heard = (await raw.updates(-1, timeout=30))[-1]["message"]
    assert [entity["type"] for entity in heard["entities"]] == ["mention"]


async def test_commands_are_offered_and_completed(chat: Chat, raw: RawBot, page: Page) -> None:
    commands = [{"command": "help", "description": "What it can do"}, {"command": "new", "description": "Start over"}]
    await raw("setMyCommands", commands=commands)
    field = page.get_by_label("Message", exact=True)

    await page.get_by_label("Commands").click()
    await expect(page.get_by_role("option")).to_have_count(2)
    await picture(page, "commands")
    await field.press("ArrowDown")
    await field.press("Tab")
    await expect(field).to_have_value("/new ")
    await field.fill("")
    await field.press_sequentially("/he")
    await field.press("Enter")

    await expect(page.locator(".own .body").last).to_have_text("/help")


async def test_a_topic_is_made_and_kept_apart(
    people: PlaygroundClient, bot: Bot, ann: User, raw: RawBot, page: Page
) -> None:
    await people.add_group("Forum", members=[ann], bots=[bot], forum=True)
    await page.locator(".row", has_text="Forum").click()

    await page.get_by_role("button", name="New topic").click()
    await page.get_by_label("Title").fill("Ideas")
    await page.get_by_role("button", name="Create").click()
    await expect(page.locator("#subtitle")).to_contain_text("Ideas")
    await say(page, "an idea")
    await expect(page.locator(".own .body")).to_have_text("an idea")
    await picture(page, "forum")

    heard = (await raw.updates(0, timeout=30))[-1]["message"]
    assert heard["message_thread_id"]
    await page.locator(".topics .row", has_text="General").click()
    await expect(page.locator(".own .body")).to_have_count(0)


async def test_a_group_and_a_person_are_made_by_hand(bot: Bot, page: Page, people: PlaygroundClient) -> None:
    await expect(page.get_by_label("Message", exact=True)).to_be_focused()
    await page.get_by_label("New chat").click()
    await page.get_by_role("button", name="New person").click()
    await page.get_by_label("First name").fill("Zoe")
    await page.get_by_role("button", name="Create").click()
    await page.get_by_role("tab", name="Group").click()
    await page.get_by_label("Title").fill("Friends")
    await page.get_by_role("button", name="Create").click()

    await expect(page.locator("#title")).to_have_text("Friends")
    await expect(page.locator("#subtitle")).to_have_text("3 members")


async def test_the_new_chat_knows_the_new_person_and_all_that_was_chosen_before(
    people: PlaygroundClient, bot: Bot, ann: User, bob: User, page: Page
) -> None:
    await page.get_by_label("New chat").click()
    await page.get_by_role("tab", name="Group").click()
    await page.get_by_label("Title").fill("Friends")
    await page.get_by_label("Bob").uncheck()
    await page.get_by_label("Basic group").check()

    await page.get_by_role("button", name="New person").click()
    await page.get_by_label("First name").fill("Never mind")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="New person").click()
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="New person").click()
    await page.get_by_label("First name").fill("Zoe")
    await page.get_by_role("button", name="Create").click()

    await expect(page.get_by_label("Title")).to_have_value("Friends")
    await expect(page.get_by_label("Basic group")).to_be_checked()
    for name, chosen in (("Ann", True), ("Bob", False), ("Zoe", True)):
        await expect(page.get_by_label(name, exact=True)).to_be_checked(checked=chosen)
    await page.get_by_role("tab", name="Private").click()
    await expect(page.get_by_label("Write as").last.locator("option:checked")).to_have_text("Zoe")
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await say(page, "I am Zoe")
    assert [user["first_name"] for user in (await people.command("state"))["users"]].count("Zoe") == 1


async def test_one_can_write_as_anybody(group: Chat, page: Page) -> None:
    await page.locator(".row", has_text="Club").click()
    await say(page, "I am Ann")
    await expect(page.locator(".own .body")).to_have_text("I am Ann")

    await page.get_by_label("Write as").click()
    await page.get_by_role("menuitemradio", name="Bob").click()
    await say(page, "I am Bob")

    await expect(page.locator(".own .body")).to_have_text("I am Bob")
    await expect(page.locator(".message:not(.own) .who")).to_have_text("Ann")


async def test_unread_messages_are_counted_until_the_chat_is_opened(
    people: PlaygroundClient, bot: Bot, chat: Chat, group: Chat, bob: User, page: Page
) -> None:
    await page.locator(".row", has_text="/start").click()
    row = page.locator(".row", has_text="Club")
    for text in ("one", "two"):
        await people.write(group, bob, text)
    await expect(row.locator(".badge")).to_have_text("2")
    await expect(page).to_have_title("(2) Playground")

    await row.click()

    await expect(row.locator(".badge")).to_be_hidden()
    await expect(page).to_have_title("Playground")


async def test_a_reply_carries_the_message_and_the_selected_quote(chat: Chat, raw: RawBot, page: Page) -> None:
    await raw("sendMessage", chat_id=chat.id, text="to be or not to be")
    message = page.locator(".message:not(.own)")
    await message.locator(".body").evaluate(
        "node => getSelection().setBaseAndExtent(node.firstChild, 6, node.firstChild, 12)"
    )

    await message.hover()
    await message.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Reply").click()
    await say(page, "not")

    await expect(page.locator(".own .answered").last).to_contain_text("or not")
    heard = (await raw.updates(-1, timeout=30))[-1]["message"]
    assert heard["reply_to_message"]["text"] == "to be or not to be"
    assert heard["quote"]["text"] == "or not"


async def test_arrow_up_edits_the_last_message_and_escape_cancels(chat: Chat, raw: RawBot, page: Page) -> None:
    field = page.get_by_label("Message", exact=True)
    await say(page, "helo")
    await expect(page.locator(".own .body").last).to_have_text("helo")

    await field.press("ArrowUp")
    await expect(field).to_have_value("helo")
    await field.press("Escape")
    await expect(field).to_have_value("")
    await field.press("ArrowUp")
    await say(page, "hello")

    await expect(page.locator(".own .body").last).to_have_text("hello")
    await expect(page.locator(".own .meta").last).to_contain_text("edited")
    assert (await raw.updates(-1, timeout=30))[-1]["edited_message"]["text"] == "hello"


async def test_an_own_message_is_deleted_from_its_menu(chat: Chat, page: Page) -> None:
    message = page.locator(".own")
    await message.locator(".bubble").click(button="right")

    await page.get_by_role("menuitem", name="Delete").click()

    await expect(message).to_have_count(0)


async def test_a_reaction_is_given_and_taken_back(
    people: PlaygroundClient, chat: Chat, raw: RawBot, page: Page
) -> None:
    await raw("sendMessage", chat_id=chat.id, text="Good news")
    message = page.locator(".message:not(.own)")
    await message.locator(".bubble").click(button="right")
    await page.get_by_role("menuitem", name="React with 🔥").click()
    chip = message.locator(".reaction")
    await expect(chip).to_have_text("🔥 1")

    await chip.click()

    await expect(chip).to_have_count(0)


async def test_files_go_up_and_down(chat: Chat, raw: RawBot, page: Page, tmp_path: Path) -> None:
    (tmp_path / "dot.png").write_bytes(PIXEL)
    (tmp_path / "notes.txt").write_text("hello")
    await page.set_input_files("#picker", [tmp_path / "dot.png", tmp_path / "notes.txt"])
    await say(page, "two files")

    await expect(page.locator(".own .media img")).to_have_js_property("naturalWidth", 1)
    await expect(page.get_by_text("two files").last).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="notes.txt").click()
    path = await (await download.value).path()
    assert path.read_text() == "hello"
    kinds = [update["message"].keys() & {"photo", "document"} for update in await raw.updates(0)]
    assert kinds[-2:] == [{"photo"}, {"document"}]


async def test_members_are_promoted_and_removed_in_the_details(
    people: PlaygroundClient, bot: Bot, group: Chat, page: Page
) -> None:
    await page.locator(".row", has_text="Club").click()
    await page.get_by_label("Chat details").click()
    line = page.get_by_role("dialog").locator("li", has_text="Bot 42")

    await line.get_by_role("button", name="Make an administrator").click()
    await expect(line).to_contain_text("administrator")
    await line.get_by_role("button", name="Remove").click()

    await expect(line).to_have_count(0)


async def test_a_long_name_is_shown_whole_in_the_details(people: PlaygroundClient, ann: User, page: Page) -> None:
    name = "Anastasia-Wilhelmina von und zu Hohenstein-Oberammergau"
    await people.add_group("W" * 60, members=[ann, await people.add_user(name)])
    await page.locator(".row", has_text="WWW").click()
    await page.get_by_label("Chat details").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="Remove")).to_be_visible()
    await picture(page, "details")

    for shown in (dialog.get_by_text(name), dialog.get_by_role("heading")):
        assert await shown.evaluate("node => node.scrollWidth <= node.clientWidth")
    assert await dialog.evaluate("node => node.scrollWidth <= node.clientWidth")


async def test_what_was_done_by_hand_is_saved_as_a_test(chat: Chat, raw: RawBot, page: Page) -> None:
    await raw("sendMessage", chat_id=chat.id, text="Welcome!")
    await page.get_by_role("button", name="Chat details").click()

    async with page.expect_download() as saved:
        await page.get_by_role("button", name="Save as test").click()

    download = await saved.value
    assert download.suggested_filename == "test_private.py"
    saved_text = await asyncio.to_thread(Path(await download.path()).read_text, "utf-8")
    assert "expect(chat).to_have_text('Welcome!', after=message_1)" in saved_text
