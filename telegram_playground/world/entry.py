"""What a transcript says of a message that came or was changed."""

from telegram_playground.protocol.wire import Json
from telegram_playground.world.buttons import keyboard
from telegram_playground.world.chats import Message


def told(kind: str, message: Message, time: float, **more: bool) -> Json:
    """Return the entry of a message that was sent or edited at a time of the server's clock."""
    entry: Json = {
        "kind": kind,
        "time": time,
        "by": message.sender.id,
        "message_id": message.message_id,
        "text": message.words(),
        "entities": message.content.get("entities") or message.content.get("caption_entities") or [],
        "keyboard": keyboard(message.markup),
        **more,
    }
    if "text" not in message.content and "rich_message" not in message.content:
        entry["shows"] = next(iter(message.content), "nothing")
    if message.thread_id is not None:
        entry["message_thread_id"] = message.thread_id
    for event in ("forum_topic_created", "forum_topic_edited"):
        if "name" in message.content.get(event, {}):
            entry["topic"] = message.content[event]["name"]
    if "via_bot" in message.extra:
        entry["via"] = message.extra["via_bot"]["id"]
    return entry
