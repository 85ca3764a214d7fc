"""Usage: what people and groups use on a day (UTC), and the limits that it is held against, within a transaction."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import cast

from sqlalchemy import Select, Table, and_, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.dialect import insert
from bot.storage.ids import is_person
from bot.storage.tables import Account, Usage

DAY_S = 86_400
KEPT_DAYS = 62  # of usage
PICODOLLARS = 10**12  # in a dollar: costs are counted in them, exactly
UNLIMITED = 0  # as an account's own limit


@dataclass(frozen=True, slots=True)
class Payer:
    """A person or a group for whom something counts, by Telegram's id, and the operator's limits for a day.

    `cost`: in 10^-12 of a dollar, as all costs here: so small that sums of them are exact.
    Who `is_exempt` is counted, and never refused.
    """

    telegram_id: int
    name: str
    messages: int | None = None
    tokens: int | None = None
    cost: int | None = None
    is_exempt: bool = False


@dataclass(frozen=True, slots=True)
class Bill:
    """For whom a question counts, and of which provider."""

    payers: tuple[Payer, ...] = ()
    provider: str = ""


NOBODYS = Bill()


@dataclass(frozen=True, slots=True)
class Took:
    """What an answer took of a provider; `cost` is None where that is not known."""

    provider: str
    tokens: int
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """What a call of a tool takes, and when it is counted: what it did not take is given back to that day."""

    took: Took
    wall: float


@dataclass(frozen=True, slots=True)
class Spent:
    """What somebody had made or written down beside an answer, in a chat of Telegram's."""

    user_id: int
    chat_id: int
    took: Took


class Limited(Enum):
    """What a limit is of."""

    MESSAGES = "messages"
    TOKENS = "tokens"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class Reached:
    """A limit that is reached, and how long it holds; `first`: nobody was told today."""

    telegram_id: int
    used: int
    limit: int
    of: Limited
    ends_in_s: float
    first: bool = True


@dataclass(slots=True)
class Today:
    """What an account has used today, and what is known of it."""

    name: str | None = None
    own_limit: int | None = None
    told_on: int | None = None
    messages: int = 0
    tokens: int = 0
    cost: int = 0
    priced: int = 0


def day_of(wall: float) -> int:
    """Return the day of a time, in days since 1970, UTC."""
    return int(wall // DAY_S)


def limits_of(own_limit: int | None, limits: Sequence[int | None]) -> list[int | None]:
    """Return the limits of an account, of messages, tokens and cost, where the operator's are these."""
    if own_limit is None:
        return [*limits]
    return [None] * len(limits) if own_limit == UNLIMITED else [own_limit, *limits[1:]]


def _today() -> Select[int, str, int | None, int | None, int, int, int, int]:
    account, usage = Account.__table__.c, Usage.__table__.c
    used = and_(usage.telegram_id == account.telegram_id, usage.day == bindparam("day"))
    counted = (usage.messages, usage.tokens, usage.cost, usage.priced)
    sums = [func.coalesce(func.sum(each), 0) for each in counted]
    query = select(account.telegram_id, account.name, account.own_limit, account.told_on, *sums)
    query = query.select_from(Account.__table__.outerjoin(Usage.__table__, used)).group_by(account.telegram_id)
    return query.where(account.telegram_id.in_(bindparam("ids", expanding=True)))


_TODAY = _today()


async def today(session: AsyncSession, telegram_ids: Iterable[int], wall: float) -> dict[int, Today]:
    """Return what some accounts have used today; nothing of those that never asked."""
    rows = await session.execute(_TODAY, {"ids": sorted({*telegram_ids}), "day": day_of(wall)})
    return {row[0]: Today(*row[1:]) for row in rows}


def picodollars(cost: Decimal | None) -> int | None:
    """Return dollars as they are counted; None where they are not known."""
    return None if cost is None else round(cost * PICODOLLARS)


async def spend(session: AsyncSession, user_id: int, chat_id: int, took: Took, wall: float) -> None:
    """Count what an answer took for who asked, and for the group (`chat_id`, Telegram's) where that was one."""
    ids = {user_id} if is_person(chat_id) else {user_id, chat_id}
    await _add(session, [_row(telegram_id, took, 0, wall) for telegram_id in sorted(ids)])


async def give_back(session: AsyncSession, user_id: int, chat_id: int, provider: str, asked_at: float) -> None:
    """Count a question no more that was asked then, for who asked and for the group where that was one."""
    counted = update(Usage).where(Usage.telegram_id.in_({user_id, chat_id}), Usage.day == day_of(asked_at))
    counted = counted.where(Usage.provider == provider, Usage.messages > 0)
    await session.execute(counted.values(messages=Usage.messages - 1))


class Meter:
    """What some payers have used today, and what the questions that are taken now add."""

    def __init__(self, known: dict[int, Today], wall: float) -> None:
        self._known = known
        self._wall = wall
        self._added: defaultdict[tuple[int, str], int] = defaultdict(int)
        self._changed: set[int] = set()

    @classmethod
    async def of(cls, session: AsyncSession, payers: Iterable[Payer], wall: float) -> "Meter":
        """Look into the database."""
        ids = {payer.telegram_id for payer in payers}
        return cls(await today(session, ids, wall) if ids else {}, wall)

    def reached(self, bill: Bill) -> Reached | None:
        """Return the limit that keeps one more question from being taken; None where there is none."""
        if any(payer.is_exempt for payer in bill.payers):
            return None
        for payer in bill.payers:
            used = self._known.get(payer.telegram_id, Today())
            limits = limits_of(used.own_limit, (payer.messages, payer.tokens, payer.cost))
            for of, count, limit in zip(Limited, (used.messages, used.tokens, used.cost), limits, strict=True):
                if limit is not None and count >= limit:
                    left_s = DAY_S - self._wall % DAY_S
                    is_first = used.told_on != day_of(self._wall)
                    return Reached(payer.telegram_id, count, limit, of, left_s, is_first)
        return None

    def tell(self, reached: Reached) -> None:
        """Note that an account is told, today, that its limit is reached."""
        self._known[reached.telegram_id].told_on = day_of(self._wall)
        self._changed.add(reached.telegram_id)

    def charge(self, bill: Bill) -> None:
        """Count a question that is taken; who was told, and may ask again, is told again when that ends."""
        is_exempt = any(payer.is_exempt for payer in bill.payers)
        for payer in bill.payers:
            used = self._known.setdefault(payer.telegram_id, Today())
            is_free = used.told_on is not None and not is_exempt
            if used.name != payer.name or is_free:
                self._changed.add(payer.telegram_id)
            used.name, used.told_on = payer.name, None if is_free else used.told_on
            used.messages += 1
            self._added[payer.telegram_id, bill.provider] += 1

    async def store(self, session: AsyncSession) -> None:
        """Store what was added."""
        if self._changed:
            rows = [
                {"telegram_id": id_, "name": self._known[id_].name, "told_on": self._known[id_].told_on}
                for id_ in sorted(self._changed)
            ]
            account = insert(Account)
            changed = {"name": account.excluded.name, "told_on": account.excluded.told_on}
            await session.execute(account.on_conflict_do_update(index_elements=("telegram_id",), set_=changed), rows)
        added = sorted(self._added.items())
        await _add(session, [_row(id_, Took(provider, 0), count, self._wall) for (id_, provider), count in added])


_INSERT = insert(cast(Table, Usage.__table__))  # the table itself costs half of what rows cost
_ADD = _INSERT.on_conflict_do_update(
    index_elements=("telegram_id", "day", "provider"),
    set_={name: Usage.__table__.c[name] + _INSERT.excluded[name] for name in ("messages", "tokens", "cost", "priced")},
)


async def _add(session: AsyncSession, rows: list[dict[str, object]]) -> None:
    if rows:
        await session.execute(_ADD, rows)


def _row(telegram_id: int, took: Took, messages: int, wall: float) -> dict[str, object]:
    counted = {"messages": messages, "tokens": took.tokens, "cost": took.cost or 0}
    priced = took.tokens if took.cost is not None else 0
    return {"telegram_id": telegram_id, "day": day_of(wall), "provider": took.provider, **counted, "priced": priced}
