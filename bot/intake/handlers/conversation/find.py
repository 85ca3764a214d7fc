"""/find: what was said in the conversations of a chat, or topic, by its words."""

import re

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.utils.formatting import BlockQuote, Bold, Text, TextLink

from bot.clock import Clock
from bot.intake.batch import Denied
from bot.intake.glimpse import day, first_line, named, passage
from bot.intake.handlers.filters import Matches, Named
from bot.intake.notice import Method, clipped, filled, notice, toast
from bot.storage.exchanges.finds import Find, Finds
from bot.storage.exchanges.words import terms
from bot.storage.ids import is_supergroup
from bot.storage.tables import Chat
from bot.texts import Texts

DATA = re.compile(r"found:([0-9]{1,15})")
SHOWN = 8
IN_A_ROW = 4
MAX_TITLE = 60  # UTF-16 units
MAX_PASSAGE = 240
SUPERGROUP = "-100"  # what ids of the Bot API have in front, core.telegram.org/api/bots/ids


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(command, Named("find"))
    router.callback_query.register(press, Matches(DATA))


async def command(message: Message, args: str, chat: Chat, texts: Texts, finds: Finds, clock: Clock) -> Method | Denied:
    """List the newest exchanges in which these words were said, in reply to the first; buttons lead to the others."""
    if not (wanted := terms(args)):
        return Denied(notice(message, texts.find_usage))
    found = await finds.find(chat.id, wanted, most=SHOWN + 1)
    if not found:
        return Denied(notice(message, filled(texts.found_nothing, words=args)))
    shown = found[:SHOWN]
    lines: list[Text | str] = [filled(texts.found, words=args)]
    for number, find in enumerate(shown, 1):
        sign = _linked(f"{number}.", find, message)
        lines += ["\n\n", sign, " ", _where(find, texts, clock), "\n", _around(find, wanted)]
    if len(found) > SHOWN:
        lines += ["\n\n", texts.found_more]
    return notice(message, Text(*lines), _keyboard(shown) if len(shown) > 1 else None, to=shown[0].message_id)


async def press(
    query: CallbackQuery,
    match: re.Match[str],
    pressed: Message,
    chat: Chat,
    texts: Texts,
    finds: Finds,
    clock: Clock,
) -> list[Method]:
    """Reply to the answer that was found, so that a tap leads there."""
    find = await finds.get(chat.id, int(match[1]))
    if find is None:
        return [toast(query, texts.found_gone)]
    text = Text(_where(find, texts, clock), "\n", BlockQuote(first_line(find.said) or first_line(find.asked) or "…"))
    return [toast(query), notice(pressed, text, to=find.message_id)]


def _where(find: Find, texts: Texts, clock: Clock) -> Text:
    title = named(clipped(find.title, MAX_TITLE), texts)
    return Text(day(find.at, clock.wall(), texts), " · ", Bold(title))


def _around(find: Find, wanted: list[list[str]]) -> str:
    return clipped(passage((find.said, find.asked), wanted), MAX_PASSAGE)


def _linked(sign: str, find: Find, message: Message) -> Text | str:
    """Return a sign that leads to an answer where messages have links: in supergroups."""
    if find.message_id is None or not is_supergroup(message.chat.id):
        return sign
    group = str(message.chat.id).removeprefix(SUPERGROUP)
    return TextLink(sign, url=f"https://t.me/c/{group}/{find.message_id}")


def _keyboard(shown: list[Find]) -> InlineKeyboardMarkup:
    buttons = [
        InlineKeyboardButton(text=str(number), callback_data=f"found:{find.answer_id}")
        for number, find in enumerate(shown, 1)
    ]
    rows = [buttons[at : at + IN_A_ROW] for at in range(0, len(buttons), IN_A_ROW)]
    return InlineKeyboardMarkup(inline_keyboard=rows)
