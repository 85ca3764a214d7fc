"""Methods that take messages away; which ones may go is said at core.telegram.org/bots/api#deletemessage."""

from telegram_playground.api.context import Context
from telegram_playground.protocol.errors import bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.world.chats import Chat, Message

_MAX_DELETED = 100
_OLDEST_S, _DICE_S = 2 * 86400, 86400  # after the first nothing can be deleted, before the second no die
_LASTING = frozenset({"forum_topic_created", "migrate_from_chat_id"})


async def delete_message(context: Context, method: Values) -> bool:
    """Take a message away."""
    chat = context.writable(method.chat_id)
    if not method.message_id:
        raise bad_request("message identifier is not specified")
    message = chat.told(method.message_id)
    if message is None:
        raise bad_request("message to delete not found")
    if not _may_delete(context, chat, message):
        raise bad_request("message can't be deleted")
    context.world.delete(message)
    return True


async def delete_messages(context: Context, method: Values) -> bool:
    """Take several messages away; those that are not there are passed over."""
    chat = context.writable(method.chat_id)
    if not method.message_ids:
        raise bad_request("message identifiers are not specified")
    if len(method.message_ids) > _MAX_DELETED:
        raise bad_request("too many message identifiers specified")
    for message_id in method.message_ids:
        message = chat.told(message_id)
        if message and _may_delete(context, chat, message):
            context.world.delete(message)
    return True


def _may_delete(context: Context, chat: Chat, message: Message) -> bool:
    age_s = context.world.clock.wall() - message.date
    if age_s > _OLDEST_S or message.content.keys() & _LASTING:
        return False
    if chat.type == "private":
        return "dice" not in message.content or age_s > _DICE_S
    if chat.may(context.bot.id, "can_delete_messages"):
        return True
    right = chat.type != "channel" or chat.may(context.bot.id, "can_post_messages")
    return message.sender.id == context.bot.id and right


METHODS = {"deleteMessage": delete_message, "deleteMessages": delete_messages}
