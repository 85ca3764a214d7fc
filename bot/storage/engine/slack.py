"""Slack: pages of the database's file that hold nothing any more go back to the disk, a few at a time.

SQLite keeps them for what comes, which is right for a few; after many conversations were deleted they are most of the
file. A file gives them back only if it was made so (sqlite.org/pragma.html#pragma_auto_vacuum), as this version makes
them; a PostgreSQL sees to it by itself.
"""

import logging
import sqlite3

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.dialect import is_server
from bot.storage.engine.database import Sessions
from bot.storage.engine.hop import perform
from bot.storage.engine.patience import patient

log = logging.getLogger(__name__)

AT_ONCE = 250  # pages, a megabyte: others wait for so many
FEW = 500  # which are not worth it
SHARE = 0.1  # of the file: what is free beyond is given back, until half of it is left

LOOK = """
SELECT f.freelist_count, c.page_count, v.auto_vacuum
FROM pragma_freelist_count f, pragma_page_count c, pragma_auto_vacuum v
"""
INCREMENTAL = 2


@patient
class Slack:
    """Gives pages back."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._is_giving = False
        self._is_file = not is_server(sessions.kw["bind"].sync_engine)

    async def step(self) -> bool:
        """Give some pages back where many are free; tell whether there are more."""
        if not self._is_file:
            return False
        async with self._sessions.begin() as session:
            free, pages, kind = (await session.execute(text(LOOK))).one()
            enough = max(FEW, pages * SHARE)
            if kind != INCREMENTAL or free <= (enough / 2 if self._is_giving else enough):
                self._is_giving = False
                return False
            await _give(session)
            if not self._is_giving:
                log.info("pages given back to the disk free=%s of=%s", free, pages)
            self._is_giving = True
            return True


async def _give(session: AsyncSession) -> None:
    await perform(await session.connection(), _give_some)


def _give_some(connection: sqlite3.Connection) -> None:
    for _ in range(AT_ONCE):  # Python's module ends this statement after its first page, whatever number stands there
        connection.execute("PRAGMA incremental_vacuum(1)")
