"""How a bot gets its updates: by long polls, by a webhook, twice, late and out of order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.server import Playground
from telegram_playground.world.calls import TOPIC
from tests.telegram_playground.hand_clock import HandClock
from tests.telegram_playground.raw_bot import RawBot


async def _called(playground: Playground, count: int) -> None:
    """Wait until so many calls have come in."""
    await playground.world.feed.wait(TOPIC, lambda: len(playground.calls.last(count)) == count or None)


def _texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_updates_come_until_they_are_confirmed(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await people.write(chat, ann, "one")
    await people.write(chat, ann, "two")

    first, again = await raw.updates(), await raw.updates()
    ids = [update["update_id"] for update in first]

    assert _texts(first) == ["/start", "one", "two"]
    assert ids == [ids[0], ids[0] + 1, ids[0] + 2]
    assert _texts(again) == ["/start"]  # the same offset within half a second: one update at most
    assert _texts(await raw.updates(ids[1] + 1)) == ["two"]
    assert _texts(await raw.updates(0, limit=100)) == ["two"]


async def test_a_negative_offset_forgets_all_but_the_last(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    for text in ("one", "two", "three"):
        await people.write(chat, ann, text)

    assert _texts(await raw.updates(-2)) == ["two", "three"]
    assert _texts(await raw.updates(0, limit=1)) == ["two"]


async def test_a_long_poll_answers_at_once_when_something_comes(
    raw: RawBot, people: PlaygroundClient, playground: Playground, chat: Chat, ann: User
) -> None:
    last = (await raw.updates())[-1]["update_id"]
    polling = asyncio.ensure_future(raw.updates(last + 1, timeout=30))
    await _called(playground, 2)

    await people.write(chat, ann, "now")

    assert _texts(await asyncio.wait_for(polling, 30)) == ["now"]


async def test_a_second_poller_ends_the_first_one(raw: RawBot, playground: Playground) -> None:
    first = asyncio.ensure_future(raw.call("getUpdates", timeout=30))
    await _called(playground, 1)
    second = asyncio.ensure_future(raw.call("getUpdates", timeout=30))

    refused = await asyncio.wait_for(first, 30)
    second.cancel()

    assert refused.status == 409
    assert refused.description == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )


class TestWithTimeStandingStill:
    """Polls whose length matters."""

    @pytest.fixture
    def clock(self) -> HandClock:
        return HandClock()

    @pytest.fixture
    async def playground(self, clock: HandClock) -> AsyncIterator[Playground]:
        async with Playground(clock=clock) as server:
            yield server

    async def test_a_poll_lasts_fifty_seconds_at_most(self, raw: RawBot, clock: HandClock) -> None:
        polling = asyncio.ensure_future(raw.updates(timeout=3600))
        await clock.asleep(50.0)

        await clock.advance(50)

        assert await asyncio.wait_for(polling, 30) == []

    async def test_the_same_short_poll_again_is_made_three_seconds_long(self, raw: RawBot, clock: HandClock) -> None:
        assert await raw.updates() == []
        again = asyncio.ensure_future(raw.updates())
        await clock.asleep(3.0)

        await clock.advance(3.1)

        assert await asyncio.wait_for(again, 30) == []
        assert await raw.updates() == []  # three seconds later a short poll is short again

    async def test_updates_are_kept_for_a_day(self, raw: RawBot, chat: Chat, clock: HandClock) -> None:
        await clock.advance(86_401)

        assert await raw.updates() == []

    async def test_a_webhook_is_tried_again_after_an_error_and_after_a_timeout(
        self, raw: RawBot, people: PlaygroundClient, chat: Chat, hook: "Hook", clock: HandClock
    ) -> None:
        await people.set(webhook_timeout_s=1)
        never = asyncio.Event()
        tries = 0

        async def stubborn(update: dict[str, Any]) -> web.StreamResponse:
            nonlocal tries
            tries += 1
            if tries == 1:
                await never.wait()
            return web.Response(status=500 if tries == 2 else 200)

        hook.respond = stubborn
        await raw("setWebhook", url=hook.url)

        got = [await hook.next(), await hook.next()]
        await clock.asleep(2.0)
        await clock.advance(2.0)
        got.append(await hook.next())

        assert got[0] == got[1] == got[2]
        assert (await raw("getWebhookInfo"))["last_error_message"].startswith("Wrong response from the webhook: 500")


async def test_only_wanted_kinds_of_updates_are_made(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    button = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    sent = await raw("sendMessage", chat_id=chat.id, text="x", reply_markup=button)
    await raw.updates(-1, allowed_updates=["message"])

    await people.command("press", chat=chat.key, user=ann.id, message_id=sent["message_id"], data="go")
    await raw.updates(10**9, allowed_updates=None)
    await people.command("press", chat=chat.key, user=ann.id, message_id=sent["message_id"], data="go")
    await raw.updates(10**9 + 1, allowed_updates=["callback_query"])
    await people.command("press", chat=chat.key, user=ann.id, message_id=sent["message_id"], data="go")
    await people.write(chat, ann, "unwanted")

    assert [[*update][1] for update in await raw.updates()] == ["callback_query"]


async def test_reactions_and_members_are_sent_only_if_asked_for(
    raw: RawBot, people: PlaygroundClient, group: Chat, bot: Bot, ann: User, bob: User
) -> None:
    await people.promote(group, bot)
    message = await people.write(group, ann, "x")
    await raw.updates(-1)

    async def kinds() -> set[str]:
        await people.react(group, ann, message.message_id, "👍")
        await people.remove_member(group, bob)
        await people.add_member(group, bob)
        return {[*update][1] for update in await raw.updates()}

    assert await kinds() == {"message"}
    await raw.updates(10**9, allowed_updates=["message_reaction", "chat_member"])
    assert await kinds() == {"message_reaction", "chat_member"}


async def test_an_update_can_come_twice(raw: RawBot, people: PlaygroundClient, chat: Chat) -> None:
    await people.fault("getUpdates", "duplicate")

    first, second = await raw.updates()

    assert first == second


async def test_updates_of_several_chats_can_come_out_of_order(
    raw: RawBot, people: PlaygroundClient, playground: Playground, chat: Chat, group: Chat, ann: User, bot: Bot
) -> None:
    await people.promote(group, bot)
    await raw.updates(-1)
    for number in range(10):
        await people.write(chat if number % 2 else group, ann, str(number))

    await people.fault("getUpdates", "shuffle")
    updates = await raw.updates(-10)
    texts, ids = _texts(updates), [update["update_id"] for update in updates]

    assert ids == sorted(ids)
    assert texts != sorted(texts)
    assert [text for text in texts if int(text) % 2] == ["1", "3", "5", "7", "9"]
    assert [text for text in texts if int(text) % 2 == 0] == ["0", "2", "4", "6", "8"]


async def test_get_updates_and_a_webhook_exclude_each_other(raw: RawBot, chat: Chat) -> None:
    await raw("setWebhook", url="http://127.0.0.1:9/x")

    refused = await raw.call("getUpdates")
    info = await raw("getWebhookInfo")
    await raw("deleteWebhook", drop_pending_updates=True)

    assert (refused.status, refused.description) == (
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
    assert (info["url"], info["pending_update_count"]) == ("http://127.0.0.1:9/x", 1)
    assert await raw.updates() == []


Respond = Callable[[dict[str, Any]], Awaitable[web.StreamResponse]]


class Hook:
    """A bot's own web server."""

    def __init__(self) -> None:
        self.secrets: list[str | None] = []
        self.got: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.respond: Respond = self._ok
        self.url = ""

    async def _ok(self, update: dict[str, Any]) -> web.StreamResponse:
        return web.Response()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        update = await request.json()
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.got.put_nowait(update)
        return await self.respond(update)

    async def next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.got.get(), 30)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    await runner.cleanup()


async def test_a_webhook_gets_updates_with_its_secret(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User, hook: Hook
) -> None:
    await raw("setWebhook", url=hook.url, secret_token="s-1")
    await people.write(chat, ann, "later")

    assert _texts([await hook.next(), await hook.next()]) == ["/start", "later"]
    assert hook.secrets == ["s-1", "s-1"]
    await people.wait_call("setWebhook")


async def test_a_webhook_gets_chats_side_by_side_and_each_in_order(
    raw: RawBot, people: PlaygroundClient, chat: Chat, group: Chat, bot: Bot, ann: User, hook: Hook
) -> None:
    await people.promote(group, bot)
    await raw.updates(-1)
    await raw("deleteWebhook", drop_pending_updates=True)
    for number in (1, 2):
        await people.write(chat, ann, f"private {number}")
        await people.write(group, ann, f"group {number}")
    gate = asyncio.Event()

    async def private_waits(update: dict[str, Any]) -> web.StreamResponse:
        if update["message"]["chat"]["id"] == chat.id:
            await gate.wait()
        return web.Response()

    hook.respond = private_waits
    await raw("setWebhook", url=hook.url)

    before = {*_texts([await hook.next() for _ in range(3)])}
    gate.set()
    after = _texts([await hook.next()])

    assert before == {"private 1", "group 1", "group 2"}
    assert after == ["private 2"]


async def test_a_method_in_a_webhooks_reply_is_carried_out(
    raw: RawBot, people: PlaygroundClient, chat: Chat, hook: Hook
) -> None:
    async def reply(update: dict[str, Any]) -> web.StreamResponse:
        return web.json_response({"method": "sendMessage", "chat_id": chat.id, "text": "in the reply"})

    hook.respond = reply
    await raw("setWebhook", url=hook.url)

    assert (await people.wait(chat, text="in the reply")).sender == 42


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "ftp://a.b/"}, "invalid webhook URL specified"),
        ({"url": "http://"}, "invalid webhook URL specified"),
        ({"url": "a b.c"}, "invalid webhook URL specified"),
        ({"url": "https://a.b:99999/"}, "invalid webhook URL specified"),
        ({"secret_token": "a" * 257}, "secret token is too long"),
        ({"secret_token": "a+b="}, "secret token contains unallowed characters"),
        ({"ip_address": "999"}, "bad webhook: Invalid IP address specified"),
        ({"ip_address": "1.2.3.4.5"}, "bad webhook: Invalid IP address specified"),
    ],
)
async def test_a_webhook_that_telegram_refuses_is_refused(raw: RawBot, given: dict[str, Any], said: str) -> None:
    parameters: dict[str, Any] = {"url": "http://127.0.0.1:9/", **given}

    assert await raw.refused("setWebhook", **parameters) == f"Bad Request: {said}"
    assert (await raw("getWebhookInfo"))["url"] == ""


async def test_a_webhooks_settings_are_those_that_telegram_makes_of_them(raw: RawBot) -> None:
    async def info(**given: Any) -> Any:
        await raw("setWebhook", url="127.0.0.1:9/hook", **given)
        return await raw("getWebhookInfo")

    plain = await info(certificate="no file", ip_address="::1")
    assert (plain["url"], plain["max_connections"]) == ("https://127.0.0.1:9/hook", 40)
    assert (plain["has_custom_certificate"], plain["ip_address"]) == (False, "::1")
    asked = {-1: 1, 0: 1, 5: 5, 100: 100, 10_000: 100}
    assert {wanted: (await info(max_connections=wanted))["max_connections"] for wanted in asked} == asked
