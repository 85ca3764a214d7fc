"""Nothing in a message or a name can run in the page."""

import pytest
from playwright.async_api import Browser, Page, expect

from telegram_playground.client import Bot, Chat, PlaygroundClient
from telegram_playground.server import Playground
from tests.telegram_playground.browser import module, picture
from tests.telegram_playground.raw_bot import RawBot

pytestmark = pytest.mark.browser
HOSTILE = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'
OVERRIDE = "\u202e"  # shows what follows from right to left


async def test_an_address_that_could_run_is_no_link(chat: Chat, raw: RawBot, page: Page) -> None:
    for address in ("javascript:window.hurt=1", "JaVaScRiPt:window.hurt=1", "data:text/html,x", "\tjavascript:x"):
        keys = {"inline_keyboard": [[{"text": "key", "url": address}]]}
        link = {"type": "text_link", "offset": 0, "length": 4, "url": address}
        html = f'<p><a href="{address}">rich</a></p>'
        await raw.call("sendMessage", chat_id=chat.id, text="here", entities=[link])
        await raw.call("sendMessage", chat_id=chat.id, text="keys", reply_markup=keys)
        await raw.call("sendRichMessage", chat_id=chat.id, rich_message={"html": html})
    await raw("sendMessage", chat_id=chat.id, text="done")
    await expect(page.get_by_text("done").last).to_be_visible()

    assert await page.evaluate("[...document.querySelectorAll('a')].filter(a => a.protocol !== 'https:').length") == 0


async def test_the_page_makes_no_link_of_an_address_that_could_run_whoever_let_it_pass(page: Page) -> None:
    addresses = [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "blob:x",
        "file:///etc",
    ]

    links = await module(page, "text/formatted.js")
    assert await links.evaluate("(links, all) => all.map(links.safeAddress)", addresses) == [None] * len(addresses)


async def test_hostile_names_and_texts_never_run(
    people: PlaygroundClient, bot: Bot, chat: Chat, raw: RawBot, page: Page
) -> None:
    await people.bot(bot.token, first_name=HOSTILE[:64])
    eve = await people.add_user(HOSTILE[:64], last_name=OVERRIDE + "txt.exe", username="eve_evil")
    group = await people.add_group(HOSTILE[:128], members=[eve], bots=[bot], forum=True)
    topic = await people.add_topic(group, HOSTILE[:128])
    await raw("setMyCommands", commands=[{"command": "start", "description": HOSTILE}])
    written = await people.write(group, eve, HOSTILE, topic=topic)
    await raw(
        "sendMessage",
        chat_id=group.id,
        message_thread_id=topic.thread_id,
        text=HOSTILE + OVERRIDE + "abc",
        reply_parameters={"message_id": written.message_id},
        reply_markup={"inline_keyboard": [[{"text": HOSTILE, "callback_data": "x"}]]},
        entities=[{"type": "pre", "offset": 0, "length": 9, "language": '"><script>window.hurt=1</script>'}],
    )
    await raw("sendRichMessage", chat_id=group.id, rich_message={"html": f"<p>{HOSTILE}</p>"})
    await people.send_file(
        group, eve, "<svg onload=alert(1)>.svg", b"<svg onload='window.hurt=1'/>", mime="image/svg+xml"
    )

    await page.reload()
    await page.locator(".row", has=page.locator(".avatar:not(.bot)")).click()
    await page.locator(".topics .row").nth(1).click()
    await expect(page.locator(".message .body").first).to_have_text(HOSTILE)
    await page.get_by_label("Message", exact=True).fill("/")
    await page.get_by_role("option").first.wait_for()
    await page.get_by_label("Looking glass").first.click()
    await picture(page, "hostile")

    assert await page.evaluate("window.hurt") is None
    inside = (
        "document.querySelectorAll('#messages script, #messages [onerror], #messages img[src=x], #chats img').length"
    )
    assert await page.evaluate(inside) == 0


async def test_no_script_runs_even_if_one_got_into_the_page(browser: Browser, playground: Playground) -> None:
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{playground.url}/")
    ran = """() => new Promise((done) => {
        document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
        const script = document.createElement("script");
        script.textContent = "window.hurt = 1";
        document.body.append(script);
        setTimeout(() => done("it ran: " + window.hurt), 2000);
    })"""

    assert await page.evaluate(ran) == "script-src-elem"
    await page.context.close()


async def test_a_right_to_left_name_does_not_turn_what_stands_beside_it(
    people: PlaygroundClient, bot: Bot, page: Page
) -> None:
    eve = await people.add_user(OVERRIDE + "Eve")
    group = await people.add_group("Club", members=[eve], bots=[bot])
    await people.write(group, eve, "hello")

    await page.locator(".row", has_text="Club").click()

    await expect(page.locator(".row .title").first).to_have_css("unicode-bidi", "isolate")
    await expect(page.locator(".row .preview").first).to_have_css("unicode-bidi", "isolate")
