"""Methods that send messages on: with the name of their author, or as the bot's own."""

from telegram_playground.api.context import Context
from telegram_playground.api.methods.sending import extras, send
from telegram_playground.api.place import topic_of
from telegram_playground.api.rights import check_rights
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.text.message_text import MAX_CAPTION, parse
from telegram_playground.world.audience import is_service
from telegram_playground.world.chats import Chat, Message
from telegram_playground.world.forwards import origin

_MAX_MESSAGES = 100


async def copy_message(context: Context, method: Values) -> Json:
    """Send a message again, as one of the bot's own."""
    original = _original(context, method.from_chat_id, method.message_id, "copy")
    parsed = parse(method.caption, method.parse_mode, method.caption_entities, can_be_empty=True)

    def content() -> Json:
        shown = dict(original.content)
        if method.caption is not None and not {"text", "rich_message"} & shown.keys():
            formatted = context.settled(parsed, can_be_empty=True)
            context.check_length(formatted.text, "message caption is too long", limit=MAX_CAPTION)
            for name in ("caption", "caption_entities"):
                shown.pop(name, None)
            shown |= formatted.content(text="caption", entities="caption_entities")
        return shown

    return {"message_id": (await send(context, method, content))["message_id"]}


async def copy_messages(context: Context, method: Values) -> list[Json]:
    """Send messages again, as the bot's own; those that cannot be copied are passed over."""
    originals = _several(context, method, "copy")
    chat, messages = context.writable(method.chat_id), list[Json]()
    thread_id = topic_of(chat, method.message_thread_id)
    for original in originals:
        check_rights(context, chat, original.content)
    await context.admit(chat)
    chat, albums = context.writable(method.chat_id), dict[str, str]()
    for original in originals:
        content = dict(original.content)
        if method.remove_caption:
            content = {name: value for name, value in content.items() if not name.startswith("caption")}
        extra = {**_album(context, original, albums), **extras(method)}
        notify = not method.disable_notification
        message = context.world.post(
            chat, context.bot.user, content, thread_id=thread_id, extra=extra, notify=notify, markup=original.markup
        )
        messages.append({"message_id": message.message_id})
    return messages


async def forward_message(context: Context, method: Values) -> Json:
    """Send a message on, with the name of its author."""
    original = _original(context, method.from_chat_id, method.message_id, "forward")
    return (await _forwarded(context, method, [original]))[0].json()


async def forward_messages(context: Context, method: Values) -> list[Json]:
    """Send messages on, with the names of their authors; those that cannot be forwarded are passed over."""
    messages = await _forwarded(context, method, _several(context, method, "forward"))
    return [{"message_id": message.message_id} for message in messages]


async def _forwarded(context: Context, method: Values, originals: list[Message]) -> list[Message]:
    chat = context.writable(method.chat_id)
    thread_id = topic_of(chat, method.message_thread_id)
    for original in originals:
        check_rights(context, chat, original.content)
    await context.admit(chat)
    chat, albums = context.writable(method.chat_id), dict[str, str]()
    return [
        context.world.post(
            chat,
            context.bot.user,
            original.content,
            thread_id=thread_id,
            notify=not method.disable_notification,
            extra={"forward_origin": origin(original), **_album(context, original, albums), **extras(method)},
        )
        for original in originals
    ]


def _original(context: Context, chat_id: int | str, message_id: int, verb: str) -> Message:
    chat: Chat = context.chat(chat_id)
    message = chat.told(message_id)
    if message is None:
        raise bad_request(f"message to {verb} not found")
    if verb == "forward" and message.extra.get("has_protected_content"):
        raise bad_request("message has protected content and can't be forwarded")
    if is_service(message):
        raise bad_request(f"message can't be {'copied' if verb == 'copy' else 'forwarded'}")
    return message


def _several(context: Context, method: Values, verb: str) -> list[Message]:
    """Return the messages that can be sent on, in order; raises ApiError where there are none."""
    ids: list[int] = method.message_ids
    if not ids:
        raise bad_request("message identifiers are not specified")
    if len(ids) > _MAX_MESSAGES:
        raise bad_request("too many message identifiers specified")
    if ids != sorted(set(ids)):
        raise bad_request("message identifiers must be in a strictly increasing order")
    chat = context.chat(method.from_chat_id)
    found = [message for message_id in ids if (message := chat.told(message_id))]
    found = [message for message in found if not is_service(message)]
    if verb == "forward":
        found = [message for message in found if not message.extra.get("has_protected_content")]
    if not found:
        raise bad_request(f"there are no messages to {verb}")
    return found


def _album(context: Context, original: Message, albums: dict[str, str]) -> Json:
    """Return the album of a message that is sent on: those that were together stay together."""
    old = original.extra.get("media_group_id")
    if old is None:
        return {}
    return {"media_group_id": albums.setdefault(old, str(context.world.random.randrange(10**16, 10**17)))}


METHODS = {
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
    "forwardMessage": forward_message,
    "forwardMessages": forward_messages,
}
