"""What Telegram would refuse and people would hate is found, and what is ordinary is not."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from telegram_playground.__main__ import main
from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.limits.flood_limits import Limits
from telegram_playground.server import Playground
from tests.telegram_playground.hand_clock import HandClock
from tests.telegram_playground.raw_bot import RawBot

KEY = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
BOLD = [{"type": "bold", "offset": number, "length": 1} for number in range(101)]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def playground(clock: HandClock) -> AsyncIterator[Playground]:
    """Limits are off, so that nothing waits; the lint holds bots to them all the same."""
    async with Playground(limits=Limits.off(), clock=clock) as server:
        yield server


async def found(people: PlaygroundClient) -> dict[str, int]:
    """Return how often each rule was broken."""
    report = await people.command("lint")
    assert report["clean"] == all(finding["level"] == "note" for finding in report["findings"])
    return {finding["rule"]: finding["count"] for finding in report["findings"]}


@pytest.mark.parametrize(
    ("rule", "parameters"),
    [
        ("markup", {"text": "*half", "parse_mode": "MarkdownV2"}),
        ("entities", {"text": "x", "entities": [{"type": "bold", "offset": 0, "length": 5}]}),
        ("entities", {"text": "😀", "entities": [{"type": "bold", "offset": 1, "length": 1}]}),
        ("entities", {"text": "x", "entities": [{"type": "wild", "offset": 0, "length": 1}]}),
        ("data", {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "ü" * 33}]]}}),
        ("too_long", {"text": "x" * 4097}),
        ("too_long", {"text": "x" * 40000}),
        ("refused", {"text": " "}),
        ("tabs", {"text": "if x:\n\treturn"}),
        ("dropped_entities", {"text": "x" * 200, "entities": BOLD}),
        ("dropped_entities", {"text": "x" * 200, "entities": json.dumps(BOLD)}),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_one_call_is_found(
    raw: RawBot, people: PlaygroundClient, chat: Chat, rule: str, parameters: dict[str, Any]
) -> None:
    call = await raw.call("sendMessage", chat_id=chat.id, **parameters)

    assert await found(people) == {rule: 1}
    (finding,) = (await people.command("lint"))["findings"]
    assert (finding["bot"], finding["method"], finding["chat"]) == (42, "sendMessage", chat.key)
    assert (finding["call"] is not None, finding["detail"]) == (True, call.body.get("description", ""))


async def test_what_happens_to_every_bot_is_no_finding(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    sent = await raw("sendMessage", chat_id=chat.id, text="x")
    await people.delete(chat, ann, sent["message_id"])
    await raw.refused("editMessageText", chat_id=chat.id, message_id=sent["message_id"], text="y")
    for kind in ("500", "502html", "error"):
        await people.fault("getMe", kind)
        async with raw.session.post(f"{raw.base}/getMe"):
            pass
    await people.block(chat)
    assert (await raw.call("sendMessage", chat_id=chat.id, text="z")).status == 403

    assert await found(people) == {}


async def test_an_edit_that_changes_nothing_is_found_and_counted(
    raw: RawBot, people: PlaygroundClient, chat: Chat
) -> None:
    sent = await raw("sendMessage", chat_id=chat.id, text="x")
    for text in ("x", "x\n", " x"):
        await raw.refused("editMessageText", chat_id=chat.id, message_id=sent["message_id"], text=text)

    assert await found(people) == {"not_modified": 3}


async def test_a_press_must_be_answered(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User, clock: HandClock
) -> None:
    sent = await raw("sendMessage", chat_id=chat.id, text="x", reply_markup=KEY)
    pressed = {"chat": chat.key, "user": ann.id, "message_id": sent["message_id"], "label": "Go"}
    first = await people.command("press", **pressed)
    await raw("answerCallbackQuery", callback_query_id=first["id"])
    late = await people.command("press", **pressed)
    assert await found(people) == {}

    await clock.advance(6)
    assert await found(people) == {"unanswered": 1}
    await clock.advance(10)
    await raw.refused("answerCallbackQuery", callback_query_id=late["id"])

    assert await found(people) == {"unanswered": 1, "late_answer": 1}


async def test_frames_over_the_limits_are_found_though_the_limits_are_off(
    raw: RawBot, people: PlaygroundClient, chat: Chat, group: Chat, clock: HandClock
) -> None:
    for number in range(12):  # five at once, then one a second
        await raw("sendMessage", chat_id=chat.id, text=str(number))
        if number >= 4:
            await clock.advance(1)
    for _ in range(20):
        await raw("sendMessage", chat_id=group.id, text="x")
    assert await found(people) == {}

    for _ in range(5):
        await raw("sendMessage", chat_id=group.id, text="x")

    assert await found(people) == {"rate": 5}


async def test_a_chat_must_be_left_alone_until_the_penalty_is_over(
    raw: RawBot, people: PlaygroundClient, chat: Chat, group: Chat, clock: HandClock
) -> None:
    await people.fault("sendMessage", "429", seconds=30)
    assert (await raw.call("sendMessage", chat_id=chat.id, text="x")).status == 429
    await clock.advance(10)
    await raw("sendMessage", chat_id=group.id, text="elsewhere")
    await raw("sendChatAction", chat_id=chat.id, action="typing")
    assert await found(people) == {}

    await raw("sendMessage", chat_id=chat.id, text="too early")
    await clock.advance(21)
    await raw("sendMessage", chat_id=chat.id, text="in time")

    assert await found(people) == {"penalty": 1}


async def test_limits_that_are_reached_are_found(raw: RawBot, people: PlaygroundClient, chat: Chat) -> None:
    await people.set(limits={"private_burst": 2, "absorb_s": 0})

    assert [(await raw.call("sendMessage", chat_id=chat.id, text="x")).status for _ in range(3)] == [200, 200, 429]
    assert await found(people) == {"flood": 1}


@pytest.mark.parametrize(
    ("rules", "more"),
    [
        ({"stream_markup", "flicker"}, {"parse_mode": "HTML"}),
        ({"flicker"}, {}),
        ({"flicker"}, {"link_preview_options": {"is_disabled": False}}),
        (set(), {"link_preview_options": {"is_disabled": True}}),
        (set(), {"link_preview_options": '{"is_disabled": true}'}),
        (set(), {"disable_web_page_preview": True}),
    ],
)
async def test_a_text_that_grows_is_sent_without_markup_and_preview(
    raw: RawBot, people: PlaygroundClient, chat: Chat, clock: HandClock, rules: set[str], more: dict[str, Any]
) -> None:
    text = "See https://example.org "
    sent = await raw("sendMessage", chat_id=chat.id, text=text)
    for _ in range(4):
        await clock.advance(1)
        text += "and so on "
        await raw("editMessageText", chat_id=chat.id, message_id=sent["message_id"], text=f"{text}▌", **more)

    assert set(await found(people)) == rules


async def test_a_menu_that_changes_is_no_text_that_grows(
    raw: RawBot, people: PlaygroundClient, chat: Chat, clock: HandClock
) -> None:
    sent = await raw("sendMessage", chat_id=chat.id, text="<b>Menu</b>", parse_mode="HTML")
    for name in ("Settings", "Language of the bot", "Settings", "Model of this chat", "Settings"):
        await clock.advance(1)
        place = {"chat_id": chat.id, "message_id": sent["message_id"]}
        await raw("editMessageText", text=f"<b>{name}</b>", parse_mode="HTML", **place)

    assert await found(people) == {}


async def test_a_draft_must_end_in_a_message(
    raw: RawBot, people: PlaygroundClient, chat: Chat, clock: HandClock
) -> None:
    await raw("sendMessageDraft", chat_id=chat.id, draft_id=1, text="a")
    await raw("sendMessage", chat_id=chat.id, text="ab")
    await clock.advance(31)
    assert await found(people) == {}

    await raw("sendMessageDraft", chat_id=chat.id, draft_id=2, text="a")
    await clock.advance(31)

    assert await found(people) == {"draft_lost": 1}


async def test_what_is_not_simulated_is_noted_and_breaks_nothing(raw: RawBot, people: PlaygroundClient) -> None:
    await raw.call("sendGame")

    assert (await people.command("lint"))["clean"]
    assert await found(people) == {"not_simulated": 1}
    await people.command("reset")
    assert await found(people) == {}


async def test_the_command_prints_a_report_and_ends_with_its_code(
    raw: RawBot, people: PlaygroundClient, playground: Playground, chat: Chat, capsys: pytest.CaptureFixture[str]
) -> None:
    async def judged(*arguments: str) -> tuple[int, str]:
        code = await asyncio.to_thread(main, ["lint", playground.url, *arguments])
        return code, capsys.readouterr().out

    assert await judged() == (0, "lint: nothing found\n")
    await raw.refused("sendMessage", chat_id=chat.id, text="*half", parse_mode="MarkdownV2")

    code, report = await judged()
    assert code == 1
    assert f"markup × 1  sendMessage in {chat.key}, call 1: Bad Request: can't parse entities" in report
    assert (await judged("--allow", "markup"))[0] == 0
    assert await asyncio.to_thread(main, ["lint", "http://127.0.0.1:1"]) == 2
