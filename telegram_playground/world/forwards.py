"""Where a forwarded message comes from; core.telegram.org/bots/api#messageorigin. Pure."""

from telegram_playground.protocol.wire import Json
from telegram_playground.world.chats import Message


def origin(message: Message) -> Json:
    """Return the MessageOrigin of a message that is sent on: of a forward it is the first author's."""
    known: Json | None = message.extra.get("forward_origin")
    if known is not None:
        return known
    if message.chat.type == "channel":
        found: Json = {"type": "channel", "chat": message.chat.json(), "message_id": message.message_id}
        if message.extra.get("author_signature"):
            found["author_signature"] = message.extra["author_signature"]
        return {**found, "date": message.date}
    if "sender_chat" in message.extra:
        return {"type": "chat", "sender_chat": message.extra["sender_chat"], "date": message.date}
    return {"type": "user", "sender_user": message.sender.json(), "date": message.date}
