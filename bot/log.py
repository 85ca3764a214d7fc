"""Log lines, for people or for machines, without secrets."""

import json
import logging
from collections.abc import Iterable

MASK = "***"
LEAST_SECRET = 6  # characters; a shorter secret would mask ordinary words
TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class MaskingFormatter(logging.Formatter):
    """Text lines in which no secret appears, whoever wrote the message."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(TEXT)
        long_enough = {secret for secret in secrets if len(secret) >= LEAST_SECRET}
        self._secrets = sorted(long_enough, key=len, reverse=True)  # one may be part of another

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        return self._masked(super().format(record))

    def _masked(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, MASK)
        return line


class JsonFormatter(MaskingFormatter):
    """One JSON object a line: time (Unix seconds), level, logger, message and, for errors, the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line: dict[str, object] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._masked(record.getMessage()),
        }
        if record.exc_info:
            line["traceback"] = self._masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def set_up(level: str, style: str, secrets: Iterable[str]) -> None:
    """Log to standard error; `style` is `text` or `json`."""
    handler = logging.StreamHandler()
    handler.setFormatter((JsonFormatter if style == "json" else MaskingFormatter)(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("aiogram", "alembic", "aiosqlite", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
