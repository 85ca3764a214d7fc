"""Peers: what Telegram's refusals taught us of a chat."""

from sqlalchemy import select

from bot.clock import Clock
from bot.storage.ageing import prune
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.tables import Peer, table_of

KEPT_S = 3600.0  # a rate that is older has crept back


@patient
class Peers:
    """Penalties and learned rates, by Telegram's chat id; they outlive a restart."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def learned(self) -> list[Peer]:
        """Return what is known and not too old."""
        async with self._sessions() as session:
            return list(await session.scalars(select(Peer).where(Peer.paused_until >= self._clock.wall() - KEPT_S)))

    async def prune(self) -> bool:
        """Forget some of what is too old; tell whether there may be more."""
        peers = table_of(Peer)
        return await prune(self._sessions, peers, peers.c.paused_until < self._clock.wall() - KEPT_S)

    async def learn(self, telegram_id: int, *, paused_until: float, rate: float) -> None:
        """Store a chat's penalty (Unix seconds) and its rate (calls per second)."""
        values = {"paused_until": paused_until, "rate": rate}
        row = insert(Peer).values(telegram_id=telegram_id, **values)
        async with self._sessions.begin() as session:
            await session.execute(row.on_conflict_do_update(index_elements=("telegram_id",), set_=values))
