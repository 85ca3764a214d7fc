"""The methods of the Bot API that are simulated, by their names in small letters.

Each takes a Context and the method's parameters, and returns its result or raises ApiError.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from telegram_playground.api.context import Context
from telegram_playground.api.methods import (
    answering,
    deleting,
    drafting,
    editing,
    forwarding,
    governing,
    inviting,
    joining,
    media,
    paying,
    polls,
    profile,
    receiving,
    sending,
    sharing,
    stickers,
    topics,
)

Handler = Callable[[Context, Any], Awaitable[Any]]

_PARTS = (
    answering,
    deleting,
    drafting,
    editing,
    forwarding,
    governing,
    inviting,
    joining,
    media,
    paying,
    polls,
    profile,
    receiving,
    sending,
    sharing,
    stickers,
    topics,
)
HANDLERS: dict[str, Handler] = {name.lower(): handler for part in _PARTS for name, handler in part.METHODS.items()}
