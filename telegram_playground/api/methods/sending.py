"""Methods that send texts and rich messages and show "typing…"."""

from collections.abc import Callable

from telegram_playground.api.context import Context
from telegram_playground.api.keyboards import markup_json
from telegram_playground.api.place import placed, topic_of
from telegram_playground.api.receiver import receiver_of
from telegram_playground.api.rights import check_rights
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.text.links import first_address
from telegram_playground.text.message_text import parse
from telegram_playground.text.rich import message as rich
from telegram_playground.text.spans import Formatted
from telegram_playground.world import ephemeral

ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
        "cancel",
        "record_audio",
        "upload_audio",
        "pick_up_location",
    }
)


async def send_message(context: Context, method: Values) -> Json:
    """Send a text."""
    parsed = parse(method.text, method.parse_mode, method.entities)

    def content() -> Json:
        formatted = context.settled(parsed)
        context.check_length(formatted.text, "message is too long")
        return formatted.content() | preview(method, formatted)

    return await send(context, method, content)


async def send_rich_message(context: Context, method: Values) -> Json:
    """Send a rich message."""
    message = rich.read(method.rich_message)
    return await send(context, method, lambda: {"rich_message": message})


async def send_chat_action(context: Context, method: Values) -> bool:
    """Show "typing…" for 5 s."""
    if method.action.lower() not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = context.writable(method.chat_id)
    thread_id = topic_of(chat, method.message_thread_id)
    await context.admit(chat, "typing")
    context.world.act(chat, context.bot, method.action.lower(), thread_id)
    return True


async def send(context: Context, method: Values, content: Callable[[], Json]) -> Json:
    """Send a message by any send method; `content` is asked when the chat and the place are known."""
    markup = markup_json(method.reply_markup)
    chat = context.writable(method.chat_id)
    place, receiver = placed(context, chat, method), receiver_of(context, chat, method)
    shown = content()
    check_rights(context, chat, shown)
    await context.admit(chat)
    message = context.world.post(
        context.writable(method.chat_id),
        context.bot.user,
        shown,
        thread_id=place.thread_id,
        reply_to=place.reply_to,
        quote=place.quote,
        markup=markup,
        notify=not method.disable_notification,
        extra=extras(method),
        only=(ephemeral.free_id(chat), receiver) if receiver else (0, None),
    )
    return message.json()


def extras(method: Values) -> Json:
    """Return what is said of the message beside its content."""
    extra: Json = {}
    if method.protect_content:
        extra["has_protected_content"] = True
    if getattr(method, "message_effect_id", None):
        extra["effect_id"] = method.message_effect_id
    return extra


def preview(method: Values, formatted: Formatted) -> Json:
    """Return how links are previewed, as it is echoed: of an address in the text, unless another one is named.

    Every address counts as one with a page to show; Telegram looks whether it has.
    """
    options = method.link_preview_options.json() if method.link_preview_options else {}
    if getattr(method, "disable_web_page_preview", None):
        options["is_disabled"] = True
    options = {name: value for name, value in options.items() if value}
    address = options.get("url") or first_address(formatted.text, formatted.entities)
    if address and not options.get("is_disabled"):
        options["url"] = address
    return {"link_preview_options": options} if options else {}


METHODS = {
    "sendMessage": send_message,
    "sendRichMessage": send_rich_message,
    "sendChatAction": send_chat_action,
}
