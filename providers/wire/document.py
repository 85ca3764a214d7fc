"""A body that is no stream: a page, or one JSON object whatever content type it has."""

import aiohttp

from providers.wire.sse import MAX_LINE, Events, parse_object
from providers.wire.status import unexpected


class Document:
    """The lines of a body that are no part of an event stream; in one, each line of data is a payload of its own."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._length = 0

    def feed(self, line: str) -> str | None:
        """Take a line; return the payload in it, if it has one. Raises ServiceFailed at more than 8 MiB outside."""
        if line.startswith("data:"):
            return line.removeprefix("data:").strip()
        if not Events.owns(line):
            self.add(line)
        return None

    def add(self, line: str) -> None:
        """Take a line that is surely no part of a stream."""
        self._lines.append(line)
        self._length += len(line)
        if self._length > MAX_LINE:
            raise unexpected(self._lines[0])

    @property
    def text(self) -> str:
        """Return the lines so far; empty if they are blank."""
        return "\n".join(self._lines).strip()


async def read_text(response: aiohttp.ClientResponse) -> str:
    """Read a body of at most 8 MiB; what is not UTF-8 in it is replaced. Raises ServiceFailed."""
    body = bytearray()
    async for data in response.content.iter_any():
        body += data
        if len(body) > MAX_LINE:
            raise unexpected(f"more than {MAX_LINE} bytes", status=response.status)
    return body.decode(errors="replace")


async def read_object(response: aiohttp.ClientResponse) -> dict[str, object]:
    """Read a JSON object. Raises ServiceFailed where the body is anything else: HTML, cut off, empty."""
    text = await read_text(response)
    found = parse_object(text)
    if found is None:
        raise unexpected(text or "an empty body", status=response.status)
    return found


def at(value: object, *path: str | int) -> object:
    """Return what lies at a path of keys and indexes inside a JSON value; None where there is no such path."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def text_at(value: object, *path: str | int) -> str:
    """Return the text at a path; an empty one where there is none."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""
