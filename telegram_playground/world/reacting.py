"""Reactions to messages."""

from telegram_playground.protocol.wire import Json
from telegram_playground.world.chats import Message
from telegram_playground.world.people import User
from telegram_playground.world.state import World


def react(world: World, message: Message, user: User, emoji: str | None) -> None:
    """Let an account react to a message, or take it back; bots that asked for reactions are told of people's."""
    old = message.reactions.pop(user.id, None)
    if emoji:
        message.reactions[user.id] = emoji
    chat, now = message.chat, world.clock.now()
    entry = {"kind": "reaction", "time": now, "by": user.id, "message_id": message.message_id, "text": emoji or ""}
    world.feed.record(chat.transcript, entry)
    world.tell("reaction", chat=chat.key, message_id=message.message_id, reactions=message.seen().get("reactions", []))
    world.feed.changed(chat.key)
    update: Json = {
        "chat": chat.json(),
        "message_id": message.message_id,
        "user": user.json(),
        "date": int(world.clock.wall()),
        "old_reaction": [{"type": "emoji", "emoji": old}] if old else [],
        "new_reaction": [{"type": "emoji", "emoji": emoji}] if emoji else [],
    }
    for bot in chat.bots.values():
        if (
            not user.is_bot
            and message.to is None
            and (chat.type == "private" or chat.status(bot.id) == "administrator")
        ):
            bot.updates.add("message_reaction", update)
