"""What the errors of calls mean: decided here and nowhere else.

DeliveryError        a call that cannot succeed
├── ChatGone         blocked, kicked, deleted: nothing more can be said there
├── Migrated         the group became a supergroup with another id
├── MessageGone      the message to edit is deleted or not ours
├── Unanswered       a send whose answer was lost: it may or may not have been carried out
└── Rejected         any other refusal, in Telegram's words
    ├── TopicGone    the topic is deleted or closed, its chat is there
    ├── NoText       the message to edit shows a file
    └── TooLarge     one text or file is more than the server, or something before it, takes

What is none of these, a 429 that tells no time too, is an outage: nobody has refused this call, and it is made again,
more and more seldom (backoff.py), until somebody does, or carries it out. Whether a call that fails for ever does so
for what it says is a matter of evidence (trial.py).
"""

from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramServerError,
)
from aiogram.methods import SendDocument
from aiohttp import ClientConnectorError
from aiohttp_socks import ProxyConnectionError

Failure = TelegramAPIError | ClientDecodeError  # all that the session raises for a call
BY_SIZE, BY_WORDS, BY_NOTHING = (10, 10), (10, 2), (1, 0)  # evidence: another call passed; else: getMe is answered

# Telegram names most refusals by their text alone (tdlib/telegram-bot-api, Client.cpp; td, MessagesManager.cpp).
NOT_MODIFIED = "message is not modified"
NO_METHOD = "method not found"
MESSAGE_GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message to delete not found",
)
TOPIC_CLOSED = "topic_closed"
TOPIC_GONE = ("message thread not found", "topic_deleted", "topic_id_invalid", TOPIC_CLOSED)
NO_TEXT = ("no text in the message",)
CHAT_GONE = (
    "blocked by the user",
    "user is deactivated",
    "kicked from",
    "not a member of",
    "chat was deleted",
    "can't initiate conversation",
    "can't send messages to",
    "is not participant",
    "user_is_blocked",
    "user_deactivated",
    "user_is_bot",
)
CHAT_GONE_400 = (
    "chat not found",
    "peer_id_invalid",
    "chat_id_invalid",
    "input_user_deactivated",
    "group is deactivated",
)
SERVER_AWAY = (  # as a 400 of a server that does not serve this bot now
    "logged out",
    "log out",
    "closing",
    "restart",
    "unauthorized",
    "internal",
    "unavailable",
    "try again",
    "timeout",
    "timed out",
    "overload",
    "too many requests",
    "flood",
    "maintenance",
)
OF_THIS_CALL = (  # as a 400 that speaks of what the call says, or where
    "too long",
    "too_long",
    "can't parse",
    "entity",
    "entities",
    "text is empty",
    "must be non-empty",
    "message identifier",
    "can't be deleted",
    "thread not found",
    "topic",
    "replied",
    "reply message",
    "button",
    "keyboard",
    "markup",
    "rights",
    "_forbidden",
    "restricted",
    "admin_required",
    "encoded in utf-8",
    "write access",
    "channel_",
    "user_banned",
    "payment_required",
    "quote",
    "file",
    "document",
    "photo_",  # PHOTO_INVALID_DIMENSIONS, PHOTO_EXT_INVALID …
    "image_process",
    "media_",
    "voice_messages_forbidden",
    "ephemeral",
    "query is too old",  # and "query ID is invalid": a guest question that is answered, or expired
    "not simulated",
)


OF_WEBHOOKS = (  # Client.cpp, WebhookActor.cpp of telegram-bot-api
    "while webhook is active",
    "failed to resolve host",
    "https url must be provided",
    "invalid webhook url specified",
    "webhook can be set up only on ports",
    "ip address",
)
MEANINGFUL = tuple(
    dict.fromkeys(
        (
            NOT_MODIFIED,
            NO_METHOD,
            *MESSAGE_GONE,
            *TOPIC_GONE,
            *NO_TEXT,
            *CHAT_GONE,
            *CHAT_GONE_400,
            *SERVER_AWAY,
            *OF_THIS_CALL,
            *OF_WEBHOOKS,
        )
    )
)


class DeliveryError(Exception):
    """A call to Telegram that cannot succeed."""


class ChatGone(DeliveryError):
    """Nothing can be sent to this chat any more."""


class Migrated(DeliveryError):
    """The chat goes on under `chat_id`."""

    def __init__(self, chat_id: int) -> None:
        super().__init__(f"the chat is now {chat_id}")
        self.chat_id = chat_id


class MessageGone(DeliveryError):
    """The message cannot be edited: it is deleted, or not ours."""


class Unanswered(DeliveryError):
    """Whether the send was carried out is unknown."""


class Rejected(DeliveryError):
    """Telegram refused the call."""


class TopicGone(Rejected):
    """Nothing can be sent to this topic of a chat: it was deleted, or closed (`is_closed`), which may pass."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.is_closed = TOPIC_CLOSED in text


class NoText(Rejected):
    """The message has no text to be edited: it shows a file."""


class TooLarge(Rejected):
    """The server, or a gateway before it, does not take so much at once."""


def meaningful(words: str) -> str:
    """Return of a server's words those that decide what an error means: the others may repeat what people wrote."""
    words = words.lower()
    return "; ".join(phrase for phrase in MEANINGFUL if phrase in words)


def is_done(error: Failure) -> bool:
    """Tell whether the call changed nothing because nothing differs: that is success."""
    return isinstance(error, TelegramBadRequest) and NOT_MODIFIED in words_of(error)


def refusal(error: Failure) -> DeliveryError | None:
    """Return what a clear refusal of this call means; None for an outage, and for what only evidence can tell."""
    text = words_of(error)
    if isinstance(error, TelegramMigrateToChat):
        return Migrated(error.migrate_to_chat_id)
    if isinstance(error, TelegramForbiddenError):
        return _first(text, (ChatGone, CHAT_GONE), (Rejected, OF_THIS_CALL))
    if isinstance(error, TelegramBadRequest):
        return _first(
            text,
            (MessageGone, MESSAGE_GONE),
            (ChatGone, CHAT_GONE_400),
            (TopicGone, TOPIC_GONE),
            (NoText, NO_TEXT),
            (Rejected, OF_THIS_CALL),
        )
    return None


def is_outage(error: Failure) -> bool:
    """Tell whether nobody has refused the call: the server did not answer, or not as itself."""
    is_refused = refusal(error) is not None or is_done(error) or lacks_method(error)
    return not is_refused and weights(error) == BY_NOTHING


def lacks_method(error: Failure) -> bool:
    """Tell whether the server is older than the method."""
    return isinstance(error, TelegramNotFound) and NO_METHOD in words_of(error)


def is_foreign(error: Exception) -> bool:
    """Tell whether what answered is no Bot API server: a wrong address, or a gateway that speaks for a while."""
    if isinstance(error, TelegramAPIError):
        return error.message.startswith(("HTTP 3", "HTTP 4"))
    return isinstance(error, ClientDecodeError)


def was_not_carried_out(error: Failure) -> bool:
    """Tell whether a failed call has certainly changed nothing: no connection was made, or the server says so."""
    if isinstance(error, TelegramEntityTooLarge):
        return True
    if isinstance(error, TelegramNetworkError):
        return isinstance(error.__cause__, ClientConnectorError | ProxyConnectionError)
    return isinstance(error, TelegramAPIError) and not isinstance(error, TelegramServerError)


def weights(error: Failure) -> tuple[int, int]:
    """Return what a failure is worth as evidence against its call, if another call has passed, and else."""
    if isinstance(error, TelegramEntityTooLarge):
        return BY_SIZE
    if isinstance(error, TelegramBadRequest | TelegramForbiddenError):
        return BY_NOTHING if any(phrase in words_of(error) for phrase in SERVER_AWAY) else BY_WORDS
    if isinstance(error, TelegramNotFound) and lacks_method(error) and isinstance(error.method, SendDocument):
        return BY_WORDS
    return BY_NOTHING


def _first(text: str, *meanings: tuple[type[DeliveryError], tuple[str, ...]]) -> DeliveryError | None:
    """Return the first meaning of which a phrase is in the text."""
    return next((meaning(text) for meaning, phrases in meanings if any(phrase in text for phrase in phrases)), None)


def words_of(error: Failure) -> str:
    """Return the server's words, which may be in any language, and none."""
    return (error.message or "").lower()
