"""Risks: an update of which the process dies each time is passed over at last, and no other suffers for it."""

import logging
from collections.abc import Sequence

from aiogram.types import User

from bot.intake.batch import Entry
from bot.intake.people.access import allowed, rules_of
from bot.intake.updates.sender import Sender, sender_of
from bot.settings import Settings
from bot.storage.people.access import Accesses
from bot.storage.telegram.updates import Updates
from bot.texts import texts

log = logging.getLogger(__name__)

MAX_DEATHS = 5  # of processes at the same update: then it is passed over; three can be something else's doing


class Risks:
    """Counts the deaths at updates: those that were being handled when a process died are tried one by one."""

    def __init__(self, updates: Updates, accesses: Accesses, settings: Settings) -> None:
        self._updates = updates
        self._accesses = accesses
        self._settings = settings

    async def taken(self, update_ids: Sequence[int]) -> dict[int, int]:
        """Note that updates are about to be handled; return how often a process died of them before."""
        return await self._updates.risk(update_ids)

    async def survived(self, update_ids: Sequence[int]) -> None:
        """Note that the process did not die of updates."""
        await self._updates.survive(update_ids)

    async def passed_over(self, raw: object, known: int, deaths: int, me: User) -> Entry | None:
        """Return what is said in place of handling an update of which processes die; None, and a try noted, else."""
        if deaths < MAX_DEATHS:
            if deaths:
                await self._updates.risk_again(known)
            return None
        log.error("update passed over, the bot died of it each time update=%s deaths=%s", known, deaths)
        sender = sender_of(raw, me, self._settings.bot_names)
        if sender is None or not await self._is_let_in(sender):
            return Entry(known, ())
        said = sender.told(texts(self._settings.language, sender.language))
        return Entry(known, (said,) if said else (), sender.chat_id, sender.id)

    async def _is_let_in(self, sender: Sender) -> bool:
        stored = await self._accesses.rules(sender.id, sender.chat_id)
        return allowed(rules_of(stored, self._settings), sender.id, sender.chat_id)
