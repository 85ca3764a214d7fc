"""Log lines: no secret appears in them, whoever wrote the message."""

import json
import logging

from bot.log import JsonFormatter, MaskingFormatter

SECRET = "123456789:AAEhBP0av28abcdefghijklmnop"


def record(message: str, *, error: Exception | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("bot.delivery", logging.WARNING, __file__, 1, message, None, info)


def test_a_secret_is_masked_in_text_and_in_json() -> None:
    for formatter in (MaskingFormatter([SECRET]), JsonFormatter([SECRET])):
        line = formatter.format(record(f"GET /bot{SECRET}/getMe", error=ValueError(f"bad token {SECRET}")))

        assert SECRET not in line
        assert "***" in line


def test_a_json_line_can_be_read_by_machines() -> None:
    line = json.loads(JsonFormatter([]).format(record("flood chat=7")))

    assert line["level"] == "warning"
    assert line["logger"] == "bot.delivery"
    assert line["message"] == "flood chat=7"
