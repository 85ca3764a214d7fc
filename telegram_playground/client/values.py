"""What the client returns: bots, people, chats, topics and messages as they were at that moment."""

from dataclasses import dataclass, field
from typing import Any, Self

from telegram_playground.protocol.wire import Json


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot."""

    id: int
    username: str
    token: str
    raw: Json = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class User:
    """A person."""

    id: int
    first_name: str
    username: str
    raw: Json = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat; `id` is the one the bot knows."""

    key: str
    id: int
    type: str
    title: str
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def read(cls, raw: Json) -> Self:
        """Read a Chat of the control API."""
        return cls(raw["key"], raw["id"], raw["type"], raw["title"], raw)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of a forum."""

    thread_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button."""

    text: str
    data: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as people see it; `raw` is the Bot API's object."""

    message_id: int
    sender: int
    text: str
    entities: list[Json]
    keyboard: list[list[Button]]
    thread_id: int | None
    reply_to: int | None
    edited: bool
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def read(cls, raw: Json) -> Self:
        """Read a message of the Bot API; the text is the caption where there is one."""
        rows = raw.get("reply_markup", {}).get("inline_keyboard", [])
        return cls(
            raw["message_id"],
            raw["from"]["id"],
            raw.get("text") or raw.get("caption") or "",
            raw.get("entities") or raw.get("caption_entities") or [],
            [
                [Button(button["text"], button.get("callback_data"), button.get("url")) for button in row]
                for row in rows
            ],
            raw.get("message_thread_id"),
            raw.get("reply_to_message", {}).get("message_id"),
            "edit_date" in raw,
            raw,
        )

    @property
    def buttons(self) -> list[Button]:
        """All inline buttons, in reading order."""
        return [button for row in self.keyboard for button in row]


def plain(value: Any) -> Any:
    """Return an argument of a command: people, bots, chats, topics and messages by what they are called in it."""
    match value:
        case Chat():
            return value.key
        case User() | Bot():
            return value.id
        case Message():
            return value.message_id
        case Topic():
            return value.thread_id
        case list() | tuple():
            return [plain(item) for item in value]
    return value
