"""Methods that send texts and rich messages, forward, and show "typing…"."""

from collections.abc import Callable

from telegram_playground.api.context import Context
from telegram_playground.api.keyboards import markup_json
from telegram_playground.api.place import placed, topic_of
from telegram_playground.errors import bad_request
from telegram_playground.text.message_text import parse
from telegram_playground.text.rich import message as rich
from telegram_playground.values import Values
from telegram_playground.wire import Json
from telegram_playground.world.chats import Chat, Message

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
    }
)


async def send_message(context: Context, method: Values) -> Json:
    """Send a text."""
    parsed = parse(method.text, method.parse_mode, method.entities)

    def content() -> Json:
        formatted = context.settled(parsed)
        context.check_length(formatted.text, "message is too long")
        return formatted.content()

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


async def copy_message(context: Context, method: Values) -> Json:
    """Send a message again, as one of the bot's own."""
    original = _original(context, method.from_chat_id, method.message_id, "copy")
    content = dict(original.content)
    if method.caption is not None and "caption" in content:
        formatted = context.settled(
            parse(method.caption, method.parse_mode, method.caption_entities, can_be_empty=True)
        )
        content.pop("caption_entities", None)
        content |= formatted.content(text="caption", entities="caption_entities")
    return {"message_id": (await send(context, method, lambda: content))["message_id"]}


async def forward_message(context: Context, method: Values) -> Json:
    """Send a message on, with the name of its author."""
    original = _original(context, method.from_chat_id, method.message_id, "forward")
    origin = {"type": "user", "sender_user": original.sender.json(), "date": original.date}
    chat = context.writable(method.chat_id)
    thread_id = topic_of(chat, method.message_thread_id)
    await context.admit(chat)
    message = context.world.post(
        context.writable(method.chat_id),
        context.bot.user,
        original.content,
        thread_id=thread_id,
        notify=not method.disable_notification,
        extra={"forward_origin": origin},
    )
    return message.json()


async def send(context: Context, method: Values, content: Callable[[], Json]) -> Json:
    """Send a message by any send method; `content` is asked when the chat and the place are known."""
    markup = markup_json(method.reply_markup)
    chat = context.writable(method.chat_id)
    place = placed(context, chat, method)
    shown = content()
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
    )
    return message.json()


def _original(context: Context, chat_id: int | str, message_id: int, verb: str) -> Message:
    chat: Chat = context.chat(chat_id)
    message = chat.messages.get(message_id)
    if message is None:
        raise bad_request(f"message to {verb} not found")
    return message


METHODS = {
    "sendMessage": send_message,
    "sendRichMessage": send_rich_message,
    "sendChatAction": send_chat_action,
    "copyMessage": copy_message,
    "forwardMessage": forward_message,
}
