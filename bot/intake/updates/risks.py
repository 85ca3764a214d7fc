"""Risks: an update of which the process dies each time is passed over at last, and no other suffers for it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.intake.batch import Entry
from bot.intake.notice import letter
from bot.settings import AccessMode, Settings
from bot.storage.people.access import Accesses
from bot.storage.tables import Rule
from bot.storage.telegram.updates import Updates
from bot.texts import texts

log = logging.getLogger(__name__)

MAX_DEATHS = 5  # of processes at the same update: then it is passed over; three can be something else's doing


@dataclass(frozen=True, slots=True)
class _Author:
    """Who wrote to the bot in private, as an update says that nothing else is read of."""

    id: int
    language: str | None


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

    async def passed_over(self, raw: object, known: int, deaths: int) -> Entry | None:
        """Return what is said in place of handling an update of which processes die; None, and a try noted, else."""
        if deaths < MAX_DEATHS:
            if deaths:
                await self._updates.risk_again(known)
            return None
        log.error("update passed over, the bot died of it each time update=%s deaths=%s", known, deaths)
        author = _author(raw)
        if author is None or not await self._is_let_in(author):
            return Entry(known, ())
        words = texts(self._settings.language, author.language)
        return Entry(known, (letter(author.id, words.unreadable),), author.id, author.id)

    async def _is_let_in(self, author: _Author) -> bool:
        if self._settings.access is AccessMode.OPEN or author.id in self._settings.listed:
            return True
        return (await self._accesses.rules(author.id)).get(author.id) in (Rule.OWNER, Rule.ALLOW)


def _author(raw: object) -> _Author | None:
    """Return who wrote an update in a private chat; only by looking, since to read it may be what killed."""
    message = raw.get("message") if isinstance(raw, dict) else None
    person = message.get("from") if isinstance(message, dict) else None
    chat = message.get("chat") if isinstance(message, dict) else None
    if not isinstance(person, dict) or not isinstance(chat, dict) or chat.get("type") != "private":
        return None
    known, language = person.get("id"), person.get("language_code")
    if not isinstance(known, int) or known != chat.get("id"):
        return None
    return _Author(known, language if isinstance(language, str) else None)
