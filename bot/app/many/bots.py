"""Bots: all that bots.toml names, side by side; what is changed there while they run is done to those it concerns."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import TYPE_CHECKING

from bot.app.app import Runs, first_of
from bot.app.many.file import Mistakes, Wanted
from bot.app.many.tended import Tended
from bot.catalog.reload import Made, Reload
from bot.intake.updates.postman import Letterbox
from bot.intake.updates.webhook import Webhook
from bot.members.figures import Figures
from bot.members.lease import Lease
from bot.report.standing import Standing
from bot.settings import ConfigurationError, Settings
from providers.base import AsyncGeneratorProvider

if TYPE_CHECKING:
    from bot.report.server import Answer, Posted  # who has no port does not pay for a web server

log = logging.getLogger(__name__)

Doors = Callable[["Bots"], AbstractAsyncContextManager[None]]
Tend = Callable[[Wanted, Mapping[str, AsyncGeneratorProvider] | None], Tended]


class Bots:
    """Runs them; `read`: bots.toml as it is now, `tend`: makes what keeps one of them running."""

    def __init__(
        self,
        wanted: Sequence[Wanted],
        read: Callable[[], Sequence[Wanted]],
        tend: Tend,
        reload: Reload,
        doors: Doors,
    ) -> None:
        self.reload = reload
        self.beside: Sequence[Runs] = ()
        self.shared: frozenset[str] = frozenset()  # names; other processes may have them, `serve` begins them
        self.letterbox: Callable[[Settings], Letterbox | None] = lambda _: None  # where posts for those come in
        self.figures: Callable[[], Figures] | None = None  # how this process fares among those
        self._read = read
        self._tend = tend
        self._doors = doors
        self._bots: dict[str, Tended] = made_of(wanted, tend)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None
        reload.prepare = self.prepare

    async def run(self) -> None:
        """Run until cancelled: then all end side by side. Raises what one of `beside` does."""
        try:
            async with self._doors(self), asyncio.TaskGroup() as group:
                self._group = group
                for each in self.beside:
                    group.create_task(each.run())
                for name, bot in self._bots.items():
                    if name not in self.shared:
                        self._start(bot)
        except BaseExceptionGroup as errors:
            raise first_of(errors) from errors

    async def serve(self, lease: Lease) -> None:
        """Run one of those that are shared, as long as it is ours. Raises Fenced."""
        name = next(name for name in self.shared if self._bots[name].wanted.id == lease.fence.bot_id)
        try:
            while True:
                bot = self._bots[name]
                self._tasks[name] = task = asyncio.create_task(bot.run(lease))
                try:
                    await asyncio.wait({task})
                finally:
                    task.cancel()
                    await asyncio.wait({task})
                if bot is self._bots[name]:
                    return task.result()
        finally:
            self._tasks.pop(name, None)

    @property
    def is_well(self) -> bool:
        """Tell whether one of them has asked for updates, or other processes have them all."""
        apps = [bot.app for bot in self._bots.values() if bot.app]
        figures = self.figures() if self.figures else None
        stands_by = figures is not None and not apps and figures.live > 1 and figures.left_s > 0
        return stands_by or any(app.reporter.tally.updates_well_at is not None for app in apps)

    def standings(self) -> list[Standing]:
        """Return how each of them stands, but for those that other processes have."""
        return [
            Standing(name, bot.app.reporter if bot.app else None, bot.trouble)
            for name, bot in self._bots.items()
            if name not in self.shared or name in self._tasks
        ]

    def find(self, bot_id: int) -> "Answer | None":
        """Return who answers Telegram's posts for a bot; where it is not shared and does not run they come again."""
        bot = next((each for each in self._bots.values() if each.wanted.id == bot_id), None)
        if bot is None:
            return None
        if bot.wanted.name in self.shared and (letterbox := self.letterbox(bot.wanted.settings)):
            return letterbox.answer
        return bot.app.webhook.answer if bot.app and isinstance(bot.app.webhook, Webhook) else _unavailable

    def prepare(self, made: Made) -> Callable[[], None]:
        """Read bots.toml anew; return what puts it in place. Raises ConfigurationError, and nothing is changed then."""
        try:
            new = made_of(self._read(), self._tend, made.providers)
        except ConfigurationError as mistakes:
            # The owners of the bots are told of a mistake, each by his own: what is wrong with another is for the log.
            for line in str(mistakes).splitlines():
                log.error("bots.toml not taken: %s", line)  # noqa: TRY400  # a mistake of the operator
            raise ConfigurationError("BOT_TOKENS", None, "a file without mistakes; the log names them") from None

        if self.shared and (others := _whose(new) ^ _whose(self._bots)):
            names = ", ".join(sorted({name for name, *_ in others}))
            log.error(
                "bots.toml not taken: on a server a restart of each process adds, removes or moves bots=%s", names
            )
            raise ConfigurationError("BOT_TOKENS", None, "the same bots, or a restart of each process")

        def put() -> None:
            for name in [name for name in self._bots if name not in new]:
                del self._bots[name]
                self._stop(name)
                log.info("bot removed, as bots.toml has it no more bot=%s", name)
            for name, bot in new.items():
                self._put(name, bot, made)

        return put

    def _put(self, name: str, bot: Tended, made: Made) -> None:
        """Have a bot run as it is wanted now; one that is wanted as before runs on."""
        former = self._bots.get(name)
        if former and former.wanted.same_as(bot.wanted):
            former.services.catalog.replace(made.providers, bot.services.catalog.default, made.painter)
            former.services.personas.replace({**bot.services.personas})
            return
        bot.services.catalog.replace(made.providers, bot.services.catalog.default, made.painter)
        if former:
            former.is_followed = True
        self._bots[name], before = bot, self._stop(name)
        if name not in self.shared:
            self._start(bot, before)
        log.info("bot %s, as bots.toml says bot=%s", "begun anew" if former else "added", name)

    def _start(self, bot: Tended, before: asyncio.Task[None] | None = None) -> None:
        if self._group:
            self._tasks[bot.wanted.name] = self._group.create_task(_after(before, bot.run()))

    def _stop(self, name: str) -> asyncio.Task[None] | None:
        if task := self._tasks.pop(name, None):
            task.cancel()
        return task


def made_of(
    wanted: Sequence[Wanted], tend: Tend, providers: Mapping[str, AsyncGeneratorProvider] | None = None
) -> dict[str, Tended]:
    """Make what keeps each bot running, by its name. Raises Mistakes, all of them at once."""
    found, mistakes = {}, []
    for each in wanted:
        try:
            found[each.name] = tend(each, providers)
        except ConfigurationError as error:
            field, expected = error.variable.lower(), str(error).partition(": expected ")[2]
            is_there = field in each.tables.tables.get(each.name, {})
            mistakes.append(ConfigurationError(each.place(field), None, expected) if is_there else error)
    if mistakes:
        raise Mistakes(mistakes)
    return found


def _whose(bots: Mapping[str, Tended]) -> set[tuple[str, int, str | None]]:
    """Return which bot each is, and where its rows are: what its lease is for."""
    return {(name, bot.wanted.id, bot.wanted.database) for name, bot in bots.items()}


async def _after(before: asyncio.Task[None] | None, run: Coroutine[None, None, None]) -> None:
    """Run when another task has ended, whose database it may be."""
    try:
        if before:
            await asyncio.wait({before})
    except BaseException:
        run.close()
        raise
    await run


async def _unavailable(_post: "Posted") -> HTTPStatus:
    return HTTPStatus.SERVICE_UNAVAILABLE
