"""Elsewhere: what is offered and said in chats that are not the bot's, as methods; pure."""

from aiogram.methods import AnswerGuestQuery, AnswerInlineQuery, EditMessageText
from aiogram.types import (
    CallbackQuery,
    ChosenInlineResult,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    Update,
    User,
)
from aiogram.utils.formatting import BlockQuote, Text

from bot.storage.questions.questions import Spot
from bot.texts import Texts

ASK = "ask:"  # begins the data of the button that asks what was typed
START = "inline"  # the parameter of the link to the private chat
WAITS = "…"
MAX_KEY = 40  # bytes of an id: with the beginning it is data of a button, which has 64 at the most


def person_of(update: Update) -> User | None:
    """Return who did something in a chat that is not the bot's; None for what happened in one of its own."""
    if (query := update.callback_query) is not None:
        return query.from_user if is_elsewhere(query) else None
    if (message := update.guest_message) is not None:
        return message.from_user if message.sender_chat is None else None
    event: InlineQuery | ChosenInlineResult | None = update.inline_query or update.chosen_inline_result
    return event.from_user if event else None


def spot_of(update: Update) -> Spot | None:
    """Return where what an update asks elsewhere is answered, None where it asks nothing there."""
    if (message := update.guest_message) is not None:
        return Spot(query_id=message.guest_query_id) if message.guest_query_id else None
    event = update.chosen_inline_result
    return Spot(inline_id=event.inline_message_id) if event and event.inline_message_id else None


def is_elsewhere(query: CallbackQuery) -> bool:
    """Tell whether a button stands under an inline message."""
    return query.message is None and query.inline_message_id is not None


def offer(query: InlineQuery, texts: Texts) -> AnswerInlineQuery:
    """Offer to ask what is typed; where nothing is, say how."""
    asked, key = query.query.strip(), query.id
    if not asked or len(key) > MAX_KEY:
        return _answer(query, button=texts.inline_how)
    content, entities = Text(BlockQuote(asked), "\n\n", WAITS).render()
    article = InlineQueryResultArticle(
        id=key,
        title=texts.inline_title,
        description=asked,
        input_message_content=InputTextMessageContent(message_text=content, entities=entities, parse_mode=None),
        reply_markup=ask_button(key, texts),
    )
    return _answer(query, article)


def shut(query: InlineQuery, texts: Texts, *, is_denied: bool) -> AnswerInlineQuery:
    """Offer nothing to who has to be let in first, but the way to ask for that."""
    return _answer(query, button=None if is_denied else texts.inline_private)


def ask_button(key: str, texts: Texts) -> InlineKeyboardMarkup:
    """Return the button that asks what was typed."""
    button = InlineKeyboardButton(text=texts.inline_ask_button, callback_data=f"{ASK}{key}")
    return InlineKeyboardMarkup(inline_keyboard=[[button]])


def told(
    spot: Spot, text: Text | str, *, asked: str = "", keyboard: InlineKeyboardMarkup | None = None
) -> EditMessageText | AnswerGuestQuery:
    """Say something in place of an answer, under the question that was typed."""
    above = (BlockQuote(asked.strip()), "\n\n") if asked.strip() else ()
    content, entities = Text(*above, text).render()
    if spot.inline_id is not None:
        return EditMessageText(
            inline_message_id=spot.inline_id, text=content, entities=entities, reply_markup=keyboard, parse_mode=None
        )
    said = InputTextMessageContent(message_text=content, entities=entities, parse_mode=None)
    article = InlineQueryResultArticle(id="1", title=WAITS, input_message_content=said)
    return AnswerGuestQuery(guest_query_id=spot.query_id or "", result=article)


def _answer(query: InlineQuery, *results: InlineQueryResultArticle, button: str | None = None) -> AnswerInlineQuery:
    """Answer what is typed, for this person alone and for now."""
    below = InlineQueryResultsButton(text=button, start_parameter=START) if button else None
    return AnswerInlineQuery(
        inline_query_id=query.id, results=list(results), cache_time=0, is_personal=True, button=below
    )
