"""Log lines: no secret appears in them, whoever wrote the message."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.app.configured import secrets_of
from bot.process.log import NOISY, JsonFormatter, MaskingFormatter, set_up
from bot.settings import Settings
from bot.storage.engine.database import create_engine

SECRET = "123456789:AAEhBP0av28abcdefghijklmnop"


@contextmanager
def as_a_command_logs(level: str) -> Iterator[None]:
    """Have lines written as a command has them."""
    root = logging.getLogger()
    handlers, former, levels = root.handlers[:], root.level, {name: logging.getLogger(name).level for name in NOISY}
    root.handlers = []
    try:
        set_up(level, "text", [])
        yield
    finally:
        root.handlers = handlers
        root.setLevel(former)
        for name, each in levels.items():
            logging.getLogger(name).setLevel(each)


def record(message: str, *, error: Exception | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("bot.delivery", logging.WARNING, __file__, 1, message, None, info)


def test_a_secret_is_masked_in_text_and_in_json() -> None:
    for formatter in (MaskingFormatter([SECRET]), JsonFormatter([SECRET])):
        line = formatter.format(record(f"GET /bot{SECRET}/getMe", error=ValueError(f"bad token {SECRET}")))

        assert SECRET not in line
        assert "***" in line


async def test_a_connection_that_is_cut_short_is_no_line_of_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with as_a_command_logs("INFO"):
        engine = create_engine(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
        async with engine.connect() as connection:
            await connection.invalidate()
        await engine.dispose()
        logging.getLogger("bot.storage.engine").info("a line of ours")

    assert [line.partition(": ")[2] for line in capsys.readouterr().err.splitlines()] == ["a line of ours"]


def test_what_an_error_repeats_of_what_people_wrote_is_not_logged() -> None:
    written = " ".join(("my", "own", "words"))  # not as it stands in a line of code, which a traceback shows
    try:
        try:
            int(written)
        except ValueError as error:
            raise ExceptionGroup(written, [LookupError(written)]) from error
    except ExceptionGroup as group:
        found = group

    for formatter in (MaskingFormatter([]), JsonFormatter([])):
        line = formatter.format(record("a bug", error=found))

        assert written not in line
        assert "builtins.ValueError" in line
        assert "builtins.LookupError" in line
        assert "test_log.py" in line


def test_errors_that_came_of_each_other_are_told_once() -> None:
    """Tasks that wait for one failure raise the same error, each from what it met itself."""
    first, second = ValueError(), LookupError()
    first.__cause__, second.__context__ = second, first

    for formatter in (MaskingFormatter([]), JsonFormatter([])):
        line = formatter.format(record("a bug", error=first))

        assert [line.count("builtins.ValueError"), line.count("builtins.LookupError")] == [1, 1]


def test_a_secret_that_json_would_escape_is_masked_too() -> None:
    secret = 'pass"word\\of-mine'

    line = JsonFormatter([secret]).format(record(f"sign in with {secret}", error=ValueError(secret)))

    assert json.loads(line)["message"] == "sign in with ***"
    assert "of-mine" not in line


def test_a_secret_within_another_does_not_leave_the_rest_of_it() -> None:
    secrets = ["password", "http://user:password@proxy:3128"]

    line = MaskingFormatter(secrets).format(record(f"no way through {secrets[1]}"))

    assert line.endswith("no way through ***")


def test_keys_of_providers_count_as_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "key-of-environment")
    monkeypatch.setenv("TELEGRAM_PROXY", "http://user:proxyword@proxy:3128")
    (tmp_path / ".env").write_text("ANTHROPIC_API_KEY=key-of-file\nGROQ_API_KEY=key-of-named\n", encoding="utf-8")
    (tmp_path / "providers.toml").write_text(
        '[groq]\ntype = "openai"\nbase_url = "https://api.groq.com/openai/v1"\n'
        '[near]\ntype = "openai"\nbase_url = "http://127.0.0.1/v1"\napi_key = "key-of-table"\n'
        '[local]\ntype = "openai"\nbase_url = "http://user:base%20word@127.0.0.1/v1"\n',
        encoding="utf-8",
    )

    secrets = secrets_of(Settings.load())

    keys = {"key-of-environment", "key-of-file", "key-of-named", "key-of-table"}
    assert keys | {"http://user:proxyword@proxy:3128", "proxyword", "base%20word", "base word"} <= set(secrets)


def test_a_json_line_can_be_read_by_machines() -> None:
    line = json.loads(JsonFormatter([]).format(record("flood chat=7")))

    assert line["level"] == "warning"
    assert line["logger"] == "bot.delivery"
    assert line["message"] == "flood chat=7"
