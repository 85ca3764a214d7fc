"""A cassette as it is read; telegram_playground/control/cassette.py writes it and says what is in it."""

import json
from dataclasses import dataclass
from typing import Any, Self

from telegram_playground.cassette.shape import sound
from telegram_playground.protocol.wire import Json
from telegram_playground.world.deeds import CHANGES


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message came from: which one of those that came of a deed, that a bot said after it, or of the rest."""

    number: int  # of the deed
    index: int
    said: Json | None = None  # the entry of a bot's message
    is_event: bool = False  # somebody has joined, or sent the first piece of a long text …


@dataclass(frozen=True, slots=True)
class Tape:
    """A cassette as it is read."""

    raw: Json

    @classmethod
    def read(cls, raw: Any) -> Self:
        """Return a cassette from a file; raises ValueError where it is none."""
        return cls(sound(raw))

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
        if number >= len(self.deeds):
            return []
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
            if deed["arguments"].get("chat") == key and message_id in _made(deed):
                return Place(number, _made(deed).index(message_id))
        for number in range(len(self.deeds)):
            for is_event in (False, True):
                for index, entry in enumerate(self._sent(number, key, is_event=is_event)):
                    if entry["message_id"] == message_id:
                        return Place(number, index, None if is_event else entry, is_event)
        return None

    def at(self, key: str, place: Place) -> int | None:
        """Return the message at such a place, if there is one.

        A bot's is known by its words, or else its keys, or else its number.
        """
        if place.number >= len(self.deeds):
            return None
        if place.said is None:
            made = _made(self.deeds[place.number])
            if place.is_event:
                made = [entry["message_id"] for entry in self._sent(place.number, key, is_event=True)]
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
            if call["method"].lower().endswith("link") and isinstance(link, str) and link not in found:
                found.append(link)
        return found

    def results(self, query_id: str) -> list[Json]:
        """Return what a bot offered for an inline query."""
        for call in self.raw["calls"]:
            parameters = call.get("parameters", {})
            is_answer = call["method"].lower() == "answerinlinequery" and call.get("ok")
            if is_answer and str(parameters.get("inline_query_id")) == query_id:
                offered = _decoded(parameters.get("results"))
                return [_decoded(each) for each in offered] if isinstance(offered, list) else []
        return []

    def _sent(self, number: int, key: str, *, is_event: bool = False) -> list[Json]:
        """Return the messages of bots that came after a deed; or those of people that it has not returned."""
        bots = {bot["id"] for bot in self.raw["bots"]}
        entries = [each for chat, each in self.entries(number) if chat == key and each["kind"] == "send"]
        if not is_event:
            return [each for each in entries if each.get("by") in bots]
        made = _made(self.deeds[number])
        return [each for each in entries if each.get("by") not in bots and each["message_id"] not in made]


def _made(deed: Json) -> list[int]:
    """Return the messages that came of a deed; of a change they were there before."""
    made: list[int] = [] if deed["command"] in CHANGES else deed["made"].get("messages", [])
    return made


def _decoded(value: Any) -> Any:
    """Return what a bot has sent as JSON, or as JSON in a text."""
    return json.loads(value) if isinstance(value, str) else value


def _labels(entry: Json) -> list[list[str]]:
    return [[button["text"] for button in row] for row in entry["keyboard"]]
