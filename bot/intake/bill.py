"""Bill: for whom a question counts, and what is said where a limit of the day is reached; pure."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from aiogram.types import Message
from aiogram.utils.formatting import Text

from bot.intake.message.mention import Author, is_group
from bot.intake.notice import filled
from bot.settings import Settings
from bot.storage.people.accounts import Guest, Sum, Use
from bot.storage.people.usage import PICODOLLARS, Bill, Limited, Payer, Reached
from bot.texts import Texts

MINUTE_S, HOUR_S = 60, 3600


def bill(place: Message, author: Author, *, provider: str, is_admin: bool, settings: Settings) -> Bill:
    """Return for whom counts what a person asks of a provider where a message stands: the person, and the group.

    An anonymous admin writes as the group, and is nobody besides. Admins of the bot are not held to limits.
    """
    return Bill(payers(place, author, is_admin=is_admin, settings=settings), provider)


def persons_bill(author: Author, *, provider: str, is_admin: bool, settings: Settings) -> Bill:
    """Return for whom counts what a person asks in a chat that is not the bot's: the person alone."""
    return Bill((_person(author, is_admin=is_admin, settings=settings),), provider)


def payers(place: Message, author: Author, *, is_admin: bool, settings: Settings) -> tuple[Payer, ...]:
    """Return who pays for what a person does where a message stands."""
    person = _person(author, is_admin=is_admin, settings=settings)
    if not is_group(place):
        return (person,)
    name = " ".join((place.chat.title or "").split()) or str(place.chat.id)
    group = Payer(place.chat.id, name, *limits_for(settings, is_person=False))
    return (group,) if author.id == place.chat.id else (person, group)


def _person(author: Author, *, is_admin: bool, settings: Settings) -> Payer:
    return Payer(author.id, author.name, *limits_for(settings, is_person=True), is_exempt=is_admin)


def limits_for(settings: Settings, *, is_person: bool) -> tuple[int | None, int | None, int | None]:
    """Return the operator's limits of questions, tokens and cost, of a person or of a group."""
    if is_person:
        messages, tokens, cost = settings.limit_messages, settings.limit_tokens, settings.limit_cost
    else:
        messages, tokens, cost = settings.group_limit_messages, settings.group_limit_tokens, settings.group_limit_cost
    return messages, tokens, None if cost is None else int(cost * PICODOLLARS)


def limit_reached(reached: Reached, author: Author, texts: Texts) -> Text:
    """Say which limit is reached, the person's or the group's, and when it ends."""
    of_person = {
        Limited.MESSAGES: texts.limit_messages,
        Limited.TOKENS: texts.limit_tokens,
        Limited.COST: texts.limit_cost,
    }
    of_group = {
        Limited.MESSAGES: texts.group_limit_messages,
        Limited.TOKENS: texts.group_limit_tokens,
        Limited.COST: texts.group_limit_cost,
    }
    template = (of_person if reached.telegram_id == author.id else of_group)[reached.of]
    show = money if reached.of is Limited.COST else str
    used, limit = Text(show(reached.used)), Text(show(reached.limit))
    return filled(template, used=used, limit=limit, time=Text(duration(reached.ends_in_s, texts)))


def money(cost: int) -> str:
    """Return an amount (10^-12 of a dollar) as people read it: to the cent, smaller ones to two digits."""
    dollars = Decimal(cost) / PICODOLLARS
    places = max(2, 1 - dollars.adjusted()) if dollars else 2
    return f"${dollars:,.{places}f}"


def used_lines(used: Use | Guest, limits: Sequence[int | None], texts: Texts) -> list[Text]:
    """Say what was used today, and of how much; costs as far as prices are known."""
    rows = [
        filled(texts.used_messages, used=Text(_of(str(used.messages), limits[0], str, texts))),
        filled(texts.used_tokens, used=Text(_of(str(used.tokens), limits[1], str, texts))),
    ]
    if used.cost or used.priced or limits[2] is not None:
        cost = texts.used_least.format(used=money(used.cost)) if used.priced < used.tokens else money(used.cost)
        rows.append(filled(texts.used_cost, used=Text(_of(cost, limits[2], money, texts))))
    return rows


def sum_line(total: Sum, name: str, texts: Texts) -> str:
    """Say what was used of a provider, or on a day."""
    said = texts.used_by.format(name=name, questions=total.messages, tokens=total.tokens)
    return f"{said}, {money(total.cost)}" if total.cost or total.priced else said


def _of(used: str, limit: int | None, show: Callable[[int], str], texts: Texts) -> str:
    return used if limit is None else texts.used_of.format(used=used, limit=show(limit))


def duration(seconds: float, texts: Texts) -> str:
    """Say how long something takes, in whole minutes that are not less."""
    minutes = max(1, -int(-seconds // MINUTE_S))
    hours, left = divmod(minutes, HOUR_S // MINUTE_S)
    return texts.hours.format(hours=hours, minutes=left) if hours else texts.minutes.format(minutes=left)
