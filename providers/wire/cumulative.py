"""Answers that are sent again and again, each time longer: snapshots in, deltas out."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import aiohttp

from providers.base import Revised
from providers.errors import EmptyAnswer
from providers.surrogates import HalfCharacter
from providers.wire.document import Document
from providers.wire.sse import DONE, lines, parse_object
from providers.wire.status import unexpected

NO_TEXT = "empty answer: no valid response"


class Snapshots:
    """Tells what is new in each snapshot; `text` is the last one."""

    def __init__(self) -> None:
        self.text = ""

    def feed(self, snapshot: str) -> list[str | Revised]:
        """Return the new tail, or the whole text anew where the service took something back; nothing for a repetition.

        An empty snapshot, or half a character at its end, says nothing yet.
        """
        before, text = self.text, HalfCharacter().feed(snapshot)
        if text in ("", before):
            return []
        self.text = text
        return [text[len(before) :] if text.startswith(before) else Revised(text)]


async def cumulative(
    response: aiohttp.ClientResponse, snapshot_of: Callable[[dict[str, object]], str]
) -> AsyncGenerator[str | Revised, None]:
    """Yield the deltas of an event stream of snapshots, until a payload that begins with `[DONE]` or its end.

    Each line of data is a payload of its own. `snapshot_of` returns the text in a JSON object, empty if it holds none,
    and raises ProviderError if the object tells a failure. A body that is one JSON object is read as one payload.

    Raises EmptyAnswer if there was no text, ServiceFailed if the body was something else.
    """
    document, snapshots = Document(), Snapshots()
    async with aclosing(lines(response)) as source:
        async for line in source:
            payload = document.feed(line) or ""
            if payload.startswith(DONE):
                if not snapshots.text:
                    raise EmptyAnswer(NO_TEXT)
                return
            if item := parse_object(payload):
                for delta in snapshots.feed(snapshot_of(item)):
                    yield delta
    if item := parse_object(document.text):
        for delta in snapshots.feed(snapshot_of(item)):
            yield delta
    if not snapshots.text:
        raise unexpected(document.text) if document.text else EmptyAnswer(NO_TEXT)
