"""Commands that wait until something is there."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from telegram_playground.control.arguments import Arguments
from telegram_playground.control.stage import Stage
from telegram_playground.protocol.errors import ApiError, bad_request
from telegram_playground.text.message_text import MAX_TEXT
from telegram_playground.world.buttons import keyboard
from telegram_playground.world.calls import TOPIC, Call
from telegram_playground.world.chats import Chat, Message

_MAX_WAIT_S = 300.0
_MAX_PATTERN = 2 * MAX_TEXT  # a whole message, each of whose signs is escaped
_MAX_CHANGING = 200  # messages whose edits are noticed while waiting
_SHOWN = 200  # characters of a message in an error
_STOP = re.compile("stop", re.IGNORECASE)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a message that is waited for must be: a bot's, unless it is named by its id or its sender."""

    pattern: re.Pattern[str]
    message: int | None
    by: int | None
    button: str | None  # label or data of a key
    shows: str
    complete: bool

    def fits(self, message: Message) -> bool:
        if self.by is not None or self.message is None:
            is_meant = message.sender.id == self.by if self.by is not None else message.sender.is_bot
            if not is_meant:
                return False
        keys = [key for row in keyboard(message.markup) for key in row]
        if self.button is not None and self.button not in [
            word for key in keys for word in (key["text"], key.get("data"))
        ]:
            return False
        if self.shows and self.shows not in message.content:
            return False
        if self.complete and any(_STOP.search(key["text"]) or _STOP.search(key.get("data", "")) for key in keys):
            return False
        return self.pattern.search(message.words()) is not None


async def wait(stage: Stage, arguments: Arguments) -> Any:
    """Return the first message that matches, as soon as there is one."""
    chat = stage.chat(arguments.text("chat"))
    after = arguments.integer_or_none("after") or 0
    wanted = _Wanted(
        _pattern(arguments),
        message=arguments.integer_or_none("message"),
        by=arguments.integer_or_none("by"),
        button=arguments.text_or_none("button"),
        shows=arguments.text_or_none("shows") or "",
        complete=arguments.flag("complete"),
    )

    looks = 0

    def look() -> Message | None:
        nonlocal looks
        looks += 1  # all there is at first, later only where things change
        messages = _newest(chat, after, _MAX_CHANGING if looks > 1 else len(chat.messages))
        if wanted.message is not None:
            messages = [found] if (found := chat.messages.get(wanted.message)) else []
        return next((message for message in messages if wanted.fits(message)), None)

    seconds = min(arguments.number("timeout", 10), _MAX_WAIT_S)
    try:
        return (await _first(stage, chat.key, look, seconds)).seen()
    except TimeoutError as error:
        raise ApiError(408, _nothing(chat, after, seconds)) from error


async def wait_gone(stage: Stage, arguments: Arguments) -> Any:
    """Return true as soon as no message of the chat has these words."""
    chat, pattern = stage.chat(arguments.text("chat")), _pattern(arguments)
    there: list[str] = []

    def look() -> bool | None:
        there[:] = [message.words() for message in chat.messages.values() if pattern.search(message.words())]
        return None if there else True

    seconds = min(arguments.number("timeout", 10), _MAX_WAIT_S)
    try:
        return await _first(stage, chat.key, look, seconds)
    except TimeoutError as error:
        raise ApiError(408, f"after {seconds:g} s the chat has {there[0][:_SHOWN]!r}") from error


async def wait_awake(stage: Stage, arguments: Arguments) -> Any:
    """Return true as soon as a bot's program waits for updates, or has said where they are to be sent."""
    bot = stage.bot(arguments.integer("bot"))

    def look() -> bool | None:
        return True if bot.webhook or bot.updates.is_polled else None

    seconds = min(arguments.number("timeout", 10), _MAX_WAIT_S)
    try:
        return await _first(stage, TOPIC, look, seconds)
    except TimeoutError as error:
        raise ApiError(408, f"the bot's program did not ask for updates within {seconds:g} s") from error


async def wait_call(stage: Stage, arguments: Arguments) -> Any:
    """Return the first finished call of a method after another one, as soon as there is one."""
    method, since = arguments.text("method").lower(), arguments.integer_or_none("since") or 0

    def look() -> Call | None:
        found = stage.calls.since(since, lambda call: call.method.lower() == method and call.finished is not None)
        return found[0] if found else None

    seconds = min(arguments.number("timeout", 10), _MAX_WAIT_S)
    try:
        return (await _first(stage, TOPIC, look, seconds)).json()
    except TimeoutError as error:
        raise ApiError(408, f"no such call within {seconds:g} s") from error


async def wait_held(stage: Stage, arguments: Arguments) -> Any:
    """Return the next call that a fault holds."""
    seconds = min(arguments.number("timeout", 10), _MAX_WAIT_S)
    try:
        return (await asyncio.wait_for(stage.faults.wait_held(), seconds)).json()
    except TimeoutError as error:
        raise ApiError(408, f"no call was held within {seconds:g} s") from error


async def _first(stage: Stage, topic: str, look: Callable[[], T | None], seconds: float) -> T:
    """Return what is there at once, however short the time, or what comes; raises TimeoutError."""
    found = look()
    return found if found is not None else await asyncio.wait_for(stage.world.feed.wait(topic, look), seconds)


def _newest(chat: Chat, after: int, limit: int) -> list[Message]:
    """Return the last messages after one, oldest first."""
    found: list[Message] = []
    for message in islice(reversed(chat.messages.values()), limit):
        if message.message_id <= after:
            break
        found.append(message)
    return found[::-1]


def _pattern(arguments: Arguments) -> re.Pattern[str]:
    pattern = arguments.text_or_none("text") or ""
    if len(pattern) > _MAX_PATTERN:
        raise bad_request("text is too long a pattern")
    try:
        return re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise bad_request(f"text is no regular expression: {error}") from error


def _nothing(chat: Chat, after: int, seconds: float) -> str:
    """Say what there was instead."""
    last = [_in_short(message) for message in _newest(chat, after, 3)]
    return f"no such message within {seconds:g} s; the last ones are: {', '.join(last) or 'none'}"


def _in_short(message: Message) -> str:
    keys = " ".join(f"[{key['text']}]" for row in keyboard(message.markup) for key in row)
    return f"#{message.message_id} {message.words()[:80]!r}{keys and ' '}{keys}"


COMMANDS = {
    "wait": wait,
    "wait_gone": wait_gone,
    "wait_awake": wait_awake,
    "wait_call": wait_call,
    "wait_held": wait_held,
}
