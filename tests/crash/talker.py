"""A talker: asks in one conversation, waits for the answers, stops some, asks for others again."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random
from typing import TypeVar

from telegram_playground.client import PlaygroundClient, PlaygroundError, User
from telegram_playground.world.chats import Message
from tests.crash.essay import Kind, mentioned
from tests.crash.scene import Asked, Conversation
from tests.crash.screen import Screen, button, stop_button

KINDS = (
    *[Kind.SHORT] * 5,
    *[Kind.MEDIUM] * 4,
    *[Kind.LONG] * 2,
    *[Kind.LATE] * 1,
    *[Kind.VARYING] * 2,
    Kind.HUGE,
    Kind.FAILING,
    Kind.BREAKING,
)
PAUSE_S = 1.5
T = TypeVar("T")


class Talker:
    """One conversation's person or persons; `run` until `over`, then `settled` says when the last answer is there."""

    def __init__(
        self,
        conversation: Conversation,
        screen: Screen,
        people: PlaygroundClient,
        numbers: Iterator[int],
        random: Random,
    ) -> None:
        self._conversation = conversation
        self._screen = screen
        self._people = people
        self._numbers = numbers
        self._random = random
        self.news = 0  # how often /new was said

    async def run(self, over: asyncio.Event) -> None:
        """Talk until it is over; return when everything asked is settled."""
        while not over.is_set():
            batch = [await self._ask() for _ in range(self._random.choice((1, 1, 1, 2, 3)))]
            chance = self._random.random()
            if chance < 0.12:
                await self._stop(batch[0])
            for asked in batch:
                await self._settled(asked)
            if 0.12 <= chance < 0.2:
                await self._new()
            elif 0.2 <= chance < 0.32:
                await self._write(self._conversation.command(self._random.choice(("provider", "help", "settings"))))
            elif 0.32 <= chance < 0.38:
                await self._retry(batch[-1])
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), self._random.uniform(0, PAUSE_S))

    async def _ask(self) -> Asked:
        talk = self._conversation
        number, kind = next(self._numbers), self._random.choice(KINDS)
        written = await self._write(talk.addressed(number, kind))
        asked = Asked(number, kind, written, after_new=talk.begun)
        talk.asked.append(asked)
        return asked

    async def _new(self) -> None:
        """Begin anew; in a group that is for its admins, of whom its maker comes first."""
        await self._write(self._conversation.command("new"), author=self._conversation.people[0])
        self._conversation.begun += 1
        self.news += 1

    async def _write(self, text: str, *, author: User | None = None) -> int:
        talk = self._conversation
        reply_to = None
        if talk.is_shown_replies_only and not text.startswith("/"):
            reply_to = (await self._own_message()).message_id
        chosen = self._random.choice(talk.people)
        return (
            await self._people.write(talk.chat, author or chosen, text, reply_to=reply_to, topic=talk.topic)
        ).message_id

    async def _own_message(self) -> Message:
        """Return the bot's last message; make it say something if there is none."""
        if not self._last():
            talk = self._conversation
            await self._people.write(talk.chat, talk.people[0], talk.command("help"))
        return await self._wait(self._last)

    def _last(self) -> Message | None:
        return next(self._screen.newest(self._conversation), None)

    async def _stop(self, asked: Asked) -> None:
        """Press Stop as soon as there is such a button."""

        def growing() -> Message | bool | None:
            if self._is_settled(asked):
                return True
            return next((shown for shown in self._shows(asked) if stop_button(shown)), None)

        found = await self._wait(growing)
        if isinstance(found, Message):
            asked.may_be_stopped = True
            for other in self._conversation.asked:
                if other.number > asked.number and not self._is_settled(other):
                    other.may_be_dropped = True
            await self._press(found, stop_button(found))

    async def _retry(self, asked: Asked) -> None:
        shown = [message for message in self._shows(asked) if button(message).startswith("retry")]
        if shown and asked is self._conversation.asked[-1]:
            asked.is_retried = True
            await self._press(shown[-1], button(shown[-1]))
            await self._settled(asked)

    async def _press(self, message: Message, data: str) -> None:
        talk = self._conversation
        place = {"chat": talk.chat.key, "user": talk.people[0].id, "message_id": message.message_id}
        with suppress(PlaygroundError):  # the message is gone, or has other buttons by now
            await self._people.command("press", **place, data=data)

    async def _settled(self, asked: Asked) -> None:
        await self._wait(lambda: True if self._is_settled(asked) else None)

    def _is_settled(self, asked: Asked) -> bool:
        shown = list(self._shows(asked))
        if not shown:
            return asked.may_be_dropped and not any(map(stop_button, self._screen.newest(self._conversation)))
        if any(map(stop_button, shown)):
            return False
        has_end = any(word.place is None for message in shown for word in mentioned(self._screen.text(message)))
        return has_end or "⚠️" in self._screen.text(shown[0]) or asked.may_be_stopped

    def _shows(self, asked: Asked) -> Iterator[Message]:
        """Yield the bot's messages about a question, newest first."""
        for message in self._screen.newest(self._conversation):
            if message.message_id < asked.message_id:
                return
            words = mentioned(self._screen.text(message))
            if message.reply_to == asked.message_id or any(word.question == asked.number for word in words):
                yield message

    async def _wait(self, look: Callable[[], T | None]) -> T:
        return await self._screen.wait(self._conversation, look)
