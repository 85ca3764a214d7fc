"""Several bots in one process: nothing of one is in the other, and no trouble of one is the other's."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app.many.bots import Bots
from bot.app.many.build import build_many
from bot.app.many.file import load_bots
from bot.report.standing import look_at
from bot.report.status import lines_of, status_of
from bot.texts.en import EN
from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.model import Model
from telegram_playground.server import Playground
from tests.database import Database
from tests.ports import free_port
from tests.walks.conftest import answers
from tests.walks.hasty import HastyClock, settings
from tests.walks.nursery import Child

pytestmark = pytest.mark.walk

OTHER = "987654321:AAEhBP0av28abcdefghijklmnopqrstuvwx"

Run = Callable[..., AbstractAsyncContextManager[Bots]]


@pytest.fixture
async def other(people: PlaygroundClient) -> Bot:
    return await people.bot(OTHER, username="other_bot", can_read_all_group_messages=True)


@pytest.fixture
async def there(people: PlaygroundClient, ann: User, other: Bot) -> Chat:
    """Ann's private chat with the other bot; Telegram's id of it is that of her chat with the first."""
    return await people.private(ann, other)


def write(**tables: dict[str, Any]) -> None:
    """Write bots.toml: a table for each bot."""
    lines = [
        line
        for name, table in tables.items()
        for line in (f"[{name}]", *(f"{field} = {json.dumps(value)}" for field, value in table.items()))
    ]
    Path("bots.toml").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
async def run(
    telegram: Playground,
    people: PlaygroundClient,
    bot: Bot,
    other: Bot,
    model: Model,
    database: Database,
    empty_database: Path,
) -> Run:
    """Run the bots of bots.toml with a clock ten times as fast; without one, both, open to all."""
    await people.set(limits="off")
    write(one={"token": bot.token}, two={"token": other.token})
    if database.url.startswith("sqlite"):
        for each in (bot, other):
            shutil.copy(empty_database, f"{each.id}.db")

    @asynccontextmanager
    async def running(**changes: Any) -> AsyncIterator[Bots]:
        given = settings(
            telegram_api_url=telegram.url, database_url=database.url, bot_tokens=Path("bots.toml"), **changes
        )
        async with build_many(given, load_bots(given), clock=HastyClock()) as bots:
            task = asyncio.ensure_future(bots.run())
            try:
                yield bots
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                if not task.cancelled() and (error := task.exception()):
                    raise error

    return running


async def asked(people: PlaygroundClient, chat: Chat, ann: User, text: str, says: str | None = None) -> None:
    """Ask, and wait for the whole answer."""
    await people.write(chat, ann, text)
    await people.wait(chat, text=says or f"You said: {text}", complete=True)


async def test_nothing_of_one_is_in_the_other(
    run: Run, people: PlaygroundClient, bot: Bot, other: Bot, chat: Chat, there: Chat, ann: User
) -> None:
    bob = await people.add_user("Bob", language="en")
    open_, closed = await people.private(bob, bot), await people.private(bob, other)
    write(
        one={"token": bot.token, "access": "open", "limit_messages": 2},
        two={"token": other.token, "access": "allowlist", "allowed_users": [ann.id]},
    )

    async with run():
        await asked(people, chat, ann, "alpha")
        await asked(people, there, ann, "beta")
        await asked(people, open_, bob, "gamma")
        await asked(people, closed, bob, "delta", says="access")
        first = [message.message_id for message in await people.messages(chat)]
        second = [message.message_id for message in await people.messages(there)]
        await asked(people, chat, ann, "/find beta", says=EN.found_nothing.partition("{")[0])
        await asked(people, there, ann, "/find beta", says="beta")
        await asked(people, chat, ann, "epsilon")
        await asked(people, chat, ann, "zeta", says="questions today")
        for word in ("eta", "theta"):
            await asked(people, there, ann, word)
        await asked(people, chat, ann, "/forget", says=".")
        await asked(people, there, ann, "/history", says="beta|theta")

    assert (chat.id, first) == (there.id, second)
    assert "said: beta" not in "".join(await answers(people, chat, ann))
    assert "alpha" not in "".join(await answers(people, there, ann))


@pytest.mark.proof
async def test_a_revoked_token_and_a_flood_are_the_trouble_of_one_alone(
    run: Run,
    people: PlaygroundClient,
    other: Bot,
    chat: Chat,
    there: Chat,
    ann: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with run() as bots:
        await asked(people, there, ann, "before")
        await people.fault("sendMessage", "429", seconds=20, bot=other.id)
        await people.write(there, ann, "flooded")
        await asked(people, chat, ann, "beside a flood")
        await people.fault("*", "error", code=401, description="Unauthorized", bot=other.id, times=None)
        while "[two]" not in told(bots):  # noqa: ASYNC110  # of another bot
            await asyncio.sleep(0.05)
        await asked(people, chat, ann, "beside a revoked token")
        await people.clear_faults()
        await asked(people, there, ann, "after")

    lines = [each.getMessage() for each in caplog.records if "tried again" in each.getMessage()]
    assert lines
    assert [line for line in lines if "bots.toml:4 [two] token is '987654321:…'" not in line] == []
    assert OTHER not in caplog.text


def told(bots: Bots) -> str:
    return " ".join(f"[{each.name}]" for each in bots.standings() if each.trouble)


@pytest.mark.proof
@pytest.mark.sqlite("a file")
async def test_a_damaged_file_is_the_trouble_of_one_alone(
    run: Run, people: PlaygroundClient, chat: Chat, there: Chat, ann: User, database: Database
) -> None:
    damaged = database.file("").with_name("987654321.db")
    async with run() as bots:
        damaged.write_bytes(b"no database at all" * 1000)
        while "[two]" not in told(bots):  # noqa: ASYNC110  # of another bot
            await asyncio.sleep(0.05)
        await asked(people, chat, ann, "beside a damaged file")
        for each in damaged.parent.glob("987654321.db*"):
            each.unlink()
        await asked(people, there, ann, "after")


@pytest.mark.proof
async def test_one_port_serves_all_and_tells_of_each(
    run: Run, people: PlaygroundClient, bot: Bot, other: Bot, chat: Chat, there: Chat, ann: User
) -> None:
    port = free_port()
    write(
        one={"token": bot.token, "webhook_secret": "first"},
        two={"token": other.token, "webhook_secret": "second"},
    )
    address = f"http://127.0.0.1:{port}"

    async with run(webhook_url=address, webhook_port=port) as bots:
        await asked(people, chat, ann, "alpha")
        await asked(people, there, ann, "beta")
        async with aiohttp.ClientSession(address) as session:

            async def post(bot_id: int, secret: str) -> int:
                headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
                async with session.post(f"/telegram/{bot_id}", data=b"{}", headers=headers) as response:
                    return response.status

            assert [await post(bot.id, "first"), await post(other.id, "second")] == [400, 400]
            assert [await post(bot.id, "second"), await post(other.id, "first"), await post(1, "first")] == [
                401,
                401,
                404,
            ]
            async with session.get("/metrics") as response:
                figures = await response.text()
            async with session.get("/healthz") as response:
                health = await response.json()
        status = "\n".join(lines_of(json.loads(json.dumps(status_of(await look_at(bots.standings), [])))))

    assert 'deltagram_ready{bot="one"} 1\ndeltagram_ready{bot="two"} 1' in figures
    assert figures.count("# TYPE deltagram_ready ") == 1
    assert [health["ready"], [*health["bots"]], health["faults"]] == [True, ["one", "two"], []]
    assert status.index("[one]") < status.index("@delta_bot") < status.index("[two]") < status.index("@other_bot")


@pytest.mark.proof
@pytest.mark.sqlite("on a server a restart adds bots")
async def test_what_changes_in_the_file_is_done_to_whom_it_concerns(
    run: Run, people: PlaygroundClient, bot: Bot, other: Bot, chat: Chat, there: Chat, ann: User
) -> None:
    write(one={"token": bot.token})
    async with run() as bots:
        await asked(people, chat, ann, "alpha")
        (running,) = [each.reporter for each in bots.standings()]
        write(one={"token": bot.token}, two={"token": other.token, "access": "closed"})
        assert "log names them" in bots.reload.now()
        write(one={"token": bot.token}, two={"token": other.token})
        assert bots.reload.now() == ""
        await asked(people, there, ann, "beta")
        assert bots.standings()[0].reporter is running
        write(two={"token": other.token, "access": "allowlist"})
        assert bots.reload.now() == ""
        await asked(people, there, ann, "gamma", says="access")
        assert [each.name for each in bots.standings()] == ["two"]


async def test_both_killed_in_mid_answer_end_with_one_whole_answer_each(
    environment: dict[str, str],
    tmp_path: Path,
    people: PlaygroundClient,
    bot: Bot,
    other: Bot,
    chat: Chat,
    there: Chat,
    ann: User,
    model: Model,
) -> None:
    write(one={"token": bot.token}, two={"token": other.token})
    child = Child(tmp_path, {**environment, "BOT_TOKEN": "", "BOT_TOKENS": "bots.toml"})
    for text in ("first", "second"):
        model.says(text, "The beginning of it", asyncio.Event())
        model.says(text, "The beginning of it and the end.")
    await child.start()
    await people.write(chat, ann, "first")
    await people.write(there, ann, "second")
    for each in (chat, there):
        await people.wait(each, text="The beginning of it")
    await child.kill()
    await child.start()

    for each in (chat, there):
        await people.wait(each, text="and the end\\.$", complete=True)
        assert len(await answers(people, each, ann)) == 1
    assert await child.stop() == 0
    assert "[one] " in child.log()
