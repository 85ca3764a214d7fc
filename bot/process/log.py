"""Log lines, for people or for machines, without secrets and without what people wrote.

Of an error its class and where it happened are written, not its words: those of a service, a parser or a validator may
repeat what they were given.
"""

import json
import logging
import re
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bot.process.trail import present

if TYPE_CHECKING:
    from logging import _SysExcInfoType

MASK = "***"
LEAST_SECRET = 6  # characters; a shorter secret would mask ordinary words
LAST = 20  # lines that `status` can show
IDS = re.compile(r"\b(answer|update|chat)=(-?\d{1,20})(?!\S)")
NOISY = (
    *("aiogram", "alembic", "aiosqlite", "asyncio", "httpx2", "mcp"),
    "bot.storage.engine.turns",  # by whose name SQLAlchemy's pool speaks
)
TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class MaskingFormatter(logging.Formatter):
    """Text lines in which no secret appears, whoever wrote the message."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(TEXT)
        self._secrets: list[str] = []
        self.hide(secrets)

    def hide(self, secrets: Iterable[str]) -> None:
        """Mask these, too."""
        long_enough = {secret for secret in secrets if len(secret) >= LEAST_SECRET}
        self._secrets = sorted(long_enough.union(self._secrets), key=len, reverse=True)  # one may be part of another

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        return self._masked(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        """Return the first line of a record, with the name of its bot where a process runs several."""
        if bot := present().get("bot"):
            record.message = f"[{bot}] {record.message}"
        return super().formatMessage(record)

    def formatException(self, ei: "_SysExcInfoType | tuple[None, None, None]") -> str:  # noqa: N802  # logging's name
        """Return classes and frames of an error, of what it came from and of those in its group."""
        return "".join(_told(ei[1], set())).rstrip() if ei[1] is not None else ""

    def _masked(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, MASK)
        return line


def _told(error: BaseException, told: set[int]) -> Iterator[str]:
    """Yield an error's lines, after those of what it came from, each once: what tasks share may be its own origin.

    `told`: ids of those that were.
    """
    line: list[BaseException] = []
    origin: BaseException | None = error
    while origin is not None and id(origin) not in told:
        told.add(id(origin))
        line.append(origin)
        origin = origin.__cause__ or (None if origin.__suppress_context__ else origin.__context__)
    for each in reversed(line):
        yield from traceback.format_tb(each.__traceback__)
        yield f"{type(each).__module__}.{type(each).__qualname__}\n"
        if isinstance(each, BaseExceptionGroup):
            for part in each.exceptions:
                yield from _told(part, told)


def hide(secrets: Iterable[str]) -> None:
    """Mask these, too, from now on."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, MaskingFormatter):
            handler.formatter.hide(secrets)


class JsonFormatter(MaskingFormatter):
    """One JSON object a line: time (Unix seconds), level, logger, message and, for errors, the traceback.

    Beside them stand the ids of the update, the answer and the chat that the line is about, as far as they are known,
    and the name of the bot, where a process runs several.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line: dict[str, object] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._masked(record.getMessage()),
        }
        line.update(present())
        line.update({name: int(id_) for name, id_ in IDS.findall(record.getMessage())})
        if record.exc_info:
            line["traceback"] = self._masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class Last(logging.Handler):
    """Keeps the last lines that somebody may have to look at, masked as in the log."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(MaskingFormatter(secrets))
        self.lines: deque[str] = deque(maxlen=LAST)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the first line of a record, without what a bug left behind it."""
        self.lines.append(self.format(record).partition("\n")[0])


def last() -> list[str]:
    """Return the last warnings and errors, oldest first."""
    return [line for each in logging.getLogger().handlers if isinstance(each, Last) for line in each.lines]


def set_up(level: str, style: str, secrets: Iterable[str]) -> None:
    """Log to standard error; `style` is `text` or `json`."""
    handler = logging.StreamHandler()
    handler.setFormatter((JsonFormatter if style == "json" else MaskingFormatter)(secrets))
    logging.basicConfig(level=level, handlers=[handler, Last(secrets)], force=True)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
