"""Standing: how the bots of a process stand: each with its reporter, or with what keeps it from running."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.report.report import Report, Reporter
from bot.tally import Tally


@dataclass(frozen=True, slots=True)
class Standing:
    """One bot; `name` is "" where there is only one. Either `reporter` or `trouble` is there."""

    name: str
    reporter: Reporter | None
    trouble: str = ""


Standings = Callable[[], Sequence[Standing]]


@dataclass(frozen=True, slots=True)
class Told:
    """One bot, looked at."""

    name: str
    tally: Tally
    report: Report | None
    trouble: str

    @property
    def faults(self) -> list[str]:
        """What keeps it from serving, with its name where there are several."""
        faults = self.report.faults if self.report else [self.trouble]
        return [f"{self.name}: {fault}" if self.name else fault for fault in faults]

    @property
    def is_ready(self) -> bool:
        """Tell whether people who write to it now are served."""
        return self.report is not None and self.report.ready


async def look_at(standings: Standings) -> list[Told]:
    """Look at all of them now."""
    return [
        Told(
            each.name,
            each.reporter.tally if each.reporter else Tally(),
            await each.reporter.report() if each.reporter else None,
            each.trouble,
        )
        for each in standings()
    ]
