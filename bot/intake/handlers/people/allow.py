"""/allow, /deny, and the buttons under a stranger's request: the bot's admins decide who comes in.

`asked` is set where something was decided: other messages may still ask, or count, those about whom it was.
"""

import asyncio
import logging
import re
from dataclasses import dataclass

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message, Update, User
from aiogram.utils.formatting import Text

from bot.intake.batch import Denied
from bot.intake.handlers.filters import Begins, Matches, Named
from bot.intake.message.mention import Author, is_group
from bot.intake.notice import Method, edit, filled, letter, notice, toast
from bot.intake.people.access import is_kept
from bot.intake.people.names import identified
from bot.intake.people.requests import LIST, waiting_list
from bot.settings import Settings
from bot.storage.answers.stops import Stops
from bot.storage.ids import is_person
from bot.storage.people.access import Accesses
from bot.storage.people.asks import Asks
from bot.storage.tables import Rule
from bot.texts import Texts
from bot.texts import texts as choose_texts

log = logging.getLogger(__name__)

DATA = re.compile(r"(allow|deny):(-?[0-9]{1,15})(?::([0-9]{1,9}))?")  # from a list: with its page
PAGES = re.compile(rf"{LIST}:(new|[0-9]{{1,9}})")
SHUT = "shut"  # what the button carries that lets a group in no more, but its members who were let in themselves
PAGE = 8
ID = re.compile(r"-?[0-9]{1,15}")
RULES = {"allow": Rule.ALLOW, "deny": Rule.DENY}


@dataclass(frozen=True, slots=True)
class Decision:
    """What an admin is told, and what goes to the person or the chat."""

    told: Text
    letters: tuple[Method, ...] = ()
    is_denied: bool = False


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(command, Named(*RULES))
    router.callback_query.register(press, Matches(DATA))
    router.callback_query.register(turn_page, Matches(PAGES))
    router.callback_query.register(shut, Begins(f"{SHUT}:"))


async def command(
    message: Message,
    called: str,
    args: str,
    event_update: Update,
    me: User,
    author: Author,
    is_admin: bool,
    texts: Texts,
    settings: Settings,
    accesses: Accesses,
    stops: Stops,
    asked: asyncio.Event,
) -> list[Method] | Denied:
    """Let a person or a chat in, or keep it out; what it has under way ends then. Without an id list who waits."""
    if not is_admin:
        return Denied(notice(message, texts.admins_only))
    if not args and not is_group(message):
        nobody = filled(texts.waiting_nobody, command=f"/{called}", id=message.chat.id)
        listed = await _list(accesses, texts, 0)
        return [notice(message, *listed) if listed else notice(message, nobody)]
    if not ID.fullmatch(args):
        return [notice(message, filled(texts.allow_usage, command=f"/{called}", id=message.chat.id))]
    rule, by = RULES[called], author.id
    decision = await decide(
        event_update,
        rule,
        int(args),
        by=by,
        me=me,
        texts=texts,
        settings=settings,
        rows=accesses,
        stops=stops,
        asked=asked,
    )
    return [notice(message, decision.told), *decision.letters] if decision else []


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
    accesses: Accesses,
    asks: Asks,
    stops: Stops,
    asked: asyncio.Event,
) -> list[Method]:
    """Decide about the stranger who asked."""
    if not is_admin:
        return [toast(query, texts.admins_only)]
    rule, by = RULES[match[1]], author.id
    wanted = int(match[2])
    decision = await decide(
        event_update,
        rule,
        wanted,
        by=by,
        me=me,
        texts=texts,
        settings=settings,
        rows=accesses,
        stops=stops,
        asked=asked,
    )
    if decision is None:
        return [toast(query)]
    if match[3] is None:
        await asks.edited(wanted, pressed.chat.id)
        return [toast(query), edit(pressed, decision.told), *decision.letters]
    listed = await _list(accesses, texts, int(match[3]))
    shown = edit(pressed, *listed) if listed else edit(pressed, decision.told)
    return [toast(query, decision.told.render()[0]), shown, *decision.letters]


async def turn_page(
    query: CallbackQuery, match: re.Match[str], pressed: Message, is_admin: bool, texts: Texts, accesses: Accesses
) -> list[Method]:
    """List who waits: anew, or another page of the list."""
    if not is_admin:
        return [toast(query, texts.admins_only)]
    listed = await _list(accesses, texts, 0 if match[1] == "new" else int(match[1]))
    if listed is None:
        return [toast(query, filled(texts.waiting_nobody, command="/allow", id=pressed.chat.id).render()[0])]
    return [toast(query), notice(pressed, *listed) if match[1] == "new" else edit(pressed, *listed)]


async def shut(
    query: CallbackQuery,
    event_update: Update,
    pressed: Message,
    author: Author,
    is_admin: bool,
    texts: Texts,
    settings: Settings,
    accesses: Accesses,
    stops: Stops,
    asked: asyncio.Event,
) -> list[Method]:
    """Take back that a group was let in: there the bot answers only those who were let in themselves."""
    if not is_admin:
        return [toast(query, texts.admins_only)]
    if not await accesses.set(event_update.update_id, pressed.chat.id, Rule.DENY, by=author.id):
        return [toast(query)]
    asked.set()
    log.info("access decided id=%s rule=deny by=%s", pressed.chat.id, author.id)
    await stops.stop_denied(pressed.chat.id, listed=settings.listed)
    return [toast(query), edit(pressed, texts.group_shut)]


async def _list(accesses: Accesses, texts: Texts, page: int) -> tuple[Text, InlineKeyboardMarkup] | None:
    """List those on a page who wait, None where nobody does."""
    count = await accesses.count_waiting()
    if not count:
        return None
    pages = -(-count // PAGE)
    page = min(page, pages - 1)
    rows = await accesses.waiting(offset=page * PAGE, limit=PAGE)
    return waiting_list(rows, texts, page=page, pages=pages, count=count)


async def decide(
    update: Update,
    rule: Rule,
    telegram_id: int,
    *,
    by: int,
    me: User,
    texts: Texts,
    settings: Settings,
    rows: Accesses,
    stops: Stops,
    asked: asyncio.Event,
) -> Decision | None:
    """Decide about somebody: what is under way for whom is kept out ends, and the admins learn it (`asked`).

    None where the update was taken.
    """
    decision = await _stored(update, rule, telegram_id, by=by, me=me, texts=texts, settings=settings, rows=rows)
    asked.set()
    if decision and decision.is_denied:
        await stops.stop_denied(telegram_id, listed=settings.listed)
    return decision


async def _stored(
    update: Update,
    rule: Rule,
    telegram_id: int,
    *,
    by: int,
    me: User,
    texts: Texts,
    settings: Settings,
    rows: Accesses,
) -> Decision | None:
    """Store a rule; whom it lets in or keeps out is told, in their language. None where the update was taken.

    Who is listed in ADMINS cannot be kept out, the owner who paired only by one of those.
    """
    known = (await rows.rules(telegram_id)).get(telegram_id)
    who = identified(telegram_id, await rows.name(telegram_id))
    is_admin = telegram_id in settings.admins
    if is_admin or known is Rule.OWNER:
        if rule is Rule.ALLOW:
            return Decision(filled(texts.allowed, who=who))
        if is_kept(known, telegram_id, by=by, settings=settings):
            return Decision(filled(texts.is_admin if is_admin else texts.is_owner, who=who))
    ask = rows.is_news if rule is Rule.ALLOW else rows.is_loss
    is_news = await ask(update.update_id, telegram_id)
    if not await rows.set(update.update_id, telegram_id, rule, by=by):
        return None
    log.info("access decided id=%s rule=%s was=%s by=%s", telegram_id, rule, known, by)
    is_denied = rule is Rule.DENY
    told = filled(texts.denied if is_denied else texts.allowed, who=who)
    if not is_news:
        return Decision(told, is_denied=is_denied)
    chosen, seen = await rows.languages(telegram_id)
    words = choose_texts(chosen, settings.language, seen)
    is_alone = is_person(telegram_id)
    if is_denied:
        return Decision(told, (letter(telegram_id, words.shut_out if is_alone else words.group_shut),), is_denied=True)
    luck = Text(words.let_in) if is_alone else filled(words.let_in_group, username=Text(me.username or ""))
    is_deaf = not is_alone and not me.can_read_all_group_messages
    return Decision(told, (letter(telegram_id, Text(luck, "\n\n", words.privacy) if is_deaf else luck),))
