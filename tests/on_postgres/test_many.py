"""Several bots on a server, shared by processes: each is served by one of them, and by another when that one ends."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Pool, event
from sqlalchemy.exc import DBAPIError

from bot.app.many.bots import Bots
from bot.app.many.build import build_many
from bot.app.many.file import load_bots
from bot.app.many.places import Places
from bot.report.standing import look_at
from bot.storage.engine.database import in_schema
from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from tests.bot.storage.test_apart import try_all
from tests.clock import FakeClock
from tests.postgres import Postgres
from tests.walks.hasty import HastyClock, settings
from tests.walks.test_many import Run, asked, other, run, there, write

__all__ = ("other", "run", "there")


def held(bots: Bots) -> set[str]:
    return {each.name for each in bots.standings() if each.reporter}


async def until_held(*shares: tuple[Bots, set[str] | None]) -> None:
    """Wait until each process has some bots; None: any one."""
    async with asyncio.timeout(60):
        while not all(held(bots) == names if names is not None else len(held(bots)) == 1 for bots, names in shares):  # noqa: ASYNC110  # others' work
            await asyncio.sleep(0.05)


@pytest.mark.walk
async def test_two_processes_share_the_bots_and_the_one_that_is_left_has_both(
    run: Run, people: PlaygroundClient, chat: Chat, there: Chat, ann: User, postgres: Postgres, name: str
) -> None:
    async with run() as first:
        await until_held((first, {"one", "two"}))
        await asked(people, chat, ann, "alpha")
        async with run() as second:
            await asyncio.sleep(0.5)
            assert await look_at(second.standings) == []
            async with asyncio.timeout(60):
                while not second.is_well:  # noqa: ASYNC110  # systemd is told that it serves, as one that stands by does
                    await asyncio.sleep(0.05)
    async with run() as first, run() as second:
        await until_held((first, None), (second, None))
        await asked(people, chat, ann, "beta")
        await asked(people, there, ann, "gamma")
    schemas = "SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace WHERE nspname LIKE 'bot%'"
    assert postgres.sql(schemas, database=name) == "bot123456789 bot987654321"


async def test_bots_that_begin_together_look_once_whose_the_first_database_is(url: str, clock: FakeClock) -> None:
    connections: list[object] = []

    def note(connection: object, _entry: object) -> None:
        connections.append(connection)

    write(**{f"bot{number}": {"token": f"12345678{number}:{'A' * 35}"} for number in range(1, 7)})
    bots, places = load_bots(settings(database_url=url, bot_tokens=Path("bots.toml"))), Places(url, clock)

    event.listen(Pool, "connect", note)
    found = await asyncio.gather(*(places.of(bot) for bot in bots))
    event.remove(Pool, "connect", note)

    assert len({*found}) == len(bots) == 6
    assert len(connections) == 1


@pytest.mark.walk
async def test_a_bot_that_the_file_has_begin_anew_stays_with_its_process(
    run: Run, people: PlaygroundClient, bot: Bot, other: Bot, chat: Chat, ann: User, postgres: Postgres, name: str
) -> None:
    epochs = "SELECT string_agg(epoch::text, ' ') FROM deltagram_shared.bots"
    async with run() as bots:
        await until_held((bots, {"one", "two"}))
        former = next(each.reporter for each in bots.standings() if each.name == "one")
        write(one={"token": bot.token, "limit_messages": 1}, two={"token": other.token})
        assert bots.reload.now() == ""
        async with asyncio.timeout(60):
            while former in (now := [each.reporter for each in bots.standings()]) or None in now:  # noqa: ASYNC110  # others' work
                await asyncio.sleep(0.05)
        await asked(people, chat, ann, "alpha")
        await asked(people, chat, ann, "beta", says="question")
        assert postgres.sql(epochs, database=name) == "1 1"


@pytest.mark.walk
@pytest.mark.parametrize(
    "table", [{"token": "424242:AAEhBP0av28abcdefghijklmnopqrstuvwx"}, {"database": "data/own.db"}]
)
async def test_a_table_that_comes_to_be_of_another_bot_or_database_waits_for_a_restart(
    run: Run, bot: Bot, other: Bot, table: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    async with run() as bots:
        await until_held((bots, {"one", "two"}))
        running = [each.reporter for each in bots.standings()]
        write(one={"token": bot.token, **table}, two={"token": other.token})
        assert "restart" in bots.reload.now()
        assert [each.reporter for each in bots.standings()] == running

    assert "moves bots=one" in caplog.text


async def test_a_database_that_is_not_there_is_told_as_where_one_bot_is(url: str, bot: Bot) -> None:
    write(one={"token": bot.token})
    given = settings(database_url=f"{url}x", bot_tokens=Path("bots.toml"))

    async with build_many(given, load_bots(given), clock=HastyClock()) as bots:
        with pytest.raises(DBAPIError, match="does not exist"):
            await bots.run()


async def test_no_method_of_one_bots_rows_finds_or_changes_what_is_the_others_beside_it(url: str) -> None:
    await try_all(in_schema(url, "bot1"), in_schema(url, "bot2"))
