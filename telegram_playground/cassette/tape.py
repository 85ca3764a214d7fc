"""A cassette as it is read; telegram_playground/control/cassette.py writes it and says what is in it."""

from dataclasses import dataclass
from typing import Any

from telegram_playground.control.cassette import VERSION
from telegram_playground.wire import Json


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message came from: which one of those that came of a deed, or that a bot said after it."""

    number: int  # of the deed
    index: int
    said: Json | None  # the entry of a bot's message


@dataclass(frozen=True, slots=True)
class Tape:
    """A cassette as it is read; raises ValueError where it is none."""

    raw: Json

    def __post_init__(self) -> None:
        if not isinstance(self.raw, dict) or self.raw.get("playground_cassette") != VERSION:
            raise ValueError("this is no cassette of a playground, or one of another version")

    @property
    def deeds(self) -> list[Json]:
        """What people did, oldest first."""
        deeds: list[Json] = self.raw["deeds"]
        return deeds

    def chat(self, key: str) -> Json:
        """Return a chat."""
        found: Json = next((chat for chat in self.raw["chats"] if chat["key"] == key), {})
        return found

    def entries(self, number: int) -> list[tuple[str, Json]]:
        """Return what was seen between a deed and the next one, with the keys of the chats, in their order."""
        begin = self.deeds[number]["time"]
        end = self.deeds[number + 1]["time"] if number + 1 < len(self.deeds) else float("inf")
        return [
            (key, entry)
            for key, entries in self.raw["transcripts"].items()
            for entry in entries
            if begin <= entry["time"] < end
        ]

    def place(self, key: str, message_id: int) -> Place | None:
        """Return where a message came from."""
        for number, deed in enumerate(self.deeds):
            if deed["arguments"].get("chat") == key and message_id in deed["made"].get("messages", ()):
                return Place(number, deed["made"]["messages"].index(message_id), None)
        for number in range(len(self.deeds)):
            sent = self._sent(number, key)
            for index, entry in enumerate(sent):
                if entry["message_id"] == message_id:
                    return Place(number, index, entry)
        return None

    def at(self, key: str, place: Place) -> int | None:
        """Return the message at such a place; a bot's is known by its words, or else its keys, or else its number."""
        if place.said is None:
            made: list[int] = self.deeds[place.number]["made"].get("messages", [])
            return made[place.index] if place.index < len(made) else None
        sent = self._sent(place.number, key)
        same = [entry for entry in sent if entry["text"] == place.said["text"]]
        same = same or [entry for entry in sent if _labels(entry) == _labels(place.said) != []] or sent[place.index :]
        found = next(iter(same or sent[-1:]), None)
        return found["message_id"] if found else None

    def keys(self, key: str, message_id: int, *, until: float = float("inf")) -> list[Json]:
        """Return the keys under a message at a time."""
        shown: list[list[Json]] = []
        for entry in self.raw["transcripts"].get(key, ()):
            if entry.get("message_id") == message_id and "keyboard" in entry and entry["time"] <= until:
                shown = entry["keyboard"]
        return [button for row in shown for button in row]

    def links(self) -> list[str]:
        """Return the links that bots have made, in order: to chats, and to invoices."""
        found: list[str] = []
        for call in self.raw["calls"]:
            result: Any = call.get("result")
            link = result.get("invite_link") if isinstance(result, dict) else result
            if call["method"].endswith("Link") and isinstance(link, str) and link not in found:
                found.append(link)
        return found

    def _sent(self, number: int, key: str) -> list[Json]:
        bots = {bot["id"] for bot in self.raw["bots"]}
        entries = self.entries(number)
        return [each for chat, each in entries if chat == key and each["kind"] == "send" and each.get("by") in bots]


def _labels(entry: Json) -> list[list[str]]:
    return [[button["text"] for button in row] for row in entry["keyboard"]]
