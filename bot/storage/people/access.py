"""Accesses: who may come in, who administers what, and whose database this is."""

import secrets

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.tables import Access, Account, Admin, Chat, Identity, Prompt, Rule
from bot.storage.telegram.updates import is_taken

RIGHTS_S = 120.0  # what is known of a group's administrators counts for so long
REFUSAL_S = 5.0  # but for so long where somebody is refused by it, who may have become one


class ForeignDatabaseError(Exception):
    """The database belongs to another bot; `bot_id` is that bot's."""

    def __init__(self, bot_id: int) -> None:
        super().__init__(f"the database belongs to the bot {bot_id}")
        self.bot_id = bot_id


@patient
class Accesses:
    """The rules about persons and chats, by Telegram id; `changes` counts them, for whoever keeps what he read."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self.changes = 0

    async def rules(self, *telegram_ids: int) -> dict[int, Rule]:
        """Return what is known of some persons and chats."""
        async with self._sessions() as session:
            rows = await session.scalars(select(Access).where(Access.telegram_id.in_(telegram_ids)))
            return {row.telegram_id: row.rule for row in rows}

    async def name(self, telegram_id: int) -> str:
        """Return what a person or a chat is called, as last seen; empty where that is not known."""
        async with self._sessions() as session:
            account, access = await session.get(Account, telegram_id), await session.get(Access, telegram_id)
        asked = (access.title or access.name) if access else None
        return (account.name if account else "") or asked or ""

    async def set(self, update_id: int, telegram_id: int, rule: Rule, *, by: int) -> bool:
        """Let a person or a chat in, or out again; False if the update was taken, which it is with the notice."""
        values = {"rule": rule, "by": by, "at": self._clock.wall()}
        self.changes += 1
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return False
            changed = update(Access).where(Access.telegram_id == telegram_id, Access.rule != rule)
            await session.execute(changed.values(update_id=update_id))
            since = update_id if rule is Rule.DENY else None
            row = insert(Access).values(telegram_id=telegram_id, update_id=since, **values)
            await session.execute(row.on_conflict_do_update(index_elements=("telegram_id",), set_=values))
            return True

    async def decided_by(self, update_id: int, telegram_id: int) -> bool:
        """Tell whether it was this update that decided about somebody: its notice was not stored, it comes again."""
        async with self._sessions() as session:
            row = await session.get(Access, telegram_id)
            return row is not None and row.update_id == update_id

    async def is_news(self, update_id: int, telegram_id: int) -> bool:
        """Tell whether a person or a chat that wrote was refused, and hears otherwise by no update but this one."""
        async with self._sessions() as session:
            row = await session.get(Access, telegram_id)
            was_there = row is not None and (row.name is not None or await _was_there(session, telegram_id))
        if row is None or row.rule is Rule.TOLD:
            return row is not None
        return was_there and (row.rule is Rule.DENY or (row.rule is Rule.ALLOW and row.update_id == update_id))

    async def is_loss(self, update_id: int, telegram_id: int) -> bool:
        """Tell whether a person or a chat was answered here, and hears otherwise by no update but this one."""
        async with self._sessions() as session:
            row = await session.get(Access, telegram_id)
            is_new = row is None or row.rule is not Rule.DENY or row.update_id == update_id
            return is_new and await _was_there(session, telegram_id)

    async def waiting(self, *, offset: int = 0, limit: int = 100) -> list[Access]:
        """Return who was refused and nobody has decided about, the oldest first."""
        rows = select(Access).where(Access.rule == Rule.TOLD).order_by(Access.at, Access.telegram_id)
        async with self._sessions() as session:
            return list(await session.scalars(rows.offset(offset).limit(limit)))

    async def count_waiting(self) -> int:
        """Return how many were refused and nobody has decided about."""
        async with self._sessions() as session:
            return await session.scalar(select(func.count()).select_from(Access).where(Access.rule == Rule.TOLD)) or 0

    async def owners(self) -> list[int]:
        """Return who used the pairing link."""
        async with self._sessions() as session:
            return list(await session.scalars(select(Access.telegram_id).where(Access.rule == Rule.OWNER)))

    async def languages(self, telegram_id: int) -> tuple[str | None, str | None]:
        """Return the language that was chosen in a chat, and the one that its person was last seen to read."""
        here = select(Chat.id).where(Chat.telegram_id == telegram_id)
        chosen = select(Chat.language).where(Chat.telegram_id == telegram_id, Chat.thread_id == 0)
        answered = select(Prompt.language).where(Prompt.chat_id.in_(here)).order_by(Prompt.id.desc()).limit(1)
        refused = select(Access.language).where(Access.telegram_id == telegram_id)
        async with self._sessions() as session:
            return await session.scalar(chosen), await session.scalar(answered) or await session.scalar(refused)

    async def pair(self, update_id: int, code: str, user_id: int, *, language: str | None = None) -> bool:
        """Make a person, who reads `language`, the owner if `code` is the unused pairing code; it works once.

        The update is taken with the welcome; handled again, it is an owner's, and answered as such.
        """
        async with self._sessions.begin() as session:
            identity = await session.scalar(select(Identity))
            if identity is None or not identity.pairing_code:
                return False
            if not secrets.compare_digest(identity.pairing_code.encode(), code.encode()):
                return False
            if await is_taken(session, update_id):
                return False
            identity.pairing_code = None
            self.changes += 1
            values = {"rule": Rule.OWNER, "language": language, "by": user_id, "at": self._clock.wall()}
            row = insert(Access).values(telegram_id=user_id, **values)
            await session.execute(row.on_conflict_do_update(index_elements=("telegram_id",), set_=values))
            return True

    async def check(self, bot_id: int) -> None:
        """Raise ForeignDatabaseError where the database is claimed for another bot."""
        async with self._sessions() as session:
            _check(await session.scalar(select(Identity)), bot_id)

    async def identify(self, bot_id: int, code: str | None = None) -> str | None:
        """Claim the database for a bot; return the pairing code as long as it is unused.

        `code` is taken where there is none and nobody owns the bot; None: no code is valid any more, not even one that
        was handed out before. Raises ForeignDatabaseError.
        """
        async with self._sessions.begin() as session:
            identity = await session.scalar(select(Identity))
            _check(identity, bot_id)
            if identity is None:
                identity = Identity(bot_id=bot_id)
                session.add(identity)
            owned = await session.scalar(select(exists().where(Access.rule == Rule.OWNER)))
            if owned or code is None:
                identity.pairing_code = None
            elif identity.pairing_code is None:
                identity.pairing_code = code
            return identity.pairing_code

    async def administers(self, telegram_id: int, user_id: int, *, within_s: float = RIGHTS_S) -> bool | None:
        """Tell whether a person administers a group; None where what is known of its administrators is too old."""
        wall = self._clock.wall()
        is_young = Admin.seen_at.between(wall - within_s, wall)  # nor what a clock that was ahead has seen
        rows = select(Admin.user_id).where(Admin.telegram_id == telegram_id, is_young)
        async with self._sessions() as session:
            found = (await session.scalars(rows)).all()
            return user_id in found if found else None

    async def set_admins(self, telegram_id: int, user_ids: list[int]) -> None:
        """Store who administers a group."""
        async with self._sessions.begin() as session:
            await session.execute(delete(Admin).where(Admin.telegram_id == telegram_id))
            seen_at = self._clock.wall()
            session.add_all(Admin(telegram_id=telegram_id, user_id=user_id, seen_at=seen_at) for user_id in user_ids)

    async def migrate(self, old: int, new: int, *, is_listed: bool = False) -> None:
        """Carry a group's rule over to the supergroup that it became, unless an admin decided about that one too.

        `is_listed`: the operator's settings let the group in, by its old id.
        """
        self.changes += 1
        async with self._sessions.begin() as session:
            await session.execute(delete(Access).where(Access.telegram_id == new, Access.rule == Rule.TOLD))
            known = select(Access.telegram_id).where(Access.telegram_id == new)
            if await session.scalar(known) is None:
                await session.execute(update(Access).where(Access.telegram_id == old).values(telegram_id=new))
            if is_listed:
                row = {"telegram_id": new, "rule": Rule.ALLOW, "at": self._clock.wall()}
                await session.execute(insert(Access).values(row).on_conflict_do_nothing())
            await session.execute(delete(Admin).where(Admin.telegram_id == old))


def _check(identity: Identity | None, bot_id: int) -> None:
    if identity and identity.bot_id != bot_id:
        raise ForeignDatabaseError(identity.bot_id)


async def _was_there(session: AsyncSession, telegram_id: int) -> bool:
    """Tell whether a person or a chat had a conversation, and has not shut the bot out."""
    rows = select(Chat.id).where(Chat.telegram_id == telegram_id, Chat.gone_at.is_(None))
    return await session.scalar(select(rows.exists())) or False
