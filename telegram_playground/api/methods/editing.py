"""Methods that change messages."""

from collections.abc import Callable

from telegram_playground.api.context import Context
from telegram_playground.api.keyboards import markup_json
from telegram_playground.api.methods.sending import preview
from telegram_playground.protocol.errors import NOT_MODIFIED, bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.protocol.wire import Json
from telegram_playground.text.message_text import MAX_CAPTION, parse
from telegram_playground.text.rich import message as rich
from telegram_playground.world import ephemeral
from telegram_playground.world.chats import Chat, Message
from telegram_playground.world.reacting import react


async def edit_message_text(context: Context, method: Values) -> Json | bool:
    """Show another text, or a rich message."""
    if method.rich_message is None:
        parsed, message_json = parse(method.text, method.parse_mode, method.entities), None
    else:
        if method.text:
            raise bad_request("exactly one of text and rich_message must be specified")
        parsed, message_json = None, rich.read(method.rich_message)
    markup = markup_json(method.reply_markup, inline=True)

    def content(message: Message) -> Json:
        if "text" not in message.content and "rich_message" not in message.content:
            raise bad_request("there is no text in the message to edit")
        if parsed is None:
            return {"rich_message": message_json}
        formatted = context.settled(parsed)
        context.check_length(formatted.text, "MESSAGE_TOO_LONG")
        return formatted.content() | preview(method, formatted)

    return await edit(context, method, content, markup)


async def edit_message_caption(context: Context, method: Values) -> Json | bool:
    """Show another caption."""
    parsed = parse(method.caption, method.parse_mode, method.caption_entities, can_be_empty=True)
    markup = markup_json(method.reply_markup, inline=True)

    def content(message: Message) -> Json:
        if "text" in message.content or "rich_message" in message.content:
            raise bad_request("there is no caption in the message to edit")
        formatted = context.settled(parsed, can_be_empty=True)
        context.check_length(formatted.text, "MEDIA_CAPTION_TOO_LONG", limit=MAX_CAPTION)
        kept = {name: value for name, value in message.content.items() if not name.startswith("caption")}
        return kept | formatted.content(text="caption", entities="caption_entities")

    return await edit(context, method, content, markup)


async def edit_message_reply_markup(context: Context, method: Values) -> Json | bool:
    """Show another keyboard, or none."""
    return await edit(context, method, lambda message: message.content, markup_json(method.reply_markup, inline=True))


async def delete_ephemeral_message(context: Context, method: Values) -> bool:
    """Take away a message that one person saw."""
    chat = context.writable(method.chat_id)
    context.world.delete(_ephemeral(context, chat, method, "delete"))
    return True


async def set_message_reaction(context: Context, method: Values) -> bool:
    """React to a message with an emoji, or take the reaction back."""
    chat = context.writable(method.chat_id)
    message = chat.told(method.message_id)
    if message is None:
        raise bad_request("message to react not found")
    emoji = [getattr(reaction, "emoji", "") for reaction in method.reaction or ()]
    react(context.world, message, context.bot.user, emoji[0] if emoji else None)
    return True


async def delete_reactions(context: Context, method: Values) -> bool:
    """Take away what one account has reacted: to one message of a group, or to all of them."""
    chat = context.writable(method.chat_id)
    if chat.type not in ("group", "supergroup"):
        raise bad_request("method is available only for groups and supergroups")
    context.administers(chat, "can_delete_messages", "not enough rights to delete reactions")
    user = context.known_user(method.user_id or 0)
    messages = [*chat.messages.values()]
    if method.kind == "deleteMessageReaction":
        if (message := chat.told(method.message_id)) is None:
            raise bad_request("message not found")
        messages = [message]
    for message in messages:
        if user.id in message.reactions:
            react(context.world, message, user, None)
    return True


async def pin_chat_message(context: Context, method: Values) -> bool:
    """Pin a message."""
    chat = context.writable(method.chat_id)
    message = chat.told(method.message_id)
    if message is None:
        raise bad_request("message to pin not found")
    if chat.type != "private" and chat.status(context.bot.id) not in ("administrator", "creator"):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    if message.message_id not in chat.pinned:
        chat.pinned.append(message.message_id)
        content = {"pinned_message": message.json(nested=True)}
        context.world.post(chat, context.bot.user, content, notify=not method.disable_notification)
        context.world.tell_chat(chat)
    return True


async def unpin_chat_message(context: Context, method: Values) -> bool:
    """Unpin one message (the last one pinned), or all."""
    chat = context.writable(method.chat_id)
    if method.kind == "unpinAllChatMessages":
        chat.pinned.clear()
    elif method.message_id is None and chat.pinned:
        chat.pinned.pop()
    elif method.message_id in chat.pinned:
        chat.pinned.remove(method.message_id)
    else:
        raise bad_request("message to unpin not found")
    context.world.tell_chat(chat)
    return True


async def edit(
    context: Context,
    method: Values,
    content: Callable[[Message], Json],
    markup: Json | None,
) -> Json | bool:
    """Carry out an edit; a refused one costs a call too, unless the limits say otherwise."""
    if hasattr(method, "ephemeral_message_id"):
        return await _edit_ephemeral(context, method, content, markup)
    if method.inline_message_id:
        return await _edit_inline(context, method.inline_message_id, content, markup)
    chat = context.writable(method.chat_id)
    if context.floods.limits.failed_edits_cost:
        await context.admit(chat)
        message, shown = _modified(context, chat, method.message_id, content, markup)
    else:
        _modified(context, chat, method.message_id, content, markup)
        await context.admit(chat)
        message, shown = _modified(context, chat, method.message_id, content, markup)
    context.world.edit(message, shown, markup)
    return message.json()


async def _edit_inline(
    context: Context, inline_message_id: str, content: Callable[[Message], Json], markup: Json | None
) -> bool:
    message = context.world.inline.get(inline_message_id)
    if message is None or message.extra.get("via_bot", {}).get("id") != context.bot.id:
        raise bad_request("MESSAGE_ID_INVALID")
    await context.admit(message.chat)
    shown = content(message)
    if (shown, markup) == (message.content, message.markup):
        raise bad_request(NOT_MODIFIED)
    context.world.edit(message, shown, markup)
    return True


async def _edit_ephemeral(
    context: Context, method: Values, content: Callable[[Message], Json], markup: Json | None
) -> bool:
    chat = context.writable(method.chat_id)
    message = _ephemeral(context, chat, method, "edit")
    await context.admit(chat)
    shown = content(message)
    if (shown, markup) == (message.content, message.markup):
        raise bad_request(NOT_MODIFIED)
    context.world.edit(message, shown, markup)
    return True


def _ephemeral(context: Context, chat: Chat, method: Values, verb: str) -> Message:
    receiver = context.world.users.get(method.receiver_user_id)
    message = ephemeral.sent(chat, context.bot, receiver, method.ephemeral_message_id)
    if message is None:
        raise bad_request(f"message to {verb} not found")
    return message


def _modified(
    context: Context, chat: Chat, message_id: int | None, content: Callable[[Message], Json], markup: Json | None
) -> tuple[Message, Json]:
    """Return the message and what it will show; raises ApiError where it may not or does not change."""
    message = context.own(chat, message_id)
    shown = content(message)
    if (shown, markup) == (message.content, message.markup):
        raise bad_request(NOT_MODIFIED)
    return message, shown


METHODS = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "editEphemeralMessageText": edit_message_text,
    "editEphemeralMessageCaption": edit_message_caption,
    "editEphemeralMessageReplyMarkup": edit_message_reply_markup,
    "deleteEphemeralMessage": delete_ephemeral_message,
    "setMessageReaction": set_message_reaction,
    "deleteMessageReaction": delete_reactions,
    "deleteAllMessageReactions": delete_reactions,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "unpinAllChatMessages": unpin_chat_message,
}
