"""What `init` asks, tries and writes."""

import asyncio
import io
import os
import pty
import shutil
import signal
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from dotenv import dotenv_values

from bot.clock import Clock
from bot.commands.init.init import init
from bot.commands.init.provider import OFFERED
from bot.commands.init.terminal import Ended
from bot.settings import ConfigurationError, Settings
from bot.storage.engine.database import open_database
from bot.storage.people.access import Accesses
from providers.registry import kinds
from telegram_playground.client import PlaygroundClient
from telegram_playground.server import Playground
from tests.services.faults import document, status
from tests.walks.nursery import LOG, Child

TOKEN = "123456789:AAEhBP0av28abcdefghijklmnopqrstuvwx"
KEY = "sk-precious-key-1234567890"
MODELS = document({"data": [{"id": "m"}]})
REFUSED = status(401, '{"error": {"message": "no such key"}}')


@dataclass(slots=True)
class Service:
    """A service of OpenAI's protocol that takes one key."""

    url: str = ""
    asked: int = 0
    key: str = KEY

    async def models(self, request: web.Request) -> web.StreamResponse:
        return await (MODELS if self._takes(request) else REFUSED)(request)

    async def chat(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        choice = {"message": {"role": "assistant", "content": "Yes"}, "finish_reason": "stop"}
        return await (document({"choices": [choice]}) if self._takes(request) else REFUSED)(request)

    def _takes(self, request: web.Request) -> bool:
        return request.headers.get("Authorization", f"Bearer {self.key}") == f"Bearer {self.key}"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.router.add_get("/v1/models", service.models)
    app.router.add_post("/v1/chat/completions", service.chat)
    async with TestServer(app) as server:
        service.url = str(server.make_url("/v1"))
        yield service


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, empty_database: Path) -> Path:
    """The bot's folder; to make the tables takes longer than to ask."""
    (tmp_path / "data").mkdir()
    shutil.copy(empty_database, tmp_path / "data" / "bot.db")
    return tmp_path


@pytest.fixture(autouse=True)
async def people(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: Service) -> AsyncIterator[PlaygroundClient]:
    monkeypatch.chdir(tmp_path)
    prefixes = tuple(kind.settings.model_config["env_prefix"] for kind in kinds().values())
    for name in (*(field.upper() for field in Settings.model_fields), *os.environ):
        if name.startswith(prefixes) or name.lower() in Settings.model_fields:
            monkeypatch.delenv(name, raising=False)
    async with Playground() as playground, PlaygroundClient(playground.url) as people:
        await people.bot(TOKEN, first_name="Delta", username="delta_bot")
        monkeypatch.setenv("TELEGRAM_API_URL", playground.url)
        monkeypatch.setenv("OPENAI_BASE_URL", service.url)
        yield people


@dataclass(slots=True)
class Asked:
    """What was said, and whether the file was written."""

    said: str
    written: bool


async def ask(folder: Path, *lines: str) -> Asked:
    source, said = io.TextIOWrapper(io.BytesIO("".join(f"{line}\n" for line in lines).encode())), list[str]()
    written = await asyncio.to_thread(init, source, said.append, folder)
    return Asked("\n".join(said), written)


def read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


async def test_token_number_and_key_make_the_file_and_the_link(tmp_path: Path, service: Service) -> None:
    shutil.rmtree(tmp_path / "data")

    asked = await ask(tmp_path, TOKEN, "1", KEY)

    file = tmp_path / ".env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    settings = Settings.load()
    assert settings.require_token() == TOKEN
    assert f"OPENAI_API_KEY={KEY}\n" in read(file)
    assert f"OPENAI_BASE_URL={service.url}\n" in read(file)
    assert service.asked == 1
    async with open_database(settings.database_url) as sessions:
        code = await Accesses(sessions, Clock()).identify(123456789, "another")
    assert f"https://t.me/delta_bot?start={code}" in asked.said
    assert [name for name in os.listdir(tmp_path) if name.startswith(".env")] == [".env"]
    assert KEY not in asked.said
    assert TOKEN not in asked.said


async def test_what_does_not_work_is_told_and_asked_again(tmp_path: Path) -> None:
    asked = await ask(tmp_path, "nonsense", TOKEN, "99", "x", "OpenAI", "two words", "sk-wrong", "", "openai", KEY)

    assert asked.written
    for told in ("That is no token.", "A number from 0 to ", "Expected a key without blanks", "SignInFailed: 401"):
        assert told in asked.said
    assert "sk-wrong" not in asked.said


async def test_a_server_of_ones_own_is_asked_for_by_its_address(tmp_path: Path, service: Service) -> None:
    asked = await ask(tmp_path, TOKEN, "LM Studio", "http://127.0.0.1:9/v1", "", service.url)

    assert asked.written
    assert "cannot be reached: no connection to " in asked.said
    assert f"LMSTUDIO_BASE_URL={service.url}\n" in read(tmp_path / ".env")


@pytest.mark.parametrize(
    ("address", "deployment", "path"),
    [
        ("", "mine", "/openai/v1/chat/completions"),
        ("/openai/v1/", "mine", "/openai/v1/chat/completions"),
        (
            "/openai/deployments/mine/chat/completions?api-version=2024-10-21",
            "",
            "/openai/deployments/mine/chat/completions",
        ),
    ],
)
async def test_azure_is_asked_for_by_any_address_that_its_page_shows(
    address: str, deployment: str, path: str, tmp_path: Path
) -> None:
    async def chat(request: web.Request) -> web.StreamResponse:
        choice = {"message": {"role": "assistant", "content": "Yes"}, "finish_reason": "stop"}
        is_right = request.headers.get("api-key") == KEY
        return await (document({"choices": [choice]}) if is_right else REFUSED)(request)

    app = web.Application()
    app.router.add_post(path, chat)
    async with TestServer(app) as server:
        url = f"{server.make_url('/')}".rstrip("/") + address
        found = await ask(tmp_path, TOKEN, "azure", url, deployment, "wrong-key-0123456789", "", "", KEY)

    assert found.written, found.said
    values = dotenv_values(tmp_path / ".env")
    assert (values["AZURE_OPENAI_BASE_URL"], values["AZURE_OPENAI_API_KEY"]) == (url, KEY)
    assert values.get("AZURE_OPENAI_MODEL", "") == deployment


def test_every_service_that_a_key_or_an_address_makes_is_offered() -> None:
    assert {*OFFERED} == {*kinds()} - {"demo", "fallback", "fakegpt", "gptalk", "chatgptt", "chatgptfree"}
    assert len({*OFFERED}) == len(OFFERED)


async def test_what_the_environment_says_otherwise_is_told(
    tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "another")

    asked = await ask(tmp_path, TOKEN, "1", KEY)

    assert "OPENAI_API_KEY is set in the environment too, which wins over .env" in asked.said


async def test_without_a_provider_there_is_the_guide(tmp_path: Path) -> None:
    assert (await ask(tmp_path, TOKEN, "0")).written

    assert "_KEY" not in read(tmp_path / ".env")


async def test_a_file_that_is_there_is_left_alone_unless_the_answer_is_yes(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ADMINS=7\n", encoding="utf-8")

    for answer in ("", "n", "nonsense"):
        assert not (await ask(tmp_path, answer, TOKEN, "0")).written
    assert read(tmp_path / ".env") == "ADMINS=7\n"

    assert (await ask(tmp_path, "y", TOKEN, "0")).written
    assert f"BOT_TOKEN={TOKEN}\n" in read(tmp_path / ".env")
    assert read(tmp_path / ".env.old") == "ADMINS=7\n"
    assert stat.S_IMODE((tmp_path / ".env.old").stat().st_mode) == 0o600


@pytest.mark.parametrize("lines", [[], [TOKEN], [TOKEN, "1"], [TOKEN, "1", "sk-wrong"], ["nonsense"]])
async def test_input_that_ends_too_early_leaves_nothing(lines: list[str], tmp_path: Path) -> None:
    with pytest.raises(Ended):
        await ask(tmp_path, *lines)

    assert os.listdir(tmp_path) == ["data"]


async def test_a_server_that_cannot_be_reached_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:9")

    with pytest.raises(Ended):
        await ask(tmp_path, TOKEN)


async def test_a_folder_that_cannot_be_written_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="a folder that you may write in"):
        await ask(tmp_path / "nowhere", TOKEN, "0")


async def test_a_bot_that_belongs_to_somebody_has_no_such_link(tmp_path: Path) -> None:
    async with open_database(Settings.load(_env_file=None).database_url) as sessions:
        accesses = Accesses(sessions, Clock())
        code = await accesses.identify(123456789, "s3cret-code")
        assert code
        await accesses.pair(123456789, code, 7)

    assert "?start=" not in (await ask(tmp_path, TOKEN, "0")).said


@pytest.mark.parametrize("odd", ["k'#", 'k"=;', "k\\n'", "#k", "k${HOME}", "k\\'", "`k`"])
async def test_a_key_of_any_characters_is_read_as_it_was_given_or_not_written(
    odd: str, tmp_path: Path, service: Service
) -> None:
    service.key = odd

    try:
        await ask(tmp_path, TOKEN, "1", odd)
    except ConfigurationError:
        assert [name for name in os.listdir(tmp_path) if name.startswith(".env")] == []
    else:
        assert dotenv_values(tmp_path / ".env")["OPENAI_API_KEY"] == odd


def program(folder: Path, source: Path) -> Child:
    """Return the program as it reads from a file; the rest of what is set is the test's own."""
    return Child(folder, os.environ, "init", source=source)


async def test_the_end_of_the_input_and_a_signal_end_it_in_order(tmp_path: Path) -> None:
    lines, pipe = tmp_path / "data" / "lines", tmp_path / "data" / "pipe"
    lines.write_text(f"{TOKEN}\n", encoding="utf-8")
    ended = program(tmp_path, lines)
    await ended.start()
    assert await ended.ended() == 2
    assert ended.log().endswith("\nThe input ended before all was known; nothing was written.\n")
    assert TOKEN not in ended.log()

    (tmp_path / LOG).unlink()
    os.mkfifo(pipe)
    typing = os.open(pipe, os.O_RDWR)
    stopped = program(tmp_path, pipe)
    await stopped.start()
    await stopped.says("Write /newbot ")
    assert await stopped.stop(signal.SIGINT) == 0
    os.close(typing)
    assert stopped.log().endswith("\nNothing was written.\n")
    assert sorted(os.listdir(tmp_path)) == [LOG, "data"]


async def test_a_secret_is_not_shown_where_it_is_typed(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    child = program(tmp_path, Path(os.ttyname(theirs)))
    await child.start()

    def talk() -> bytes:
        seen = b""
        for prompt, line in ((b"Token: ", TOKEN), (b"Number: ", "1"), (b"provider): ", KEY), (b"?start=", "")):
            while prompt not in seen:
                seen += os.read(ours, 1024)
            os.write(ours, f"{line}\n".encode())
            seen = seen.replace(prompt, b"<asked>")
        return seen

    shown = await asyncio.to_thread(talk)
    assert await child.ended() == 0
    os.close(theirs)
    os.close(ours)

    assert KEY.encode() not in shown
    assert TOKEN.encode() not in shown
