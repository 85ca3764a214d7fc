"""What people did, in order: the commands by which they were moved, so that they can do it again."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from telegram_playground.protocol.wire import Json
from telegram_playground.world.weight import weight

MAX_DEEDS, MAX_BYTES = 10_000, 64 << 20  # of what came with them together; the oldest deeds go
# Commands that are no deeds look, wait, make trouble, or set how the server behaves.
DEEDS = frozenset(
    {
        *(
            "bot",
            "add_user",
            "edit_user",
            "set_photo",
            "private",
            "add_group",
            "add_topic",
            "close_topic",
            "reopen_topic",
        ),
        *("add_member", "remove_member", "promote", "demote", "block", "unblock", "migrate", "link_group"),
        *("write", "edit", "edit_many", "delete", "press", "stop_draft", "react", "guest", "inline", "choose"),
        *("send_file", "send_album", "forward", "share", "vote", "pay", "web_app_data", "open_web_app", "join"),
        "advance",
    }
)
# What a server was told to do to bots: no deed of people, so not in a cassette; a test that was saved tells of it.
TROUBLE = frozenset({"fault", "clear_faults", "release", "set"})
CHANGES = frozenset({"edit", "edit_many", "vote"})  # what they return was there before


class Upload(Protocol):
    """A file that came with a command."""

    @property
    def name(self) -> str: ...
    @property
    def mime(self) -> str: ...
    @property
    def data(self) -> bytes: ...


@dataclass(slots=True)
class Deed:
    """One command; `made` are the ids that came of it, `refused` says why nothing came of it."""

    time: float
    command: str
    arguments: Json
    uploads: Sequence[Upload] = ()
    made: Json = field(default_factory=dict)
    refused: str = ""

    def done(self, result: Any) -> None:
        """Note what has come of it."""
        items = result if isinstance(result, list) else [result]
        sent = [] if self.command in CHANGES else [item["message_id"] for item in items if _has(item, "message_id")]
        self.made = {"messages": sent}
        if _has(result, "key"):
            self.made["chat"] = result["key"]
        elif _has(result, "first_name"):
            self.made["user"] = result["id"]
        elif _has(result, "joined"):
            self.made["joined" if result["joined"] else "asked"] = result["chat"]
        elif _has(result, "inline_query_id"):
            self.made["query"] = result["inline_query_id"]


class Deeds:
    """The last deeds, oldest first."""

    def __init__(self) -> None:
        self._deeds: deque[Deed] = deque(maxlen=MAX_DEEDS)
        self._bytes = 0

    def begin(self, time: float, command: str, arguments: Json, uploads: Iterable[Upload]) -> Deed:
        """Note that somebody begins to do something."""
        deed = Deed(time, command, arguments, [*uploads])
        if len(self._deeds) == MAX_DEEDS:
            self._drop()
        self._deeds.append(deed)
        self._bytes += _size(deed)
        while self._bytes > MAX_BYTES and len(self._deeds) > 1:
            self._drop()
        return deed

    def all(self) -> list[Deed]:
        """Return them."""
        return [*self._deeds]

    def clear(self) -> None:
        """Forget them."""
        self._deeds.clear()
        self._bytes = 0

    def _drop(self) -> None:
        self._bytes -= _size(self._deeds.popleft())


def _size(deed: Deed) -> int:
    return weight(deed.arguments) + sum(len(upload.data) for upload in deed.uploads)


def _has(item: object, name: str) -> bool:
    return isinstance(item, dict) and name in item
