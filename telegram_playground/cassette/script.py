"""A cassette as lines that people read and that are compared: what somebody did, and what bots said to it at last."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from telegram_playground.cassette.tape import Tape
from telegram_playground.protocol.wire import Json

_FAR = 3  # deeds that a bot may be quicker than it was then
_NOT_TOLD = {"chat", "user", "wait"}


@dataclass(frozen=True, slots=True)
class Scene:
    """What was done, and what bots said until the next deed; `seen`: as far as it was there when that was done."""

    done: str
    said: list[str]
    seen: list[str]

    def lines(self) -> list[str]:
        """Return it as lines."""
        return [self.done, *(line for each in self.said for line in each.split("\n"))]


def aligned(before: Sequence[Scene], after: Sequence[Scene]) -> list[Scene]:
    """Return the second ones with what came earlier than in the first ones put where it was then.

    A deed waits for what was seen before it, not for what was not: how soon that comes is no difference.
    """
    found: list[Scene] = []
    early: list[str] = []
    for number, scene in enumerate(after):
        wanted = Counter(before[number].said if number < len(before) else ())
        later = Counter(each for one in before[number + 1 : number + 1 + _FAR] for each in one.said)
        later -= Counter(each for one in after[number + 1 : number + 1 + _FAR] for each in one.said)
        here: list[str] = []
        waiting, were_early, early = [*early, *scene.said], bool(early), []
        for each in waiting:
            if wanted[each] > 0 or later[each] <= 0:
                wanted[each] -= 1
                here.append(each)
            else:
                later[each] -= 1
                early.append(each)
        if were_early and number < len(before) and sorted(here) == sorted(before[number].said):
            here = before[number].said
        found.append(Scene(scene.done, here, scene.seen))
    return found


def scenes(tape: Tape, *, ignore: Sequence[str] = ()) -> list[Scene]:
    """Return all that was done and said."""
    names = _names(tape)
    ids = {str(each): name for each, name in names.items() if each > 99_999} | {
        str(chat["id"]): chat["title"] for chat in tape.raw["chats"] if chat["id"] < 0
    }

    def plain(words: str) -> str:
        for pattern in ignore:
            words = "\n".join(re.sub(pattern, "…", line) for line in words.split("\n"))
        return re.sub(r"-?\d{6,}", lambda found: ids.get(found[0], found[0]), words)

    return [
        Scene(
            plain(_deed(tape, deed, names)),
            [plain(each) for each in said(tape, number)],
            [plain(each) for each in said(tape, number, whole=False)],
        )
        for number, deed in enumerate(tape.deeds)
    ]


def has_grown(text: str, later: str) -> bool:
    """Tell whether a text is the beginning of a later one, but for the sign that it goes on."""
    kept = text.rstrip()
    while kept and not kept[-1].isalnum():
        kept = kept[:-1]
    return bool(kept) and later.startswith(kept)


def said(tape: Tape, number: int, *, whole: bool = True) -> list[str]:
    """Return what bots said between a deed and the next one, each message as its lines.

    `whole`: a message that grows with its last text, also where that came after the next deed.
    """
    bots = {bot["id"]: bot["username"] for bot in tape.raw["bots"]}
    lines: list[str] = []
    shown: dict[tuple[str, int], Json] = {}
    last: dict[tuple[str, int], Json] = {}
    grown = _growth(tape) if whole else {}
    for key, entry in tape.entries(number):
        place = (key, entry.get("message_id") or 0)
        if entry["kind"] == "edit" and place not in shown and id(entry) in grown:
            continue
        last[place] = grown.get(id(entry), entry)
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
    for place, entry in shown.items():
        who = bots.get(entry["by"], "bot") + _where(tape.chat(place[0]))
        told = entry if entry["kind"] == "delete" else {**last[place], "kind": entry["kind"]}
        lines.append("\n".join(_message(told, who)))
    return lines


def _growth(tape: Tape) -> dict[int, Json]:
    """Return the last entry of messages that grow, by each of their entries; a press ends what grew before it."""
    grown: dict[int, Json] = {}
    growing: dict[tuple[str, int], list[Json]] = {}
    for number, deed in enumerate(tape.deeds):
        if deed["command"] == "press":
            growing.pop((deed["arguments"].get("chat", ""), deed["arguments"].get("message_id", 0)), None)
        for key, entry in tape.entries(number):
            place = (key, entry.get("message_id") or 0)
            former = growing.get(place, [])
            if entry["kind"] == "edit" and former and has_grown(former[-1]["text"], entry["text"]):
                former.append(entry)
                grown |= {id(each): entry for each in former}
            elif entry["kind"] in ("send", "edit"):
                growing[place] = [entry]
    return grown


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
