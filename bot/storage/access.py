"""Accesses: who may come in, who administers what, and whose database this is."""

import secrets

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects.sqlite import insert

from bot.clock import Clock
from bot.storage.database import Sessions
from bot.storage.patience import patient
from bot.storage.tables import Access, Admin, Chat, Identity, Rule, Turn
from bot.storage.updates import is_taken


class ForeignDatabaseError(Exception):
    """The database belongs to another bot; `bot_id` is that bot's."""

    def __init__(self, bot_id: int) -> None:
        super().__init__(f"the database belongs to the bot {bot_id}")
        self.bot_id = bot_id


@patient
class Accesses:
    """The rules about persons and chats, by Telegram id."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def rules(self, *telegram_ids: int) -> dict[int, Rule]:
        """Return what is known of some persons and chats."""
        async with self._sessions() as session:
            rows = await session.scalars(select(Access).where(Access.telegram_id.in_(telegram_ids)))
            return {row.telegram_id: row.rule for row in rows}

    async def set(self, update_id: int, telegram_id: int, rule: Rule, *, by: int) -> bool:
        """Let a person or a chat in, or out again; False if the update was taken, which it is with the notice."""
        values = {"rule": rule, "by": by, "at": self._clock.wall()}
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return False
            stranger = update(Access).where(Access.telegram_id == telegram_id, Access.rule == Rule.TOLD)
            await session.execute(stranger.values(update_id=update_id))
            row = insert(Access).values(telegram_id=telegram_id, **values)
            await session.execute(row.on_conflict_do_update(index_elements=("telegram_id",), set_=values))
            return True

    async def is_news(self, update_id: int, telegram_id: int) -> bool:
        """Tell whether a person or a chat was refused, and lately hears otherwise by no update but this one."""
        async with self._sessions() as session:
            row = await session.get(Access, telegram_id)
        return row is not None and (row.rule is Rule.TOLD or (row.rule is Rule.ALLOW and row.update_id == update_id))

    async def tell(self, update_id: int, telegram_id: int, *, language: str | None = None) -> bool:
        """Note that a stranger, who reads `language`, is refused in answer to an update; False if he was before."""
        values = {"rule": Rule.TOLD, "language": language, "at": self._clock.wall(), "update_id": update_id}
        row = insert(Access).values(telegram_id=telegram_id, **values).on_conflict_do_nothing()
        async with self._sessions.begin() as session:
            if await is_taken(session, update_id):
                return False
            await session.execute(row)
            access = await session.get_one(Access, telegram_id)
            return access.rule is Rule.TOLD and access.update_id == update_id

    async def owners(self) -> list[int]:
        """Return who used the pairing link."""
        async with self._sessions() as session:
            return list(await session.scalars(select(Access.telegram_id).where(Access.rule == Rule.OWNER)))

    async def languages(self, telegram_id: int) -> tuple[str | None, str | None]:
        """Return the language that was chosen in a chat, and the one that its person was last seen to read."""
        here = select(Chat.id).where(Chat.telegram_id == telegram_id)
        chosen = select(Chat.language).where(Chat.telegram_id == telegram_id, Chat.thread_id == 0)
        answered = select(Turn.language).where(Turn.chat_id.in_(here)).order_by(Turn.id.desc()).limit(1)
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
            values = {"rule": Rule.OWNER, "language": language, "by": user_id, "at": self._clock.wall()}
            row = insert(Access).values(telegram_id=user_id, **values)
            await session.execute(row.on_conflict_do_update(index_elements=("telegram_id",), set_=values))
            return True

    async def identify(self, bot_id: int, code: str | None = None) -> str | None:
        """Claim the database for a bot; return the pairing code as long as it is unused.

        `code` is taken where there is none and nobody owns the bot; None: no code is valid any more, not even one that
        was handed out before. Raises ForeignDatabaseError.
        """
        async with self._sessions.begin() as session:
            identity = await session.scalar(select(Identity))
            if identity is None:
                identity = Identity(bot_id=bot_id)
                session.add(identity)
            elif identity.bot_id != bot_id:
                raise ForeignDatabaseError(identity.bot_id)
            owned = await session.scalar(select(exists().where(Access.rule == Rule.OWNER)))
            if owned or code is None:
                identity.pairing_code = None
            elif identity.pairing_code is None:
                identity.pairing_code = code
            return identity.pairing_code

    async def administers(self, telegram_id: int, user_id: int) -> bool | None:
        """Tell whether a person administers a group; None where the group's administrators are not known."""
        async with self._sessions() as session:
            rows = (await session.scalars(select(Admin.user_id).where(Admin.telegram_id == telegram_id))).all()
            return user_id in rows if rows else None

    async def set_admins(self, telegram_id: int, user_ids: list[int]) -> None:
        """Store who administers a group."""
        async with self._sessions.begin() as session:
            await session.execute(delete(Admin).where(Admin.telegram_id == telegram_id))
            seen_at = self._clock.wall()
            session.add_all(Admin(telegram_id=telegram_id, user_id=user_id, seen_at=seen_at) for user_id in user_ids)

    async def migrate(self, old: int, new: int) -> None:
        """Carry a group's rule over to the supergroup that it became, unless an admin decided about that one too."""
        async with self._sessions.begin() as session:
            await session.execute(delete(Access).where(Access.telegram_id == new, Access.rule == Rule.TOLD))
            known = select(Access.telegram_id).where(Access.telegram_id == new)
            if await session.scalar(known) is None:
                await session.execute(update(Access).where(Access.telegram_id == old).values(telegram_id=new))
            await session.execute(delete(Admin).where(Admin.telegram_id == old))
