"""/history: the conversations of a private chat as buttons; one of them goes on, becomes a file, or is deleted.

The data of a button carries the conversation's id and the page that leads back: `talk:17:0`.
"""

import re

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.utils.formatting import BlockQuote, Bold, Text

from bot.clock import Clock
from bot.intake.batch import Denied
from bot.intake.export import FORMATS
from bot.intake.glimpse import day, first_line, named
from bot.intake.handlers.filters import Matches, Named
from bot.intake.message.mention import is_group
from bot.intake.notice import Method, clipped, edit, filled, notice, toast
from bot.storage.conversations.conversations import Conversations, Listed, Page, Resumed
from bot.storage.tables import Chat
from bot.texts import Texts

LIST = re.compile(r"talks:([0-9]{1,9})")
ONE = re.compile(r"talk(|-go|-file|-sure|-gone):([0-9]{1,15}):([0-9]{1,9})")
MAX_LABEL = 40  # characters of a title on a button

View = tuple[Text | str, InlineKeyboardMarkup | None]


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(command, Named("history"))
    router.callback_query.register(turn, Matches(LIST))
    router.callback_query.register(press, Matches(ONE))


async def command(
    message: Message, chat: Chat, texts: Texts, conversations: Conversations, clock: Clock
) -> Method | Denied:
    """List the conversations, newest first."""
    if is_group(message):
        return Denied(notice(message, texts.history_private))
    return notice(message, *_listing(await conversations.page(chat.id), texts, clock))


async def turn(
    query: CallbackQuery,
    match: re.Match[str],
    pressed: Message,
    chat: Chat,
    texts: Texts,
    conversations: Conversations,
    clock: Clock,
) -> list[Method]:
    """Show another page."""
    if is_group(pressed):
        return [toast(query, texts.history_private)]
    page = await conversations.page(chat.id, int(match[1]))
    return [toast(query), edit(pressed, *_listing(page, texts, clock))]


async def press(
    query: CallbackQuery,
    match: re.Match[str],
    pressed: Message,
    chat: Chat,
    texts: Texts,
    conversations: Conversations,
    clock: Clock,
) -> list[Method]:
    """Do with a conversation what the button says; where it is there no more, show those that are."""
    if is_group(pressed):
        return [toast(query, texts.history_private)]
    act, which, back = match[1], int(match[2]), int(match[3])
    told: str | None = None
    match act:
        case "-go":
            if resumed := await conversations.resume(chat.id, which):
                return [toast(query), _continued(pressed, resumed, texts)]
        case "-gone":
            if (await conversations.delete(chat.id, which)).conversations:
                told = texts.deleted
        case _:
            if listed := await conversations.get(chat.id, which):
                return [toast(query), edit(pressed, *_view(act, listed, back, texts, clock))]
    page = await conversations.page(chat.id, back)
    return [toast(query, told or texts.history_gone), edit(pressed, *_listing(page, texts, clock))]


def _listing(page: Page, texts: Texts, clock: Clock) -> View:
    """Return a page of the list; the present conversation is marked."""
    if not page.total:
        return texts.history_empty, None
    rows = [[_button(_label(listed, texts, clock), f"talk:{listed.id}:{page.number}")] for listed in page.listed]
    if page.pages > 1:
        turns = (("‹", page.number - 1), (f"{page.number + 1}/{page.pages}", page.number), ("›", page.number + 1))
        rows.append([_button(sign, f"talks:{to % page.pages}") for sign, to in turns])
    return texts.history.format(total=page.total), InlineKeyboardMarkup(inline_keyboard=rows)


def _label(listed: Listed, texts: Texts, clock: Clock) -> str:
    title = named(clipped(listed.title, MAX_LABEL), texts)
    mark = "● " if listed.is_present else ""
    return f"{mark}{day(listed.touched_at, clock.wall(), texts)} · {title} ({listed.questions})"


def _view(act: str, listed: Listed, back: int, texts: Texts, clock: Clock) -> View:
    """Return what can be done with a conversation: with all of it, as a file, or whether to delete it."""
    title, date = Bold(named(listed.title, texts)), Text(day(listed.touched_at, clock.wall(), texts))
    which = f"{listed.id}:{back}"
    if act == "-sure":
        sure = _button(texts.delete_sure_button, f"talk-gone:{which}")
        asked = [[sure], [_button(texts.back_button, f"talk:{which}")]]
        return filled(texts.delete_sure, title=title), InlineKeyboardMarkup(inline_keyboard=asked)
    shown = texts.conversation_present if listed.is_present else texts.conversation
    text = filled(shown, title=title, date=date, count=listed.questions)
    if act == "-file":
        files = [_button(name, f"export:{form}:{listed.id}") for form, name in FORMATS.items()]
        return text, InlineKeyboardMarkup(inline_keyboard=[files, [_button(texts.back_button, f"talk:{which}")]])
    rows = [
        [_button(texts.continue_button, f"talk-go:{which}")],
        [
            _button(texts.export_button, f"talk-file:{which}"),
            _button(texts.delete_button, f"talk-sure:{which}"),
        ],
        [_button(texts.back_button, f"talks:{back}")],
    ]
    return text, InlineKeyboardMarkup(inline_keyboard=rows)


def _continued(pressed: Message, resumed: Resumed, texts: Texts) -> Method:
    """Say where the conversation goes on, in reply to its last answer, so that a tap leads there."""
    text = filled(texts.continued, title=Bold(named(resumed.title, texts)))
    line = first_line(resumed.said) or first_line(resumed.asked)
    said = Text(text, "\n", BlockQuote(line)) if line else text
    return notice(pressed, said, to=resumed.message_id)


def _button(label: str, data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=label, callback_data=data)
