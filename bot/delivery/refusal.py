"""What Telegram's refusals mean: decided here and nowhere else.

DeliveryError        a call that cannot succeed
├── ChatGone         blocked, kicked, deleted: nothing more can be said there
├── Migrated         the group became a supergroup with another id
├── MessageGone      the message to edit is deleted or not ours
├── Unanswered       a send whose answer was lost: it may or may not have been carried out
└── Rejected         any other refusal, in Telegram's words
"""

from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramServerError,
)
from aiohttp import ClientConnectorError
from aiohttp_socks import ProxyConnectionError

Failure = TelegramAPIError | ClientDecodeError  # all that aiogram raises for a call


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


def is_outage(error: Failure) -> bool:
    """Tell whether Telegram did not answer, or not as itself; aiogram takes a 413 for a network error."""
    outage = isinstance(error, TelegramNetworkError | TelegramServerError | ClientDecodeError)
    return outage and not isinstance(error, TelegramEntityTooLarge)


def was_never_sent(error: Exception) -> bool:
    """Tell whether a network error says that no connection was made."""
    return isinstance(error.__cause__, ClientConnectorError | ProxyConnectionError)


def judge(error: TelegramAPIError) -> None:
    """Raise what a refusal means, a DeliveryError; return where the call changed nothing because nothing differs.

    Telegram names most of these by their text alone (tdlib/telegram-bot-api, Client.cpp; td, MessagesManager.cpp).
    """
    if isinstance(error, TelegramMigrateToChat):
        raise Migrated(error.migrate_to_chat_id) from error
    text = error.message.lower()
    if "message is not modified" in text:
        return
    if isinstance(error, TelegramForbiddenError) or "chat not found" in text or "peer_id_invalid" in text:
        raise ChatGone(error.message) from error
    gone = ("message to edit not found", "message can't be edited", "message_id_invalid", "message to delete not found")
    if isinstance(error, TelegramBadRequest) and any(phrase in text for phrase in gone):
        raise MessageGone(error.message) from error
    raise Rejected(error.message) from error
