"""/admin: who waits, who is in, the groups, their use and limits, how the bot fares; for its admins, in private.

One message, and buttons that say where they lead: `adm:people:2`, `adm:one:people:2:11`, `adm:limit:people:2:11:50`.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable

from aiogram import Router
from aiogram.types import CallbackQuery, Message, Update, User

from bot.catalog.catalog import Catalog
from bot.intake.batch import Denied
from bot.intake.handlers.filters import Matches, Named
from bot.intake.handlers.people.admin_menu import LIMITS, NO_LIMIT, USUAL, WAITING, Menu
from bot.intake.handlers.people.allow import decide
from bot.intake.message.mention import Author, is_group
from bot.intake.notice import Method, edit, notice, toast
from bot.settings import Settings
from bot.storage.answers.stops import Stops
from bot.storage.people.access import Accesses
from bot.storage.people.accounts import Accounts
from bot.storage.people.usage import UNLIMITED
from bot.storage.tables import Rule
from bot.texts import Texts

DATA = re.compile(
    r"adm:(?:(?P<home>home)|(?P<health>health)|(?P<list>waiting|people|groups):(?P<page>[0-9]{1,6})"
    r"|(?P<act>one|in|out|limits|limit):(?P<of>waiting|people|groups):(?P<at>[0-9]{1,6}):(?P<id>-?[0-9]{1,15})"
    r"(?::(?P<value>none|usual|[0-9]{1,4}))?)"
)
ACTS = {"in": Rule.ALLOW, "out": Rule.DENY}

Figures = Callable[[Texts], Awaitable[str]]  # how the bot fares, in words for people


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(command, Named("admin"))
    router.callback_query.register(press, Matches(DATA))


async def command(
    message: Message,
    author: Author,
    is_admin: bool,
    texts: Texts,
    settings: Settings,
    catalog: Catalog,
    accesses: Accesses,
    accounts: Accounts,
) -> Method | Denied:
    """Open the menu."""
    if not is_admin:
        return Denied(notice(message, texts.admins_only))
    if is_group(message):
        return Denied(notice(message, texts.only_private))
    return notice(message, *await Menu(author.id, texts, settings, catalog, accesses, accounts).home())


async def press(
    query: CallbackQuery,
    match: re.Match[str],
    event_update: Update,
    me: User,
    pressed: Message,
    author: Author,
    is_admin: bool,
    texts: Texts,
    settings: Settings,
    catalog: Catalog,
    accesses: Accesses,
    accounts: Accounts,
    stops: Stops,
    asked: asyncio.Event,
    figures: Figures,
) -> list[Method]:
    """Show what the button leads to, after what it does."""
    if not is_admin:
        return [toast(query, texts.admins_only)]
    if is_group(pressed):
        return [toast(query, texts.only_private)]
    menu = Menu(author.id, texts, settings, catalog, accesses, accounts)
    if match["home"]:
        return [toast(query), edit(pressed, *await menu.home())]
    if match["health"]:
        return [toast(query), edit(pressed, *menu.health(await figures(texts)))]
    if match["list"]:
        return [toast(query), edit(pressed, *await menu.list(match["list"], int(match["page"])))]
    act, of, at, id_ = match["act"], match["of"], int(match["at"]), int(match["id"])
    if act == "limits":
        return [toast(query), edit(pressed, *await menu.limits(of, at, id_))]
    if act == "limit" and (chosen := _limit(match["value"])) is not False:
        await accounts.limit(id_, chosen)
        return [toast(query, texts.limit_set), edit(pressed, *await menu.one(of, at, id_))]
    if act not in ACTS:
        return [toast(query), edit(pressed, *await menu.one(of, at, id_))]
    known = (await accesses.rules(id_)).get(id_)
    is_decided = known is ACTS[act] or (of == WAITING and known is not Rule.TOLD)
    if is_decided and not await accesses.decided_by(event_update.update_id, id_):
        return [toast(query, texts.admin_decided), edit(pressed, *await menu.one(of, at, id_))]
    decision = await decide(
        event_update,
        ACTS[act],
        id_,
        by=author.id,
        me=me,
        texts=texts,
        settings=settings,
        rows=accesses,
        stops=stops,
        asked=asked,
    )
    if decision is None:
        return [toast(query)]
    shown = await (menu.list(of, at) if of == WAITING else menu.one(of, at, id_))
    return [toast(query, decision.told.render()[0]), edit(pressed, *shown), *decision.letters]


def _limit(value: str | None) -> int | bool | None:
    """Return the own limit that a button gives, None for the usual one; False where no button says so."""
    if value in (USUAL, NO_LIMIT):
        return None if value == USUAL else UNLIMITED
    return int(value) if value and value in map(str, LIMITS) else False
