"""Owner: who the bot belongs to is told once of what needs him, and nobody else is.

That is who used the pairing link; where nobody did, those whom ADMINS lists.
"""

import logging
from collections.abc import Callable

from aiogram.utils.formatting import Text

from bot.clock import Clock
from bot.intake.notice import Method, filled, letter, misread
from bot.intake.outbox import Outbox, packed
from bot.settings import Settings
from bot.storage.people.access import Accesses
from bot.storage.tables import Need
from bot.storage.telegram.alarms import Alarms, Seen, Trouble
from bot.texts import Texts, texts

log = logging.getLogger(__name__)

LOOK_S = 30.0

Needs = Callable[[], Seen]
Label = Callable[[str], str]  # what a provider is called


class Owner:
    """Tells him. `run` must be running; the database is asked only where something has changed."""

    def __init__(
        self,
        settings: Settings,
        accesses: Accesses,
        alarms: Alarms,
        outbox: Outbox,
        needs: Needs,
        label: Label,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._accesses = accesses
        self._alarms = alarms
        self._outbox = outbox
        self._needs = needs
        self._label = label
        self._clock = clock
        self._settled: Seen | None = None  # what was seen when all that was due had been told

    async def run(self) -> None:
        """Look and tell, for ever. Raises DatabaseDamaged."""
        while True:
            await self.tell()
            await self._clock.sleep(LOOK_S)

    async def tell(self) -> None:
        """Tell what is new; where there is no owner yet it stays to be told."""
        seen = self._needs()
        if seen == self._settled:
            return
        if due := await self._alarms.due(seen):
            people = await self._accesses.owners() or sorted(self._settings.admins)
            if not people:
                return
            methods: list[Method] = []
            for person in people:
                words = texts(*await self._languages(person))
                methods += [letter(person, self._words(trouble, words)) for trouble in due]
            keys = await self._alarms.told(due, packed(methods))
            self._outbox.post(methods, keys, last=True)  # after all that somebody waits for
            log.info("owner told needs=%s", ",".join(f"{each.kind}:{each.subject}".rstrip(":") for each in due))
        self._settled = seen

    async def _languages(self, person: int) -> tuple[str | None, str | None, str | None]:
        chosen, seen = await self._accesses.languages(person)
        return chosen, self._settings.language, seen

    def _words(self, trouble: Trouble, words: Texts) -> Text:
        if trouble.kind is Need.MISREAD:
            return misread(trouble.subject, words)
        templates = {
            Need.KEY: words.owner_key,
            Need.CREDIT: words.owner_credit,
            Need.DOWN: words.owner_down,
            Need.DISK: words.owner_disk,
            Need.HOOKED: words.owner_hooked,
            Need.MIGRATED: words.owner_migrated,
        }
        return filled(templates[trouble.kind], provider=self._label(trouble.subject))
