"""Waits of a client for what bots do; each ends with NothingCame where it does not come."""

import asyncio
from typing import Any

from telegram_playground.client.connection import Connection, NothingCame
from telegram_playground.client.values import Bot, Chat, Message, User, plain
from telegram_playground.protocol.wire import Json

_LOOK_S = 0.05


class Waits:
    """The part of PlaygroundClient that waits: its commands, and how patient it is."""

    def __init__(self, url: str, *, patience_s: float = 10) -> None:
        self.url = url.rstrip("/")
        self._connection = Connection(self.url)
        self._patience_s = patience_s  # of a wait that names no time of its own

    async def command(self, name: str, /, **arguments: Any) -> Any:
        """Send any command of docs/playground.md; raises PlaygroundError.

        People, bots, chats and messages may stand for their ids.
        """
        return await self._connection.command(name, {each: plain(value) for each, value in arguments.items()})

    async def wait(
        self,
        chat: Chat,
        *,
        text: str = "",
        after: int | None = None,
        complete: bool = False,
        by: User | Bot | None = None,
        message: int | None = None,
        button: str | None = None,
        shows: str = "",
        timeout: float | None = None,  # the server ends the wait
    ) -> Message:
        """Return the first message of a bot that matches, as soon as there is one; raises NothingCame.

        `text` is a regular expression to be found in it, `after` a message id; `complete`: it has no Stop button;
        `message`: that one alone, whoever wrote it; `button`: it has a key with this label; `shows`: photo, poll …
        """
        arguments = {
            "text": text,
            "after": after,
            "complete": complete,
            "by": by.id if by else None,
            "message": message,
            "button": button,
            "shows": shows or None,
            "timeout": self._patience_s if timeout is None else timeout,
        }
        return Message.read(await self.command("wait", chat=chat.key, **arguments))

    async def wait_call(
        self,
        method: str,
        *,
        since: int = 0,
        timeout: float | None = None,  # the server ends the wait
    ) -> Json:
        """Return the first finished call of a method after another one; raises NothingCame."""
        patience_s = self._patience_s if timeout is None else timeout
        call: Json = await self.command("wait_call", method=method, since=since, timeout=patience_s)
        return call

    async def awake(self, bot: Bot, *, timeout: float = 60) -> None:  # the server ends the wait
        """Wait until the bot's program asks for updates, or has said where they are to be sent; raises NothingCame."""
        await self.command("wait_awake", bot=bot.id, timeout=timeout)

    async def gone(self, chat: Chat, text: str, *, timeout: float) -> None:  # as in the other waits
        """Wait until no message has these words, a regular expression; raises NothingCame."""
        await self.command("wait_gone", chat=chat.key, text=text, timeout=timeout)

    async def link(self, to: Chat | Bot, number: int = 0, *, timeout: float | None = None) -> str:
        """Return a link that bots have made, by its number: to a chat, or a bot's to invoices; raises NothingCame."""
        patience_s = self._patience_s if timeout is None else timeout
        end = {"chat": to.key} if isinstance(to, Chat) else {"bot": to.id}
        for _ in range(max(int(patience_s / _LOOK_S), 1)):
            links: list[str] = await self.command("links", **end)
            if len(links) > number:
                return links[number]
            await asyncio.sleep(_LOOK_S)
        raise NothingCame(f"{len(links)} links were made within {patience_s:g} s, not {number + 1}")

    async def wait_held(self, *, timeout: float | None = None) -> Json:  # the server ends the wait
        """Return the next call that a "hold" fault keeps; raises NothingCame."""
        patience_s = self._patience_s if timeout is None else timeout
        call: Json = await self.command("wait_held", timeout=patience_s)
        return call
