"""What an operator can set, and how a mistake is told."""

import re
from pathlib import Path

import pytest

from bot.app.telegram import make_bot
from bot.settings import ConfigurationError, Settings
from providers.registry import kinds
from providers.services.presets import PRESETS, REMOTE

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAEhBP0av28abcdefghijklmnopqrstuvwx"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_every_setting_is_explained_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))

    assert {name.upper() for name in Settings.model_fields} <= named


def test_every_setting_of_a_provider_is_explained_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z0-9_]+)=", example, re.MULTILINE))
    alike = {each.id: "API_KEY" if each in REMOTE else "BASE_URL" for each in PRESETS}  # the rest is told once
    fields = {
        f"{kind.settings.model_config['env_prefix']}{field}".upper()
        for kind in kinds().values()
        for field in ([alike[kind.id]] if kind.id in alike else kind.settings.model_fields)
        if kind.id != "fallback"  # a table of providers.toml
    }

    assert fields <= named


def test_the_example_shows_the_defaults() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^#([A-Z_]+)=(.+)$", example, re.MULTILINE))
    defaults = Settings.load()

    for name in Settings.model_fields:
        if name.upper() in shown:
            value = getattr(defaults, name)
            assert shown[name.upper()] == (f"{value:g}" if isinstance(value, float) else str(value))


@pytest.mark.parametrize("name", ["ADMINS", "ADMIN_IDS", "ADMIN_USER_IDS"])
def test_names_known_from_other_bots_are_taken(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "12, -100500,")

    assert Settings.load().admins == (12, -100500)


def test_the_token_may_have_its_longer_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)

    assert Settings.load().require_token() == TOKEN


@pytest.mark.parametrize(("name", "other"), [("ADMINS", "ADMIN_IDS"), ("ADMIN_IDS", "ADMINS")])
def test_the_environment_wins_by_whichever_name(
    name: str, other: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(f"{other}=1\n", encoding="utf-8")
    monkeypatch.setenv(name, "2")

    assert Settings.load().admins == (2,)


def test_two_names_of_a_setting_that_differ_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"BOT_TOKEN=\nTELEGRAM_BOT_TOKEN={TOKEN}\n", encoding="utf-8")
    assert Settings.load().require_token() == TOKEN

    (tmp_path / ".env").write_text(f"BOT_TOKEN=1{TOKEN}\nTELEGRAM_BOT_TOKEN={TOKEN}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"^BOT_TOKEN and TELEGRAM_BOT_TOKEN: expected one of them") as told:
        Settings.load()
    assert TOKEN not in str(told.value)
    assert Settings.load(bot_token=TOKEN).require_token() == TOKEN


def test_a_wrong_value_is_told_by_the_name_that_was_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_USER_IDS", "me")

    with pytest.raises(ConfigurationError, match=r"^ADMIN_USER_IDS is 'me'"):
        Settings.load()


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAX_PARTS=7\nCHAT_RATE=2\n", encoding="utf-8")
    monkeypatch.setenv("MAX_PARTS", "9")

    settings = Settings.load()

    assert (settings.max_parts, settings.chat_rate) == (9, 2)


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_PARTS", "")

    assert Settings.load().max_parts == 5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ACCESS", "everybody"),
        ("ADMINS", "me"),
        ("BOT_TOKEN", "hunter2hunter2"),
        ("CHAT_RATE", "-1"),
        ("DATABASE_URL", "postgresql://user:secret@db/x"),
        ("LANGUAGE", "fr"),
        ("LOG_LEVEL", "LOUD"),
        ("MAX_PARTS", "0"),
        ("STREAM_MODE", "fast"),
        ("TELEGRAM_API_URL", "api.telegram.org"),
        ("TELEGRAM_PROXY", "ftp://user:secret@proxy"),
        ("TOKEN_TIMEOUT", "soon"),
        ("TOKEN_TIMEOUT", "nan"),
        ("GROUP_RATE", "inf"),
        ("CHAT_RATE", "nan"),
        ("BOT_RATE", "0.5"),
        ("LIMIT_MESSAGES", "0"),
        ("LIMIT_TOKENS", "-5"),
        ("GROUP_LIMIT_MESSAGES", "many"),
        ("GROUP_LIMIT_TOKENS", "1e400"),
        ("LIMIT_MESSAGES", "2.5"),
        ("BOT_NAMES", "Hal,@bot"),
        ("BOT_NAMES", "x" * 65),
        ("CHAT_BURST", "0"),
        ("GROUP_BURST", "inf"),
        ("TELEGRAM_API_URL", "http://127.0.0.1:99999"),
        ("TELEGRAM_PROXY", "socks5://user:secret@h:99999"),
        ("TELEGRAM_PROXY", "https://user:secret@h:443"),
        ("PROVIDER_PROXY", "socks5://h"),
        ("DATABASE_URL", "sqlite+aiosqlite://"),
        ("DATABASE_URL", "sqlite+aiosqlite:///:memory:"),
        ("DATABASE_URL", "sqlite+aiosqlite://data/bot.db"),
        ("DATABASE_URL", "sqlite+aiosqlite:///file:x?mode=memory&uri=true"),
    ],
)
def test_a_wrong_value_is_told_in_one_line_without_secrets(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError) as caught:
        Settings.load()

    assert str(caught.value).startswith(f"{name} is ")
    assert ": expected " in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("LOG_LEVEL", "TRACE", "expected DEBUG, INFO, WARNING or ERROR"),
        ("LANGUAGE", "fr", "expected auto, en, de or ru"),
        ("LOG_FORMAT", "xml", "expected text or json"),
        ("BOT_RATE", "0.9", "expected at least 1"),
        ("GROUP_BURST", "0.9", "expected at least 1"),
        ("LIMIT_TOKENS", "-50000", "LIMIT_TOKENS is '-50000': expected at least 1"),
        ("GROUP_RATE", "inf", "expected a finite number"),
        ("ADMINS", "1,bob", "ADMINS is 'bob': expected a whole number"),
        ("KEEP_DAYS", "soon", "KEEP_DAYS is 'soon': expected a number"),
        ("FIRST_TOKEN_TIMEOUT", "0", "FIRST_TOKEN_TIMEOUT is '0': expected greater than 0"),
    ],
)
def test_what_is_expected_is_told_in_plain_words(
    name: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError) as caught:
        Settings.load()

    assert str(caught.value).endswith(expected)


@pytest.mark.parametrize("proxy", ["socks5h://user:word@h:1080", "socks4://h:1080", "http://[::1]:3128/"])
def test_a_proxy_is_taken(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_PROXY", proxy)
    monkeypatch.setenv("BOT_TOKEN", TOKEN)

    assert make_bot(Settings.load()).session


@pytest.mark.parametrize("encoding", ["utf-16", "cp1251"])
def test_a_file_in_another_encoding_is_told(encoding: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SYSTEM_PROMPT=Привет\n", encoding=encoding)

    with pytest.raises(ConfigurationError, match=r"^\.env: expected UTF-8"):
        Settings.load()


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAX_PARTS=7\n", encoding="utf-8-sig")

    assert Settings.load().max_parts == 7


def test_a_missing_token_names_the_variable() -> None:
    with pytest.raises(ConfigurationError, match="BOT_TOKEN is not set: expected the token"):
        Settings.load().require_token()


def test_the_language_of_a_desktop_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en_US:en")

    assert Settings.load().language == "auto"
