"""Freshness: what a batch has read of its people is read again when something else has changed it."""

from bot.intake.batch import Batch
from bot.storage.chats import Chats
from bot.storage.people.access import Accesses
from bot.storage.questions.lookup import Lookup


class Freshness:
    """Keeps the rows of a batch true."""

    def __init__(self, lookup: Lookup, accesses: Accesses, chats: Chats) -> None:
        self._lookup = lookup
        self._accesses = accesses
        self._chats = chats

    async def refresh(self, batch: Batch) -> None:
        """Read what is known of its people, unless that is still true."""
        changes = self._accesses.changes, self._chats.changes
        if batch.read_at == changes:
            return
        known = await self._lookup.of(batch.people)
        batch.rules = {**dict.fromkeys(batch.people), **known.rules}
        batch.chats, batch.models = known.chats, known.models
        batch.read_at = changes
        batch.apply_all()
