"""Who alone is to see what a bot sends: core.telegram.org/bots/api#ephemeral-messages-and-commands.

The words of the refusals are ours: Telegram's are not known.
"""

from telegram_playground.api.context import Context
from telegram_playground.api.schema import read_object
from telegram_playground.protocol.errors import QUERY_TOO_OLD, bad_request
from telegram_playground.protocol.values import Values
from telegram_playground.world import ephemeral
from telegram_playground.world.chats import Chat
from telegram_playground.world.members import ADMINS
from telegram_playground.world.people import User

_ANSWERED_S = 15  # so long an ephemeral message or a press may be answered by one


def receiver_of(context: Context, chat: Chat, method: Values) -> User | None:
    """Return the person for whom a message is, None for one that all see; raises ApiError where it may not be sent."""
    wanted = _wanted(method)
    reply: Values | None = getattr(method, "reply_parameters", None)
    answered: int | None = reply.ephemeral_message_id if reply else None
    if (wanted or answered) is not None and chat.type not in ephemeral.GROUPS:
        raise bad_request("ephemeral messages can be sent only to groups")
    if answered is not None:
        return _asker(context, chat, answered)
    if wanted is None:
        return None
    user = context.known_user(wanted.receiver_user_id)
    if not chat.has(user.id):
        raise bad_request("the user is not a member of the chat")
    if user.is_bot:
        raise bad_request("ephemeral messages can be sent only to people")
    if wanted.callback_query_id:
        _check_press(context, chat, user, wanted)
    elif chat.status(context.bot.id) not in ADMINS:
        raise bad_request("only an administrator sends ephemeral messages by itself")
    return user


def _wanted(method: Values) -> Values | None:
    """Return how a message is to be ephemeral; before Bot API 10.3 the method itself said so, and still may."""
    wanted: Values | None = getattr(method, "ephemeral_message_parameters", None)
    if wanted is not None:
        return wanted
    former = ("receiver_user_id", "callback_query_id")
    given = {name: getattr(method, name) for name in former if getattr(method, name, None)}
    return read_object("EphemeralMessageParameters", given) if given else None


def _asker(context: Context, chat: Chat, ephemeral_id: int) -> User:
    asked = ephemeral.received(chat, context.bot, ephemeral_id)
    if asked is None:
        raise bad_request("message to be replied not found")
    if context.world.clock.wall() - asked.date > _ANSWERED_S:
        raise bad_request("the ephemeral message is too old to be answered")
    return asked.sender


def _check_press(context: Context, chat: Chat, user: User, wanted: Values) -> None:
    query = context.queries.get(wanted.callback_query_id)
    is_own = query is not None and query.kind == "callback" and query.bot is context.bot and query.chat is chat
    if query is None or not is_own or query.user is not user:
        raise bad_request(QUERY_TOO_OLD)
    if context.world.clock.now() - query.asked > _ANSWERED_S:
        raise bad_request(QUERY_TOO_OLD)
    pressed = chat.messages.get(query.message_id or 0)
    if wanted.replace_callback_query_message and pressed and pressed.to is not None:
        raise bad_request("an ephemeral message is edited, not replaced")
