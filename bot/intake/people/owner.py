"""Owner: who the bot belongs to is told of each alarm once, and nobody else is.

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
from bot.storage.tables import AlarmKind
from bot.storage.telegram.alarms import LOW_DISK, Alarm, Alarms, Seen
from bot.texts import Texts, texts

log = logging.getLogger(__name__)

LOOK_S = 60.0

Look = Callable[[], Seen]
Label = Callable[[str], str]  # what a provider is called


class Owner:
    """Tells him. `run` must be running; the database is asked only where something has changed."""

    def __init__(
        self,
        settings: Settings,
        accesses: Accesses,
        alarms: Alarms,
        outbox: Outbox,
        look: Look,
        label: Label,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._accesses = accesses
        self._alarms = alarms
        self._outbox = outbox
        self._look = look
        self._label = label
        self._clock = clock
        self._settled: Seen | None = None  # what was seen when all that was due had been told

    async def run(self) -> None:
        """Look and tell, for ever. Raises DatabaseDamaged."""
        while True:
            await self.tell()
            await self._clock.tick(LOOK_S)

    async def tell(self) -> None:
        """Tell what is new; where there is no owner yet it stays to be told."""
        seen = self._look()
        if seen == self._settled:
            return
        if due := await self._alarms.due(seen):
            people = await self._accesses.owners() or sorted(self._settings.admins)
            if not people:
                return
            methods: list[Method] = []
            for person in people:
                words = texts(*await self._languages(person))
                methods += [letter(person, self._words(alarm, words)) for alarm in due]
            keys = await self._alarms.told(due, packed(methods))
            self._outbox.post(methods, keys, last=True)  # after all that somebody waits for
            log.info("owner told alarms=%s", ",".join(f"{each.kind}:{each.subject}".rstrip(":") for each in due))
        self._settled = seen

    async def _languages(self, person: int) -> tuple[str | None, str | None, str | None]:
        chosen, seen = await self._accesses.languages(person)
        return chosen, self._settings.language, seen

    def _words(self, alarm: Alarm, words: Texts) -> Text:
        if alarm.kind is AlarmKind.MISREAD:
            return misread(alarm.subject, words)
        templates = {
            AlarmKind.KEY: words.alarm_key,
            AlarmKind.CREDIT: words.alarm_credit,
            AlarmKind.DOWN: words.alarm_down,
            AlarmKind.DISK: words.alarm_disk,
            AlarmKind.HOOKED: words.alarm_hooked,
            AlarmKind.MIGRATED: words.alarm_migrated,
        }
        limit = Text(str(LOW_DISK // 1_000_000))  # MB
        return filled(templates[alarm.kind], provider=self._label(alarm.subject), limit=limit)
