"""What `check` says of a configuration, and that it agrees with `run`."""

import asyncio
import json
import re
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.clock import Clock
from bot.commands.check import check
from bot.commands.checks.files import open_to_all
from bot.settings import ConfigurationError as Mistake
from bot.settings import Settings
from bot.storage.engine.database import open_database
from bot.storage.engine.shelf import Shelf
from bot.storage.people.access import Accesses
from providers.errors import ConfigurationError
from telegram_playground.client import PlaygroundClient
from telegram_playground.server import Playground

TOKEN = "123456789:AAEhBP0av28abcdefghijklmnopqrstuvwx"


@pytest.fixture(autouse=True)
async def people(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[PlaygroundClient]:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DEMO_TOKENS_PER_SECOND", "5000")
    async with Playground() as playground, PlaygroundClient(playground.url) as people:
        await people.bot(TOKEN, first_name="Delta", username="delta_bot")
        monkeypatch.setenv("BOT_TOKEN", TOKEN)
        monkeypatch.setenv("TELEGRAM_API_URL", playground.url)
        yield people


async def failures() -> list[str]:
    """Return what fails; check itself must agree."""
    said: list[str] = []
    works = await check(Settings.load(), said.append)
    found = [line for line in said if line.startswith("FAIL")]
    assert works is not bool(found)
    return found


async def lines() -> list[str]:
    """Return all that is told."""
    told: list[str] = []
    await check(Settings.load(), told.append)
    return told


@pytest.fixture
def file(tmp_path: Path, empty_database: Path) -> Path:
    """A database with all tables."""
    return Path(shutil.copy(empty_database, tmp_path / "bot.db"))


async def test_the_size_of_database_and_files_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{file}")
    Shelf(file.with_name("bot.db.files")).put(bytes(2_500_000))

    [line] = [line for line in await lines() if "answers, " in line]

    assert re.search(r"bot\.db, 0 answers, \d+ kB, 1 files with 2\.5 MB; \d+(\.\d)? [kMG]?B free$", line)


async def test_tools_that_work_and_those_that_do_not_are_told(tmp_path: Path) -> None:
    command = json.dumps([sys.executable, str(Path(__file__).parents[1] / "tools" / "counting.py")])
    servers = f"[mcp.counts]\ncommand = {command}\n[mcp.lost]\ncommand = ['no-such-program']\n"
    (tmp_path / "tools.toml").write_text(f"[web]\nsearch = true\n{servers}", encoding="utf-8")

    told = [" ".join(line.split()) for line in await lines() if line[6:].startswith("tools")]

    assert told[0] == "ok tools web search: offered"
    assert re.fullmatch(r"ok tools counts: \d+ tools", told[1])
    assert told[2].startswith("note tools lost: ")
    assert "No such file" in told[2]
    assert await failures() == []


async def test_a_mistake_in_the_file_of_tools_is_told(tmp_path: Path) -> None:
    (tmp_path / "tools.toml").write_text("[mcp.notes]\napproval = 'ask'", encoding="utf-8")

    with pytest.raises(Mistake, match=r"tools\.toml:1 \[mcp\.notes\].*either command"):
        await lines()


def names(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]


async def test_what_works_is_told_and_nothing_is_made(tmp_path: Path) -> None:
    assert await failures() == []
    assert names(tmp_path) == []


async def test_what_works_and_could_be_better_is_a_note() -> None:
    told = {line.split()[1]: line for line in await lines()}

    assert told["telegram"].startswith("ok  ")
    assert "→" not in told["telegram"]
    assert told["groups"].startswith("note")
    assert "→ /setprivacy at @BotFather" in told["groups"]


@pytest.mark.parametrize(
    ("mode", "drafts", "is_told"), [("draft", False, True), ("draft", True, False), ("auto", False, False)]
)
async def test_a_server_without_the_drafts_that_are_wanted_is_told(
    mode: str, drafts: bool, is_told: bool, people: PlaygroundClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people.set(drafts=drafts)
    monkeypatch.setenv("STREAM_MODE", mode)

    assert any("this server has no drafts" in line for line in await lines()) is is_told


async def test_where_the_bot_hears_all_nothing_is_said_of_groups(people: PlaygroundClient) -> None:
    await people.bot(TOKEN, can_read_all_group_messages=True)

    assert [line for line in await lines() if "groups" in line] == []


@pytest.mark.parametrize("known", [False, True], ids=["before the first start", "before the link is used"])
async def test_how_to_become_the_owner_is_told(
    known: bool, tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    if known:
        shutil.copy(empty_database, tmp_path / "bot.db")
        async with open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.db") as sessions:
            await Accesses(sessions, Clock()).identify(123456789, "s3cret-code")

    (line,) = [line for line in await lines() if " owner " in line]

    assert line.startswith("note")
    assert ("https://t.me/delta_bot?start=s3cret-code" if known else "its log shows the link") in line


async def test_a_bot_that_is_owned_says_nothing_of_the_link(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{file}")
    async with open_database(f"sqlite+aiosqlite:///{file}") as sessions:
        accesses = Accesses(sessions, Clock())
        await accesses.identify(123456789, "s3cret-code")
        await accesses.pair(1, "s3cret-code", 7)

    assert [line for line in await lines() if " owner " in line] == []


@pytest.mark.parametrize(("name", "is_told"), [("", True), ("ALLOWED_USERS", False), ("ADMINS", False)])
async def test_a_list_that_lets_nobody_in_is_told(name: str, is_told: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESS", "allowlist")
    if name:
        monkeypatch.setenv(name, "7")

    assert any("nobody has access" in line for line in await lines()) is is_told


@pytest.mark.parametrize(
    ("proxy", "mend"),
    [
        ("", "is TELEGRAM_API_URL right, does that server run?"),
        ("http://user:hunter2@127.0.0.1:9", "does the proxy of TELEGRAM_PROXY run and let us through?"),
        ("socks5://user:hunter2@127.0.0.1:9", "does the proxy of TELEGRAM_PROXY run and let us through?"),
    ],
)
async def test_the_mend_is_about_what_stands_between(proxy: str, mend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("TELEGRAM_PROXY", proxy)

    (line,) = await failures()

    assert "cannot be reached: " in line
    assert "127.0.0.1" in line
    assert f"→ {mend}" in line
    assert "hunter2" not in line


async def test_a_server_that_knows_no_bot_api_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    server = TestServer(web.Application())
    async with server:
        monkeypatch.setenv("TELEGRAM_API_URL", str(server.make_url("")))

        (line,) = await failures()

    assert "what answers is not a Bot API server" in line
    assert "→ is TELEGRAM_API_URL right?" in line


@pytest.mark.parametrize(
    ("proxy", "mend"),
    [("", "is its address right"), ("http://u:hunter2@127.0.0.1:9", "does the proxy of PROVIDER_PROXY")],
)
async def test_a_proxy_is_suspected_where_there_is_one(proxy: str, mend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PROVIDER_PROXY", proxy)

    (line,) = await failures()

    assert f"→ {mend}" in line
    assert "hunter2" not in line


async def test_a_misspelt_setting_is_a_note_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRST_TOKEN_TIMOUT", "precious")

    (line,) = [line for line in await lines() if "settings" in line]

    assert line.startswith("note")
    assert "FIRST_TOKEN_TIMOUT in the environment is no setting" in line
    assert "→ did you mean FIRST_TOKEN_TIMEOUT?" in line
    assert "precious" not in line


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("DEFAULT_PROVIDER", "nope", "DEFAULT_PROVIDER is 'nope'"),
        ("DEMO_PROVIDER", "off", "DEMO_PROVIDER is 'off'"),
        ("DATABASE_URL", "sqlite+aiosqlite:////proc/nowhere/bot.db", "/proc/nowhere/bot.db cannot be made"),
        ("DATABASE_URL", "sqlite+aiosqlite:///.", ". cannot be made or written"),
    ],
)
async def test_what_keeps_the_bot_from_starting_fails(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    (line,) = await failures()

    assert told in line


async def test_a_database_of_a_newer_version_fails(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{file}")
    assert await failures() == []
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()

    (line,) = await failures()

    assert "made by a newer version" in line


@pytest.mark.parametrize(
    ("free", "state", "told"),
    [
        (0, "FAIL", "is full: make room there"),
        (10_000_000, "note", "less than 500 MB of the disk of "),
        (10**9, "ok", ""),
    ],
)
async def test_a_disk_that_is_nearly_full_is_told(
    free: int, state: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))

    (line,) = [line for line in await lines() if "database" in line]

    assert line.startswith(state)
    assert told in line


async def test_an_empty_database_will_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bot.db").touch()
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:///bot.db")

    assert await failures() == []


async def test_a_code_that_was_handed_out_is_worth_nothing_once_there_are_admins(file: Path) -> None:
    async with open_database(f"sqlite+aiosqlite:///{file}") as sessions:
        accesses = Accesses(sessions, Clock())
        await accesses.identify(1, "handed-out")

        await accesses.identify(1, None)

        assert not await accesses.pair(1, "handed-out", 7)


@pytest.mark.parametrize("setting", ["bot_tokens", "providers_file", "tools_file"])
async def test_a_file_that_may_hold_secrets_is_named_where_every_user_can_read_it(tmp_path: Path, setting: str) -> None:
    file = tmp_path / "secrets.toml"
    file.touch()
    file.chmod(0o644)

    (line,) = open_to_all(Settings.load(**{setting: file}))

    assert f"can read {file}" in line.detail


async def test_files_that_every_user_can_read_are_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ADMINS=1\n", encoding="utf-8")
    (tmp_path / "providers.toml").write_text("", encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bot.db").touch()
    for name in (".env", "data/bot.db"):
        (tmp_path / name).chmod(0o644)
    (tmp_path / "providers.toml").chmod(0o640)

    told = [line.split("can read ")[1] for line in await lines() if "can read" in line]

    assert [line.split("\n")[0] for line in told] == [".env", "data/bot.db"]
    assert "chmod 600 .env" in told[0]


class Service:
    """An OpenAI-compatible service that answers each path as it is told, when its gate is open."""

    def __init__(self, *, model: str = "m", **entry: object) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.under_way = 0
        self.all_here = asyncio.Event()
        self.expected = 0
        self._entry = {"id": model, **entry}
        self.others: list[dict[str, object]] = []
        app = web.Application()
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat)
        self.server = TestServer(app)

    async def _models(self, _: web.Request) -> web.Response:
        self.under_way += 1
        if self.under_way == self.expected:
            self.all_here.set()
        await self.gate.wait()
        return web.json_response({"data": [self._entry, *self.others]})

    async def _chat(self, _: web.Request) -> web.Response:
        choice = {"message": {"role": "assistant", "content": "Yes"}, "finish_reason": "stop"}
        return web.json_response({"choices": [choice]})


async def test_providers_are_asked_at_once_and_told_in_their_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    service = Service()
    async with service.server as server:
        url = str(server.make_url("/v1"))
        tables = [f'[p{number}]\ntype = "openai"\nbase_url = "{url}"\n' for number in range(5)]
        (tmp_path / "providers.toml").write_text("".join(tables), encoding="utf-8")
        service.gate.clear()
        service.expected = 5
        told = asyncio.create_task(lines())
        async with asyncio.timeout(60):
            await service.all_here.wait()  # all five ask before one is answered
        service.gate.set()

        names = [line.split()[1] for line in await told]

    assert [name for name in names if name.startswith("p")] == ["p0", "p1", "p2", "p3", "p4"]


async def test_eight_providers_of_which_three_are_broken_take_as_long_as_the_slowest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """All are answered at one instant, so nobody waited for another; the broken ones name their mend."""
    asked, all_asked = 0, asyncio.Event()
    whole = {"choices": [{"message": {"role": "assistant", "content": "Yes"}, "finish_reason": "stop"}]}

    async def chat(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        if asked == 8:
            all_asked.set()
        await all_asked.wait()
        match (await request.json())["model"]:
            case "key":
                return web.json_response({"error": {"message": "no such key"}}, status=401)
            case "down":
                return web.json_response({"error": {"message": "oops"}}, status=503)
            case "mute":
                return web.json_response({"choices": []})
        return web.json_response(whole)

    app = web.Application()
    app.router.add_post("/v1/chat/completions", chat)
    async with TestServer(app) as server, asyncio.timeout(60):
        models = ["m", "key", "m", "down", "m", "mute", "m", "m"]
        tables = [
            f'[p{number}]\ntype = "openai"\nmodel = "{model}"\nbase_url = "{server.make_url("/v1")}"\n'
            for number, model in enumerate(models)
        ]
        (tmp_path / "providers.toml").write_text("".join(tables), encoding="utf-8")
        told = [line for line in await lines() if line.split()[1].startswith("p")]

    assert [(line.split()[0], line.split()[1]) for line in told] == [
        ("FAIL" if model != "m" else "ok", f"p{number}") for number, model in enumerate(models)
    ]
    assert "is the key right" in told[1]


async def test_a_model_that_ends_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Service(shutdown_date="2027-01-14").server as server:
        monkeypatch.setenv("OPENAI_BASE_URL", str(server.make_url("/v1")))

        told = [line for line in await lines() if " openai " in line]

    assert [line.split()[0] for line in told] == ["ok", "ok", "ok", "note"]
    assert "the model m ends: 2027-01-14" in told[-1]


async def test_a_key_that_travels_unencrypted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://192.0.2.1.example.invalid:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "precious")

    told = [line for line in await lines() if "unencrypted" in line]

    assert len(told) == 1
    assert "precious" not in told[0]


async def test_a_password_in_the_address_beside_a_key_is_one_line_and_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://user:hunter2@localhost:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "precious")

    with pytest.raises(ConfigurationError) as caught:
        await lines()

    assert str(caught.value).startswith("OPENAI_BASE_URL=http://***@localhost:9/v1: expected")


async def test_a_reason_is_told_to_the_operator_with_all_words(monkeypatch: pytest.MonkeyPatch) -> None:
    async def elsewhere(_: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect("https://elsewhere.example/v1")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", elsewhere)
    async with TestServer(app) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", str(server.make_url("/v1")))

        (line,) = await failures()

    assert "ServiceFailed: 307 redirects: to https://elsewhere.example/v1" in line


async def test_what_each_model_takes_is_told_and_who_draws_and_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service()
    service.others = [{"id": "eyes", "architecture": {"input_modalities": ["text", "image"]}}]
    async with service.server as server:
        monkeypatch.setenv("OPENAI_BASE_URL", str(server.make_url("/v1")))
        monkeypatch.setenv("SPEECH_BASE_URL", "https://voice.example/v1")

        told = await lines()

    assert any("eyes (pictures" in line for line in told)
    assert any("/image: openai (gpt-image-2)" in line for line in told)
    assert any("read aloud by speech (gpt-4o-mini-tts, alloy)" in line for line in told)
    assert not any("ends:" in line for line in told)  # at another service than OpenAI's


async def test_a_voice_that_ends_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPEECH_BASE_URL", "https://api.openai.com/v1")

    (line,) = [line for line in await lines() if " speech " in line]

    assert "→ gpt-4o-mini-tts ends: 2027-01-06; then name another one in SPEECH_MODEL" in line


async def test_what_nobody_does_is_told_with_the_way_to_have_it() -> None:
    told = "\n".join(await lines())

    for setting in ("TRANSCRIPTION_BASE_URL", "IMAGES_BASE_URL", "SPEECH_BASE_URL"):
        assert f"set {setting}" in told
