"""A cassette as lines that people read and that are compared: what somebody did, and what bots said to it at last."""

import re
from collections.abc import Mapping, Sequence

from telegram_playground.cassette.tape import Tape
from telegram_playground.wire import Json

_NOT_TOLD = {"chat", "user", "wait"}


def script(tape: Tape, *, ignore: Sequence[str] = ()) -> list[str]:
    """Return all lines."""
    return [line for number in range(len(tape.deeds)) for line in scene(tape, number, ignore=ignore)]


def scene(tape: Tape, number: int, *, ignore: Sequence[str] = ()) -> list[str]:
    """Return what was done, and below it what bots said until the next deed; `ignore`: patterns of what may differ.

    Frames of a message that grows are one line with its last text. Ids of people and chats are replaced by names.
    """
    names = _names(tape)
    lines = [_deed(tape, tape.deeds[number], names), *said(tape, number)]
    for pattern in ignore:
        lines = [re.sub(pattern, "…", line) for line in lines]
    ids = {str(each): name for each, name in names.items() if each > 99_999} | {
        str(chat["id"]): chat["title"] for chat in tape.raw["chats"] if chat["id"] < 0
    }
    return [re.sub(r"-?\d{6,}", lambda found: ids.get(found[0], found[0]), line) for line in lines]


def said(tape: Tape, number: int) -> list[str]:
    """Return what bots said between a deed and the next one."""
    bots = {bot["id"]: bot["username"] for bot in tape.raw["bots"]}
    lines: list[str] = []
    shown: dict[tuple[str, int], Json] = {}
    for key, entry in tape.entries(number):
        place = (key, entry.get("message_id") or 0)
        match entry["kind"]:
            case "send" | "edit" if entry["by"] in bots:
                shown[place] = {**entry, "kind": shown.get(place, entry)["kind"]}
            case "delete" if place in shown and shown[place]["kind"] == "send":
                del shown[place]
            case "delete" if place not in shown and tape.deeds[number]["command"] != "delete":
                shown[place] = {**entry, "text": "", "by": 0}
            case "callback" if entry["answer"] and (entry["text"] or entry["answer"].get("url")):
                words = entry["text"] or entry["answer"]["url"]
                alert = " (alert)" if entry["answer"].get("show_alert") else ""
                lines.append(f"  {bots.get(entry['by'], 'bot')} answers the press: {words}{alert}")
            case "reaction" if entry["by"] in bots:
                lines.append(f"  {bots[entry['by']]} reacts: {entry['text'] or 'no more'}")
    for (key, _), entry in shown.items():
        lines += _message(entry, bots.get(entry["by"], "bot") + _where(tape.chat(key)))
    return lines


def _message(entry: Json, who: str) -> list[str]:
    if entry["kind"] == "delete":
        return [f"  {who} deletes a message"]
    words = entry["text"].split("\n") if entry["text"] else []
    shows = f" ({entry['shows']})" if "shows" in entry else ""
    keys = ["    " + " ".join(f"[{key['text']}]" for key in row) for row in entry["keyboard"]]
    verb = " edits" if entry["kind"] == "edit" else ""
    first, *rest = words or [""]
    return [f"  {who}{verb}:{shows} {first}".rstrip(), *(f"    {line}".rstrip() for line in rest), *keys]


def _deed(tape: Tape, deed: Json, names: Mapping[int, str]) -> str:
    arguments, command = deed["arguments"], deed["command"]
    who = names.get(arguments.get("user", 0), "") + _where(tape.chat(arguments.get("chat", "")))
    refused = f" (refused: {deed['refused']})" if deed.get("refused") else ""
    if command == "write":
        return f"{who}: {arguments.get('text', '')}{refused}".replace("\n", "\n    ")
    if command == "press":
        data, place = arguments.get("data"), (arguments.get("chat", ""), arguments.get("message_id", 0))
        keys = tape.keys(*place, until=deed["time"])
        label = next((key["text"] for key in keys if data is not None and key.get("data") == data), data)
        return f"{who} presses [{arguments.get('label') or label}]{refused}"
    told = [name for name, value in arguments.items() if name not in _NOT_TOLD and value not in (None, "", [])]
    plain = [f"{name}={arguments[name]}" for name in told if name == "options" or _is_plain(name, arguments[name])]
    return " ".join(part for part in (f"{who}:" if who else "", command, *plain) if part) + refused


def _is_plain(name: str, value: object) -> bool:
    """Tell whether an argument is the same in each run: words, and no id."""
    is_id = name in ("from", "group", "link", "token") or name.endswith("id")
    return isinstance(value, str) and not is_id


def _names(tape: Tape) -> dict[int, str]:
    return {user["id"]: user["first_name"] for user in (*tape.raw["people"], *tape.raw["bots"])}


def _where(chat: Json) -> str:
    return f" in {chat['title']}" if chat and chat["type"] != "private" else ""
