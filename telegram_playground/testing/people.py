"""The people of a playground, commanded without `await`."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self

from telegram_playground.client import Bot, Chat, Message, NothingCame, PlaygroundClient, Topic, User
from telegram_playground.testing.thread import LoopThread

_ANSWER_S = 10.0  # in which a bot answers a press


class People:
    """The commands of PlaygroundClient that most tests need, and `command` for all of them; a context manager."""

    def __init__(self, url: str, *, patience_s: float = 5) -> None:
        self.url = url
        self._patience_s = patience_s  # for a button to come, and the results of an inline query
        self._loop = LoopThread()
        self._client = PlaygroundClient(url)

    def __enter__(self) -> Self:
        self._loop.__enter__()
        self._loop.run(self._client.__aenter__())
        return self

    def __exit__(self, *exception: object) -> None:
        self._loop.run(self._client.__aexit__(None, None, None))
        self._loop.__exit__(None, None, None)

    def check(self) -> None:
        """Raise PlaygroundError, or aiohttp's errors, where no playground answers."""
        self._loop.run(self._client.check())

    def command(self, name: str, /, **arguments: Any) -> Any:
        """Send any command of the control API; raises PlaygroundError."""
        return self._loop.run(self._client.command(name, **arguments))

    def send(self, name: str, /, files: Sequence[tuple[str, str, bytes]] = (), **arguments: Any) -> Message:
        """Send a command by which somebody sends messages, and return the last of them; raises PlaygroundError.

        `files`: each a name, a type and its bytes.
        """
        client, chat = self._client, arguments["chat"]
        result = self._loop.run(client.upload(name, files, **arguments) if files else client.command(name, **arguments))
        last = result[-1] if isinstance(result, list) else result
        return self._loop.run(client.message(chat, last["message_id"]))

    def bot(self, token: str, **changes: Any) -> Bot:
        """Return the bot of a token, made on first use."""
        return self._loop.run(self._client.bot(token, **changes))

    def add_user(self, first_name: str, **more: str) -> User:
        """Make a person."""
        return self._loop.run(self._client.add_user(first_name, **more))

    def private(self, user: User, bot: Bot) -> Chat:
        """Return the private chat of a user and a bot."""
        return self._loop.run(self._client.private(user, bot))

    def add_group(self, title: str, **more: Any) -> Chat:
        """Make a group; see PlaygroundClient."""
        return self._loop.run(self._client.add_group(title, **more))

    def write(self, chat: Chat, user: User, text: str, **more: Any) -> Message:
        """Write as a user."""
        return self._loop.run(self._client.write(chat, user, text, **more))

    def send_file(self, chat: Chat, user: User, name: str, data: bytes, **more: Any) -> Message:
        """Send a file as a user."""
        return self._loop.run(self._client.send_file(chat, user, name, data, **more))

    def press(self, chat: Chat, user: User, message_id: int, button: str) -> Any:
        """Press an inline button, named by its data or its label, as soon as it is there; returns the bot's answer.

        Raises PlaygroundError where there is no such button in time.
        """
        with suppress(NothingCame):
            self.wait(chat, message=message_id, button=button, timeout=self._patience_s)
        timeout_s = max(_ANSWER_S, self._patience_s)
        return self._loop.run(self._client.press(chat, user, message_id, button, timeout_s=timeout_s))

    def choose(self, chat: Chat, user: User, bot: Bot, query: str, number: int = 0, **more: Any) -> Message:
        """Type an inline query and choose a result by its number; raises NothingCame where there is none in time."""
        ends: dict[str, Any] = {"chat": chat, "user": user}
        asked = self.command("inline", **ends, bot=bot, query=query, wait=self._patience_s)
        results = asked["results"] or []
        if len(results) <= number:
            raise NothingCame(f"{query!r} has {len(results)} results within {self._patience_s:g} s")
        chosen = {"inline_query_id": asked["inline_query_id"], "result_id": results[number]["id"]}
        return self.send("choose", **ends, **chosen, **more)

    def topic(self, chat: Chat, name: str) -> Topic:
        """Return a topic by its name; raises PlaygroundError where there is none."""
        return self._loop.run(self._client.topic(chat, name))

    def link(self, to: Chat | Bot, number: int = 0) -> str:
        """Return a link that bots have made, by its number: to a chat, or a bot's to invoices; raises NothingCame."""
        return self._loop.run(self._client.link(to, number, timeout=self._patience_s))

    def migrate(self, chat: Chat) -> Chat:
        """Turn a basic group into a supergroup and return that."""
        return self._loop.run(self._client.migrate(chat))

    def wait(self, chat: Chat, **what: Any) -> Message:
        """Return the first message of a bot that matches; raises NothingCame."""
        return self._loop.run(self._client.wait(chat, **what))

    def gone(self, chat: Chat, text: str, *, timeout: float) -> None:
        """Wait until no message has these words, a regular expression; raises NothingCame."""
        self._loop.run(self._client.gone(chat, text, timeout=timeout))

    def awake(self, bot: Bot, *, timeout: float = 60) -> None:
        """Wait until the bot's program asks for updates; raises NothingCame."""
        self._loop.run(self._client.awake(bot, timeout=timeout))

    def messages(self, chat: Chat, *, limit: int = 100) -> list[Message]:
        """Return the last messages of a chat, oldest first."""
        return self._loop.run(self._client.messages(chat, limit=limit))

    def calls(self, *, method: str | None = None) -> list[dict[str, Any]]:
        """Return the API calls, oldest first."""
        return self._loop.run(self._client.calls(method=method))

    def reset(self) -> None:
        """Forget people, chats, calls and faults; bots stay."""
        self.command("reset")

    def report(self) -> str:
        """Return what people saw and what bots called, for a test that failed."""
        lines: list[str] = []
        for chat in self.command("state")["chats"]:
            lines.append(f"chat {chat['title']} ({chat['type']}, {chat['id']})")
            for entry in self.command("transcript", chat=chat["key"]):
                keys = " ".join(f"[{button['text']}]" for row in entry.get("keyboard", ()) for button in row)
                said = entry.get("text", "").replace("\n", "\n      ")
                lines.append(
                    f"  {entry['kind']} #{entry.get('message_id', '')} by {entry.get('by', '')}: {said} {keys}"
                )
        lines.append("calls")
        for call in self.calls():
            outcome = "ok" if call["ok"] else f"{call.get('error_code', '')} {call.get('description', '')}"
            lines.append(f"  {call['method']} {call['parameters']} -> {outcome}")
        return "\n".join(lines)
