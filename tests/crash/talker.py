"""A talker: asks in one conversation, waits for the answers, stops some, asks for others again."""

import asyncio
import base64
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from random import Random
from typing import TypeVar

from telegram_playground.client import PlaygroundClient, PlaygroundError, User
from telegram_playground.world.chats import Message
from tests.crash.essay import DOCUMENTS, PASTED, PICTURE, Kind, mentioned, paper, question, spoken
from tests.crash.scene import Asked, Conversation
from tests.crash.screen import Screen, button, buttons, stop_button

KINDS = (
    *[Kind.SHORT] * 5,
    *[Kind.MEDIUM] * 4,
    *[Kind.LONG] * 2,
    *[Kind.LATE] * 1,
    *[Kind.THINKING] * 2,
    *[Kind.VARYING] * 2,
    *[Kind.CALLING] * 3,
    Kind.HUGE,
    Kind.FAILING,
    Kind.BREAKING,
)
WORDY = (*[Kind.HUGE] * 2, *[Kind.LONG] * 2, Kind.SHORT, Kind.MEDIUM)
SOUND = (*[Kind.SHORT] * 3, *[Kind.MEDIUM] * 2, Kind.LONG, Kind.LATE)  # a failure would leave the former answer
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")
PAUSE_S = 1.5
ALBUMS = 5  # of documents, at once: fifty
MANY_DOCUMENTS = 0.01  # the chance of them
MOST_WAITING = 3  # questions of one person in a group that the bot takes
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
        self._allowed: set[int] = set()  # messages that asked for leave

    async def run(self, over: asyncio.Event) -> None:
        """Talk until it is over; return when everything asked is settled."""
        if self._conversation.keeps_thoughts:
            await self._write(self._conversation.command("settings") + " thinking kept")
        is_many = self._conversation.sends_many
        while not over.is_set():
            if is_many or self._random.random() < MANY_DOCUMENTS:
                batch = [await self._ask(DOCUMENTS) for _ in range(ALBUMS)]
            else:
                batch = [await self._ask() for _ in range(self._random.choice((1, 1, 1, 2, 3)))]
            is_many = False
            chance = self._random.random()
            if chance < 0.12:
                await self._stop(batch[0])
            elif chance >= 0.8:
                await asyncio.sleep(self._random.choice((0, 0.5, 2)))  # it waits, or is being answered
                await self._edit(batch[-1])
            for asked in batch:
                await self._settled(asked)
            if 0.12 <= chance < 0.2:
                await self._new()
            elif 0.2 <= chance < 0.32:
                await self._write(self._conversation.command(self._random.choice(("provider", "help", "settings"))))
            elif 0.32 <= chance < 0.42:
                await self._retry(batch[-1])
            elif 0.42 <= chance < 0.47:
                await self._edit(batch[-1])
                await self._settled(batch[-1])
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), self._random.uniform(0, PAUSE_S))

    async def _ask(self, documents: int = 0) -> Asked:
        talk = self._conversation
        number, kind = next(self._numbers), self._random.choice(WORDY if talk.is_wordy else KINDS)
        asked = Asked(number, kind, 0, after_new=talk.begun, author=self._author())
        asked.parent = talk.asked[-1] if talk.asked and talk.asked[-1].after_new == talk.begun else None
        text, chance = talk.addressed(number, kind), self._random.random()
        older, answer = self._older()
        if documents and not talk.is_shown_replies_only:
            asked.message_id = await self._hand_in(asked, text, documents)
        elif answer is not None and chance > 0.85:
            asked.parent, asked.is_branch = older, True
            asked.message_id = await self._write(text, author=asked.author, reply_to=answer.message_id)
        elif chance < 0.15 and not talk.is_shown_replies_only:
            asked.message_id = await self._show_pictures(asked, text, self._random.choice((1, 2)))
        elif chance < 0.25 and not talk.is_shown_replies_only:
            asked.message_id = await self._speak(asked)
        elif chance < 0.35 and not talk.is_shown_replies_only:
            asked.carries = (f"the end of {number}",)
            asked.message_id = await self._write(f"{text} {PASTED}{asked.carries[0]}", author=asked.author)
        elif chance < 0.4 and not talk.is_shown_replies_only:
            asked.message_id = await self._hand_in(asked, text, self._random.choice((1, 2)))
        else:
            asked.message_id = await self._write(text, author=asked.author)
        talk.asked.append(asked)
        return asked

    def _author(self) -> User:
        """Return somebody of whom not as many questions wait as the bot takes."""
        waits = Counter(asked.author.id for asked in self._recent() if asked.author and not self._is_settled(asked))
        people = self._conversation.people
        return self._random.choice([person for person in people if waits[person.id] < MOST_WAITING] or people)

    def _recent(self) -> list[Asked]:
        return self._conversation.asked[-len(self._conversation.people) * MOST_WAITING :]

    def _older(self) -> tuple[Asked | None, Message | None]:
        """Return an older question of the present conversation and a message of its answer, to go on from there."""
        talk = self._conversation
        others = [each for each in talk.asked[:-1] if each.after_new == talk.begun and self._is_settled(each)]
        if not others or talk.is_shown_replies_only:
            return None, None
        older = self._random.choice(others)
        with_words = (message for message in self._shows(older) if mentioned(self._screen.text(message)))
        return older, next(with_words, None)

    async def _show_pictures(self, asked: Asked, text: str, count: int) -> int:
        """Ask about pictures, of which the first has the words; return the last message."""
        asked.carries = (" ".join([PICTURE] * count),)
        files = [("p.png", PIXEL)] * count
        return await self._send_album(asked, f"album {asked.number}", text, files, kind="photo", mime="image/png")

    async def _hand_in(self, asked: Asked, text: str, count: int) -> int:
        """Ask about documents, of which the first has the words; return the last message."""
        asked.carries, asked.documents = tuple(paper(asked.number, place) for place in range(count)), count
        files = [(f"{place}.txt", content.encode()) for place, content in enumerate(asked.carries)]
        return await self._send_album(asked, f"papers {asked.number}", text, files, kind="document", mime="text/plain")

    async def _send_album(
        self, asked: Asked, name: str, text: str, files: Sequence[tuple[str, bytes]], *, kind: str, mime: str
    ) -> int:
        """Send files as one album, a single one as it is; the first has the words. Return the last message."""
        talk, last = self._conversation, 0
        for place, (file, data) in enumerate(files):
            sent = await self._people.send_file(
                talk.chat,
                asked.author or talk.people[0],
                file,
                data,
                kind=kind,
                mime=mime,
                caption="" if place else text,
                album=name if len(files) > 1 else "",
                topic=talk.topic,
            )
            last = sent.message_id
        return last

    async def _speak(self, asked: Asked) -> int:
        """Ask in a voice message; in a group its caption names the bot."""
        talk = self._conversation
        asked.carries, asked.is_spoken = (question(asked.number, asked.kind),), True
        said = await self._people.send_file(
            talk.chat,
            asked.author or talk.people[0],
            "voice.oga",
            spoken(asked.number, asked.kind),
            kind="voice",
            mime="audio/ogg",
            caption=talk.address,
            topic=talk.topic,
        )
        return said.message_id

    async def _edit(self, asked: Asked) -> None:
        """Have the newest question ask something else."""
        talk = self._conversation
        if asked is not talk.asked[-1] or asked.carries or asked.author is None:
            return
        asked.former.append(asked.number)
        asked.number, asked.kind = next(self._numbers), self._random.choice(SOUND)
        text = talk.addressed(asked.number, asked.kind)
        await self._people.edit(talk.chat, asked.author, asked.message_id, text)

    async def allow(self) -> None:
        """Let every call of a tool be made that the bot asks about; it does where it has read documents."""
        while True:
            asks, data = await self._wait(self._asking)
            self._allowed.add(asks.message_id)
            await self._press(asks, data)

    def _asking(self) -> tuple[Message, str] | None:
        for message in self._screen.newest(self._conversation):
            if message.message_id not in self._allowed:
                for data in buttons(message):
                    if data.startswith("call:") and data.endswith(":a"):
                        return message, data
        return None

    async def _new(self) -> None:
        """Begin anew; in a group that is for its admins, of whom its maker comes first."""
        talk = self._conversation
        written = await self._write(talk.command("new"), author=talk.people[0])
        if talk.is_shown_replies_only:  # what replies to an older answer would go on from that, and not begin
            await self._wait(lambda: True if (last := self._last()) and last.message_id > written else None)
        talk.news.append(written)

    async def _write(self, text: str, *, author: User | None = None, reply_to: int | None = None) -> int:
        talk = self._conversation
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
        shown = [message for message in self._shows(asked) if button(message).startswith(("retry", "show"))]
        if shown and asked is self._conversation.asked[-1]:
            asked.is_retried = True
            again = next(data for data in buttons(shown[-1]) if data.startswith("retry"))
            await self._press(shown[-1], again)
            await self._settled(asked)
            versions = [message for message in self._shows(asked) if button(message).startswith("show")]
            if versions:
                await self._press(versions[0], button(versions[0]))

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
        words = [word for message in shown for word in mentioned(self._screen.text(message))]
        has_end = any(word.place is None and word.question == asked.number for word in words)
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
