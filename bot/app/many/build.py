"""Build several bots: what a process has once is made, and what keeps each of them running."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from functools import partial

from bot import __version__
from bot.app.app import App
from bot.app.build import OfProcess, hold, join, running_once
from bot.app.many.bots import Bots
from bot.app.many.doors import doors
from bot.app.many.file import Wanted, load_bots, secrets_of_bots
from bot.app.many.places import Places as Databases
from bot.app.many.tended import Tended
from bot.app.services import make_services, of_bot
from bot.app.telegram import make_types
from bot.clock import Clock
from bot.process import log as logs
from bot.process.lock import lock
from bot.report.traces import make_traces
from bot.settings import ConfigurationError, Settings
from bot.storage.engine.database import beside, database_file
from bot.tally import Tally
from bot.work.places import Places
from providers.base import AsyncGeneratorProvider

BOTS = ".bots"


@asynccontextmanager
async def build_many(
    settings: Settings, wanted: list[Wanted], *, apart: bool = False, clock: Clock | None = None
) -> AsyncIterator[Bots]:
    """Make what runs the bots, which are made when they begin; `settings`: of the process.

    Raises ConfigurationError, and Locked where a process runs them already.
    """
    clock = clock or Clock()
    make_types()
    place = beside(settings.database_url)
    async with AsyncExitStack() as stack:
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if database_file(settings.database_url):
                stack.enter_context(lock(place.with_name(f"{place.name}{BOTS}")))
        except OSError as error:
            expected = f"a file that can be made and written ({error.strerror})"
            raise ConfigurationError("DATABASE_URL", str(error.filename or place), expected) from error
        services = await stack.enter_async_context(make_services(settings, place, clock, play=False))
        if traces := make_traces(settings.traces_url, __version__, clock):
            stack.callback(traces.close)
        send = traces.send if traces else None
        of_process = OfProcess(services, Places(settings.max_turns), send, Tally())
        turn = asyncio.Lock()
        databases = Databases(settings.database_url, clock)

        @asynccontextmanager
        async def begin(bot: Tended) -> AsyncIterator[App]:
            url = await databases.of(bot.wanted)
            own = bot.wanted.settings.model_copy(update={"database_url": url})
            async with AsyncExitStack() as stack:
                sessions = await hold(stack, own, clock, apart=apart, turn=turn)
                once = OfProcess(bot.services, of_process.places, of_process.send, of_process.pulse)
                yield join(stack, own, sessions, once, Tally(), clock, _no_doors)

        def tend(wanted: Wanted, providers: Mapping[str, AsyncGeneratorProvider] | None) -> Tended:
            return Tended(wanted, of_bot(services, wanted.settings, providers), begin, clock)

        bots = Bots(wanted, partial(_read, settings), tend, services.reload, partial(doors, settings, place))
        bots.beside = running_once(of_process, lambda: bots.is_well, clock)
        yield bots


def _read(settings: Settings) -> list[Wanted]:
    """Read the file anew, and have no log show what is new in it."""
    wanted = load_bots(settings)
    logs.hide(secrets_of_bots(wanted))
    return wanted


def _no_doors(*_of_bot: object) -> nullcontext[None]:
    """Open none: those of the process serve all."""
    return nullcontext()
