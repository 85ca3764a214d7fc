"""What people did in a chat, as a test: their words and presses, and what the bot said to each."""

import keyword
import re
from collections.abc import Iterable, Mapping

from telegram_playground.wire import Json
from telegram_playground.world.chats import Chat
from telegram_playground.world.people import User

_MAX_SAID = 60  # characters of a bot's message that a test looks for
_HEAD = '''"""Recorded in the playground; run by: pytest --playground-url ADDRESS, with the bot started there."""

TOKEN = {token!r}


def test_{name}(telegram, expect):
    bot = telegram.bot(TOKEN)
'''


def as_test(chat: Chat, users: Iterable[User], token: str) -> str:
    """Return a test that does the same again; files, edits and reactions of people are left out."""
    recording = _Recording({user.id: user for user in users})
    for entry in sorted([*chat.transcript.entries, *chat.presses], key=lambda entry: float(entry["time"])):
        recording.take(entry)
    recording.expect()
    names = recording.names
    head = _HEAD.format(token=token, name=_words_of(chat))
    return "\n".join([head.rstrip("\n"), *_people(names), *_place(chat, names), "", *recording.lines]) + "\n"


class _Recording:
    """The lines of a test, in the order in which things happened."""

    def __init__(self, users: Mapping[int, User]) -> None:
        self._users = users
        self._messages: dict[int, str] = {}  # variables by the ids of messages
        self._said: dict[int, str] = {}  # what bots say since the last deed of a person
        self._after = ""
        self.names: dict[int, tuple[str, User]] = {}
        self.lines: list[str] = []

    def take(self, entry: Json) -> None:
        """Take what happened next."""
        user, message_id = self._users.get(entry.get("by", 0)), entry.get("message_id", 0)
        if user is None:
            return
        if user.is_bot and entry["kind"] in ("send", "edit"):
            self._said[message_id] = entry["text"]
        elif not user.is_bot and entry["kind"] == "send" and entry["text"]:
            self.expect()
            self._after = self._variable(message_id)
            self.lines.append(f"    {self._after} = telegram.write(chat, {self._name(user)}, {entry['text']!r})")
        elif entry["kind"] == "press" and message_id in {**self._messages, **self._said}:
            self.expect()
            where = f"{self._messages[message_id]}.message_id"
            self.lines.append(f"    telegram.press(chat, {self._name(user)}, {where}, {entry['text']!r})")

    def expect(self) -> None:
        """Expect what bots said by now."""
        for message_id, words in self._said.items():
            said = next((line.strip() for line in words.splitlines() if line.strip()), "")[:_MAX_SAID]
            is_new = message_id not in self._messages
            after = f", after={self._after}" if is_new and self._after else ""
            name = self._variable(message_id)
            self.lines.append(f"    {name} = expect(chat).to_have_text({said!r}{after})")
        self._said.clear()

    def _variable(self, message_id: int) -> str:
        return self._messages.setdefault(message_id, f"message_{len(self._messages) + 1}")

    def _name(self, user: User) -> str:
        """Return a variable for a person."""
        if user.id not in self.names:
            name = _identifier(user.first_name)
            taken = {other for other, _ in self.names.values()}
            self.names[user.id] = (f"{name}_{len(self.names) + 1}" if name in taken else name, user)
        return self.names[user.id][0]


def _people(names: Mapping[int, tuple[str, User]]) -> list[str]:
    lines = []
    for name, user in names.values():
        language = f", language={user.language_code!r}" if user.language_code else ""
        lines.append(f"    {name} = telegram.add_user({user.first_name!r}{language})")
    return lines


def _place(chat: Chat, names: Mapping[int, tuple[str, User]]) -> list[str]:
    people = [name for name, _ in names.values()]
    if chat.type == "private":
        return [f"    chat = telegram.private({people[0]}, bot)"] if people else []
    forum = ", forum=True" if chat.is_forum else ""
    return [f"    chat = telegram.add_group({chat.title!r}, members=[{', '.join(people)}], bots=[bot]{forum})"]


def _words_of(chat: Chat) -> str:
    """Return what the test is called by."""
    return re.sub(r"\W+", "_", chat.title or (chat.user.first_name if chat.user else "")).strip("_").lower() or "chat"


def _identifier(words: str) -> str:
    found = re.sub(r"\W+", "_", words).strip("_").lower()
    reserved = ("telegram", "expect", "bot", "chat")
    return f"person_{found}" if not found.isidentifier() or keyword.iskeyword(found) or found in reserved else found
