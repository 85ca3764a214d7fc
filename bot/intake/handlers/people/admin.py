"""/admin: who waits, who is in, the groups, their use and limits, how the bot fares; for its admins, in private.

One message, and buttons that say where they lead: `adm:people:2`, `adm:one:people:2:11`, `adm:limit:people:2:11:50`.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update, User
from aiogram.utils.formatting import Code, Text, TextLink

from bot.catalog.catalog import Catalog
from bot.intake.batch import Denied
from bot.intake.bill import limits_for, sum_line, used_lines
from bot.intake.handlers.choices import provider
from bot.intake.handlers.command import Named
from bot.intake.handlers.people.allow import decide
from bot.intake.handlers.pressed import Matches
from bot.intake.message.mention import Author, is_group
from bot.intake.notice import Method, clipped, edit, filled, notice, toast
from bot.settings import AccessMode, Settings
from bot.storage.answers.stops import Stops
from bot.storage.ids import is_person
from bot.storage.people.access import Accesses
from bot.storage.people.accounts import Accounts, Guest
from bot.storage.people.usage import UNLIMITED, limits_of
from bot.storage.tables import Rule
from bot.texts import Texts

PAGE = 8
DAYS = 7  # whose use is told
MAX_LABEL = 30
MAX_FIGURES = 4_000  # UTF-16 units, less than a message takes
WAITING, PEOPLE, GROUPS = "waiting", "people", "groups"
LISTS = (WAITING, PEOPLE, GROUPS)
LIMITS = (20, 50, 100, 500)
USUAL, NO_LIMIT = "usual", "none"
DATA = re.compile(
    r"adm:(?:(?P<home>home)|(?P<health>health)|(?P<list>waiting|people|groups):(?P<page>[0-9]{1,6})"
    r"|(?P<act>one|in|out|limits|limit):(?P<of>waiting|people|groups):(?P<at>[0-9]{1,6}):(?P<id>-?[0-9]{1,15})"
    r"(?::(?P<value>none|usual|[0-9]{1,4}))?)"
)
ACTS = {"in": Rule.ALLOW, "out": Rule.DENY}

View = tuple[Text, InlineKeyboardMarkup]
Figures = Callable[[Texts], Awaitable[str]]  # how the bot fares, in words for people


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(command, Named("admin"))
    router.callback_query.register(press, Matches(DATA))


async def command(
    message: Message,
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
    return notice(message, *await _Views(texts, settings, catalog, accesses, accounts).home())


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
    views = _Views(texts, settings, catalog, accesses, accounts)
    if match["home"]:
        return [toast(query), edit(pressed, *await views.home())]
    if match["health"]:
        return [toast(query), edit(pressed, *views.health(await figures(texts)))]
    if match["list"]:
        return [toast(query), edit(pressed, *await views.list(match["list"], int(match["page"])))]
    act, of, at, id_ = match["act"], match["of"], int(match["at"]), int(match["id"])
    if act == "limits":
        return [toast(query), edit(pressed, *await views.limits(of, at, id_))]
    if act == "limit" and (chosen := _limit(match["value"])) is not False:
        await accounts.limit(id_, chosen)
        return [toast(query, texts.limit_set), edit(pressed, *await views.one(of, at, id_))]
    if act not in ACTS:
        return [toast(query), edit(pressed, *await views.one(of, at, id_))]
    known = (await accesses.rules(id_)).get(id_)
    is_decided = known is ACTS[act] or (of == WAITING and known is not Rule.TOLD)
    if is_decided and not await accesses.decided_by(event_update.update_id, id_):
        return [toast(query, texts.admin_decided), edit(pressed, *await views.one(of, at, id_))]
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
    shown = await (views.list(of, at) if of == WAITING else views.one(of, at, id_))
    return [toast(query, decision.told.render()[0]), edit(pressed, *shown), *decision.letters]


def _limit(value: str | None) -> int | bool | None:
    """Return the own limit that a button gives, None for the usual one; False where no button says so."""
    if value in (USUAL, NO_LIMIT):
        return None if value == USUAL else UNLIMITED
    return int(value) if value and value in map(str, LIMITS) else False


class _Views:
    """What the message can show."""

    def __init__(
        self, texts: Texts, settings: Settings, catalog: Catalog, accesses: Accesses, accounts: Accounts
    ) -> None:
        self._texts = texts
        self._settings = settings
        self._catalog = catalog
        self._accesses = accesses
        self._accounts = accounts

    async def home(self) -> View:
        """Count who waits and who is in; tell which providers fail."""
        counts = [await self._count(each) for each in LISTS]
        titles = (self._texts.admin_waiting, self._texts.admin_people, self._texts.admin_groups)
        keys = [
            _key(title.format(count=count), f"{each}:0")
            for title, each, count in zip(titles, LISTS, counts, strict=True)
        ]
        failing = [self._catalog.label(each) for each in self._catalog.ids if self._catalog.failing(each)]
        health = filled(self._texts.admin_failing, providers=", ".join(failing)) if failing else self._texts.admin_well
        known = provider.states(self._texts, self._catalog)
        lines = ["\n", *known] if known else []
        said = Text(self._texts.admin, "\n\n", health, *lines, *await self._sums(None))
        return said, InlineKeyboardMarkup(inline_keyboard=[keys, [_key(self._texts.admin_health, "health")]])

    def health(self, figures: str) -> View:
        """Show how the bot fares; a further press looks again."""
        again, back = _key(self._texts.admin_again, "health"), _key(self._texts.back_button, "home")
        keys = [[again], [_key(self._texts.admin_reread, "reread")], [back]]
        return Text(clipped(figures, MAX_FIGURES)), InlineKeyboardMarkup(inline_keyboard=keys)

    async def _sums(self, telegram_id: int | None) -> Sequence[str]:
        """Tell what one, or all, have used: of each provider in a week, and on each of its days."""
        providers = await self._accounts.by_provider(telegram_id, days=DAYS)
        if not providers:
            return ()
        words = self._texts
        lines = [sum_line(total, self._catalog.label(total.name, painter=words.painter), words) for total in providers]
        lines += [sum_line(total, total.name, words) for total in await self._accounts.by_day(telegram_id, days=DAYS)]
        return ("\n\n", words.admin_week, "\n", "\n".join(lines))

    async def list(self, of: str, page: int) -> View:
        """List some of those."""
        count = await self._count(of)
        pages = max(1, -(-count // PAGE))
        page = min(page, pages - 1)
        if of == WAITING:
            rows = await self._accesses.waiting(offset=page * PAGE, limit=PAGE)
            labels = [(row.telegram_id, _label(row.title or row.name or str(row.telegram_id))) for row in rows]
        else:
            found = await self._accounts.page(
                self._settings.listed, people=of == PEOPLE, offset=page * PAGE, limit=PAGE
            )
            labels = [(guest.telegram_id, f"{_label(_name(guest))} · {guest.messages}") for guest in found]
        keys = [[_key(label, f"one:{of}:{page}:{id_}")] for id_, label in labels]
        if pages > 1:
            turns = (("‹", page - 1), (f"{page + 1}/{pages}", page), ("›", page + 1))
            keys.append([_key(sign, f"{of}:{to % pages}") for sign, to in turns])
        keys.append([_key(self._texts.back_button, "home")])
        title = {
            WAITING: self._texts.admin_waiting,
            PEOPLE: self._texts.admin_people,
            GROUPS: self._texts.admin_groups,
        }[of]
        explained = "" if of == WAITING else f"\n{self._texts.admin_today}"
        return Text(title.format(count=count), explained), InlineKeyboardMarkup(inline_keyboard=keys)

    async def one(self, of: str, page: int, telegram_id: int) -> View:
        """Show one of them, with what can be done."""
        guest, words = await self._accounts.guest(telegram_id), self._texts
        has_access = self._has_access(guest)
        state = words.admin_in if has_access else words.admin_asks if guest.rule is Rule.TOLD else words.admin_out
        group = not is_person(telegram_id)
        is_exempt = telegram_id in self._settings.admins or guest.rule is Rule.OWNER
        own_limit = UNLIMITED if is_exempt else guest.own_limit
        limits = limits_of(own_limit, limits_for(self._settings, is_person=not group))
        said: list[Text | str] = [_who(guest), "\n", Code(str(telegram_id)), "\n", state, "\n\n", words.admin_use]
        for line in used_lines(guest, limits, words):
            said += ["\n", line]
        said += await self._sums(telegram_id)
        where = f"{of}:{page}:{telegram_id}"
        let_in, out = _key(words.admin_let_in, f"in:{where}"), _key(words.admin_no, f"out:{where}")
        offered = [[let_in, out]] if guest.rule is Rule.TOLD else [[out if has_access else let_in]]
        offered.append([_key(words.admin_limit, f"limits:{where}")])
        offered.append([_key(words.back_button, f"{of}:{page}")])
        return Text(*said), InlineKeyboardMarkup(inline_keyboard=offered)

    async def limits(self, of: str, page: int, telegram_id: int) -> View:
        """Offer limits of questions a day."""
        guest, words = await self._accounts.guest(telegram_id), self._texts
        present = USUAL if guest.own_limit is None else str(guest.own_limit) if guest.own_limit else NO_LIMIT
        labels = {NO_LIMIT: words.admin_no_limit, **{str(each): str(each) for each in LIMITS}}
        where = f"{of}:{page}:{telegram_id}"
        keys = [
            _key(f"{'● ' if value == present else ''}{label}", f"limit:{where}:{value}")
            for value, label in labels.items()
        ]
        usual = _key(f"{'● ' if present == USUAL else ''}{words.admin_usual}", f"limit:{where}:{USUAL}")
        rows = [keys, [usual], [_key(words.back_button, f"one:{where}")]]
        return Text(_who(guest), "\n\n", words.admin_choose_limit), InlineKeyboardMarkup(inline_keyboard=rows)

    async def _count(self, of: str) -> int:
        if of == WAITING:
            return await self._accesses.count_waiting()
        return await self._accounts.count(self._settings.listed, people=of == PEOPLE)

    def _has_access(self, guest: Guest) -> bool:
        if guest.telegram_id in self._settings.admins or guest.rule in (Rule.ALLOW, Rule.OWNER):
            return True
        is_let_in = guest.telegram_id in self._settings.listed or self._settings.access is AccessMode.OPEN
        return guest.rule is not Rule.DENY and is_let_in


def _name(guest: Guest) -> str:
    return guest.name or str(guest.telegram_id)


def _who(guest: Guest) -> Text:
    """Return a name; a tap on a person's opens the profile."""
    name = _name(guest)[:100]
    return TextLink(name, url=f"tg://user?id={guest.telegram_id}") if is_person(guest.telegram_id) else Code(name)


def _label(name: str) -> str:
    return name if len(name) <= MAX_LABEL else f"{name[: MAX_LABEL - 1]}…"


def _key(label: str, data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=label, callback_data=f"adm:{data}")
