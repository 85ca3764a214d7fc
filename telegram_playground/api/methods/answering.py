"""Methods that answer a question of a user: a button, a guest message, an inline query."""

from telegram_playground.api.context import Context
from telegram_playground.api.methods.results import result_content
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json

_MAX_ANSWER = 200  # characters; core.telegram.org/bots/api#answercallbackquery
_MAX_RESULTS = 50
_MAX_ID_BYTES = 64  # core.telegram.org/bots/api#inlinequeryresult


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
    if not getattr(method.result, "title", None):
        raise bad_request("inline query result title must be non-empty")
    content, markup = await result_content(context, method.result)
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


async def answer_web_app_query(context: Context, method: Values) -> Json:
    """Send what a web app says in the name of the one who uses it."""
    content, markup = await result_content(context, method.result)
    query = context.queries.answer("web_app", context.bot, method.web_app_query_id, {})
    extra = {"via_bot": context.bot.user.json()}
    message = context.world.post(query.chat, query.user, content, markup=markup, extra=extra)
    if not markup:
        return {}
    context.world.keep_inline(message, f"AQ{context.world.random.randrange(16**16):016x}")
    return {"inline_message_id": message.inline_id}


async def answer_inline_query(context: Context, method: Values) -> bool:
    """Offer results for an inline query."""
    if len(method.results) > _MAX_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    _checked(method.results)
    context.queries.check("inline", context.bot, method.inline_query_id)
    chosen = {result.id: await result_content(context, result) for result in method.results}
    results = [result.json() for result in method.results]
    answer = {"results": results, "button": method.button.json() if method.button else None}
    context.queries.answer("inline", context.bot, method.inline_query_id, answer).results = chosen
    return True


async def save_prepared(context: Context, method: Values) -> Json:
    """Keep a message that a person may send from a mini app: `choose` sends it, by this id."""
    user = context.known_user(method.user_id)
    _checked([method.result])
    content = await result_content(context, method.result)
    query = context.queries.prepare(user, context.bot, {method.result.id: content})
    lifetime_s = context.world.options.guest_expiry_s
    return {"id": query.id, "expiration_date": int(context.world.clock.wall() + lifetime_s)}


def _checked(results: list[Values]) -> None:
    """Raise ApiError for results that Telegram refuses as a whole."""
    ids = [result.id for result in results]
    if not all(1 <= len(each.encode()) <= _MAX_ID_BYTES for each in ids):
        raise bad_request("RESULT_ID_INVALID")
    if len(set(ids)) != len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")
    for result in results:
        if result.type == "article" and not result.title.strip():
            raise bad_request("ARTICLE_TITLE_EMPTY")


METHODS = {
    "answerCallbackQuery": answer_callback_query,
    "answerGuestQuery": answer_guest_query,
    "answerWebAppQuery": answer_web_app_query,
    "answerInlineQuery": answer_inline_query,
    "savePreparedInlineMessage": save_prepared,
}
