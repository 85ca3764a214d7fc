"""Alarms: what the bot's owner is to know now, as far as this process can tell."""

from collections.abc import Callable, Iterator

from bot.catalog.catalog import Catalog, Cause
from bot.clock import Clock
from bot.report.disk import Disk
from bot.storage.tables import AlarmKind
from bot.storage.telegram.alarms import LOW_DISK, Alarm, Seen
from bot.tally import Tally

DOWN_S = 600.0
HOOKED_S = 300.0  # for so long a webhook that somebody set is an alarm: longer than between two looks
MENDED = {Cause.KEY: AlarmKind.KEY, Cause.CREDIT: AlarmKind.CREDIT}  # by the owner alone: told at once
OF_PROVIDERS = (AlarmKind.KEY, AlarmKind.CREDIT, AlarmKind.DOWN)


class AlarmWatch:
    """Looks; nothing is asked, and no row is read for it. `misread`: the mistake in what was to be read anew, or ""."""

    def __init__(
        self,
        catalog: Catalog,
        tally: Tally,
        look: Callable[[], Disk],
        misread: Callable[[], str],
        clock: Clock,
    ) -> None:
        self._catalog = catalog
        self._tally = tally
        self._look = look
        self._misread = misread
        self._clock = clock

    def look(self) -> Seen:
        """Return what there is, and what no answer has ended yet."""
        unknown: set[Alarm] = set()
        for id_ in self._catalog.ids:
            if self._catalog.health.failing_since(id_) is not None:
                unknown |= {Alarm(kind, id_) for kind in OF_PROVIDERS}
        free = self._look().free
        if free is None:
            unknown.add(Alarm(AlarmKind.DISK))
        present = {*self._providers()}
        if free is not None and free < LOW_DISK:
            present.add(Alarm(AlarmKind.DISK))
        hooked_at = self._tally.hooked_at
        if hooked_at is not None and self._clock.now() - hooked_at < HOOKED_S:
            present.add(Alarm(AlarmKind.HOOKED))
        if mistake := self._misread():
            present.add(Alarm(AlarmKind.MISREAD, mistake))
        return Seen(frozenset(present), frozenset(unknown - present))

    def _providers(self) -> Iterator[Alarm]:
        for id_ in self._catalog.ids:
            cause, since = self._catalog.cause(id_), self._catalog.health.failing_since(id_)
            if cause in MENDED:
                yield Alarm(MENDED[cause], id_)
            elif cause and since is not None and self._clock.wall() - since >= DOWN_S:
                yield Alarm(AlarmKind.DOWN, id_)
