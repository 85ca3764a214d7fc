"""Asking: whether a call may be made, by a message with two buttons."""

import asyncio
import json
from typing import Protocol

from aiogram.methods import SendMessage
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.clock import Clock
from bot.reply.markdown.rendered import Rendered
from bot.reply.place import InChat, place_of
from bot.storage.answers.calls import Calls
from bot.storage.exchanges.jobs import Job
from bot.storage.signals import Signals
from bot.storage.tables import Call, CallState
from bot.storage.telegram.notices import Packed
from bot.texts import Texts
from providers.tools import arguments_in

ALONE_S = 15 * 60.0  # in a private chat
IN_GROUP_S = 120.0
LOOK_S = 5.0  # between two looks at the row
MAX_SHOWN = 1_800  # characters of the arguments: with two units each they are one message


class Post(Protocol):
    """Where notices are said: `Postbox.post`."""

    def __call__(self, method: SendMessage, *, key: int | None) -> None:
        """Say one that is stored."""


class Asking:
    """Asks, and waits for what is decided."""

    def __init__(self, calls: Calls, post: Post, signals: Signals, clock: Clock) -> None:
        self._calls = calls
        self._post = post
        self._signals = signals
        self._clock = clock

    def may_ask(self, job: Job) -> bool:
        """Tell whether there is anybody to be asked where a reply stands."""
        return place_of(job).is_chat

    def patience_s(self, job: Job) -> float:
        """Return how long is waited where a reply stands."""
        return ALONE_S if place_of(job).is_private else IN_GROUP_S

    def packed(self, job: Job, call: Call, label: str, arguments: str, words: Texts) -> Packed:
        """Return the message that asks about a call, as it is stored with it."""
        method = question(job, call, label, arguments, words)
        return Packed(method.__api_method__, method.model_dump_json(exclude_unset=True))

    def ask(self, job: Job, call: Call, label: str, arguments: str, words: Texts) -> None:
        """Send the message that was stored."""
        self._post(question(job, call, label, arguments, words), key=call.key)

    async def decision(self, call: Call) -> CallState:
        """Wait until it is decided, or the time is over, which denies it."""
        event = self._signals.decisions.setdefault(call.id, asyncio.Event())
        try:
            while True:
                event.clear()
                present = await self._calls.get(call.id)
                if present is None or present.state is not CallState.ASKED:
                    return present.state if present else CallState.DENIED
                left_s = (call.asked_until or 0.0) - self._clock.wall()
                if left_s <= 0:
                    await self._calls.decide(call.id, of=call.answer_id, may=False)
                    continue
                await self._clock.wait(event, min(left_s, LOOK_S))
        finally:
            self._signals.decisions.pop(call.id, None)


def question(job: Job, call: Call, label: str, arguments: str, words: Texts) -> SendMessage:
    """Return the message that asks whether a call may be made; in reply to the question, as plain text."""
    shown = json.dumps(arguments_in(arguments) or {}, ensure_ascii=False, indent=1)
    if (left := len(shown) - MAX_SHOWN) > 0:  # who is asked is to know that this is not all
        shown = f"{shown[:MAX_SHOWN]}\n{words.call_more.format(count=left)}"
    buttons = [
        InlineKeyboardButton(text=words.call_allow, callback_data=f"call:{job.id}:{call.id}:a"),
        InlineKeyboardButton(text=words.call_deny, callback_data=f"call:{job.id}:{call.id}:d"),
    ]
    text = f"{words.call_asked.format(tool=label)}\n{shown}"
    keyboard = InlineKeyboardMarkup(inline_keyboard=[buttons])
    return InChat.of(job.chat).send(Rendered(text), keyboard, reply_to=job.message_id)
