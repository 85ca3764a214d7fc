"""The examples under /start: a press asks the question on the button, as if the person had written it.

The answer replies to the message with the buttons, which is the question's: so it is asked once, however often and
wherever it is pressed. The data names the language that the button is in: `example:de:explain`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from aiogram import Router
from aiogram.methods import EditMessageReplyMarkup
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, User

from bot.catalog.catalog import Catalog
from bot.intake.batch import Asked
from bot.intake.bill import bill
from bot.intake.handlers.choices.role import Personas
from bot.intake.handlers.filters import Matches
from bot.intake.handlers.question.prompt import ask
from bot.intake.message.mention import Author, is_group
from bot.intake.message.piece import piece_of
from bot.intake.notice import Method, toast
from bot.settings import Settings
from bot.storage.questions.prompts import Prompts
from bot.storage.tables import Chat
from bot.texts import LANGUAGES, Texts
from providers.blocks import Text

DATA = re.compile(r"example:([a-z]{2}):([a-z]{1,9})")


def register(router: Router) -> None:
    """Register the handlers."""
    router.callback_query.register(press, Matches(DATA))


def offered(me: User, texts: Texts, *, guide: bool) -> InlineKeyboardMarkup:
    """Return the buttons under /start in a private chat; `guide`: the built-in guide answers, and is asked about us."""
    names = ("what", "connect", "cost") if guide else ("explain", "write", "plan")
    questions = _questions(texts)
    rows = [
        [InlineKeyboardButton(text=questions[name], callback_data=f"example:{texts.code}:{name}")] for name in names
    ]
    return InlineKeyboardMarkup(inline_keyboard=[*rows, *_to_group(me, texts)])


async def press(
    query: CallbackQuery,
    match: re.Match[str],
    pressed: Message,
    me: User,
    author: Author,
    chat: Chat,
    texts: Texts,
    catalog: Catalog,
    prompts: Prompts,
    personas: Personas,
    settings: Settings,
    is_admin: bool,
) -> Asked | Method:
    """Ask the question on the button."""
    spoken = LANGUAGES.get(match[1])
    question = _questions(spoken).get(match[2]) if spoken else None
    if question is None or is_group(pressed):
        return toast(query, texts.button_too_old)
    if await prompts.is_asked(chat.id, pressed.message_id):
        return toast(query, texts.example_asked)
    piece = piece_of(pressed.model_copy(update={"text": question, "caption": None}), (Text(question),))
    provider = catalog.resolve(chat.provider)
    counts = bill(pressed, author, provider=provider, is_admin=is_admin, settings=settings)
    asked = ask(
        pressed, piece, author=author, chat=chat, texts=texts, catalog=catalog, personas=personas, counts=counts
    )
    without = EditMessageReplyMarkup(
        chat_id=pressed.chat.id,
        message_id=pressed.message_id,
        reply_markup=InlineKeyboardMarkup(inline_keyboard=_to_group(me, texts)),
    )
    return replace(
        asked,
        methods=(toast(query), without, *asked.methods),
        if_busy=(toast(query, texts.busy),),
        toast=toast(query, texts.limit_toast),
    )


def _questions(texts: Texts) -> Mapping[str, str]:
    return {
        "explain": texts.example_explain,
        "write": texts.example_write,
        "plan": texts.example_plan,
        "what": texts.example_what,
        "connect": texts.example_connect,
        "cost": texts.example_cost,
    }


def _to_group(me: User, texts: Texts) -> list[list[InlineKeyboardButton]]:
    if not me.username or me.can_join_groups is False:
        return []
    return [[InlineKeyboardButton(text=texts.to_group_button, url=f"https://t.me/{me.username}?startgroup=new")]]
