"""The page shows every kind of formatting."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from telegram_playground.client import Chat, PlaygroundClient
from tests.telegram_playground.browser import module, picture
from tests.telegram_playground.raw_bot import RawBot

pytestmark = [pytest.mark.browser, pytest.mark.proof]


def entity(text: str, part: str, kind: str, **more: Any) -> dict[str, Any]:
    """Return the entity of a part of a text of the basic plane."""
    return {"type": kind, "offset": text.index(part), "length": len(part), **more}


async def test_each_entity_has_its_look(chat: Chat, raw: RawBot, page: Page) -> None:
    text = "bold italic under strike mono link @test_bot /help #tag quote"
    kinds = {"bold": "bold", "italic": "italic", "under": "underline", "strike": "strikethrough", "mono": "code"}
    entities = [entity(text, part, kind) for part, kind in kinds.items()]
    entities += [entity(text, "link", "text_link", url="https://example.org/"), entity(text, "quote", "blockquote")]

    await raw("sendMessage", chat_id=chat.id, text=text, entities=entities)

    body = page.locator(".message:not(.own) .body")
    for tag, part in (("strong", "bold"), ("em", "italic"), ("u", "under"), ("s", "strike"), ("code", "mono")):
        await expect(body.locator(tag)).to_have_text(part)
    await expect(body.get_by_role("link", name="link")).to_have_attribute("href", "https://example.org/")
    await expect(body.locator("blockquote")).to_have_text("quote")
    await expect(body.get_by_role("button", name="/help")).to_be_visible()


async def test_entities_nest_and_count_utf16_units(chat: Chat, raw: RawBot, page: Page) -> None:
    text = "😀 one two three"
    entities = [{"type": "bold", "offset": 3, "length": 7}, {"type": "italic", "offset": 7, "length": 3}]

    await raw("sendMessage", chat_id=chat.id, text=text, entities=entities)

    await expect(page.locator("strong")).to_have_text(["one ", "two"])  # Telegram stores them split
    await expect(page.locator("strong em, em strong")).to_have_text("two")


async def test_code_has_colours_also_while_it_grows(chat: Chat, raw: RawBot, page: Page) -> None:
    shown = """(kind) => [...CSS.highlights.get(`code-${kind}`) ?? []].map((one) => {
        const range = new Range();
        range.setStart(one.startContainer, one.startOffset);
        range.setEnd(one.endContainer, one.endOffset);
        return range.toString();
    })"""

    async def show(text: str, kind: str, wanted: list[str]) -> None:
        await page.wait_for_function(
            f"wanted => JSON.stringify(({shown})('{kind}')) === JSON.stringify(wanted)", arg=wanted
        )

    text = "def add(a, b):  # two"
    sent = await raw("sendMessage", chat_id=chat.id, text=text, entities=[entity(text, text, "pre", language="python")])
    await show(text, "keyword", ["def"])
    text += ' numbers\n    return a + 10 + len("if #1")\n'
    grown = {"chat_id": chat.id, "message_id": sent["message_id"], "text": f"{text}.", "entities": None}
    grown["entities"] = [entity(text, text, "pre", language="python")]
    await raw("editMessageText", **grown)

    await show(text, "keyword", ["def", "return"])
    await show(text, "comment", ["# two numbers"])
    await show(text, "string", ['"if #1"'])
    await show(text, "number", ["10"])
    colours = await module(page, "colours.js")
    read = "(it, [code, name]) => it.pieces(code, name).map(([kind, from, to]) => `${kind} ${code.slice(from, to)}`)"
    assert await colours.evaluate(read, ["SELECT 'a' -- b", "sql"]) == ["keyword SELECT", "string 'a'", "comment -- b"]
    assert await colours.evaluate(read, ["let x = /* y", "js"]) == ["keyword let", "comment /* y"]
    assert await colours.evaluate(read, ["if it is so", "text"]) == []
    assert await colours.evaluate(read, ["1" * 30_000, "js"]) == []


async def test_code_has_its_language_and_a_copy_button(chat: Chat, raw: RawBot, page: Page) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text = "Look:\nprint('hi')\n"
    code = entity(text, "print('hi')", "pre", language="python")

    await raw("sendMessage", chat_id=chat.id, text=text, entities=[code])
    await expect(page.locator("figcaption")).to_contain_text("python")
    await page.get_by_role("button", name="Copy").click()

    await expect(page.get_by_text("Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == "print('hi')"


async def test_a_spoiler_opens_at_a_click_and_stays_open_while_the_message_grows(
    chat: Chat, raw: RawBot, page: Page
) -> None:
    spoiler = {"type": "spoiler", "offset": 4, "length": 6}
    sent = await raw("sendMessage", chat_id=chat.id, text="The secret", entities=[spoiler])
    hidden = page.get_by_role("button", name="Spoiler, press to show")
    await expect(hidden).to_have_css("color", "rgba(0, 0, 0, 0)")

    await hidden.click()
    await raw(
        "editMessageText", chat_id=chat.id, message_id=sent["message_id"], text="The secret is out", entities=[spoiler]
    )

    await expect(page.locator(".message:not(.own) .body")).to_have_text("The secret is out")
    await expect(hidden).to_have_count(0)
    await expect(page.locator(".spoiler")).not_to_have_css("color", "rgba(0, 0, 0, 0)")


async def test_what_the_reader_selected_stays_selected_while_the_message_grows(
    chat: Chat, raw: RawBot, page: Page
) -> None:
    sent = await raw("sendMessage", chat_id=chat.id, text="one two")
    body = page.locator(".message:not(.own) .body")
    await body.select_text()

    await raw("editMessageText", chat_id=chat.id, message_id=sent["message_id"], text="one two three")

    await expect(body).to_have_text("one two three")
    assert "one two" in await page.evaluate("getSelection().toString()")


async def test_only_the_words_that_came_fade_in(chat: Chat, raw: RawBot, page: Page) -> None:
    sent = await raw("sendMessage", chat_id=chat.id, text="one two thr▌")
    fresh = page.locator(".message:not(.own) .fresh")
    await expect(page.locator(".message:not(.own) .body")).to_have_text("one two thr▌")

    await raw("editMessageText", chat_id=chat.id, message_id=sent["message_id"], text="one two three four▌")
    await expect(fresh).to_have_text("three four▌")
    await raw("editMessageText", chat_id=chat.id, message_id=sent["message_id"], text="one two three four.")

    await expect(fresh).to_have_text("four.")
    await expect(page.locator(".message:not(.own) .body")).to_have_text("one two three four.")


async def test_a_long_quote_is_folded_until_it_is_opened(chat: Chat, raw: RawBot, page: Page) -> None:
    text = "line\n" * 20 + "the end"
    quote = {"type": "expandable_blockquote", "offset": 0, "length": len(text)}
    await raw("sendMessage", chat_id=chat.id, text=text, entities=[quote])
    box = page.locator("blockquote")
    folded = await box.evaluate("node => node.offsetHeight")

    await page.get_by_role("button", name="Show all of the quote").click()

    assert await box.evaluate("node => node.offsetHeight") > 4 * folded


async def test_a_command_in_a_text_is_sent_at_a_click(
    people: PlaygroundClient, chat: Chat, raw: RawBot, page: Page
) -> None:
    await raw("sendMessage", chat_id=chat.id, text="Try /help")

    await page.get_by_role("button", name="/help", exact=True).click()

    await expect(page.locator(".own .body").last).to_have_text("/help")


async def test_a_rich_message_shows_its_blocks(chat: Chat, raw: RawBot, page: Page) -> None:
    blocks = (
        "# Title",
        "With **bold**",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "- [x] done",
        "> quote",
        "```python\nprint()\n```",
    )
    markdown = "\n\n".join(blocks)

    await raw("sendRichMessage", chat_id=chat.id, rich_message={"markdown": markdown})

    body = page.locator(".message:not(.own) .body")
    await expect(body.get_by_role("heading", name="Title")).to_be_visible()
    await expect(body.get_by_role("cell")).to_have_text(["1", "2"])
    await expect(body.get_by_role("checkbox")).to_be_checked()
    await expect(body.locator("blockquote")).to_have_text("quote")
    await expect(body.locator("pre")).to_contain_text("print()")
    await picture(page, "rich")
