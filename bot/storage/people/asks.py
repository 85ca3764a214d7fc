"""Asks: which admins were told of whom who wants to come in, and by which messages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.ids import ELSEWHERE
from bot.storage.tables import Access, Ask, Chat, Digest, Rule
from bot.storage.telegram.notices import Packed, keep

LATELY_S = 24 * 3600.0  # for so long a request that was shown is in sight, and a digest is edited


@dataclass(frozen=True, slots=True)
class Asked:
    """Which notice asks an admin about somebody."""

    telegram_id: int
    admin: int
    notice: int


@dataclass(frozen=True, slots=True)
class Untold:
    """Who waits without a message to an admin: the first of them (`new`) and their number (`count`).

    `lately`: of how many there was a message of late; `digest`: what tells the others' number. `is_asked`: a message is
    under way to a chat that is there, and may still be refused for what was before.
    """

    new: list[Access]
    count: int
    lately: int
    digest: Digest | None
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A digest that an admin is sent, or whose count changes; `notice`: which of the notices opens it."""

    admin: int
    count: int
    notice: int | None = None


@patient
class Asks:
    """The messages that ask admins to decide."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def untold(self, admins: Iterable[int], limit: int) -> dict[int, Untold]:
        """Return of whom each admin has to be told, of those at most `limit` as rows."""
        async with self._sessions() as session:
            return {admin: await _untold(session, admin, limit, self._clock.wall()) for admin in admins}

    async def decided(self) -> list[tuple[Ask, Access]]:
        """Return the messages that still ask about somebody of whom it is decided, with what is known of them."""
        rows = select(Ask, Access).join(Access, Access.telegram_id == Ask.telegram_id)
        rows = rows.where(Access.rule != Rule.TOLD).order_by(Ask.telegram_id, Ask.admin)
        async with self._sessions() as session:
            return [(ask, access) for ask, access in await session.execute(rows)]

    async def show(
        self,
        notices: Sequence[Packed],
        digests: Sequence[Opened],
        *,
        asked: Sequence[Asked],
        settled: Sequence[Ask],
    ) -> list[int]:
        """Note that the admins were told: by a message about each (`asked`), and by digests; return the notices' keys.

        A digest's message, and one that asks, is known only when its notice is carried out (`Notices.sent`); one that
        is not was never told. A digest of nobody ends, as do the messages that ask no more (`settled`).
        """
        wall = self._clock.wall()
        async with self._sessions.begin() as session:
            shown = update(Access).where(Access.telegram_id.in_({ask.telegram_id for ask in asked}))
            await session.execute(shown.values(shown_at=wall))
            keys = [await keep(session, notice, wall) for notice in notices]
            for ask in asked:
                where = {"telegram_id": ask.telegram_id, "admin": ask.admin}
                sent = {"key": keys[ask.notice], "message_id": None}
                row = insert(Ask).values({**where, **sent})
                await session.execute(row.on_conflict_do_update(index_elements=("telegram_id", "admin"), set_=sent))
            for each in settled:
                await session.execute(delete(Ask).where(Ask.telegram_id == each.telegram_id, Ask.admin == each.admin))
            for digest in digests:
                if not digest.count:
                    await session.execute(delete(Digest).where(Digest.telegram_id == digest.admin))
                    continue
                values: dict[str, object] = {"count": digest.count}
                if digest.notice is not None:
                    values |= {"key": keys[digest.notice], "message_id": None, "opened_at": wall}
                row = insert(Digest).values({"telegram_id": digest.admin, "opened_at": wall, **values})
                await session.execute(row.on_conflict_do_update(index_elements=("telegram_id",), set_=values))
            return keys

    async def edited(self, telegram_id: int, admin: int) -> None:
        """Note that the message that asked an admin about somebody says what was decided."""
        async with self._sessions.begin() as session:
            await session.execute(delete(Ask).where(Ask.telegram_id == telegram_id, Ask.admin == admin))


async def _untold(session: AsyncSession, admin: int, limit: int, wall: float) -> Untold:
    """Return of whom an admin has to be told.

    Who has a chat here is told of all of whom no message stands there, what was lost and what was before too: nothing
    can be sent to who never wrote, or has blocked the bot. To the others each request is sent once, for the case that
    they wrote at another time.
    """
    here = select(Chat.id).where(Chat.telegram_id == admin, Chat.thread_id != ELSEWHERE, Chat.gone_at.is_(None))
    is_here = await session.scalar(select(here.exists()))
    is_asked = exists().where(Ask.telegram_id == Access.telegram_id, Ask.admin == admin)
    under_way = select(Ask.key).where(Ask.admin == admin, Ask.key.is_not(None))
    waiting = select(Access).where(Access.rule == Rule.TOLD)
    untold = waiting.where(~is_asked if is_here else Access.shown_at.is_(None))
    lately = waiting.where(Access.shown_at > wall - LATELY_S)
    first = untold.order_by(Access.at, Access.telegram_id).limit(limit)
    return Untold(
        new=list(await session.scalars(first)),
        count=await _count(session, untold),
        lately=await _count(session, lately.where(is_asked) if is_here else lately),
        digest=await session.get(Digest, admin),
        is_asked=bool(is_here and await session.scalar(select(under_way.exists()))),
    )


async def _count(session: AsyncSession, rows: Select[Access]) -> int:
    return await session.scalar(rows.with_only_columns(func.count(), maintain_column_froms=True)) or 0
