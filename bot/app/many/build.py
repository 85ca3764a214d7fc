"""Build several bots: what a process has once is made, and what keeps each of them running."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import replace
from functools import partial

from bot import __version__
from bot.app.app import App
from bot.app.build import OfProcess, hold, join, running_once, take_place
from bot.app.later import Later
from bot.app.many.beginnings import Beginnings, Turn
from bot.app.many.bots import Bots
from bot.app.many.doors import doors
from bot.app.many.file import Wanted, load_bots, secrets_of_bots
from bot.app.many.places import Places as Databases
from bot.app.many.tended import Tended
from bot.app.services import make_services, of_bot
from bot.app.telegram import make_letterbox, make_postman, make_types
from bot.clock import Clock
from bot.intake.updates.postman import Postman
from bot.members.lease import Lease
from bot.members.member import Member
from bot.process import log as logs
from bot.report.traces import make_traces
from bot.settings import ConfigurationError, Settings
from bot.storage.engine.database import beside, create_engine, database_file
from bot.storage.engine.patience import patiently
from bot.storage.engine.server import OF_MEMBERS, Hold
from bot.storage.engine.template import Template
from bot.storage.engine.watch import Held
from bot.storage.ownership.members import Members
from bot.tally import Tally
from bot.work.capacity import Capacity
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
    await make_types(clock)
    place = beside(settings.database_url)
    async with AsyncExitStack() as stack:
        try:
            file = place.with_name(f"{place.name}{BOTS}") if database_file(settings.database_url) else None
            await patiently(partial(take_place, stack, place, file), clock, "lock", folder=place.parent)
        except OSError as error:
            expected = f"a file that can be made and written ({error.strerror})"
            raise ConfigurationError("DATABASE_URL", str(error.filename or place), expected) from error
        services = await stack.enter_async_context(make_services(settings, place, clock, play=False))
        postman = make_postman(stack, settings.database_url, clock)
        if traces := make_traces(settings.traces_url, __version__, clock):
            stack.callback(traces.close)
        send = traces.send if traces else None
        of_process = OfProcess(services, Capacity(settings.max_turns), send, Tally(), Held(clock), postman=postman)
        template = Template()
        stack.callback(template.close)
        databases, beginnings = Databases(settings.database_url, clock), Beginnings(clock)

        @asynccontextmanager
        async def begin(bot: Tended, lease: Lease | None) -> AsyncIterator[App]:
            url = await databases.of(bot.wanted)
            own = bot.wanted.settings.model_copy(update={"database_url": url})
            async with AsyncExitStack() as stack:
                leave = await stack.enter_async_context(beginnings.place(_turn(bot, lease)))
                sessions = await hold(stack, own, clock, apart=apart, lease=lease, template=template)
                once = replace(of_process, services=bot.services)
                app = join(stack, own, sessions, once, Tally(), clock, _no_doors, lease)
                yield replace(app, beside=(*app.beside, Later([leave], app.begun, clock)))

        def tend(wanted: Wanted, providers: Mapping[str, AsyncGeneratorProvider] | None) -> Tended:
            return Tended(wanted, of_bot(services, wanted.settings, providers), begin, clock)

        bots = Bots(wanted, partial(_read, settings), tend, services.reload, partial(doors, settings, place))
        bots.beside = running_once(of_process, lambda: bots.is_well, clock)
        if postman:
            _share(stack, settings.database_url, bots, wanted, postman, clock)
        yield bots


def _share(
    stack: AsyncExitStack, url: str, bots: Bots, wanted: Sequence[Wanted], postman: Postman, clock: Clock
) -> None:
    """Have the bots on the server shared with other processes; one with a database elsewhere is one process's."""
    shared = [each for each in wanted if each.database in (None, url)]
    engine = create_engine(url, hold=Hold.TOGETHER, clock=clock, settings=OF_MEMBERS)
    stack.push_async_callback(engine.dispose)
    member = Member(Members(engine), [each.id for each in shared], bots.serve, clock)
    bots.shared = frozenset(each.name for each in shared)
    bots.figures, member.posted = member.figures, postman.wake
    bots.letterbox = partial(make_letterbox, postman=postman)
    bots.beside = (*bots.beside, member, postman)


def _turn(bot: Tended, lease: Lease | None) -> Turn:
    if bot.has_failed:
        return Turn.AGAIN
    return Turn.SERVED if lease and lease.former.ago_s is not None else Turn.NEW


def _read(settings: Settings) -> list[Wanted]:
    """Read the file anew, and have no log show what is new in it."""
    wanted = load_bots(settings)
    logs.hide(secrets_of_bots(wanted))
    return wanted


def _no_doors(*_of_bot: object) -> nullcontext[None]:
    """Open none: those of the process serve all."""
    return nullcontext()
