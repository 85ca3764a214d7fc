"""Intake: what turns updates into rows, with all that its handlers may ask for."""

from collections.abc import Callable
from dataclasses import dataclass

from aiogram import Bot, Dispatcher
from aiogram.types import User

from bot.app.rows import Rows
from bot.app.services import Services
from bot.app.telegram import Calls
from bot.clock import Clock
from bot.intake.denials import Denials
from bot.intake.elsewhere.queries import Queries
from bot.intake.exports import Exports
from bot.intake.freshness import Freshness
from bot.intake.handlers.people.admin import Figures
from bot.intake.handlers.router import router
from bot.intake.message.tails import Tails
from bot.intake.middlewares.access import Access
from bot.intake.middlewares.chat import LoadChat
from bot.intake.middlewares.posting import PostReturned
from bot.intake.outbox import Outbox
from bot.intake.people.admins import Admins
from bot.intake.people.owner import Look, Owner
from bot.intake.people.requests import Requests
from bot.intake.updates.intake import Intake
from bot.intake.updates.poll import Poll
from bot.intake.updates.risks import Risks
from bot.settings import Settings
from bot.tally import Tally


@dataclass(frozen=True, slots=True)
class Entrance:
    """What people come in by; `intake` is made when it is known who the bot is."""

    outbox: Outbox
    admins: Admins
    requests: Requests
    owner: Owner
    exports: Exports
    intake: Callable[[User], Intake]
    poll: Poll


def make_entrance(
    settings: Settings,
    bot: Bot,
    rows: Rows,
    services: Services,
    calls: Calls,
    figures: Figures,
    look: Look,
    tally: Tally,
    clock: Clock,
) -> Entrance:
    """Make it; `figures` tell the bot's admins how it fares, `look` its owner what alarms there are."""
    postbox = calls.delivery.postbox
    admins = Admins(bot, rows.accesses, clock)
    outbox = Outbox(postbox, rows.taking, rows.notices, admins.want)
    exports = Exports(rows.conversations, rows.trees, postbox, services.catalog.signature)

    def make_intake(me: User) -> Intake:
        dispatcher = Dispatcher(
            disable_fsm=True,  # its storage keeps a record per user
            me=me,
            settings=settings,
            clock=clock,
            chats=rows.chats,
            overhearing=rows.overhearing,
            prompts=rows.prompts,
            versions=rows.versions,
            elsewhere=rows.elsewhere,
            queries=Queries(),
            conversations=rows.conversations,
            finds=rows.finds,
            exports=exports,
            calls=rows.calls,
            stops=rows.stops,
            orders=rows.orders,
            accesses=rows.accesses,
            asks=rows.asks,
            accounts=rows.accounts,
            invites=rows.invites,
            catalog=services.catalog,
            personas=services.personas,
            admins=admins,
            figures=figures,
            reread=services.reload.now,
            asked=outbox.asked,
        )
        dispatcher.update.outer_middleware(PostReturned(calls.seen, Denials(clock)))
        freshness = Freshness(rows.lookup, rows.accesses, rows.chats)
        tails = Tails(clock)
        access = Access(settings, rows.accesses, freshness, outbox.asked, rows.invites, tails, rows.overhearing)
        load = LoadChat(settings, rows.chats, rows.elsewhere, freshness, services.catalog, outbox.asked)
        dispatcher.include_router(router(access, load))
        risks = Risks(rows.updates, rows.accesses, settings)
        return Intake(bot, dispatcher, outbox, settings, risks, clock)

    requests = Requests(settings, rows.accesses, rows.asks, outbox, clock)
    owner = Owner(settings, rows.accesses, rows.alarms, outbox, look, services.catalog.label, clock)
    return Entrance(outbox, admins, requests, owner, exports, make_intake, Poll(bot, tally, clock))
