"""Methods that answer a question of a user: a button, a guest message, an inline query."""

from typing import Any

from telegram_playground.api.context import Context
from telegram_playground.api.keyboards import markup_json
from telegram_playground.errors import bad_request
from telegram_playground.text.message_text import parse
from telegram_playground.text.rich import message as rich
from telegram_playground.values import Values
from telegram_playground.wire import Json

_MAX_ANSWER = 200  # characters; core.telegram.org/bots/api#answercallbackquery
_MAX_RESULTS = 50


async def answer_callback_query(context: Context, method: Values) -> bool:
    """Show a short text to the one who pressed a button, or nothing."""
    if method.text and len(method.text) > _MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    answer: Json = {"show_alert": bool(method.show_alert)}
    if method.text:
        answer["text"] = method.text
    if method.url:
        answer["url"] = method.url
    context.queries.answer("callback", context.bot, method.callback_query_id, answer)
    return True


async def answer_guest_query(context: Context, method: Values) -> Json:
    """Put one message into the chat of a guest message."""
    content, markup = _content(context, method.result)
    query = context.queries.answer("guest", context.bot, method.guest_query_id, {})
    inline_message_id = f"AQ{context.world.random.randrange(16**16):016x}"
    message = context.world.post(
        query.chat,
        query.user,
        content,
        reply_to=query.message_id,
        markup=markup,
        extra={"via_bot": context.bot.user.json()},
    )
    context.world.keep_inline(message, inline_message_id)
    return {"inline_message_id": inline_message_id}


async def answer_inline_query(context: Context, method: Values) -> bool:
    """Offer results for an inline query."""
    if len(method.results) > _MAX_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    results = [result.json() for result in method.results]
    context.queries.answer("inline", context.bot, method.inline_query_id, {"results": results})
    return True


def _content(context: Context, result: Any) -> tuple[Json, Json | None]:
    """Return what an inline result will show; raises ApiError for a kind that is not simulated."""
    if not getattr(result, "title", None):
        raise bad_request("inline query result title must be non-empty")
    shown: Any = getattr(result, "input_message_content", None)
    markup = markup_json(result.reply_markup, inline=True)
    if getattr(shown, "message_text", None):
        parsed = parse(shown.message_text, shown.parse_mode, shown.entities)
        formatted = context.settled(parsed)
        context.check_length(formatted.text, "message is too long")
        return formatted.content(), markup
    if getattr(shown, "rich_message", None):
        return {"rich_message": rich.read(shown.rich_message)}, markup
    raise bad_request("not simulated: inline results other than texts and rich messages")


METHODS = {
    "answerCallbackQuery": answer_callback_query,
    "answerGuestQuery": answer_guest_query,
    "answerInlineQuery": answer_inline_query,
}
