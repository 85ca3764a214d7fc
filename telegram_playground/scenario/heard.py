"""What bots said to the last thing that somebody did, as what a test expects."""

from telegram_playground.protocol.wire import Json
from telegram_playground.scenario.names import Names

_MAX_SAID = 60  # characters of a bot's message that a test looks for
_QUIET_S = 1.0  # after which what a bot says is an answer to what was done last


class Heard:
    """The messages of bots since the last deed, each as it is now."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._said: dict[tuple[str, int], Json] = {}
        self._grown: set[tuple[str, int]] = set()
        self._expected: dict[tuple[str, int], Json] = {}  # as they were when they were expected last
        self._points: list[dict[str, str | None]] = [{}]  # newest messages at the last deeds
        self._since: list[tuple[int, str, str]] = []  # what was expected after which point, in which chat
        self._has_heard = True
        self._busy = float("-inf")  # when somebody said or did something last

    def take(self, key: str, entry: Json) -> None:
        """Take what a bot has sent or edited."""
        place = (key, entry["message_id"])
        self._busy = entry["time"]
        if place in self._said and entry["text"]:
            self._grown.add(place)
        self._said[place] = entry

    def drop(self, key: str, message_id: int) -> None:
        """Forget what was taken away again."""
        self._said.pop((key, message_id), None)

    def done(self, time: float) -> None:
        """Note that somebody has done something: what is heard from now on comes after it.

        Of several deeds at once it comes after the first: which of them a bot answers when is nowhere said. So it is
        of one that was done while the bot may still have been answering the one before, where its words are new.
        """
        if time - self._busy > _QUIET_S:
            self._points, self._since = [], []
        if self._has_heard or not self._points:
            self._points.append({key: self._names.newest(key) for key in self._names.chats})
        self._has_heard, self._busy = False, time

    def _after(self, key: str, words: str) -> str | None:
        """Return the message after which these words are said: the first one since which they were not expected."""
        said = [point for point, chat, text in self._since if chat == key and (words in text or not words)]
        first = max(said, default=-1) + 1
        return self._points[min(first, len(self._points) - 1)].get(key)

    def lines(self, later: dict[tuple[str, int], str]) -> list[str]:
        """Return the lines that expect it; `later`: the text of each message at its next edit."""
        lines: list[str] = []
        new: list[tuple[int, str, str]] = []
        matched: dict[str, list[tuple[str, str]]] = {}  # words and variables since the last deed, by chat
        self._has_heard = self._has_heard or bool(self._said)
        for place, entry in self._said.items():
            key, message_id = place
            known = self._names.message(key, message_id)
            before = self._expected.get(place)
            self._expected[place] = entry
            if known and before and _same(before, entry):
                continue
            words = _words(entry, grown=place in self._grown, later=later.get(place))
            if known:
                what = _labels(entry)[0] if before and before["text"] == entry["text"] and _labels(entry) else None
                call = f"to_have_button({what!r}" if what else self._call(entry, words)
                lines.append(f"    {known} = expect({self._names.chat(key)}).{call}, message={known})")
                continue
            after = self._after(key, words)
            for said, name in matched.get(key, ()):
                after = name if words in said else after
            by = f", by={self._names.account(entry['by'])}" if entry["by"] not in self._names.bots else ""
            name = self._names.add_message(key, message_id)
            matched.setdefault(key, []).append((entry["text"], name))
            new.append((len(self._points) - 1, key, entry["text"]))
            follows = f", after={after}" if after else ""
            lines.append(f"    {name} = expect({self._names.chat(key)}).{self._call(entry, words)}{follows}{by})")
        self._since += new
        self._said.clear()
        self._grown.clear()
        return lines

    def _call(self, entry: Json, words: str) -> str:
        return f"to_have_text({self._names.quoted(words)}" if words else f"to_show({entry.get('shows', 'text')!r}"


def _words(entry: Json, *, grown: bool, later: str | None) -> str:
    """Return what a test looks for: the beginning, or the end of a text that grew, so that it waits for all of it."""
    text = entry["text"]
    if later is not None and not later.startswith(text):
        text = _common(text, later)  # the sign of a text that grows, at its end
    lines = [line.strip() for line in (text or entry["text"]).splitlines() if line.strip()]
    if not lines:
        return ""
    line = lines[-1] if grown else lines[0]
    if len(line) <= _MAX_SAID:
        return str(line)
    cut = line[-_MAX_SAID:].partition(" ") if grown else line[:_MAX_SAID].rpartition(" ")  # no half ids and links
    return str((cut[2] if grown else cut[0]) or (line[-_MAX_SAID:] if grown else line[:_MAX_SAID])).strip()


def _common(text: str, later: str) -> str:
    """Return a text without its last sign, where it goes on without that later; else the text."""
    kept = text.rstrip()
    while kept and not kept[-1].isalnum():
        kept = kept[:-1]
    return kept if kept and later.startswith(kept) else text


def _labels(entry: Json) -> list[str]:
    return [key["text"] for row in entry["keyboard"] for key in row]


def _same(one: Json, other: Json) -> bool:
    return bool(one["text"] == other["text"] and one["keyboard"] == other["keyboard"])
