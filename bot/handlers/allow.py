"""/allow, /deny, and the buttons under a stranger's request: the bot's admins decide who comes in."""

import re
from dataclasses import dataclass

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message, Update
from aiogram.utils.formatting import Text

from bot.handlers.command import Named
from bot.mention import Author
from bot.notice import Method, edit, filled, letter, notice, toast
from bot.settings import Settings
from bot.storage.access import Accesses
from bot.storage.tables import Rule
from bot.texts import Texts
from bot.texts import texts as choose_texts

DATA = re.compile(r"(allow|deny):(-?[0-9]{1,15})")
ID = re.compile(r"-?[0-9]{1,15}")
RULES = {"allow": Rule.ALLOW, "deny": Rule.DENY}


@dataclass(frozen=True, slots=True)
class Decision:
    """What an admin is told, and what goes to the person or the chat."""

    told: Text
    letters: tuple[Method, ...] = ()


def router() -> Router:
    """Build the router."""
    router = Router(name="allow")
    router.message.register(command, Named(*RULES))
    router.callback_query.register(press, F.data.regexp(DATA, mode="fullmatch").as_("match"))
    return router


async def command(
    message: Message,
    called: str,
    args: str,
    event_update: Update,
    author: Author,
    is_admin: bool,
    texts: Texts,
    settings: Settings,
    accesses: Accesses,
) -> list[Method]:
    """Let a person or a chat in, or out again."""
    if not is_admin:
        return [notice(message, texts.admins_only)]
    if not ID.fullmatch(args):
        return [notice(message, filled(texts.allow_usage, command=f"/{called}", id=message.chat.id))]
    by = author.id
    decision = await _decide(
        event_update, RULES[called], int(args), by=by, texts=texts, settings=settings, rows=accesses
    )
    return [notice(message, decision.told), *decision.letters] if decision else []


async def press(
    query: CallbackQuery,
    match: re.Match[str],
    event_update: Update,
    pressed: Message,
    author: Author,
    is_admin: bool,
    texts: Texts,
    settings: Settings,
    accesses: Accesses,
) -> list[Method]:
    """Decide about the stranger who asked."""
    if not is_admin:
        return [toast(query, texts.admins_only)]
    rule, by = RULES[match[1]], author.id
    decision = await _decide(event_update, rule, int(match[2]), by=by, texts=texts, settings=settings, rows=accesses)
    return [toast(query), edit(pressed, decision.told), *decision.letters] if decision else [toast(query)]


async def _decide(
    update: Update, rule: Rule, telegram_id: int, *, by: int, texts: Texts, settings: Settings, rows: Accesses
) -> Decision | None:
    """Store a rule; who was refused before is told of his luck, in his language. None where the update was taken."""
    known = (await rows.rules(telegram_id)).get(telegram_id)
    if telegram_id in settings.admins or known is Rule.OWNER:
        return Decision(filled(texts.is_admin if rule is Rule.DENY else texts.allowed, id=telegram_id))
    if not await rows.set(update.update_id, telegram_id, rule, by=by):
        return None
    if rule is Rule.DENY:
        return Decision(filled(texts.denied, id=telegram_id))
    told = filled(texts.allowed, id=telegram_id)
    if known is not Rule.TOLD:
        return Decision(told)
    chosen, seen = await rows.languages(telegram_id)
    return Decision(told, (letter(telegram_id, choose_texts(chosen, settings.language, seen).let_in),))
