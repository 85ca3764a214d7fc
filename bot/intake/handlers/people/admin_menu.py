"""Admin menu: what the message of /admin shows: who waits, who is in, one of them, limits, how the bot fares."""

from collections.abc import Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from aiogram.utils.formatting import Code, Text

from bot.catalog.catalog import Catalog
from bot.intake.bill import limits_for, sum_line, used_lines
from bot.intake.handlers.choices import provider
from bot.intake.notice import clipped, filled
from bot.intake.people.access import is_kept
from bot.intake.people.names import linked
from bot.settings import AccessMode, Settings
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

View = tuple[Text, InlineKeyboardMarkup]


class Menu:
    """What the message can show to an admin (`by`)."""

    def __init__(
        self, by: int, texts: Texts, settings: Settings, catalog: Catalog, accesses: Accesses, accounts: Accounts
    ) -> None:
        self._by = by
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
        named = Text(linked(telegram_id, guest.name), "\n") if guest.name else ""
        said: list[Text | str] = [named, Code(str(telegram_id)), "\n", state, "\n\n", words.admin_use]
        for line in used_lines(guest, limits, words):
            said += ["\n", line]
        said += await self._sums(telegram_id)
        where = f"{of}:{page}:{telegram_id}"
        offered = []
        if guest.rule is Rule.TOLD:
            offered = [[_key(words.admin_let_in, f"in:{where}"), _key(words.admin_no, f"out:{where}")]]
        elif not has_access:
            offered = [[_key(words.admin_let_in, f"in:{where}")]]
        elif not is_kept(guest.rule, telegram_id, by=self._by, settings=self._settings):
            offered = [[_key(words.admin_remove, f"out:{where}")]]
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
        return Text(linked(telegram_id, guest.name), "\n\n", words.admin_choose_limit), InlineKeyboardMarkup(
            inline_keyboard=rows
        )

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


def _label(name: str) -> str:
    return name if len(name) <= MAX_LABEL else f"{name[: MAX_LABEL - 1]}…"


def _key(label: str, data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=label, callback_data=f"adm:{data}")
