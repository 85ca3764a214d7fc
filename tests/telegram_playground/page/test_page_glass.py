"""The looking glass: calls, limits, the reader's clock, trouble on demand."""

import re

import pytest
from playwright.async_api import Page, expect

from telegram_playground.client import Bot, Chat, PlaygroundClient
from tests.telegram_playground.browser import module, picture
from tests.telegram_playground.raw_bot import RawBot

pytestmark = [pytest.mark.browser, pytest.mark.proof]


async def look(page: Page, tab: str = "Calls") -> None:
    """Open the looking glass."""
    await page.get_by_role("button", name="Looking glass").click()
    await page.get_by_role("tab", name=tab).click()


async def test_calls_are_listed_with_parameters_answer_and_time(chat: Chat, raw: RawBot, page: Page) -> None:
    await look(page)

    await raw("sendMessage", chat_id=chat.id, text="watched")
    call = page.locator(".calls > li", has_text="sendMessage")
    await expect(call).to_contain_text("watched")
    await expect(call).to_contain_text(re.compile(r"\d+ ms"))
    await call.locator(".call").click()

    await expect(call.locator(".json").first).to_contain_text('"text": "watched"')
    await expect(call.locator(".json").last).to_contain_text('"message_id"')
    await picture(page, "calls")


async def test_a_refused_call_shows_why_and_a_missing_method_is_counted(chat: Chat, raw: RawBot, page: Page) -> None:
    await look(page)

    await raw.refused("sendMessage", chat_id=chat.id, text=" ")

    await expect(page.locator(".call.failed")).to_contain_text("400 · Bad Request: text must be non-empty")
    await raw.call("sendGame")
    await raw.call("sendGame")
    await expect(page.get_by_text("Not simulated (501): sendGame × 2")).to_be_visible()


async def test_polls_are_left_out_unless_asked_for_and_a_filter_narrows_the_list(
    chat: Chat, raw: RawBot, page: Page
) -> None:
    await raw.updates()
    await raw("getMe")
    await raw("sendChatAction", chat_id=chat.id, action="typing")
    await look(page)
    names = page.locator(".call b")
    await expect(names).to_have_text(["sendChatAction", "getMe"])

    await page.get_by_label("with getUpdates").check()
    await expect(names).to_have_text(["sendChatAction", "getMe", "getUpdates"])
    await page.get_by_label("this chat only").check()
    await expect(names).to_have_text(["sendChatAction"])
    await page.get_by_label("this chat only").uncheck()
    await page.get_by_label("Filter").fill("getm")

    await expect(names).to_have_text(["getMe"])


async def test_what_is_wrong_with_a_bot_is_shown_as_it_happens(chat: Chat, raw: RawBot, page: Page) -> None:
    await raw.refused("sendMessage", chat_id=chat.id, text="*half", parse_mode="MarkdownV2")
    await look(page, "Lint")
    first = page.locator(".findings > li", has_text="The text is no valid markup")
    await expect(first).to_contain_text("× 1")

    await raw.refused("sendMessage", chat_id=chat.id, text="*half", parse_mode="MarkdownV2")
    await raw("sendMessage", chat_id=chat.id, text="a\tb")

    await expect(first).to_contain_text("× 2")
    await expect(page.locator(".findings > li")).to_have_count(2)
    await page.get_by_role("button", name="A TAB in a text").press("Enter")
    await expect(page.get_by_text("expand tabs before sending")).to_be_visible()
    await picture(page, "lint")


async def test_the_meters_show_what_is_left_and_a_penalty(
    people: PlaygroundClient, chat: Chat, raw: RawBot, page: Page
) -> None:
    await people.set(limits={"private_burst": 3, "absorb_s": 0, "penalties": [30]})
    await look(page, "Limits")

    await raw("sendMessage", chat_id=chat.id, text="one")
    meter = page.locator(".meter", has_text="Ann · messages")
    await expect(meter).to_contain_text("/ 3")
    for _ in range(3):
        await raw.call("sendMessage", chat_id=chat.id, text="more")

    await expect(meter).to_contain_text(re.compile(r"refused for \d+ s"))
    await picture(page, "limits")


async def test_the_readers_clock_counts_the_edits_of_the_message_that_grows(
    chat: Chat, raw: RawBot, page: Page
) -> None:
    await look(page, "Limits")
    await expect(page.get_by_text("Nothing has grown here yet")).to_be_visible()

    sent = await raw("sendMessage", chat_id=chat.id, text="1")
    for text in ("12", "123", "1234"):
        await raw("editMessageText", chat_id=chat.id, message_id=sent["message_id"], text=text)

    await expect(page.locator(".figures div", has_text="edits")).to_have_text("3 edits")
    await expect(page.locator(".figures div", has_text="mean age")).to_contain_text(re.compile(r"\d\.\d\d s"))
    await expect(page.locator(".gaps i")).to_have_count(3)


@pytest.mark.parametrize("draft", [False, True])
async def test_the_age_is_told_only_as_long_as_a_reply_grows(chat: Chat, raw: RawBot, page: Page, draft: bool) -> None:
    await look(page, "Limits")
    age = page.locator(".figures div", has_text="age now")
    stop = {"inline_keyboard": [[{"text": "Halt", "callback_data": "stop:1"}]]}

    if draft:
        await raw("sendMessageDraft", chat_id=chat.id, draft_id=7, text="1")
    sent = await raw("sendMessage", chat_id=chat.id, text="12", reply_markup=stop)
    await expect(age).to_contain_text(re.compile(r"\d\.\d\d s"))
    await raw("editMessageText", chat_id=chat.id, message_id=sent["message_id"], text="123")

    await expect(age).to_have_text("– age now")
    await expect(page.locator(".figures div", has_text="edits")).to_have_text("2 edits" if draft else "1 edits")


async def test_the_mean_age_and_its_bound_are_those_of_an_even_sender(page: Page) -> None:
    times = [0, 1, 2, 3, 4]

    growth, model = await module(page, "glass/growth.js"), await module(page, "model/state.js")
    options = {"latency_s": 0.2, "limits": {"enabled": True, "private_per_s": 1, "private_burst": 4}}
    assert await growth.evaluate("(growth, times) => growth.meanAge(times)", times) == 0.5
    await model.evaluate("({ state }, options) => { state.options = options; }", options)
    bound = await growth.evaluate("(growth, times) => growth.leastAge({ type: 'private' }, false, times)", times)
    assert bound == pytest.approx(4 / (2 * 8) + 0.1)


async def test_trouble_is_made_by_hand(chat: Chat, raw: RawBot, page: Page) -> None:
    await look(page, "Trouble")
    await page.get_by_label("Method").fill("sendMessage")

    for kind, status in (("429, try again later", 429), ("500, server error", 500), ("400, refused", 400)):
        await page.get_by_label("Kind").select_option(kind)
        await page.get_by_role("button", name="Make trouble").click()
        await expect(page.locator(".lively li")).to_contain_text(f"{kind} · sendMessage")
        assert (await raw.call("sendMessage", chat_id=chat.id, text="hello")).status == status


async def test_lasting_trouble_is_ended_with_one_button(chat: Chat, raw: RawBot, page: Page) -> None:
    await look(page, "Trouble")
    await page.get_by_label("Kind").select_option("500, server error")
    await page.get_by_label("Times").fill("")
    await page.get_by_role("button", name="Make trouble").click()
    await expect(page.locator(".lively li")).to_contain_text("∞")
    await page.get_by_role("button", name="Everything back to normal").click()
    await expect(page.locator(".lively li")).to_have_count(0)

    assert (await raw.call("sendMessage", chat_id=chat.id, text="hello")).status == 200


async def test_switches_change_the_server(people: PlaygroundClient, bot: Bot, chat: Chat, page: Page) -> None:
    await look(page, "Trouble")

    for name in ("Native drafts", "Rich messages", "Privacy mode"):
        await page.get_by_role("switch", name=name).uncheck()
    await page.get_by_role("switch", name="Server offline").check()
    await page.get_by_label("Latency").fill("0.5")
    await expect(page.locator("output").first).to_have_text("0.50 s")
    await picture(page, "trouble")

    state = await people.command("state")
    options = state["options"]
    assert (options["drafts"], options["rich"], options["offline"], options["latency_s"]) == (False, False, True, 0.5)
    assert state["bots"][0]["can_read_all_group_messages"] is True


async def test_limits_are_chosen_and_given_back(people: PlaygroundClient, bot: Bot, page: Page) -> None:
    await look(page, "Trouble")
    select = page.locator("label.switch select")

    for choice, enabled, absorb_s in (("off", False, 8), ("worst_day", True, 0), ("telegram", True, 8)):
        async with page.expect_response("**/playground/set"):
            await select.select_option(choice)
        await expect(select).to_have_value(choice)
        limits = (await people.command("state"))["options"]["limits"]
        assert (limits["enabled"], limits["absorb_s"]) == (enabled, absorb_s)
