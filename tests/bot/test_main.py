"""The program's exit codes, and how it tells a mistake."""

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bot import __version__
from bot.__main__ import main
from bot.commands.play import PLAY_TOKEN
from bot.process.lock import lock
from bot.settings import Settings
from telegram_playground.client import PlaygroundClient
from tests.thorough import chosen, times
from tests.walks.nursery import running

ROOT = Path(__file__).parents[2]
PLAY = ("play", "--port", "0", "--no-browser")
TOKEN = "123456789:AAEhBP0av28abcdefghijklmnopqrstuvwx"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:9")


def test_who_has_read_enough_of_what_a_command_prints_gets_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    closed = os.fdopen(write, "w", buffering=1)
    monkeypatch.setattr("sys.stdout", closed)
    try:
        assert main(["check"]) == 0
    finally:
        with suppress(BrokenPipeError):
            closed.close()


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("BOT_TOKEN", "", "BOT_TOKEN is not set"),
        ("BOT_TOKEN", "12:no", "BOT_TOKEN is '12:…'"),
        ("ACCESS", "everyone", "ACCESS is 'everyone'"),
    ],
)
def test_a_wrong_setting_ends_in_one_line_and_code_2(
    command: str,
    name: str,
    value: str,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, value)

    code = main([command])

    errors = capsys.readouterr().err
    assert code == 2
    assert errors.count("\n") == 1
    assert errors.startswith(told)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEFAULT_PROVIDER", "nobody"),
        ("OPENAI_BASE_URL", "no address"),
        ("PROVIDERS_FILE", "missing.toml"),
        ("DATABASE_URL", "sqlite+aiosqlite:////proc/nowhere/bot.db"),
    ],
)
def test_what_only_shows_while_the_bot_is_built_is_told_too(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)

    code = main(["run"])

    assert code == 2
    assert name in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--port", "TAKEN"], "--host, --port"),
        (["--host", "nosuch.invalid"], "--host, --port is 'nosuch.invalid'"),
        (["--host", "nosuch.invalid", "--port", "1"], "--host, --port is 'nosuch.invalid:1'"),
    ],
)
def test_an_address_that_cannot_be_listened_at_is_blamed_itself(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        code = main(["play", "--no-browser", *(port if part == "TAKEN" else part for part in arguments)])

    errors = capsys.readouterr().err
    assert code == 2
    assert told in errors.splitlines()[-1]
    assert "DATABASE_URL" not in errors


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["play", "--port", "99999"], "argument --port: '99999': expected a number from 0 to 65535"),
        (["play", "--port", "-1"], "argument --port: '-1': expected a number from 0 to 65535"),
        (["stroll"], "invalid choice: 'stroll'"),
        (["backup"], "required: file"),
        (["backup", "--every", "0h", "copies"], "argument --every: '0h': expected a time such as 24h, 30m or 7d"),
        (["backup", "--every", "400d", "copies"], "argument --every: '400d': expected a time"),
        (["backup", "--every", "24h", "--keep", "0", "copies"], "argument --keep: '0': expected a number from 1"),
        (["restore"], "required: file"),
    ],
)
def test_a_mistake_in_the_command_is_told_in_one_line(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    errors = capsys.readouterr().err
    assert ended.value.code == 2
    assert told in errors
    assert errors.count("\n") == 1


def test_a_misspelt_setting_is_told_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text("TELEGRAM_TOKEN=123456:secret\n", encoding="utf-8")
    monkeypatch.delenv("BOT_TOKEN")

    code = main(["run"])

    warning, error = capsys.readouterr().err.splitlines()
    assert code == 2
    assert "TELEGRAM_TOKEN in .env is no setting of this bot; did you mean TELEGRAM_BOT_TOKEN?" in warning
    assert "secret" not in warning
    assert error.startswith("BOT_TOKEN is not set")


def test_a_second_playground_is_told_of_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with lock(tmp_path / "data" / "play.db"):
        code = main(["play", "--no-browser", "--port", "0"])

    assert code == 2
    assert f"play is running already, process {os.getpid()}" in capsys.readouterr().err


def test_a_second_playground_leaves_the_rows_of_the_first_alone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "play.db"
    with lock(file):
        file.write_bytes(b"rows of the first")
        file.with_name("play.db-wal").write_bytes(b"newer rows")

        assert main(["play", "--no-browser", "--port", "0"]) == 2

        assert file.read_bytes() == b"rows of the first"
        assert file.with_name("play.db-wal").read_bytes() == b"newer rows"


@pytest.mark.parametrize("version", chosen(["9999", "no database at all"], "no database at all"))
async def test_play_begins_without_the_rows_of_the_last_time(version: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in ("play.db", "other.db"):
        with closing(sqlite3.connect(tmp_path / "data" / name)) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("CREATE TABLE said (text)")
            database.execute("CREATE TABLE alembic_version (version_num)")
            database.execute("INSERT INTO alembic_version VALUES (?)", (version,))
            database.commit()
    if version == "no database at all":
        (tmp_path / "data" / "play.db").write_bytes(b"torn" * 5_000)

    environment = {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/data/other.db"}
    async with running(tmp_path, environment, *PLAY) as program:
        await program.says("Chat")
        assert await program.stop(signal.SIGINT) == 0

    assert "said" not in tables(tmp_path / "data" / "play.db")
    assert "chats" in tables(tmp_path / "data" / "play.db")
    assert tables(tmp_path / "data" / "other.db") == {"said", "alembic_version"}


def tables(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as database:
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_database_of_a_newer_version_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "bot.db")) as database:
        database.execute("CREATE TABLE alembic_version (version_num)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
        database.commit()

    code = main(["run"])

    assert code == 2
    assert "DATABASE_URL: the database was made by a newer version" in capsys.readouterr().err.splitlines()[-1]


def test_a_second_bot_on_the_same_database_names_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with lock(tmp_path / "data" / "bot.db"):
        code = main(["run"])

    assert code == 2
    assert "another bot runs on this database, process " in capsys.readouterr().err


@pytest.mark.parametrize("command", [["run"], ["check"], ["backup", "copy.db"]])
def test_a_damaged_database_ends_in_code_1(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bot.db").write_bytes(b"this is no database, and it is long enough to be looked at" * 100)

    code = main(command)

    told = capsys.readouterr().err.splitlines()[-1]
    assert code == 1
    assert "damaged" in told
    assert "restore a backup" in told


def test_a_backup_is_a_consistent_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = tmp_path / "bot.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{database}")
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("CREATE TABLE said (text)")
        writer.execute("INSERT INTO said VALUES ('hello')")
        writer.commit()
        writer.execute("INSERT INTO said VALUES ('not yet committed')")

        code = main(["backup", str(tmp_path / "copy.db")])

    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT text FROM said").fetchall() == [("hello",)]
    assert code == 0
    assert capsys.readouterr().out == f"copied to {tmp_path / 'copy.db'}\n"


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert (ended.value.code, capsys.readouterr().out) == (0, f"deltagram {__version__}\n")


def test_keep_without_every_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", "--keep", "3", "copy.db"]) == 2
    assert "--keep goes with --every" in capsys.readouterr().err


def test_nothing_is_restored_while_a_bot_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "copy.db").write_bytes(b"")
    with lock(tmp_path / "data" / "bot.db"):
        code = main(["restore", "copy.db"])

    assert code == 2
    assert f"another bot runs on this database, process {os.getpid()}" in capsys.readouterr().err


def test_a_backup_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    sqlite3.connect(tmp_path / "data" / "bot.db").close()
    (tmp_path / "copy.db").write_text("precious", encoding="utf-8")

    code = main(["backup", str(tmp_path / "copy.db")])

    assert code == 2
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "copy.db").read_text(encoding="utf-8") == "precious"


def test_a_backup_into_no_folder_blames_the_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    sqlite3.connect(tmp_path / "data" / "bot.db").close()

    code = main(["backup", "nodir/out.db"])

    errors = capsys.readouterr().err
    assert code == 2
    assert errors.startswith("nodir/out.db: ")
    assert "No such file or directory" in errors
    assert "name a file in a folder that you may write in" in errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_check_in_order(number: signal.Signals, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        async with running(tmp_path, environment, "check") as program:
            connection, _ = await asyncio.to_thread(silent.accept)
            code = await program.stop(number)
        connection.close()

    assert (code, program.log()) == (0, "")


async def test_a_signal_ends_a_backup_in_order(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "bot.db")) as database:
        database.execute("CREATE TABLE said (text)")
        database.execute(f"INSERT INTO said VALUES (zeroblob({times(40_000_000, 100_000_000)}))")
        database.commit()

    async with running(tmp_path, {}, "backup", "copy.db") as program:
        while not (tmp_path / "copy.db.part").exists() and await program.ended(0) is None:  # noqa: ASYNC110  # another process makes it
            await asyncio.sleep(0.001)
        code = await program.stop(signal.SIGINT)

    told = "copied to copy.db\n" if (tmp_path / "copy.db").exists() else ""  # it was quicker than the signal
    assert code == 0
    assert program.log() in ("", told)
    assert not (tmp_path / "copy.db.part").exists()


async def test_play_waits_for_no_browser(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "closed")
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\necho opened\nread line < closed\n", encoding="utf-8")
    browser.chmod(0o755)

    async with running(tmp_path, {"BROWSER": f"{browser} %s"}, "play", "--port", "0") as program:
        await program.says("Chat")
        await program.says("opened")
        code = await program.stop(signal.SIGINT)
        (tmp_path / "closed").write_text("\n", encoding="utf-8")

    assert code == 0


async def test_play_asks_the_provider_of_run_and_offers_the_guide_beside_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "DEFAULT_PROVIDER=ollama\nOPENAI_API_KEY=k\nOLLAMA_BASE_URL=http://127.0.0.1:9\n", encoding="utf-8"
    )
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "play.db").write_bytes(b"what the last start left, its ids come again" * 100)

    async with running(tmp_path, {}, *PLAY) as program:
        url = (await program.says("Chat")).split()[5].rstrip("/")
        async with PlaygroundClient(url) as people:
            ann = await people.add_user("Ann")
            chat = await people.private(ann, await people.bot(PLAY_TOKEN))
            await people.write(chat, ann, "/start")
            await people.wait(chat, text="Now answering: Ollama", timeout=60)
            await people.write(chat, ann, "table")
            failure = await people.wait(chat, text="⚠️", complete=True, timeout=60)
            await people.write(chat, ann, "/provider demo")
            await people.wait(chat, text="demo answers")
            await people.write(chat, ann, "table")
            await people.wait(chat, text="A table, as models like to answer", timeout=60)
        assert await program.stop() == 0

    assert program.log().splitlines()[-1].endswith("INFO    bot: stopped reason=SIGTERM")
    assert failure.text.endswith("/provider demo calls the built-in guide.")


def handles_signals(child: subprocess.Popen[str]) -> bool:
    """Tell whether a process has come so far that it handles SIGTERM (proc_pid_status(5))."""
    status = Path(f"/proc/{child.pid}/status").read_text(encoding="ascii")
    [caught] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")]
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("after_s", chosen([0.0, 1.0], 0.0))
@pytest.mark.parametrize(
    ("program", "signals"),
    [
        (["bot", "run"], [signal.SIGINT]),
        (["bot", "play", "--port", "0", "--no-browser"], [signal.SIGINT, signal.SIGTERM]),
        (["telegram_playground", "--port", "0"], [signal.SIGINT, signal.SIGINT]),
        (["telegram_playground.model", "--port", "0"], [signal.SIGTERM, signal.SIGINT]),
    ],
    ids=["run", "play", "playground", "model"],
)
def test_signals_while_it_starts_end_it_in_order(
    program: list[str], signals: list[signal.Signals], after_s: float
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", *program],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TELEGRAM_API_URL": "http://127.0.0.1:9"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        while not handles_signals(child):
            assert child.poll() is None
            time.sleep(0.001)
        time.sleep(after_s)
        for number in signals:
            child.send_signal(number)
        _, errors = child.communicate(timeout=60)

    assert child.returncode == 0
    assert len([line for line in errors.splitlines() if "WARNING" not in line]) <= 1
    assert "Traceback" not in errors
