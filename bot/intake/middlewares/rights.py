"""Rights: who may decide what concerns a chat as a whole; one rule for all of it, asked before the handler."""

import re
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.flags import get_flag
from aiogram.types import CallbackQuery, Message, TelegramObject

from bot.intake.batch import Batch, Denied, Pending
from bot.intake.message.mention import Author, is_group
from bot.intake.middlewares.handler import Handler
from bot.intake.notice import notice, toast
from bot.storage.people.access import REFUSAL_S, Accesses
from bot.storage.questions.versions import Versions
from bot.texts import Texts

GUARD = "guard"  # flag of a handler: who is asked before it
SWITCH = re.compile(r"set:(open|along):|/settings(@\w+)?\s+(open|along)\b", re.IGNORECASE)  # for admins in any case


class Leave(Enum):
    """Whether somebody may."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"  # what is known of the group's administrators is too old, or nothing


async def may_change(
    place: Message,
    author: Author,
    *,
    is_admin: bool,
    accesses: Accesses,
    batch: Batch,
    in_any_case: bool = False,
    is_asked: bool = False,
) -> Leave:
    """Tell whether a person may decide for the chat in which a message stands.

    In a group that is for its admins and the bot's (`is_admin`), or for everybody where an admin said so; not that
    switch itself, nor the one that has the bot read along, nor what others asked (`in_any_case`). An anonymous admin
    writes as the group. Rights that are older than minutes do not count; nobody is refused by those that are older than
    seconds, unless Telegram was asked about this very wish (`is_asked`).
    """
    if is_admin or not is_group(place) or author.id == place.chat.id:
        return Leave.YES
    if not in_any_case and batch.is_open(place.chat.id):
        return Leave.YES
    administers = await accesses.administers(place.chat.id, author.id)
    if administers is False and not is_asked:
        administers = await accesses.administers(place.chat.id, author.id, within_s=REFUSAL_S)
    if administers is None:
        return Leave.UNKNOWN
    return Leave.YES if administers else Leave.NO


class Guarded(BaseMiddleware):
    """Goes around each handler, inside of its filters: asks the guard that its flags name, if any.

    What is written in a group of which something is put aside is put aside behind it: it may be meant for what that
    changes, as the question after a /new.
    """

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Handle what a person did, if he may."""
        batch: Batch = data["batch"]
        if isinstance(event, Message) and event.chat.id in batch.aside and not data["are_rights_asked"]:
            return Pending(event.chat.id)
        guard: BaseMiddleware | None = get_flag(data, GUARD)
        returned = await (guard(handler, event, data) if guard is not None else handler(event, data))
        if isinstance(returned, Pending):
            batch.aside.add(returned.telegram_id)
        return returned


class MayChange(BaseMiddleware):
    """Lets only those through who may decide for the chat; the others are told who may.

    Where that is not known, the update is put aside until Telegram has said so.
    """

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Handle a command or a press."""
        if not isinstance(event, Message | CallbackQuery):
            raise TypeError(f"no choice: {type(event).__name__}")
        place: Message = data["pressed"] if isinstance(event, CallbackQuery) else event
        said = event.data if isinstance(event, CallbackQuery) else event.text
        sentence = await refusal(place, data, in_any_case=SWITCH.match(said or "") is not None)
        if sentence is None:
            return await handler(event, data)
        if isinstance(sentence, Pending):
            return sentence
        return toast(event, sentence) if isinstance(event, CallbackQuery) else Denied(notice(event, sentence))


class AskerOrAdmin(BaseMiddleware):
    """Lets through who asked for the answer that is meant, and admins; `of` finds its id.

    A group that is open to all is no exception: that is about choices, not about what others asked. Without an answer
    there is nothing to keep anybody from.
    """

    def __init__(self, of: Callable[[dict[str, Any]], int | None]) -> None:
        self._of = of

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Handle a command or a press."""
        if not isinstance(event, Message | CallbackQuery):
            raise TypeError(f"not about an answer: {type(event).__name__}")
        place: Message = data["pressed"] if isinstance(event, CallbackQuery) else event
        if not is_group(place):
            return await handler(event, data)
        versions: Versions = data["versions"]
        askers = await versions.askers(data["chat"].id, self._of(data))
        is_own = not askers or data["author"].id in askers
        sentence = None if is_own else await refusal(place, data, in_any_case=True)
        if sentence is None:
            return await handler(event, data)
        if isinstance(sentence, Pending):
            return sentence
        words: Texts = data["texts"]
        told = words.group_asker_only if sentence == words.group_switch_only else sentence
        return toast(event, told) if isinstance(event, CallbackQuery) else Denied(notice(event, told))


class Each(BaseMiddleware):
    """Lets those through whom each of some guards lets through."""

    def __init__(self, *guards: BaseMiddleware) -> None:
        self._guards = guards

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Handle a command or a press."""
        for guard in reversed(self._guards):
            handler = partial(guard, handler)
        return await handler(event, data)


CHOICE = {GUARD: MayChange()}  # flags of a handler by which a choice for the whole chat is made


async def refusal(place: Message, data: dict[str, Any], *, in_any_case: bool = False) -> str | Pending | None:
    """Return what a person is told who may not decide for a chat, None who may; `data` is the handlers'."""
    words: Texts = data["texts"]
    leave = await may_change(
        place,
        data["author"],
        is_admin=data["is_admin"],
        accesses=data["accesses"],
        batch=data["batch"],
        in_any_case=in_any_case,
        is_asked=data["are_rights_asked"],
    )
    if leave is Leave.UNKNOWN:
        return words.group_admins_unknown if data["are_rights_asked"] else Pending(place.chat.id)
    refused = words.group_switch_only if in_any_case else words.group_admins_only
    return None if leave is Leave.YES else refused
