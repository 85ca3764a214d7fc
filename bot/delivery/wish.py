"""Wish: what somebody wants to call, and Call: what that comes to when a slot is granted."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiogram.methods import TelegramMethod

from bot.delivery.pace.progress import Progress
from bot.delivery.refusal import DeliveryError

Method = TelegramMethod[Any]  # invariant in its result, and every kind of method is wished for
Landed = Callable[[object], Awaitable[None]]
Refused = Callable[[DeliveryError], Awaitable[None]]


async def _ignore(_result: object) -> None:
    """Do nothing with a result."""


async def _raise(error: DeliveryError) -> None:
    """Leave an error to who wished."""
    raise error


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it is made now, with those who know what it was made from.

    `landed` takes its result, None where it changed nothing, before the chat's next call. `refused` takes the error of
    a call that cannot succeed, in the task that wished, when the chat is free again.
    """

    method: Method
    landed: Landed = _ignore
    refused: Refused = _raise


Make = Callable[[], Awaitable[Call | None]]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Wish:
    """A wish to call in a chat, as often as its owner asks for it: what has failed of it before is remembered.

    `make` returns the call when the slot is granted, None where there is nothing to say any more. `progress`: of the
    reply that the calls show, for `Priority.PROGRESS`.
    """

    chat_id: int
    make: Make
    progress: Progress = field(default_factory=Progress, repr=False)


def always(method: Method, landed: Landed = _ignore) -> Make:
    """Return a `make` for a call that does not change while it waits."""
    call = Call(method, landed)

    async def make() -> Call:
        return call

    return make
