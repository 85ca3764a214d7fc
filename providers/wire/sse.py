"""Server-sent events, and JSON framed in other ways, out of the bytes of a response.

    bytes ──Lines──▶ lines ──Events──▶ payloads of `data:` fields ──▶ JSON objects

`Lines`, `Events` and `JsonTexts` are pure; `lines` and `objects` read an aiohttp response and are used inside
`failures` (providers.http), which turns a lost connection into the right ProviderError. A provider whose service speaks
JSON needs `objects` alone; one with a framing of its own builds on `lines`.

Sources: https://html.spec.whatwg.org/multipage/server-sent-events.html; seed services' protocol, 1.5 and 6.1.
"""

import json
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import NamedTuple

import aiohttp

from providers.base import Leisure
from providers.errors import ServiceFailed
from providers.wire.leisure import chunks
from providers.wire.repeats import USUAL, Repeats, TextIn
from providers.wire.status import unexpected

MAX_LINE = 8 * 1024 * 1024  # bytes; services that repeat the whole answer in each event send lines of megabytes
DONE = "[DONE]"
_NAMES = ("data", "event", "id", "retry")
_FIELDS = ("data:", ":", "event:", "id:", "retry:")

_DECODER = json.JSONDecoder()

Item = dict[str, object] | str | None  # an object, or all that it says, which is text; None: a sign of life without one

log = logging.getLogger(__name__)


class Lines:
    """Cut a stream of bytes into lines of text, wherever the network cut it.

    A line ends with LF, CRLF or, unless `strict`, CR, and is decoded only when it is complete. In one that is not UTF-8
    the wrong bytes become U+FFFD, or with `strict` it is left out; one of more than `limit` bytes raises ServiceFailed.
    """

    def __init__(self, *, limit: int = MAX_LINE, strict: bool = False) -> None:
        self._limit = limit
        self._errors = "strict" if strict else "replace"
        self._pending = bytearray()
        self._first = True
        self._takes_cr, self._was_cr = not strict, False

    def feed(self, data: bytes) -> list[str]:
        """Take more bytes; return the lines that they complete."""
        if self._takes_cr and (self._was_cr or b"\r" in data):
            data = self._with_lf(data)
        complete, end, rest = data.rpartition(b"\n")
        if not end:
            self._pending += data
            self._check(self._pending)
            return []
        complete = bytes(self._pending + complete)
        self._pending = bytearray(rest)
        self._check(self._pending)
        return self._texts(complete)

    def _with_lf(self, data: bytes) -> bytes:
        """Return bytes in which each line ends with LF; the rest of a CRLF may come with the next ones."""
        was_cr, self._was_cr = self._was_cr, data.endswith(b"\r") if data else self._was_cr
        data = data[1:] if was_cr and data.startswith(b"\n") else data
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _texts(self, complete: bytes) -> list[str]:
        """Return some lines, at once where they are as lines should be."""
        if not self._first and len(complete) <= self._limit:
            try:
                return [line.removesuffix("\r") for line in complete.decode().split("\n")]
            except UnicodeDecodeError:
                pass
        return [text for line in complete.split(b"\n") if (text := self._text(line)) is not None]

    def end(self) -> list[str]:
        """Return the last line where the body ended without a line end."""
        text = self._text(bytes(self._pending)) if self._pending else None
        self._pending.clear()
        return [text] if text is not None else []

    def _text(self, line: bytes) -> str | None:
        self._check(line)
        if self._first:
            self._first = False
            line = line.removeprefix(b"\xef\xbb\xbf")
        try:
            return line.removesuffix(b"\r").decode(errors=self._errors)
        except UnicodeDecodeError:
            log.debug("line is not UTF-8 length=%d", len(line))
            return None

    def _check(self, line: bytes | bytearray) -> None:
        if len(line) > self._limit:
            raise ServiceFailed(f"unexpected answer: a line of more than {self._limit} bytes", status=200)


class Payload(NamedTuple):
    """The text of an event, or of a line that is no part of one, and the JSON object that it is, if it is one."""

    text: str
    item: dict[str, object] | None


class Events:
    """Put the data of events together out of lines.

    An event ends at an empty line and, because many servers forget that, also where its only line of data is complete:
    the end marker or a JSON object. Comments and other fields are passed over.
    """

    def __init__(self, *, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._data: list[str] = []
        self._length = 0

    @property
    def is_empty(self) -> bool:
        """Tell whether no event has begun."""
        return not self._data

    @staticmethod
    def owns(line: str) -> bool:
        """Tell whether a line belongs to an event stream; others are those of a body that is none."""
        return line.startswith(_FIELDS) or line in _NAMES or not line.strip()

    def feed(self, line: str) -> Payload | None:
        """Take a line; return the payload that it completes, if any."""
        if not line:
            return self.end()
        name, _, value = line.partition(":")
        if name != "data":
            return None
        value = value.removeprefix(" ")
        item = parse_object(value) if not self._data else None
        if item is not None or (not self._data and value.strip() == DONE):
            return Payload(value, item)
        self._data.append(value)
        self._length += len(value)
        if self._length > self._limit:
            raise ServiceFailed(f"unexpected answer: an event of more than {self._limit} characters", status=200)
        return None

    def end(self) -> Payload | None:
        """Return the payload that is pending, if any: the event is over."""
        pending, self._data, self._length = self._data, [], 0
        text = "\n".join(pending)
        return Payload(text, parse_object(text)) if pending else None


class JsonTexts:
    """Find the JSON texts of a body, whichever way it frames them: events, a text per line, or one document."""

    def __init__(self, *, limit: int = MAX_LINE) -> None:
        self._events = Events(limit=limit)
        self._event_stream = False
        self._limit = limit
        self._outside: list[str] = []
        self._length = 0

    @property
    def is_idle(self) -> bool:
        """Tell whether an empty line would end nothing."""
        return self._events.is_empty

    def feed(self, line: str) -> Payload | None:
        """Take a line; return the payload or JSON text that it completes, if any."""
        if line.startswith(USUAL) and self._events.is_empty and (item := parse_object(data := line[6:])) is not None:
            self._event_stream = True
            return Payload(data, item)
        if self._events.owns(line):
            self._event_stream = self._event_stream or bool(line.strip())
            return self._events.feed(line)
        if not self._outside and (item := parse_object(line)) is not None:
            return Payload(line, item)
        self._outside.append(line)
        self._length += len(line)
        if self._length > self._limit:
            raise ServiceFailed(f"unexpected answer: more than {self._limit} characters of text", status=200)
        return None

    def end(self) -> list[dict[str, object]]:
        """Return the objects of a body that is one document. Raises ServiceFailed where it is no JSON or cut off."""
        last = self._events.end()
        if last and last.text.lstrip().startswith("{"):
            if last.item is None:
                raise ServiceFailed("the last event is cut off", status=200)
            return [last.item]
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
    """Yield the lines of a body as they arrive, the last one even without a line end; one not in UTF-8 is left out."""
    splitter = Lines(strict=True)  # seed services' protocol, 6.1.5
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
    async with aclosing(signs(response)) as source:
        async for item in source:
            if item is not None:
                yield item


async def signs(response: aiohttp.ClientResponse) -> AsyncGenerator[dict[str, object] | None, None]:
    """Yield what `objects` yields, and None where a stream shows life without one: a comment, a piece of a line."""
    async with aclosing(reads(response)) as source:
        async for items in source:
            for item in items:
                if not isinstance(item, str):
                    yield item


async def reads(
    response: aiohttp.ClientResponse, leisure: Leisure | None = None, text_in: TextIn | None = None
) -> AsyncGenerator[list[Item], None]:
    """Yield what `signs` yields, those together that came together; `leisure`: for how long nobody looks at them.

    `text_in` returns the text of an object that says nothing else: it may come in the object's place, with leisure as
    one with those beside it.
    """
    splitter, texts, is_stream = Lines(), JsonTexts(), False
    repeats = Repeats(text_in, joins=leisure is not None) if text_in else None
    async with aclosing(chunks(response, leisure)) as source:
        async for data in source:
            items, ended, is_event = _items(splitter.feed(data), texts, repeats)
            is_stream = is_stream or is_event
            if items or is_stream or not data.strip():
                yield items or [None]
            if ended:
                return
    items, ended, _ = _items(splitter.end(), texts, repeats)
    if items:
        yield items
    if not ended and (last := texts.end()):
        yield [*last]


def _items(lines: Sequence[str], texts: JsonTexts, repeats: Repeats | None) -> tuple[list[Item], bool, bool]:
    """Return the objects in some lines, an empty one for the end marker, whether that came, and a line of a stream."""
    items: list[Item] = []
    is_event, is_idle = False, texts.is_idle
    for line in lines:
        if is_idle and not line:
            is_event = True
            continue
        if is_idle and repeats and (text := repeats.text(line)) is not None:
            is_event = True
            if repeats.joins and items and isinstance(before := items[-1], str):
                items[-1] = before + text
            else:
                items.append(text)
            continue
        payload, is_idle = texts.feed(line), texts.is_idle
        if payload is None:
            is_event = is_event or Events.owns(line)
            continue
        is_event = True
        if payload.item:
            items.append(payload.item)
            if repeats:
                repeats.learn(line, payload.item)
        elif payload.text.strip() == DONE:
            items.append({})
            return items, True, True
    return items, False, is_event


def _parse(text: str) -> object:
    try:
        value: object
        value, end = _DECODER.raw_decode(text) if text.startswith("{") else (None, -1)  # spares two looks for blanks
        if end != len(text):
            value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value
