"""The program's exit codes, and how it tells a mistake."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.lock import lock
from bot.settings import Settings

TOKEN = "123456789:AAEhBP0av28abcdefghijklmnopqrstuvwx"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:9")


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


def test_a_second_bot_on_the_same_database_names_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with lock(tmp_path / "data" / "bot.db"):
        code = main(["run"])

    assert code == 2
    assert "another bot runs on this database, process " in capsys.readouterr().err


def test_a_damaged_database_ends_in_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bot.db").write_bytes(b"this is no database, and it is long enough to be looked at" * 100)

    code = main(["run"])

    assert code == 1
    assert "damaged" in capsys.readouterr().err.splitlines()[-1]


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


def test_a_backup_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    sqlite3.connect(tmp_path / "data" / "bot.db").close()
    (tmp_path / "copy.db").write_text("precious", encoding="utf-8")

    code = main(["backup", str(tmp_path / "copy.db")])

    assert code == 2
    assert "exists already" in capsys.readouterr().err
    assert (tmp_path / "copy.db").read_text(encoding="utf-8") == "precious"
