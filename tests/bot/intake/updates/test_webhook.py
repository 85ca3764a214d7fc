"""The webhook: whatever is posted there is answered, and never ends what takes the posts."""

import asyncio
import json
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.intake.updates.inbox import Inbox
from bot.intake.updates.reading import MAX_DEPTH
from bot.intake.updates.webhook import Webhook
from bot.tally import Tally

SECRET = "a secret"


@dataclass
class Posted:
    """What somebody posts."""

    body: bytes
    secret: str = SECRET
    length: int | None = None

    async def read(self, _limit: int) -> bytes:
        return self.body


def nested(levels: int, opening: bytes, closing: bytes) -> bytes:
    """Return an update in which so many levels lie within each other."""
    inside = levels - 1
    return b'{"update_id": %d, "poll": %s1%s}' % (levels, opening * inside, closing * inside)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a": ', b"}"), (b'[{"a": ', b"}]")])
async def test_what_is_nested_too_deep_is_refused_and_the_next_post_is_taken(
    tmp_path: Path, opening: bytes, closing: bytes
) -> None:
    inbox = Inbox(tmp_path / "bot.db.inbox")
    webhook = Webhook(1, SECRET, inbox, Tally(), Clock())
    received: list[object] = []

    async def receive(*raws: object) -> None:
        received.extend(raws)

    running = asyncio.ensure_future(webhook.run(receive))
    depths = (MAX_DEPTH + 5, 300, 450, *range(940, 1_000, 3), 5_000, 100_000)  # some can be read and not written
    refused = {await webhook.answer(Posted(nested(depth, opening, closing))) for depth in depths}
    taken = await webhook.answer(Posted(nested(40, opening, closing)))
    still = not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    inbox.close()

    assert refused == {HTTPStatus.BAD_REQUEST}
    assert taken is HTTPStatus.OK
    assert still
    assert [json.loads(json.dumps(raw))["update_id"] for raw in received] == [40]
