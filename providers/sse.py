"""Server-sent events, and JSON framed in other ways, out of the bytes of a response.

    bytes ──Lines──▶ lines ──Events──▶ payloads of `data:` fields ──▶ JSON objects

`Lines`, `Events` and `JsonTexts` are pure; `lines` and `objects` read an aiohttp response and are used inside
`failures` (providers.http), which turns a lost connection into the right ProviderError. A provider whose service speaks
JSON needs `objects` alone; one with a framing of its own builds on `lines`.

Sources: https://html.spec.whatwg.org/multipage/server-sent-events.html; seed services' protocol, 1.5 and 6.1.
"""

import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

import aiohttp

from providers.errors import ServiceFailed
from providers.status import unexpected

MAX_LINE = 8 * 1024 * 1024  # bytes; services that repeat the whole answer in each event send lines of megabytes
DONE = "[DONE]"

log = logging.getLogger(__name__)


class Lines:
    """Cut a stream of bytes into lines of text, wherever the network cut it.

    A line ends with LF or CRLF and is decoded only when it is complete. One that is not UTF-8 is left out; one of more
    than `limit` bytes raises ServiceFailed.
    """

    def __init__(self, *, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._pending = bytearray()
        self._first = True

    def feed(self, data: bytes) -> list[str]:
        """Take more bytes; return the lines that they complete."""
        *complete, rest = data.split(b"\n")
        found = []
        for piece in complete:
            self._pending += piece
            found += self._take()
        self._pending += rest
        self._check()
        return found

    def end(self) -> list[str]:
        """Return the last line where the body ended without a line end."""
        return self._take() if self._pending else []

    def _take(self) -> list[str]:
        self._check()
        line = bytes(self._pending)
        self._pending.clear()
        if self._first:
            self._first = False
            line = line.removeprefix(b"\xef\xbb\xbf")
        try:
            return [line.removesuffix(b"\r").decode()]
        except UnicodeDecodeError:
            log.debug("line is not UTF-8 length=%d", len(line))
            return []

    def _check(self) -> None:
        if len(self._pending) > self._limit:
            raise ServiceFailed(f"unexpected answer: a line of more than {self._limit} bytes", status=200)


class Events:
    """Put the data of events together out of lines.

    An event ends at an empty line and, because many servers forget that, also where its only line of data is complete:
    the end marker or a JSON object. Comments and other fields are passed over.
    """

    def __init__(self, *, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._data: list[str] = []
        self._length = 0

    @staticmethod
    def owns(line: str) -> bool:
        """Tell whether a line belongs to an event stream; others are those of a body that is none."""
        return not line.strip() or line.partition(":")[0] in ("", "data", "event", "id", "retry")

    def feed(self, line: str) -> list[str]:
        """Take a line; return the payload that it completes, if any."""
        name, _, value = line.partition(":")
        if not line:
            return self.end()
        if name != "data":
            return []
        self._data.append(value.removeprefix(" "))
        self._length += len(value)
        if self._length > self._limit:
            raise ServiceFailed(f"unexpected answer: an event of more than {self._limit} characters", status=200)
        whole = value.strip() == DONE or parse_object(value) is not None
        return self.end() if whole and len(self._data) == 1 else []

    def end(self) -> list[str]:
        """Return the payload that is pending, if any: the event is over."""
        pending, self._data, self._length = self._data, [], 0
        return ["\n".join(pending)] if pending else []


class JsonTexts:
    """Find the JSON texts of a body, whichever way it frames them: events, a text per line, or one document."""

    def __init__(self, *, limit: int = MAX_LINE) -> None:
        self._events = Events(limit=limit)
        self._event_stream = False
        self._limit = limit
        self._outside: list[str] = []
        self._length = 0

    def feed(self, line: str) -> list[str]:
        """Take a line; return the payload or JSON text that it completes, if any."""
        if self._events.owns(line):
            self._event_stream = self._event_stream or bool(line.strip())
            return self._events.feed(line)
        if not self._outside and parse_object(line) is not None:
            return [line]
        self._outside.append(line)
        self._length += len(line)
        if self._length > self._limit:
            raise ServiceFailed(f"unexpected answer: more than {self._limit} characters of text", status=200)
        return []

    def end(self) -> list[dict[str, object]]:
        """Return the objects of a body that is one document. Raises ServiceFailed where it is no JSON or cut off."""
        for payload in self._events.end():
            if payload.lstrip().startswith("{"):
                document = parse_object(payload)
                if document is None:
                    raise ServiceFailed("the last event is cut off", status=200)
                return [document]
        text = "\n".join(self._outside)
        value = _parse(text)
        found = [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]
        if text.strip() and not found and not self._event_stream:
            raise unexpected(text)
        return found


def parse_object(text: str) -> dict[str, object] | None:
    """Parse a JSON object; None if the text is anything else. Raises nothing."""
    value = _parse(text)
    return value if isinstance(value, dict) else None


async def lines(response: aiohttp.ClientResponse) -> AsyncGenerator[str, None]:
    """Yield the lines of a body as they arrive, the last one even without its line end."""
    splitter = Lines()
    async for data in response.content.iter_any():
        for line in splitter.feed(data):
            yield line
    for line in splitter.end():
        yield line


async def objects(response: aiohttp.ClientResponse) -> AsyncGenerator[dict[str, object], None]:
    """Yield the JSON objects of a body: of events, of one JSON text per line, or of one document (an object or a list).

    The end marker `[DONE]` is yielded as an empty object, the last one. Payloads in the midst that are no JSON objects
    are passed over. The status must have been checked before.

    Raises ServiceFailed where the body is something else, such as HTML, or its last JSON text is cut off.
    """
    texts = JsonTexts()
    async with aclosing(lines(response)) as source:
        async for line in source:
            for text in texts.feed(line):
                if text.strip() == DONE:
                    yield {}
                    return
                if item := parse_object(text):
                    yield item
    for item in texts.end():
        yield item


def _parse(text: str) -> object:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value
