"""/invite: a link that lets people in: how many, for how long, and how much each of them may ask a day."""

import re

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, User
from aiogram.utils.formatting import Text

from bot.intake.batch import Denied
from bot.intake.handlers.filters import Matches, Named
from bot.intake.message.mention import Author, is_group
from bot.intake.notice import Method, edit, filled, notice, toast
from bot.storage.people.invites import Invites, Terms
from bot.texts import Texts

ARGS = re.compile(
    r"(?P<count>[0-9]{1,4})?(?:(?:^|\s+)(?P<lasts>[0-9]{1,4})(?P<unit>[hd]))?(?:\s+(?P<limit>[0-9]{1,6}))?"
)
CODE = re.compile(r"invite:([A-Za-z0-9_-]{1,48})")
MOST, LONGEST_S = 1_000, 365 * 86_400
UNITS_S = {"h": 3600, "d": 86_400}
USUAL = Terms(1, 7 * 86_400.0)


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(command, Named("invite"))
    router.callback_query.register(withdraw, Matches(CODE))


async def command(
    message: Message, args: str, me: User, author: Author, is_admin: bool, texts: Texts, invites: Invites
) -> Method | Denied:
    """Make a link: `/invite 5 7d 50` for five persons, seven days, fifty questions a day each."""
    if not is_admin:
        return Denied(notice(message, texts.admins_only))
    if is_group(message):
        return Denied(notice(message, texts.only_private))
    terms = terms_of(args)
    if terms is None:
        return notice(message, texts.invite_usage)
    code = await invites.make(terms, by=author.id)
    hours = round(terms.lasts_s) // UNITS_S["h"]
    lasts = texts.days.format(count=hours // 24) if hours % 24 == 0 else texts.only_hours.format(count=hours)
    lines = [filled(texts.invite_link, count=terms.count, time=Text(lasts))]
    if terms.own_limit is not None:
        lines.append(filled(texts.invite_limit, limit=terms.own_limit))
    link = f"https://t.me/{me.username}?start={code}"
    button = InlineKeyboardButton(text=texts.invite_withdraw, callback_data=f"invite:{code}")
    text = Text(*(part for line in lines for part in (line, "\n")), "\n", link)
    return notice(message, text, InlineKeyboardMarkup(inline_keyboard=[[button]]))


async def withdraw(
    query: CallbackQuery, match: re.Match[str], pressed: Message, is_admin: bool, texts: Texts, invites: Invites
) -> list[Method]:
    """Take a link back."""
    if not is_admin:
        return [toast(query, texts.admins_only)]
    if not await invites.withdraw(match[1]):
        return [toast(query, texts.invite_is_over), edit(pressed, texts.invite_is_over)]
    return [toast(query), edit(pressed, texts.invite_withdrawn)]


def terms_of(args: str) -> Terms | None:
    """Return what is meant by `5 7d 50`, of which each may be left out; None where it is nothing."""
    match = ARGS.fullmatch(args.strip().lower())
    if match is None:
        return None
    count = int(match["count"]) if match["count"] else USUAL.count
    lasts_s = int(match["lasts"]) * UNITS_S[match["unit"]] if match["lasts"] else USUAL.lasts_s
    own_limit = int(match["limit"]) if match["limit"] else None
    if not 1 <= count <= MOST or not 0 < lasts_s <= LONGEST_S or own_limit == 0:
        return None
    return Terms(count, float(lasts_s), own_limit)
