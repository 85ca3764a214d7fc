"""Build the bot: its wings are made and joined."""

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from bot import __version__
from bot.app.app import App, Runs
from bot.app.doors import doors
from bot.app.intake import make_entrance
from bot.app.introduction import Introduction
from bot.app.later import Later, rest_s
from bot.app.rows import make_rows
from bot.app.services import Services, make_services
from bot.app.telegram import make_bot, make_confessed, make_delivery, make_fetch, make_hook
from bot.app.work import make_work
from bot.clock import Clock, Lull
from bot.intake.updates.hook import Hook
from bot.intake.updates.inbox import Inbox
from bot.intake.updates.postman import Postman
from bot.intake.updates.webhook import Webhook
from bot.members.figures import Figures
from bot.members.lease import Lease
from bot.process.lock import lock
from bot.report.alarms import AlarmWatch
from bot.report.disk import look
from bot.report.figures import tell
from bot.report.pulse import Pulse
from bot.report.report import Reporter
from bot.report.supervisor import Supervisor
from bot.report.traces import make_traces
from bot.settings import ConfigurationError, Settings
from bot.storage.engine.database import INBOX, Sessions, beside, database_file, discard, open_database
from bot.storage.engine.patience import patiently
from bot.storage.engine.template import Template
from bot.storage.engine.watch import Held, Watch
from bot.tally import Tally
from bot.work.capacity import Capacity
from bot.work.traced import Send

MakeDoors = Callable[[Settings, Path, int, Webhook | None, bool, Reporter], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def build(
    settings: Settings,
    *,
    play: bool = False,
    fresh: bool = False,
    apart: bool = False,
    lease: Lease | None = None,
    member: Callable[[], Figures] | None = None,
    postman: Postman | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[App]:
    """Make all objects, and close them at the end.

    `fresh`: on a new database in place of the one that is there; `apart`: have a child bring the schema up, which
    saves memory. `lease`: where others may take the bot over, that it is ours;
    `member`: how this process fares among others; `postman`: who takes the posts there.
    Raises ConfigurationError, Locked, DatabaseTaken, NewerDatabaseError, DatabaseDamaged, Unusable, Fenced,
    sqlalchemy.exc.DBAPIError.
    """
    clock, tally = clock or Clock(), Tally()
    settings.require_token()
    place = beside(settings.database_url)
    async with AsyncExitStack() as stack:
        sessions = await hold(stack, settings, clock, fresh=fresh, apart=apart, lease=lease)
        services = await stack.enter_async_context(make_services(settings, place, clock, play=play))
        traces = make_traces(settings.traces_url, __version__, clock)
        if traces:
            stack.callback(traces.close)
        send, capacity = traces.send if traces else None, Capacity(settings.max_turns)
        of_process = OfProcess(services, capacity, send, tally, Held(clock), member, postman)
        app = join(stack, settings, sessions, of_process, tally, clock, doors, lease)
        yield replace(app, beside=(*app.beside, *running_once(of_process, lambda: is_well(tally), clock)))


@dataclass(frozen=True, slots=True)
class OfProcess:
    """What a process has once, however many bots run in it; `pulse`: where it counts how late its loop is."""

    services: Services
    capacity: Capacity
    send: Send | None
    pulse: Tally
    held: Held
    member: Callable[[], Figures] | None = None
    postman: Postman | None = None
    hooks: set[Hook] = field(default_factory=set)


def running_once(of_process: OfProcess, is_well: Callable[[], bool], clock: Clock) -> Sequence[Runs]:
    """Return what runs once in a process."""
    services = of_process.services
    # A member of several processes tells it by itself: it goes on when the bot is another one's.
    supervisors: list[Runs] = [] if of_process.member else [Supervisor(os.environ, is_well, clock)]
    return (
        *(services.toolbox, services.catalog, services.chart, services.reload),
        Pulse(of_process.pulse, clock),
        *supervisors,
    )


def is_well(tally: Tally) -> bool:
    """Tell whether updates were asked for, or the webhook was seen to stand."""
    return tally.updates_well_at is not None


def join(
    stack: AsyncExitStack,
    settings: Settings,
    sessions: Sessions,
    of_process: OfProcess,
    tally: Tally,
    clock: Clock,
    doors: MakeDoors,
    lease: Lease | None = None,
) -> App:
    """Make the wings of one bot, and join them; they are closed with the stack. Raises ConfigurationError."""
    file, place = database_file(settings.database_url), beside(settings.database_url)
    services = of_process.services
    lull = Lull(clock)
    tally.happened = lull.happened
    rows = make_rows(sessions, clock, keep_days=settings.keep_days, lull=lull)
    bot = make_bot(settings, tally, clock, lease)
    stack.push_async_callback(bot.session.close)
    calls = stack.enter_context(make_delivery(settings, bot, rows, place, clock, lease))
    work = make_work(
        settings,
        bot,
        rows,
        services,
        calls.delivery,
        place=place,
        tally=tally,
        send=of_process.send,
        capacity=of_process.capacity,
        lull=lull,
        clock=clock,
        was_left=lease is not None and lease.former.gave_back,
    )
    if lease:
        lease.is_busy = work.worker.is_busy
    reporter = Reporter(
        tally,
        rows.census,
        services.catalog,
        lambda: calls.delivery.waiting,
        lambda: calls.budget.bot_rate,
        partial(look, place, file),
        intake="webhook" if settings.webhook_url else "polling",
        member=of_process.member,
        pulse=of_process.pulse,
        clock=clock,
    )
    reload = services.reload
    watch = AlarmWatch(services.catalog, tally, partial(look, place, file), lambda: reload.mistake, clock)
    entrance = make_entrance(settings, bot, rows, services, calls, partial(tell, reporter), watch.look, tally, clock)
    hook = make_hook(settings, bot, place, tally, clock, lull=lull, others=of_process.hooks, shared=lease is not None)
    inbox = Inbox(place.with_name(f"{place.name}{INBOX}"))
    stack.callback(inbox.close)
    webhook = Webhook(bot.id, hook.secret, inbox, tally, clock) if hook and not lease else None
    fetch = make_fetch(settings, sessions, lease, of_process.postman, tally, clock) if lease else None
    confessed = [make_confessed(sessions, rows, calls, lease, clock)] if lease else []
    of_work: Sequence[Runs] = (work.serving, work.files, work.late, work.strays, work.spent_buttons, work.naming)
    others: Sequence[Runs] = (entrance.requests, entrance.owner, entrance.exports, rows.purge, *confessed)
    soon = Later([each.run for each in (*of_work, *others)], work.worker.begun, clock)
    introduction = Introduction(bot, settings, rows.accesses, services.catalog, services.personas, clock)
    late = Later([rows.ageing.run, introduction.register], work.worker.begun, clock, after_s=rest_s(lease))
    return App(
        introduction=introduction,
        clock=clock,
        rows=rows,
        calls=calls,
        entrance=entrance,
        hook=hook,
        webhook=fetch if hook and fetch else webhook,
        fetch=fetch,
        inbox=inbox,
        reporter=reporter,
        reload=reload,
        beside=(work.worker, Watch(file, clock, of_process.held), soon, late),
        doors=partial(doors, settings, place, bot.id, webhook, lease is None),
        begun=work.worker.begun,
    )


async def hold(
    stack: AsyncExitStack,
    settings: Settings,
    clock: Clock,
    *,
    fresh: bool = False,
    apart: bool,
    lease: Lease | None = None,
    template: Template | None = None,
) -> Sessions:
    """Take the database for ourselves and open it; `template`: of those that may be brought up together."""
    file, place = database_file(settings.database_url), beside(settings.database_url)
    try:
        await patiently(partial(take_place, stack, place, file), clock, "lock", folder=place.parent)
        if file and fresh:  # now that it is ours: it may have been that of a bot that runs
            discard(file)
        fence = lease.fence if lease else None
        return await stack.enter_async_context(
            open_database(settings.database_url, apart=apart, alone=True, fence=fence, template=template, clock=clock)
        )
    except OSError as error:
        expected = f"a file that can be made and written ({error.strerror})"
        raise ConfigurationError("DATABASE_URL", str(error.filename or place), expected) from error


async def take_place(stack: AsyncExitStack, place: Path, file: Path | None) -> None:
    """Make the folder, where there is none, and lock the `file`, where there is one. Raises Locked, OSError."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if file:
        stack.enter_context(lock(file))
