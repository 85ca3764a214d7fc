"""Taking: all that a batch of updates asks and says, stored by one commit, so that a backlog costs few of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.dialect import NUMBER, insert, is_server
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.engine.whole import whole
from bot.storage.overheard import COLUMN, Heard, hear
from bot.storage.people.accounts import note_names
from bot.storage.people.usage import Bill, Meter, Reached
from bot.storage.questions.choices import Change, change
from bot.storage.questions.questions import Question, Verdict
from bot.storage.questions.queue import Queue
from bot.storage.signals import Signals
from bot.storage.tables import (
    Access,
    Busy,
    Held,
    InviteUse,
    Outgoing,
    Rule,
    Update,
    table_of,
)
from bot.storage.telegram.notices import Packed
from bot.storage.telegram.updates import take_all

# Made once: it takes longer to make them than to run them.
_IDS = bindparam("ids", type_=NUMBER, expanding=True)
_UPDATES, _HELD = table_of(Update), table_of(Held)
_KNOWN = (
    select(_UPDATES.c.update_id)
    .where(_UPDATES.c.update_id.in_(_IDS))
    .union_all(select(_HELD.c.update_id).where(_HELD.c.update_id.in_(_IDS)))
)
_HIGHEST = select(func.max(_UPDATES.c.update_id)).union_all(select(func.max(_HELD.c.update_id)))
_RELEASE = delete(_HELD).where(_HELD.c.update_id.in_(_IDS))

MOST_NAMES = 4_096  # that are known to be stored; beyond, all are stored once more
NAMELESS: Mapping[int, str] = {}


@dataclass(frozen=True, slots=True)
class Hold:
    """An update that is handled again when it is known who administers a group."""

    telegram_id: int
    body: str


@dataclass(frozen=True, slots=True)
class Stranger:
    """A person, or a group that somebody asks for (`title`), who has to be let in first; `by`, `name`: who asks.

    `code`: of a link that is over, by which the person came; that is told once, whatever was told before.
    """

    telegram_id: int
    by: int
    name: str
    title: str | None = None
    language: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """A wish that was refused because a limit of the day is reached; who pays is told, once a day."""

    bill: Bill


@dataclass(frozen=True, slots=True)
class Taken:
    """What one update comes to: a question, a change, a stranger, only words, what was heard, or that it has to wait.

    `notices` are kept where it is accepted, `if_busy` where too much waits, `if_limited` where a limit is reached.
    """

    update_id: int
    of: Question | Change | Stranger | Spent | Hold | Heard | None = None
    notices: tuple[Packed, ...] = ()
    if_busy: tuple[Packed, ...] = ()
    if_limited: Callable[[Reached], tuple[Packed, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of it, and the keys in the outbox of what was kept; which limit was `reached`, if that is told."""

    verdict: Verdict
    keys: tuple[int, ...] = ()
    reached: Reached | None = None


@patient
class Taking:
    """Takes updates."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signals = signals
        is_shared = is_server(sessions.kw["bind"].sync_engine)  # others take some too
        self._names: dict[int, str] = {}  # that were stored
        self._highest = inf if is_shared else None  # of all that were taken, or asked about; None: not known yet

    async def known(self, update_ids: Sequence[int]) -> set[int]:
        """Return those of some updates that were taken before; what is above all others cannot be, and is not read."""
        highest = self._highest
        if highest is None:
            highest = await whole(self._sessions, _highest, writes=False)
        highest = max(highest, self._highest or 0)  # somebody else may have asked meanwhile
        asked = [each for each in update_ids if each <= highest]
        self._highest = max([highest, *update_ids])
        if not asked:
            return set()

        async def read(session: AsyncSession) -> set[int]:
            return set(await session.scalars(_KNOWN, {"ids": asked}))

        return await whole(self._sessions, read, writes=False)

    async def held(self, telegram_id: int | None = None) -> list[Held]:
        """Return the updates that wait for an answer about a group, or about any; oldest first."""
        rows = select(Held).order_by(Held.update_id)
        async with self._sessions() as session:
            return list(await session.scalars(rows.where(Held.telegram_id == telegram_id) if telegram_id else rows))

    async def release(self, update_id: int) -> None:
        """Put an update aside no more: it is taken. Nothing to do where it was stored with what it came to."""
        async with self._sessions.begin() as session:
            is_held = delete(Held).where(Held.update_id == update_id).returning(Held.update_id)
            if await session.scalar(is_held) is not None:
                await take_all(session, [update_id], self._clock.wall())

    async def store(
        self, batch: Sequence[Taken], *, held: Collection[int] | None = None, names: Mapping[int, str] = NAMELESS
    ) -> list[Receipt]:
        """Take some updates, in their order; one receipt for each. `held`: those put aside before; None: any may be.

        `names`: of persons who did something; they are stored where they are not known to be.
        """
        wall = self._clock.wall()
        new = {person: name for person, name in names.items() if self._names.get(person) != name}
        receipts = await whole(self._sessions, lambda session: _store(session, batch, held, wall, new))
        if len(self._names) + len(new) > MOST_NAMES:
            self._names.clear()
        self._names |= new
        if any(isinstance(taken.of, Change) and COLUMN in taken.of.columns for taken in batch):
            self._signals.along.set()
        if any(receipt.verdict is Verdict.JOINED for receipt in receipts):
            self._signals.stops.set()  # its question may be being answered without it
            self._signals.work.set()
        if any(receipt.verdict is Verdict.ACCEPTED for receipt in receipts):
            self._signals.work.set()
        return receipts


async def _highest(session: AsyncSession) -> float:
    return max(filter(None, await session.scalars(_HIGHEST)), default=0)


async def _store(
    session: AsyncSession,
    batch: Sequence[Taken],
    held: Collection[int] | None,
    wall: float,
    names: Mapping[int, str],
) -> list[Receipt]:
    ids = list(dict.fromkeys(taken.update_id for taken in batch if not isinstance(taken.of, Hold)))
    new = await take_all(session, ids, wall)
    old = set(ids) - new
    if released := ids if held is None else [each for each in ids if each in held]:
        await session.execute(_RELEASE, {"ids": released})
    aside = [
        {"update_id": taken.update_id, "telegram_id": taken.of.telegram_id, "body": taken.of.body}
        for taken in batch
        if isinstance(taken.of, Hold)
    ]
    if aside:
        await session.execute(insert(Held).on_conflict_do_nothing(), aside)
    await change(
        session,
        [taken.of for taken in batch if isinstance(taken.of, Change) and taken.update_id in new],
    )
    await note_names(session, names)
    judged = await _judge(session, batch, old, wall)
    verdicts = [verdict for verdict, _ in judged]
    await hear(session, [*filter(None, map(_heard, batch, verdicts))])
    kept = [_said(taken, verdict, reached) for taken, (verdict, reached) in zip(batch, judged, strict=True)]
    keys = iter(await _keep(session, [notice for notices in kept for notice in notices], wall))
    return [
        Receipt(verdict, tuple(next(keys) for _ in notices), reached)
        for (verdict, reached), notices in zip(judged, kept, strict=True)
    ]


def _heard(taken: Taken, verdict: Verdict) -> Heard | None:
    """Return what an update tells that is not for the bot, also where it might have been the rest of a question."""
    if isinstance(taken.of, Heard):
        return taken.of if verdict is Verdict.ACCEPTED else None
    return taken.of.heard if isinstance(taken.of, Question) and verdict is Verdict.LOOSE else None


def _said(taken: Taken, verdict: Verdict, reached: Reached | None) -> tuple[Packed, ...]:
    """Return what is said about an update."""
    if reached is not None:
        return taken.if_limited(reached) if taken.if_limited else ()
    return taken.if_busy if verdict is Verdict.BUSY else taken.notices if verdict is Verdict.ACCEPTED else ()


async def _judge(
    session: AsyncSession, batch: Sequence[Taken], old: set[int], wall: float
) -> list[tuple[Verdict, Reached | None]]:
    """Store questions and strangers; tell what became of each, and which limit is to be told."""
    strangers = [taken.of.telegram_id for taken in batch if isinstance(taken.of, Stranger)]
    decided = set[int]()
    if strangers:
        decided |= set(await session.scalars(select(Access.telegram_id).where(Access.telegram_id.in_(strangers))))
    paying = [payer for taken in batch if isinstance(taken.of, Question | Spent) for payer in taken.of.bill.payers]
    meter = await Meter.of(session, paying, wall)
    queue = await Queue.of(session, [taken.of for taken in batch if isinstance(taken.of, Question)], meter)
    judged: list[tuple[Verdict, Reached | None]] = []
    asking: list[dict[str, object]] = []
    for taken in batch:
        of, told = taken.of, None
        verdict: Verdict | Reached = Verdict.ACCEPTED
        if of is not None and taken.update_id in old:
            verdict = Verdict.KNOWN
        elif isinstance(of, Spent):
            verdict = meter.reached(of.bill) or verdict
        elif isinstance(of, Question):
            verdict = queue.admit(of, taken.update_id)
        elif isinstance(of, Change) and of.is_new:
            queue.begin_anew(of.chat_id)
        elif isinstance(of, Stranger):
            is_known = of.telegram_id in decided
            decided.add(of.telegram_id)
            is_first = of.code is not None and await _is_first(session, of.code, of.telegram_id)
            verdict = Verdict.KNOWN if is_known and not is_first else verdict
            if not is_known:
                row = {"telegram_id": of.telegram_id, "rule": Rule.TOLD, "at": wall, "update_id": taken.update_id}
                asking.append(row | {"by": of.by, "language": of.language, "name": of.name, "title": of.title})
        if isinstance(verdict, Reached):
            if verdict.first:
                meter.tell(told := verdict)
            elif isinstance(of, Question) and of.spot:  # its message would wait for ever
                told = verdict
            verdict = Verdict.LIMITED
        old.add(taken.update_id)
        judged.append((verdict, told))
    if asking:
        await session.execute(insert(Access), asking)
    if queue.told:
        await session.execute(insert(Busy).on_conflict_do_nothing(), queue.told)
    await queue.store(session, wall)
    await meter.store(session)
    return judged


async def _is_first(session: AsyncSession, code: str, telegram_id: int) -> bool:
    """Note that a person is told that a link is over; False where that was told."""
    row = insert(InviteUse).values(code=code, telegram_id=telegram_id).on_conflict_do_nothing()
    return await session.scalar(row.returning(InviteUse.code)) is not None


async def _keep(session: AsyncSession, notices: Sequence[Packed], wall: float) -> list[int]:
    """Put notices into the outbox; return their keys."""
    if not notices:
        return []
    rows = [{"method": notice.method, "body": notice.body, "stored_at": wall} for notice in notices]
    return list(await session.scalars(insert(Outgoing).returning(Outgoing.id, sort_by_parameter_order=True), rows))
