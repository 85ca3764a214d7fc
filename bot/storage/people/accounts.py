"""Accounts: who uses the bot, and how much, for those who ask; and the limits that admins give."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CTE, Select, Subquery, column, func, select, union, values
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.clock import Clock
from bot.storage.ageing import prune
from bot.storage.dialect import NUMBER, insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.ids import are_persons
from bot.storage.people.usage import DAY_S, KEPT_DAYS, UNLIMITED, Payer, Today, day_of, limits_of, today
from bot.storage.tables import Access, Account, Rule, Usage, table_of

COUNTED = ("messages", "tokens", "cost", "priced")
IN = (Rule.ALLOW, Rule.OWNER)

_NAMED = insert(table_of(Account))  # made once, as all that is carried out for each update
_NAME = _NAMED.on_conflict_do_update(index_elements=("telegram_id",), set_={"name": _NAMED.excluded.name})


@dataclass(frozen=True, slots=True)
class Use:
    """What a payer has used today, and of how much (None: no limit).

    Costs are in 10^-12 of a dollar; `priced` is of how many of the tokens the cost is known.
    """

    messages: int
    tokens: int
    cost: int
    priced: int
    most_messages: int | None
    most_tokens: int | None
    most_cost: int | None
    ends_in_s: float


@dataclass(frozen=True, slots=True)
class Sum:
    """What was used of a provider, or on a day."""

    name: str
    messages: int
    tokens: int
    cost: int
    priced: int


@dataclass(frozen=True, slots=True)
class Guest:
    """A person or a group that uses the bot, or would like to: the name as last seen, and what was used today."""

    telegram_id: int
    name: str
    rule: Rule | None
    own_limit: int | None
    messages: int
    tokens: int
    cost: int
    priced: int


@patient
class Accounts:
    """The accounts of persons and groups."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def use(self, payers: Sequence[Payer]) -> list[Use]:
        """Return what some payers have used today."""
        wall = self._clock.wall()
        async with self._sessions() as session:
            known = await today(session, [payer.telegram_id for payer in payers], wall)
        return [_use(known.get(payer.telegram_id, Today()), payer, wall) for payer in payers]

    async def count(self, listed: Iterable[int], *, people: bool) -> int:
        """Return how many persons, or else groups, are in: let in by a rule, `listed` by the operator, seen asking."""
        async with self._sessions() as session:
            return await session.scalar(select(func.count()).select_from(_all_in(listed, people))) or 0

    async def page(self, listed: Iterable[int], *, people: bool, offset: int, limit: int) -> list[Guest]:
        """Return some of those, who asked most today first."""
        rows = _guests(_all_in(listed, people), day_of(self._clock.wall())).offset(offset).limit(limit)
        async with self._sessions() as session:
            return [Guest(*row) for row in await session.execute(rows)]

    async def guest(self, telegram_id: int) -> Guest:
        """Return what is known of one, which may be nothing."""
        this = select(_these([telegram_id])).subquery()
        async with self._sessions() as session:
            rows = await session.execute(_guests(this, day_of(self._clock.wall())))
            return Guest(*rows.one())

    async def by_provider(self, telegram_id: int | None, *, days: int = 1) -> list[Sum]:
        """Return what an account, or all persons together, have used in the last days, today among them."""
        rows = _sums(Usage.provider, telegram_id, day_of(self._clock.wall()) - days + 1)
        async with self._sessions() as session:
            return [_sum(*row) for row in await session.execute(rows)]

    async def by_day(self, telegram_id: int | None, *, days: int) -> list[Sum]:
        """Return the same for each of those days on which anything was used, the newest first."""
        rows = _sums(Usage.day, telegram_id, day_of(self._clock.wall()) - days + 1)
        async with self._sessions() as session:
            found = [(datetime.fromtimestamp(row[0] * DAY_S, UTC), row) for row in await session.execute(rows)]
        return [_sum(f"{day:%Y-%m-%d}", *row[1:]) for day, row in sorted(found, key=lambda each: each[0], reverse=True)]

    async def limit(self, telegram_id: int, own_limit: int | None) -> None:
        """Give an account a limit of its own (`UNLIMITED`: none), or the operator's again (None)."""
        changed = {"own_limit": own_limit, "told_on": None}
        row = insert(Account).values(telegram_id=telegram_id, name="", **changed)
        async with self._sessions.begin() as session:
            await session.execute(row.on_conflict_do_update(index_elements=("telegram_id",), set_=changed))

    async def prune(self) -> bool:
        """Forget some of what was used long ago; tell whether there may be more."""
        used = table_of(Usage)
        return await prune(self._sessions, used, used.c.day < day_of(self._clock.wall()) - KEPT_DAYS)


async def note_names(session: AsyncSession, names: Mapping[int, str]) -> None:
    """Note what some persons are called, within the caller's transaction."""
    if names:
        await session.execute(_NAME, [{"telegram_id": person, "name": names[person]} for person in sorted(names)])


def _all_in(listed: Iterable[int], people: bool) -> Subquery:
    """Return the ids of all persons, or of all groups, that are in."""
    let_in = select(Access.telegram_id).where(Access.rule.in_(IN))
    decided = select(Access.telegram_id).where(Access.rule.not_in(IN))
    asking = select(Account.telegram_id).where(Account.name != "", Account.telegram_id.not_in(decided))
    every = [let_in, asking]
    if ids := sorted({*listed}):
        every.append(select(_these(ids).c.telegram_id))
    both = union(*every).subquery()
    is_person = are_persons(both.c.telegram_id)
    return select(both.c.telegram_id).where(is_person if people else ~is_person).subquery()


def _these(telegram_ids: Sequence[int]) -> CTE:
    """Return some ids as a table."""
    return values(column("telegram_id", NUMBER), name="these").data([(id_,) for id_ in telegram_ids]).cte("these")


def _guests(ids: Subquery, day: int) -> Select[int, str, Rule | None, int | None, int, int, int, int]:
    """Return who they are, those who asked most on a day first."""
    id_ = ids.c.telegram_id
    used = select(Usage.telegram_id, *(func.sum(getattr(Usage, each)).label(each) for each in COUNTED))
    sums = used.where(Usage.day == day).group_by(Usage.telegram_id).subquery()
    name = func.coalesce(func.nullif(Account.name, ""), Access.title, Access.name, "")
    counted = [func.coalesce(sums.c[each], 0) for each in COUNTED]
    rows = select(id_, name, Access.rule, Account.own_limit, *counted).select_from(ids)
    rows = rows.outerjoin(Account, Account.telegram_id == id_).outerjoin(Access, Access.telegram_id == id_)
    return rows.outerjoin(sums, sums.c.telegram_id == id_).order_by(counted[0].desc(), name, id_)


def _sums(by: InstrumentedAttribute[Any], telegram_id: int | None, since: int) -> Select[Any, int, int, int, int]:
    """Return what was used since a day: by an account, or by all persons; a group's is theirs."""
    whose = are_persons(Usage.__table__.c.telegram_id) if telegram_id is None else Usage.telegram_id == telegram_id
    tokens = func.sum(Usage.tokens)
    rows = select(by, func.sum(Usage.messages), tokens, func.sum(Usage.cost), func.sum(Usage.priced))
    return rows.where(whose, Usage.day >= since).group_by(by).order_by(tokens.desc(), by)


def _sum(name: str, messages: int, tokens: int, cost: int, priced: int) -> Sum:
    return Sum(name, int(messages), int(tokens), int(cost), int(priced))


def _use(used: Today, payer: Payer, wall: float) -> Use:
    own_limit = UNLIMITED if payer.is_exempt else used.own_limit
    messages, tokens, cost = limits_of(own_limit, (payer.messages, payer.tokens, payer.cost))
    counted = used.messages, used.tokens, used.cost, used.priced
    return Use(*counted, messages, tokens, cost, DAY_S - wall % DAY_S)
