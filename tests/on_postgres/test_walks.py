"""The whole bot on a database of a server: answers, faults in the middle of them, kills, and what the commands say."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.commands.check import check
from bot.settings import Settings
from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.model import Model
from tests.on_postgres.test_patience import cut
from tests.on_postgres.wire import Wire
from tests.postgres import Postgres
from tests.walks.conftest import Start, answers
from tests.walks.nursery import Child

pytestmark = pytest.mark.walk

Fault = Callable[[Postgres, str], None]


def restarted(server: Postgres, _name: str) -> None:
    server.stop()
    server.start()


def failed(server: Postgres, _name: str) -> None:
    server.stop(at_once=True)
    server.start()


async def test_it_answers_remembers_and_finds(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    async with start():
        await people.write(chat, ann, "a blue whale")
        await people.wait(chat, text="You said: a blue whale", complete=True)
        await people.write(chat, ann, "and then?")
        await people.wait(chat, text="You said: and then", complete=True)
        await people.write(chat, ann, "/find blue wha")
        await people.wait(chat, text="blue whale", complete=True)
        found = await people.wait(chat, text="/find|Found|🔍|whale")

    assert found
    assert [message["content"] for message in model.requests[-1].body["messages"] if message["role"] == "user"] == [
        "a blue whale",
        "and then?",
    ]


@pytest.mark.parametrize("fault", [restarted, failed, cut], ids=lambda each: each.__name__)
async def test_a_server_that_goes_in_mid_answer_costs_nothing(
    start: Start,
    name: str,
    postgres: Postgres,
    people: PlaygroundClient,
    chat: Chat,
    ann: User,
    model: Model,
    fault: Fault,
) -> None:
    go_on = asyncio.Event()
    model.says("story", "Once upon a time", go_on, " there was an end.")
    async with start():
        await people.write(chat, ann, "story")
        await people.wait(chat, text="Once upon a time")
        await asyncio.to_thread(fault, postgres, name)
        go_on.set()
        await people.write(chat, ann, "more")
        await people.wait(chat, text="You said: more", complete=True)

    assert await answers(people, chat, ann) == ["Once upon a time there was an end.", "You said: more"]
    assert model.prompts() == ["story", "more"]


async def test_a_server_that_a_second_one_takes_over_from_costs_nothing(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    """The address leads to the second one then, as that of a managed service does."""
    go_on = asyncio.Event()
    model.says("story", "Once upon a time", go_on, " there was an end.")
    with Postgres.running() as first, first.standby() as second:
        url = first.create("bot")
        async with Wire.to(first.port) as wire, start(database_url=url.replace(f":{first.port}/", f":{wire.port}/")):
            await people.write(chat, ann, "story")
            await people.wait(chat, text="Once upon a time")
            await asyncio.to_thread(first.stop, at_once=True)
            await people.write(chat, ann, "more")
            wire.leads_to = second.port
            await asyncio.to_thread(second.promote)
            go_on.set()
            await people.wait(chat, text="You said: more", complete=True)

    assert await answers(people, chat, ann) == ["Once upon a time there was an end.", "You said: more"]
    assert model.prompts() == ["story", "more"]


async def test_a_killed_bot_finishes_its_answer_in_the_same_message(
    child: Child, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("text", "The beginning of it", asyncio.Event())
    model.says("text", "The beginning of it and the end.")
    await child.start()
    await people.write(chat, ann, "text")
    growing = await people.wait(chat, text="The beginning of it")

    await child.kill()
    await child.start()
    whole = await people.wait(chat, text=r"the end\.$", complete=True)

    assert whole.message_id == growing.message_id


@pytest.fixture
async def second(environment: Mapping[str, str], tmp_path: Path) -> AsyncIterator[Child]:
    """Another process of the same bot, as on another machine."""
    folder = tmp_path / "second"
    folder.mkdir()
    other = Child(folder, environment)
    yield other
    await other.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP], ids=lambda each: each.name)
async def test_a_second_bot_waits_and_goes_on_with_the_answer_of_the_first_one(
    child: Child,
    second: Child,
    people: PlaygroundClient,
    chat: Chat,
    ann: User,
    model: Model,
    number: signal.Signals,
) -> None:
    model.says("text", "The beginning of it", asyncio.Event())
    model.says("text", "The beginning of it and the end.")
    await child.start()
    await people.wait_call("getUpdates")
    await second.start()
    async with asyncio.timeout(60):
        while "standing by" not in second.log():  # noqa: ASYNC110  # another process writes it
            await asyncio.sleep(0.05)
    await people.write(chat, ann, "text")
    growing = await people.wait(chat, text="The beginning of it")

    os.kill(child.pid, number)
    whole = await people.wait(chat, text=r"the end\.$", complete=True)
    if number is signal.SIGSTOP:
        os.kill(child.pid, signal.SIGCONT)
    await people.write(chat, ann, "more")
    await people.wait(chat, text="You said: more", complete=True)

    assert whole.message_id == growing.message_id
    assert await answers(people, chat, ann) == ["The beginning of it and the end.", "You said: more"]


async def test_one_that_stands_by_tells_systemd_that_it_is_ready(
    child: Child, people: PlaygroundClient, environment: Mapping[str, str], tmp_path: Path
) -> None:
    await child.start()
    await people.wait_call("getUpdates")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        (tmp_path / "second").mkdir()
        second = Child(tmp_path / "second", {**environment, "NOTIFY_SOCKET": str(tmp_path / "notify")})
        await second.start()
        try:
            assert await asyncio.to_thread(systemd.recv, 100) == b"READY=1"
        finally:
            await second.kill()


async def test_the_one_that_works_is_asked_how_it_fares(
    child: Child,
    people: PlaygroundClient,
    environment: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await child.start()
    await people.wait_call("getUpdates")
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)

    assert await asyncio.to_thread(main, ["status"]) == 0
    assert f"process {child.pid}" in capsys.readouterr().out


async def test_check_tells_of_the_database_without_its_password(
    environment: Mapping[str, str], url: str, monkeypatch: pytest.MonkeyPatch, people: PlaygroundClient, child: Child
) -> None:
    address = url.replace("deltagram@", "deltagram:hunter2@")
    for variable, value in {**environment, "DATABASE_URL": address}.items():
        monkeypatch.setenv(variable, value)

    assert "is new; its tables will be made" in await told()
    await child.start()
    await people.wait_call("getUpdates")
    assert ", 0 answers, " in await told()
    monkeypatch.setenv("DATABASE_URL", f"{address}x")
    assert f'database "{address.rpartition("/")[2]}x" does not exist' in await told()


async def told() -> str:
    """Return what is told of the database."""
    lines: list[str] = []
    await check(Settings.load(), lines.append)
    assert "hunter2" not in "\n".join(lines)
    return next(line for line in lines if "database" in line[:18])


@pytest.mark.parametrize("command", [["backup", "copy.db"], ["restore", "copy.db"]], ids=lambda each: each[0])
def test_what_copies_a_file_names_the_program_that_copies_a_server(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://127.0.0.1/deltagram")
    Path("copy.db").touch()

    assert main(command) == 2
    said = capsys.readouterr().err
    assert "pg_" in said
    assert len(said.splitlines()) == 1


def test_a_server_of_another_kind_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql+aiomysql://root:hunter2@db/deltagram")

    assert main(["run"]) == 2
    said = capsys.readouterr().err
    assert "postgresql+asyncpg://" in said
    assert "hunter2" not in said
