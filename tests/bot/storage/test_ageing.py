"""What is too old goes, however much of it there is, and nobody waits long for that."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from bot.app.rows import Rows, make_rows
from bot.storage.ageing import AT_ONCE, EACH_S
from bot.storage.engine.database import Sessions
from bot.storage.tables import Base, Invite, Loose, Notice, Overheard, Peer, Risk, Update, Usage, table_of
from tests.clock import FakeClock

MANY = 2 * AT_ONCE + 500
ALBUM: dict[str, Any] = {"album": "a", "content": (), "length_utf16": 0, "sent_at": 1.0, "fingerprint": None}

OLD: dict[type[Base], tuple[str, Callable[[int], dict[str, Any]]]] = {
    Update: ("updates", lambda id_: {"update_id": id_, "taken_at": 1.0}),
    Risk: ("updates", lambda id_: {"update_id": id_, "deaths": 1, "at": 1.0}),
    Loose: ("updates", lambda id_: {"chat_id": 1, "message_id": id_, **ALBUM, "stored_at": 1.0}),
    Notice: ("notices", lambda id_: {"telegram_id": 7, "message_id": id_, "sent_at": 1.0}),
    Usage: ("accounts", lambda id_: {"telegram_id": id_, "day": 1, "provider": "alpha", "messages": 1, "tokens": 1}),
    Invite: ("invites", lambda id_: {"code": f"code {id_}", "by": 7, "left": 1, "ends_at": 1.0}),
    Peer: ("peers", lambda id_: {"telegram_id": id_, "paused_until": 1.0, "rate": 1.0}),
    Overheard: ("overhearing", lambda id_: {"chat_id": 1, "message_id": id_, "name": "", "text": "", "sent_at": 1.0}),
}


@pytest.fixture
def rows(db: Sessions, clock: FakeClock) -> Rows:
    return make_rows(db, clock, keep_days=None)


async def count(db: Sessions, table: type[Base]) -> int:
    async with db() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("table", OLD, ids=lambda table: table.__tablename__)
async def test_of_many_rows_some_go_at_a_time_until_none_is_left(rows: Rows, db: Sessions, table: type[Base]) -> None:
    name, old = OLD[table]
    await rows.chats.get(7, 0, provider="alpha")
    async with db.begin() as session:
        await session.execute(insert(table_of(table)), [old(number + 1) for number in range(MANY)])

    left = []
    while await getattr(rows, name).prune():
        left.append(await count(db, table))

    assert left == [MANY - AT_ONCE, MANY - 2 * AT_ONCE]
    assert await count(db, table) == 0


async def test_what_grows_old_while_the_bot_runs_goes_too(rows: Rows, db: Sessions, clock: FakeClock) -> None:
    running = asyncio.ensure_future(rows.ageing.run())
    await clock.asleep()
    await rows.peers.learn(7, paused_until=clock.wall() + 1, rate=1.0)

    for _ in range(2):
        await clock.advance(EACH_S)
        await clock.asleep()

    running.cancel()
    assert await count(db, Peer) == 0
