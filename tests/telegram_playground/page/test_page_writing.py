"""What the page offers beside plain words: formatting, search, forwarding, albums, chats by keys, how to connect."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.server import Playground
from tests.telegram_playground.browser import module, picture, say
from tests.telegram_playground.page.test_page_chats import PIXEL
from tests.telegram_playground.raw_bot import RawBot

pytestmark = [pytest.mark.browser, pytest.mark.proof]


MARKED: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "**bold** and __italic__": ("bold and italic", [("bold", "bold"), ("italic", "italic")]),
    "**all __of__ it**": ("all of it", [("bold", "all of it"), ("italic", "of")]),
    "**__both__**": ("both", [("bold", "both"), ("italic", "both")]),
    "**one\ntwo**, ||three||": ("one\ntwo, three", [("bold", "one\ntwo"), ("spoiler", "three")]),
    "`a **b**`": ("a **b**", [("code", "a **b**")]),
    "```python\nx = `1`\n```": ("x = `1`", [("pre", "x = `1`")]),
    "```x```": ("x", [("pre", "x")]),
    "2**3 and 4**5": ("2**3 and 4**5", []),
    "see x.__init__.y and __init__.py": ("see x.__init__.y and __init__.py", []),
    "a || b || c": ("a || b || c", []),
    "**** `` ```": ("**** `` ```", []),
    "if a ** b: c **": ("if a ** b: c **", []),
    "**дело**, **ещё**!": ("дело, ещё!", [("bold", "дело"), ("bold", "ещё")]),
}
REWRITTEN = {"```x```": "```\nx\n```"}


def found(message: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the kinds and words of a message's entities; its text has no signs beyond the basic plane."""
    text = message.get("text") or message["caption"]
    entities = message.get("entities") or message["caption_entities"]
    return [(each["type"], text[each["offset"] : each["offset"] + each["length"]]) for each in entities]


async def test_keys_format_the_selected_words_which_come_back_to_be_edited(
    chat: Chat, raw: RawBot, page: Page, tmp_path: Path
) -> None:
    field = page.get_by_label("Message", exact=True)
    await field.fill("one two three")
    await field.evaluate("node => node.setSelectionRange(3, 8)")

    await field.press("Control+b")
    await expect(field).to_have_value("one **two** three")
    await field.press("Control+i")
    await field.press("Control+i")
    await expect(field).to_have_value("one **two** three")
    await field.press("Enter")

    await expect(page.locator(".own .body strong")).to_have_text("two")
    heard = (await raw.updates(-1, timeout=30))[-1]["message"]
    assert heard["text"] == "one two three"
    assert found(heard) == [("bold", "two")]

    await field.press("ArrowUp")
    await expect(field).to_have_value("one **two** three")
    await field.fill("one ~~two~~ `three`")
    await field.press("Enter")
    await expect(page.locator(".own .body s")).to_have_text("two")
    assert found((await raw.updates(-1, timeout=30))[-1]["edited_message"]) == [
        ("strikethrough", "two"),
        ("code", "three"),
    ]

    (tmp_path / "dot.png").write_bytes(PIXEL)
    await page.set_input_files("#picker", [tmp_path / "dot.png"])
    await say(page, "a **bold** dot")
    await expect(page.locator(".own .body strong")).to_have_text("bold")
    assert found((await raw.updates(-1, timeout=30))[-1]["message"]) == [("bold", "bold")]


async def test_signs_are_formatting_only_where_they_stand_at_the_edges_of_words(page: Page) -> None:
    markers = await module(page, "markers.js")
    told = await markers.evaluate("(it, texts) => texts.map((text) => it.unmarked(text))", list(MARKED))

    for (words, (text, entities)), answer in zip(MARKED.items(), told, strict=True):
        assert answer["text"] == text, words
        read = [(each["type"], text[each["offset"] : each["offset"] + each["length"]]) for each in answer["entities"]]
        assert read == entities, words
    again = "(it, told) => told.map(({ text, entities }) => it.marked(text, entities))"
    assert await markers.evaluate(again, told) == [REWRITTEN.get(words, words) for words in MARKED]


async def test_a_search_goes_from_hit_to_hit_of_the_open_chat(
    people: PlaygroundClient, chat: Chat, group: Chat, ann: User, page: Page
) -> None:
    for number in range(300):
        await people.write(chat, ann, f"needle {number}" if number in (3, 250) else f"hay {number}")
    await people.write(group, ann, "needle elsewhere")
    await page.locator(".row", has_text="hay 299").click()

    await page.keyboard.press("Control+f")
    await page.keyboard.type("Needle")
    await expect(page.locator("#found")).to_have_text("1 / 2")
    await expect(page.get_by_text("needle 250", exact=False).last).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page.locator("#found")).to_have_text("2 / 2")
    await expect(page.locator(".body", has_text="needle 3")).to_be_in_viewport()
    await picture(page, "find")
    await page.keyboard.press("Escape")

    await expect(page.get_by_label("Message", exact=True)).to_be_focused()
    await page.keyboard.press("Control+f")
    await page.locator(".row", has_text="Club").click()
    await expect(page.get_by_role("searchbox", name="Search in this chat")).to_be_hidden()


async def test_what_is_typed_after_a_bots_name_is_asked_and_chosen_by_keys_or_a_click(
    people: PlaygroundClient, bot: Bot, ann: User, group: Chat, raw: RawBot, page: Page
) -> None:
    await people.command("bot", id=bot.id, supports_inline_queries=True)
    field, offered = page.get_by_label("Message", exact=True), page.get_by_role("option")
    await page.locator(".row", has_text="Club").click()

    async def type_and_offer(words: str, **button: str) -> None:
        await field.fill(f"@Test_Bot {words}")
        while "inline_query" not in (update := (await raw.updates(-1, timeout=30))[-1]):
            await raw.updates(update["update_id"] + 1)
        query = update["inline_query"]
        assert query["query"] == words
        await raw.updates(update["update_id"] + 1)
        said = [{"message_text": f"{number} {words}"} for number in (1, 2)]
        results = [
            {"type": "article", "id": str(id_), "title": f"No. {id_}", "input_message_content": content}
            for id_, content in enumerate(said, start=1)
        ]
        more = {"button": button} if button else {}
        await raw("answerInlineQuery", inline_query_id=query["id"], results=results, **more)

    await type_and_offer("tea")
    await expect(offered).to_have_count(2)
    await expect(page.get_by_role("option", selected=True)).to_have_count(0)
    await field.press("ArrowDown")
    await field.press("ArrowDown")
    await picture(page, "inline")
    await field.press("Enter")
    await expect(page.locator(".own .body").last).to_contain_text("2 tea")
    await expect(page.locator(".own .origin").last).to_contain_text("test_bot")
    await expect(field).to_have_value("")

    await type_and_offer("cake")
    await offered.first.click()
    await expect(page.locator(".own .body").last).to_contain_text("1 cake")

    await type_and_offer("as it is")
    await expect(offered).to_have_count(2)
    await field.press("Enter")
    await expect(page.locator(".own .body").last).to_contain_text("@Test_Bot as it is")
    await expect(offered).to_have_count(0)

    await type_and_offer("how?", text="Ask me how", start_parameter="inline")
    await expect(offered).to_have_count(3)
    await field.press("Tab")
    await expect(page.locator(".own .body").last).to_have_text("/start inline")
    assert (await raw.updates(-1, timeout=30))[-1]["message"]["chat"]["id"] == ann.id


async def test_an_ephemeral_command_of_the_menu_goes_to_its_bot_alone_and_has_an_eye(
    group: Chat, raw: RawBot, page: Page
) -> None:
    unseen = {"command": "help", "description": "Help", "is_ephemeral": True}
    await raw("setMyCommands", commands=[unseen, {"command": "all", "description": "Seen by all"}])
    await page.locator(".row", has_text="Club").click()
    await say(page, "/all")
    await say(page, "/he")
    await expect(page.locator(".own .body").last).to_contain_text("/help")

    assert (await raw.updates(-1, timeout=30))[-1]["message"]["ephemeral_message_id"] == 1
    await raw("sendMessage", chat_id=group.id, text="In kind", reply_parameters={"ephemeral_message_id": 1})
    await expect(page.locator(".message", has_text="In kind")).to_contain_text("only Ann sees this")
    await expect(page.locator(".origin")).to_have_count(2)


async def test_a_message_is_forwarded_by_keyboard_and_answered_by_a_double_click(
    people: PlaygroundClient, chat: Chat, group: Chat, raw: RawBot, page: Page
) -> None:
    await raw("sendMessage", chat_id=chat.id, text="pass it on", protect_content=True)
    await raw("sendMessage", chat_id=chat.id, text="tell them")
    await page.locator(".row", has_text="tell them").click()
    await page.locator(".message", has_text="pass it on").locator(".bubble").click(button="right")
    await expect(page.get_by_role("menuitem", name="Reply")).to_be_visible()
    await expect(page.get_by_role("menuitem", name="Forward")).to_have_count(0)
    await page.keyboard.press("Escape")

    await page.locator(".message", has_text="tell them").get_by_role("button", name="More").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("menuitem", name="Forward").press("Enter")
    await page.get_by_role("combobox", name="To").select_option("Club")
    await page.get_by_label("Comment").fill("as I said")
    await picture(page, "forward")
    await page.get_by_label("Comment").press("Enter")

    await expect(page.locator("#title")).to_have_text("Club")
    await expect(page.locator(".own .body")).to_have_text(["as I said", "tell them"])
    await expect(page.locator(".own .origin")).to_have_text("Forwarded from Bot 42")
    await page.locator(".message", has_text="as I said").locator(".bubble").dblclick()
    await expect(page.locator("#context")).to_contain_text("as I said")
    await expect(page.get_by_label("Message", exact=True)).to_be_focused()


async def test_files_of_one_family_go_as_one_album(chat: Chat, raw: RawBot, page: Page, tmp_path: Path) -> None:
    names = ["a.txt", "b.txt", "c.png", "d.png", "e.txt"]
    for name in names:
        (tmp_path / name).write_bytes(PIXEL if name.endswith("png") else b"hello")
    await page.set_input_files("#picker", [tmp_path / name for name in names])
    await say(page, "five")
    await expect(page.locator(".own .media img")).to_have_count(2)
    await expect(page.get_by_role("link", name="e.txt")).to_be_visible()

    albums = [update["message"].get("media_group_id") for update in await raw.updates(0)][-5:]

    assert albums[0] == albums[1] != albums[2] == albums[3]
    assert None not in albums[:4]
    assert albums[4] is None


async def test_alt_and_arrows_go_to_the_next_chat_with_something_unread(
    people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, bob: User, page: Page
) -> None:
    for name in ("First", "Second", "Third"):
        await people.add_group(name, members=[ann, bob], bots=[bot])
    second = await people.add_group("Unread", members=[ann, bob], bots=[bot])
    forum = await people.add_group("Forum", members=[ann, bob], bots=[bot], forum=True)
    ideas = await people.add_topic(forum, "Ideas")
    await expect(page.locator(".row", has_text="Forum")).to_be_visible()
    await people.write(second, bob, "hello")
    await expect(page.locator(".row", has_text="Unread").locator(".badge")).to_have_text("1")

    await page.keyboard.press("Alt+ArrowDown")
    await expect(page.locator("#title")).to_have_text("Unread")
    before = "Unread"
    seen = set()
    for _ in range(6):
        await page.keyboard.press("Alt+ArrowDown")
        await expect(page.locator("#title")).not_to_have_text(before)
        before = await page.locator("#title").text_content() or ""
        seen.add(before)
        if before == "Forum":
            break
    await people.write(forum, bob, "an idea", topic=ideas)
    if before != "Forum":
        await page.keyboard.press("Alt+ArrowUp")
    await page.keyboard.press("Alt+ArrowDown")
    await expect(page.locator("#subtitle")).to_contain_text("Ideas")


async def test_without_a_bot_each_library_has_its_lines_to_copy(page: Page, playground: Playground) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tabs = page.get_by_role("tab")
    await expect(tabs.first).to_have_attribute("aria-selected", "true")
    await picture(page, "connect")

    await tabs.first.focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="python-telegram-bot")).to_be_focused()
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await page.get_by_role("button", name="Copy").click()

    await expect(page.get_by_text("Copied")).to_be_visible()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f'curl "{playground.url}/bot')
    assert copied.endswith('/getMe"')
