"""Invites: links that let people in, so many, for a while, maybe with a limit."""

import secrets
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import exists, select, update

from bot.clock import Clock
from bot.storage.ageing import prune
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.people.access import Accesses
from bot.storage.tables import Access, Account, Invite, InviteUse, Rule, table_of
from bot.storage.telegram.updates import is_taken

CODE_BYTES = 16  # 22 letters: nobody finds one by trying
KEPT_S = 30 * 86_400.0  # for so long one that is over is told from one that never was


class Redeemed(StrEnum):
    """What came of a link that was followed."""

    LET_IN = "let in"
    OVER = "over"  # used up, too old, or taken back: it is told, once
    NOTHING = "nothing"  # no such link, or the person was told, or is kept out


@dataclass(frozen=True, slots=True)
class Terms:
    """For how many persons a link is, for how long, and how many questions a day each of them may ask (None: usual)."""

    count: int
    lasts_s: float
    own_limit: int | None = None


@patient
class Invites:
    """The links that admins give out; who comes in by one changes the rules of `accesses`."""

    def __init__(self, sessions: Sessions, clock: Clock, accesses: Accesses) -> None:
        self._sessions = sessions
        self._clock = clock
        self._accesses = accesses

    async def make(self, terms: Terms, *, by: int) -> str:
        """Make a link; return its code."""
        code, wall = secrets.token_urlsafe(CODE_BYTES), self._clock.wall()
        row = {"code": code, "by": by, "left": terms.count, "own_limit": terms.own_limit}
        async with self._sessions.begin() as session:
            await session.execute(insert(Invite).values(**row, ends_at=wall + terms.lasts_s))
        return code

    async def withdraw(self, code: str) -> bool:
        """Take a link back; False where nobody could use it any more."""
        wall = self._clock.wall()
        usable = update(Invite).where(Invite.code == code, Invite.left > 0, Invite.ends_at > wall)
        async with self._sessions.begin() as session:
            return await session.scalar(usable.values(left=0).returning(Invite.code)) is not None

    async def redeem(self, update_id: int, code: str, user_id: int, *, name: str, language: str | None) -> Redeemed:
        """Let a person in by a link, as its admin would.

        The update is taken with the welcome; handled again, it is one of a person who is in.
        """
        wall = self._clock.wall()
        async with self._sessions.begin() as session:
            invite = await session.get(Invite, code)
            if invite is None or await is_taken(session, update_id):
                return Redeemed.NOTHING
            kept_out = exists().where(Access.telegram_id == user_id, Access.rule == Rule.DENY)
            if await session.scalar(select(kept_out)):
                return Redeemed.NOTHING
            if invite.left < 1 or invite.ends_at <= wall:
                told = exists().where(InviteUse.code == code, InviteUse.telegram_id == user_id)
                return Redeemed.NOTHING if await session.scalar(select(told)) else Redeemed.OVER
            invite.left -= 1
            await session.execute(insert(InviteUse).values(code=code, telegram_id=user_id).on_conflict_do_nothing())
            rule = {"rule": Rule.ALLOW, "by": invite.by, "at": wall, "update_id": None, "name": name}
            row = insert(Access).values(telegram_id=user_id, language=language, **rule)
            await session.execute(row.on_conflict_do_update(index_elements=("telegram_id",), set_=rule))
            if invite.own_limit is not None:
                own = {"own_limit": invite.own_limit, "told_on": None}
                account = insert(Account).values(telegram_id=user_id, name=name, **own)
                await session.execute(account.on_conflict_do_update(index_elements=("telegram_id",), set_=own))
            self._accesses.changes += 1
            return Redeemed.LET_IN

    async def prune(self) -> bool:
        """Forget some links that were over long ago; tell whether there may be more."""
        invites = table_of(Invite)
        return await prune(self._sessions, invites, invites.c.ends_at < self._clock.wall() - KEPT_S)
