"""A small client of the control API.

async with PlaygroundClient(url) as people:
    ann = await people.add_user("Ann")
    chat = await people.private(ann, await people.bot(TOKEN))
    await people.write(chat, ann, "/start")
    greeting = await people.wait(chat, text="Hello")
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from telegram_playground.client.connection import PlaygroundError
from telegram_playground.client.values import Bot, Chat, Message, Topic, User, plain
from telegram_playground.client.waits import Waits
from telegram_playground.limits.flood_limits import Limits
from telegram_playground.protocol.wire import Json


class PlaygroundClient(Waits):
    """Commands a playground from another process, or from a test; an async context manager."""

    async def __aenter__(self) -> Self:
        await self._connection.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.close()

    async def check(self) -> None:
        """Raise PlaygroundError, or aiohttp's errors, where no playground answers."""
        await self._connection.check()

    async def upload(self, name: str, files: Sequence[tuple[str, str, bytes]], /, **arguments: Any) -> Any:
        """Send a command with files, each a name, a type and its bytes; raises PlaygroundError."""
        return await self._connection.upload(name, files, {each: plain(value) for each, value in arguments.items()})

    async def bot(self, token: str, **changes: Any) -> Bot:
        """Return the bot of a token, made on first use; `changes` are settings such as can_read_all_group_messages."""
        raw = await self.command("bot", token=token, **changes)
        return Bot(raw["id"], raw["username"], raw["token"], raw)

    async def add_user(self, first_name: str, *, last_name: str = "", username: str = "", language: str = "") -> User:
        """Make a person."""
        names = {"last_name": last_name, "username": username, "language": language}
        given = {name: value for name, value in names.items() if value}
        raw = await self.command("add_user", first_name=first_name, **given)
        return User(raw["id"], raw["first_name"], raw.get("username", ""), raw)

    async def private(self, user: User, bot: Bot) -> Chat:
        """Return the private chat of a user and a bot."""
        return Chat.read(await self.command("private", user=user.id, bot=bot.id))

    async def add_group(
        self,
        title: str,
        *,
        members: Sequence[User],
        bots: Sequence[Bot] = (),
        forum: bool = False,
        kind: str = "supergroup",
        username: str | None = None,
        signs: bool = False,
    ) -> Chat:
        """Make a group or supergroup; the first member is its creator."""
        people, guests = [user.id for user in members], [bot.id for bot in bots]
        arguments = {
            "title": title,
            "members": people,
            "bots": guests,
            "forum": forum,
            "kind": kind,
            "username": username,
            "signs": signs,
        }
        return Chat.read(await self.command("add_group", **arguments))

    async def add_topic(self, chat: Chat, name: str) -> Topic:
        """Open a topic in a forum."""
        topic = (await self.command("add_topic", chat=chat.key, name=name))["topics"][-1]
        return Topic(topic["message_thread_id"], topic["name"])

    async def topic(self, chat: Chat, name: str) -> Topic:
        """Return a topic by its name; raises PlaygroundError where there is none."""
        chats = (await self.command("state"))["chats"]
        topics = next((each["topics"] for each in chats if each["key"] == chat.key), ())
        for topic in topics:
            if topic["name"] == name:
                return Topic(topic["message_thread_id"], name)
        raise PlaygroundError(f"there is no topic {name!r}")

    async def add_member(self, chat: Chat, who: User | Bot) -> Chat:
        """Add a person or a bot to a group."""
        return Chat.read(await self.command("add_member", chat=chat.key, user=who.id))

    async def remove_member(self, chat: Chat, who: User | Bot) -> Chat:
        """Take a person or a bot out of a group."""
        return Chat.read(await self.command("remove_member", chat=chat.key, user=who.id))

    async def promote(self, chat: Chat, who: User | Bot) -> Chat:
        """Make a member an administrator."""
        return Chat.read(await self.command("promote", chat=chat.key, user=who.id))

    async def demote(self, chat: Chat, who: User | Bot) -> Chat:
        """Make an administrator a member."""
        return Chat.read(await self.command("demote", chat=chat.key, user=who.id))

    async def block(self, chat: Chat) -> Chat:
        """Let the user of a private chat block the bot."""
        return Chat.read(await self.command("block", chat=chat.key))

    async def unblock(self, chat: Chat) -> Chat:
        """Let the user of a private chat unblock the bot."""
        return Chat.read(await self.command("unblock", chat=chat.key))

    async def migrate(self, chat: Chat) -> Chat:
        """Turn a basic group into a supergroup and return that."""
        return Chat.read(await self.command("migrate", chat=chat.key))

    async def write(
        self,
        chat: Chat,
        user: User,
        text: str,
        *,
        reply_to: int | None = None,
        quote: str | None = None,
        topic: Topic | int | None = None,
        entities: Sequence[Json] = (),
        unseen: bool = False,
        new_topic: bool = False,
    ) -> Message:
        """Write as a user; mentions, commands and addresses are found as Telegram's apps do.

        `unseen`: a command that the bot has registered as ephemeral, which it alone sees; `new_topic`: it opens one.
        """
        place = {
            "unseen": unseen,
            "new_topic": new_topic,
            "reply_to": reply_to,
            "quote": quote,
            "topic": _thread(topic),
            "entities": [*entities],
        }
        return Message.read(await self.command("write", chat=chat.key, user=user.id, text=text, **place))

    async def send_file(
        self,
        chat: Chat,
        user: User,
        name: str,
        data: bytes,
        *,
        kind: str = "",
        mime: str = "",
        caption: str = "",
        entities: Sequence[Json] = (),
        album: str = "",
        reply_to: int | None = None,
        topic: Topic | int | None = None,
    ) -> Message:
        """Send a file as a user; `kind` (photo, document, sticker, voice …) follows from its type if not given.

        Files with the same `album`, any word, are one album.
        """
        file = (name, mime or "application/octet-stream", data)
        fields = {"chat": chat.key, "user": user.id, "kind": kind, "caption": caption, "album": album}
        if entities:
            fields["entities"] = json.dumps([*entities])
        return Message.read(await self.upload("send_file", [file], **fields, reply_to=reply_to, topic=_thread(topic)))

    async def edit(self, chat: Chat, user: User, message_id: int, text: str) -> Message:
        """Edit an own message of a user."""
        return Message.read(await self.command("edit", chat=chat.key, user=user.id, message_id=message_id, text=text))

    async def delete(self, chat: Chat, user: User, message_id: int) -> None:
        """Delete a message as a user."""
        await self.command("delete", chat=chat.key, user=user.id, message_id=message_id)

    async def press(
        self, chat: Chat, user: User, message_id: int, button: str, *, timeout_s: float | None = None
    ) -> Json | None:
        """Press an inline button, named by its data or its label; returns the bot's answer, None if it gave none."""
        message = await self.message(chat, message_id)
        by = "data" if any(button == known.data for known in message.buttons) else "label"
        patience_s = self._patience_s if timeout_s is None else timeout_s
        arguments: Json = {"user": user.id, "message_id": message_id, by: button, "wait": patience_s}
        answer: Json | None = (await self.command("press", chat=chat.key, **arguments))["answer"]
        return answer

    async def stop_draft(self, chat: Chat, user: User, draft_id: int, *, topic: Topic | int | None = None) -> None:
        """Press Stop under a draft."""
        await self.command("stop_draft", chat=chat.key, user=user.id, draft_id=draft_id, topic=_thread(topic))

    async def react(self, chat: Chat, user: User, message_id: int, emoji: str | None) -> None:
        """React to a message, or take the reaction back."""
        await self.command("react", chat=chat.key, user=user.id, message_id=message_id, emoji=emoji)

    async def commands(self, chat: Chat, user: User) -> list[Json]:
        """Return the `/` menu that a user sees in a chat."""
        menu: list[Json] = await self.command("commands", chat=chat.key, user=user.id)
        return menu

    async def message(self, chat: Chat, message_id: int) -> Message:
        """Return one message; raises PlaygroundError where there is none."""
        page = await self.command("messages", chat=chat.key, before=message_id + 1, limit=1)
        if not page or page[0]["message_id"] != message_id:
            raise PlaygroundError(f"there is no message {message_id}")
        return Message.read(page[0])

    async def messages(self, chat: Chat, *, limit: int = 100, before: int | None = None) -> list[Message]:
        """Return the last messages of a chat, oldest first."""
        page = await self.command("messages", chat=chat.key, limit=limit, before=before)
        return [Message.read(raw) for raw in page]

    async def transcript(self, chat: Chat, *, since: float | None = None) -> list[Json]:
        """Return what the people of a chat saw, with times (`time.monotonic()` of this machine)."""
        entries: list[Json] = await self.command("transcript", chat=chat.key, since=since)
        return entries

    async def calls(self, *, since: int = 0, bot: Bot | None = None, method: str | None = None) -> list[Json]:
        """Return the API calls after one, oldest first."""
        calls: list[Json] = await self.command("calls", since=since, bot=bot.id if bot else None, method=method)
        return calls

    async def fault(self, method: str, kind: str, **how: Any) -> int:
        """Put a fault in force: chat (id), bot (id), seconds, times, code, description, execute. Returns its id."""
        return int((await self.command("fault", method=method, kind=kind, **how))["id"])

    async def clear_faults(self) -> None:
        """Forget all faults; held calls go on."""
        await self.command("clear_faults")

    async def release(self, call_id: int | None = None) -> None:
        """Let a held call go on, or all."""
        await self.command("release", id=call_id)

    async def set(self, **options: Any) -> Json:
        """Change how the server behaves; returns all options. `limits` may be a Limits, an object or a word."""
        if isinstance(options.get("limits"), Limits):
            options["limits"] = asdict(options["limits"])
        changed: Json = await self.command("set", **options)
        return changed


def _thread(topic: Topic | int | None) -> int | None:
    return topic.thread_id if isinstance(topic, Topic) else topic
