"""What stands on people's screens, as the server has it."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from telegram_playground.protocol.wire import Json
from telegram_playground.server import Playground
from telegram_playground.world.buttons import keyboard
from telegram_playground.world.chats import Message
from tests.crash.essay import unmarked
from tests.crash.scene import Conversation

QUIET_S = 6.0  # a bot at work shows that it types every 4 s,
HELD_S = 60.0  # or a Stop button, as while files are read on a busy machine
IDLE = ("getUpdates", "getMe")

T = TypeVar("T")


class Screen:
    """Looks into a server in this process."""

    def __init__(self, telegram: Playground) -> None:
        self._world = telegram.world
        self._calls = telegram.calls

    def newest(self, talk: Conversation) -> Iterator[Message]:
        """Yield the bot's messages in a conversation, newest first."""
        thread = talk.topic.thread_id if talk.topic else None
        for message in reversed(self._world.chats[talk.chat.key].messages.values()):
            is_said = "text" in message.content or "document" in message.content
            if message.sender.id == talk.bot.id and message.thread_id == thread and is_said:
                yield message

    def text(self, message: Message) -> str:
        """Return what a message says, or the file in it."""
        return self._read(message.content) if "document" in message.content else message.words()

    def messages(self, talk: Conversation) -> list[Json]:
        """Return the messages of a conversation as people see them, oldest first; a file as its text."""
        seen = [message.seen() for message in self.newest(talk)]
        return [
            {**message, "text": self._read(message)} if "document" in message else message for message in seen[::-1]
        ]

    async def wait(self, talk: Conversation, look: Callable[[], T | None]) -> T:
        """Return what `look` finds, now or after a change in the chat."""
        return await self._world.feed.wait(talk.chat.key, look)

    async def quiet(self, talks: Sequence[Conversation]) -> None:
        """Wait until the bot has nothing to do any more: for a while it asks for updates only."""
        quiet_s = 0.0
        while quiet_s < (HELD_S if any(self._is_held(talk) for talk in talks) else QUIET_S):
            since = self._calls.last(1)[-1].id
            await asyncio.sleep(QUIET_S)
            is_quiet = not self._calls.since(since, lambda call: call.method not in IDLE)
            quiet_s = quiet_s + QUIET_S if is_quiet else 0.0

    def _is_held(self, talk: Conversation) -> bool:
        return any(stop_button(message) for message in self.newest(talk))

    async def bare(self, talk: Conversation) -> None:
        """Wait until no older answer of a conversation has buttons: they go when nothing else needs the budget."""
        await self.wait(talk, lambda: sum(map(_has_choice, self.newest(talk))) <= 1 or None)

    def _read(self, content: Json) -> str:
        file = self._world.files.get(content["document"]["file_id"])
        return unmarked(file.data.decode()) if file else ""


def _has_choice(message: Message) -> bool:
    return any(data.startswith(("retry", "show")) for data in buttons(message))


def buttons(message: Message) -> list[str]:
    """Return the data of a message's buttons."""
    return [str(button.get("data", "")) for row in keyboard(message.markup) for button in row]


def button(message: Message) -> str:
    """Return the data of a message's first button, empty where it has none."""
    return next(iter(buttons(message)), "")


def stop_button(message: Message) -> str:
    """Return the data of a message's Stop button, empty where it has none."""
    data = button(message)
    return data if data.startswith("stop") else ""
