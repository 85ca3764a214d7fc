"""Visitors: they ask where the bot is no member, inline and as of a guest, and look at what became of it.

What was chosen inline is to be whole in the end. The answer to a guest question can be lost by a kill; that is counted.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from bot.texts.en import EN
from telegram_playground.client import Bot, Chat, PlaygroundClient, PlaygroundError, User
from telegram_playground.protocol.wire import Json
from telegram_playground.server import Playground
from telegram_playground.world.chats import Message
from tests.crash.checker import Findings
from tests.crash.essay import Kind, is_whole, mentioned, question, read, without_unknown
from tests.crash.screen import stop_button

KINDS = (Kind.SHORT, *[Kind.MEDIUM] * 4, *[Kind.LATE] * 2, *[Kind.THINKING] * 2, *[Kind.CALLING] * 2)
OFFERED_S = 25.0  # for the bot to offer what is typed: Telegram keeps that for 30 s, so a bot that starts answers it;
TRIES = 4  # so often it is typed
PATIENCE_S = 60.0  # for an inline answer, before the next question
DRAIN_S = 240.0  # for all of them, after the last kill
GUEST_S = 20.0  # the same for a guest's
PAUSE_S = 1.0
CROWD = 4  # who ask at once, so that most kills find a chosen question under way
GUESTS = 0.15  # of the questions


@dataclass(frozen=True, slots=True)
class Chosen:
    """A question that was chosen, and its message."""

    number: int
    message_id: int


class Visitors:
    """Some people in a group without the bot."""

    def __init__(
        self, chat: Chat, crowd: list[User], bot: Bot, *, telegram: Playground, people: PlaygroundClient, random: Random
    ) -> None:
        self._chat = chat
        self._crowd = crowd
        self._bot = bot
        self._world = telegram.world
        self._people = people
        self._random = random
        self._chosen: list[Chosen] = []
        self._summoned: list[Chosen] = []

    async def run(self, over: asyncio.Event, numbers: Iterator[int]) -> None:
        """Ask until it is over, and once more."""
        async with asyncio.TaskGroup() as group:
            for person in self._crowd:
                group.create_task(self._ask(person, over, numbers))
        await self._choose(self._crowd[0], next(numbers), Kind.MEDIUM)
        await self._summon(self._crowd[0], next(numbers), Kind.SHORT)

    async def _ask(self, person: User, over: asyncio.Event, numbers: Iterator[int]) -> None:
        while not over.is_set():
            number, kind = next(numbers), self._random.choice(KINDS)
            is_guest = self._random.random() < GUESTS
            await (self._summon(person, number, kind) if is_guest else self._choose(person, number, kind))
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), self._random.uniform(0, PAUSE_S))

    async def settled(self) -> None:
        """Wait until all that was chosen is whole."""
        await asyncio.gather(*(self._wait(each.message_id, DRAIN_S) for each in self._chosen))

    def findings(self) -> Findings:
        """Return what became of it all."""
        found = Findings()
        for each in self._chosen:
            message = self._messages[each.message_id]
            words, text = read(without_unknown(message.words()).partition("\n\n")[2]), message.words()
            if words and is_whole(words) and words[0].question == each.number and not stop_button(message):
                found.counts["chosen"] += 1
            elif text.endswith(EN.busy_elsewhere):
                found.counts["turned away"] += 1  # as a person too many of whose questions wait
            else:
                found.wrong("incomplete" if mentioned(text) else "lost", f"inline {each.number}: {text[-60:]!r}")
        for each in self._summoned:
            answers = [message for message in self._messages.values() if message.reply_to == each.message_id]
            words = read(without_unknown(answers[-1].words())) if answers else None
            found.counts["guests" if words and is_whole(words) else "guests lost"] += 1
            if len(answers) > 1:
                found.wrong("doubled", f"guest {each.number}")
        return found

    async def _choose(self, person: User, number: int, kind: Kind) -> None:
        place = {"chat": self._chat.key, "user": person.id}
        text = question(number, kind)
        query: Json = {"results": None}
        for _ in range(TRIES):
            query = await self._people.command("inline", **place, bot=self._bot.id, query=text, wait=OFFERED_S)
            if query["results"]:
                break
        if query["results"]:
            offered = {"inline_query_id": query["inline_query_id"], "result_id": query["results"][0]["id"]}
            sent = await self._people.command("choose", **place, **offered)
            self._chosen.append(Chosen(number, sent["message_id"]))
            await self._wait(sent["message_id"], PATIENCE_S)

    async def _summon(self, person: User, number: int, kind: Kind) -> None:
        text = f"@{self._bot.username} {question(number, kind)}"
        await self._people.command("guest", chat=self._chat.key, user=person.id, bot=self._bot.id, text=text)
        asked = max(each.message_id for each in self._messages.values() if each.words() == text)
        self._summoned.append(Chosen(number, asked))
        with suppress(TimeoutError):
            async with asyncio.timeout(GUEST_S):
                await self._world.feed.wait(self._chat.key, lambda: self._is_answered(asked) or None)

    def _is_answered(self, asked: int) -> bool:
        return any(each.reply_to == asked and _is_whole(each) for each in self._messages.values())

    async def _wait(self, message_id: int, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._world.feed.wait(self._chat.key, lambda: _is_whole(self._messages[message_id]) or None)

    @property
    def _messages(self) -> dict[int, Message]:
        return self._world.chats[self._chat.key].messages


async def visit(people: PlaygroundClient, telegram: Playground, bot: Bot, random: Random) -> Visitors:
    """Have the people of another group ask the bot, which is switched on for that."""
    crowd = [await people.add_user(f"Visitor {number}", language="en") for number in range(CROWD)]
    chat = await people.add_group("Elsewhere", members=crowd)
    with suppress(PlaygroundError):
        await people.command("bot", id=bot.id, supports_inline_queries=True, supports_guest_queries=True)
    return Visitors(chat, crowd, bot, telegram=telegram, people=people, random=random)


def _is_whole(message: Message) -> bool:
    words = mentioned(message.words())
    if message.words().endswith(EN.busy_elsewhere):
        return True
    return bool(words) and words[-1].place is None and not stop_button(message)
