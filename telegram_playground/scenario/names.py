"""What the people, bots, chats and messages of a dialogue are called in the test that repeats it."""

import keyword
import re
import unicodedata
from collections.abc import Container, Iterable, Mapping
from itertools import count

from telegram_playground.world.chats import Chat
from telegram_playground.world.people import User

_RESERVED = ("telegram", "expect", "bot", "chat", "answer", "base64")
_ID = re.compile(r"-?\d{6,}")  # shorter numbers mean something else
_LINK = re.compile(r"https://t\.me/[+$][0-9a-f]{16}")  # as the server makes them
_COMPUTED = re.compile(f"{_LINK.pattern}|{_ID.pattern}")
_OPEN, _CLOSE = "\ue000", "\ue001"  # stand around what is to be computed, until the rest is quoted


class Names:
    """Variables by what they stand for; a message is known by its chat's key and its id."""

    def __init__(self) -> None:
        self.people: dict[int, tuple[str, User]] = {}
        self.bots: dict[int, str] = {}
        self.chats: dict[str, tuple[str, Chat]] = {}
        self._links: dict[str, str] = {}
        self._messages: dict[tuple[str, int], str] = {}

    def meet(self, user: User) -> None:
        """Name a person."""
        if user.id in self.people or user.is_bot:
            return
        taken = {other for other, _ in self.people.values()}
        self.people[user.id] = (_free(_variable(user.first_name), taken), user)

    def meet_bot(self, bot_id: int) -> None:
        """Name a bot."""
        self.bots.setdefault(bot_id, f"bot_{len(self.bots) + 1}" if self.bots else "bot")

    def enter(self, chat: Chat) -> None:
        """Name a chat."""
        if chat.key not in self.chats:
            self.chats[chat.key] = (f"chat_{len(self.chats) + 1}" if self.chats else "chat", chat)

    def account(self, user_id: int) -> str:
        """Return the variable of a person or a bot; the number itself where nobody is known by it."""
        return self.bots.get(user_id) or self.people.get(user_id, (str(user_id),))[0]

    def chat(self, key: str) -> str:
        """Return the variable of a chat."""
        return self.chats[key][0] if key in self.chats else repr(key)

    def message(self, key: str, message_id: int) -> str | None:
        """Return the variable of a message, if it has one."""
        return self._messages.get((key, message_id))

    def add_message(self, key: str, message_id: int) -> str:
        """Return the variable of a message, which gets one if it has none."""
        name = f"message_{len({*self._messages.values()}) + 1}"
        return self._messages.setdefault((key, message_id), name)

    def add_links(self, end: str, links: Iterable[str]) -> None:
        """Name the links to a chat, or to a bot's invoices, by the variable of that and their number."""
        for number, link in enumerate(links):
            self._links[link] = f"telegram.link({end}{f', {number}' if number else ''})"

    def link(self, link: str) -> str:
        """Return a link as the test finds it; as it is where nobody has made it here."""
        return self._links.get(link, repr(link))

    def newest(self, key: str) -> str | None:
        """Return the variable of the last message of a chat that has one."""
        known = [message_id for chat, message_id in self._messages if chat == key]
        return self._messages[key, max(known)] if known else None

    def quoted(self, value: object) -> str:
        """Return a value as Python writes it, with ids and links as they are when the test runs."""
        ids = {user_id: f"{name}.id" for user_id, (name, _) in self.people.items()}
        ids |= {chat.id: f"{name}.id" for name, chat in self.chats.values() if chat.id < 0}
        return _quoted(value, ids, self._links)


def _quoted(value: object, ids: Mapping[int, str], links: Mapping[str, str]) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {_quoted(each, ids, links)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_quoted(each, ids, links) for each in value) + "]"
    if isinstance(value, int) and not isinstance(value, bool):
        return ids.get(value, repr(value))
    if not isinstance(value, str):
        return repr(value)

    def found(match: re.Match[str]) -> str:
        word = match[0]
        known = links.get(word) if _LINK.fullmatch(word) else ids.get(int(word))
        return f"{_OPEN}{known}{_CLOSE}" if known else word

    marked = _COMPUTED.sub(found, value.replace("{", "{{").replace("}", "}}"))
    if _OPEN not in marked:
        return repr(value)
    return "f" + repr(marked).replace(repr(_OPEN)[1:-1], "{").replace(repr(_CLOSE)[1:-1], "}")


def end_of_name(words: str) -> str:
    """Return what stands for words at the end of a Python name, as Python reads it; nothing where no sign can."""
    letters = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", words).lower())
    return re.sub("_+", "_", "".join(each if f"a{each}".isidentifier() else "_" for each in letters)).strip("_")


def _variable(words: str) -> str:
    found = end_of_name(words)
    return found if found.isidentifier() and not _is_reserved(found) else f"person_{found}".rstrip("_")


def _free(name: str, taken: Container[str]) -> str:
    """Return a name that nobody has: with a number after it where it is taken."""
    names = (f"{name}_{number}" if number > 1 else name for number in count(1))
    return next(each for each in names if each not in taken and not _is_reserved(each))


def _is_reserved(name: str) -> bool:
    is_other = name in _RESERVED or re.fullmatch(r"(message|bot|chat)(_\d+)?", name)
    return bool(is_other) or keyword.iskeyword(name)
