"""Who there is: bots and people, their usernames, and the ids that were given."""

import random as randomness
from collections.abc import Callable, Iterable, Sequence, Sized
from typing import Protocol

from telegram_playground.protocol.wire import Json
from telegram_playground.world.chats import Chat, ChatType
from telegram_playground.world.people import Bot, User
from telegram_playground.world.updates import Updates

MAX_BOTS, MAX_USERS = 1000, 20_000
_FIRST_USER = 5_000_000_001  # beyond 32 bits, as Telegram's newer accounts
_FIRST_GROUP = -4_000_001
_FIRST_SUPERGROUP = -1_001_000_000_001


class TooMany(ValueError):
    """A limit of the server on the number of things was reached."""


class _Tell(Protocol):
    def __call__(self, kind: str, **values: object) -> None: ...


class Roster:
    """Bots, people and their names, those of chats too; tells of who is new."""

    def __init__(self, random: randomness.Random, *, tell: _Tell, updates: Callable[[int], Updates]) -> None:
        self._random = random
        self._tell = tell
        self._updates = updates  # makes the queue of a new bot
        self.bots: dict[int, Bot] = {}
        self.users: dict[int, User] = {}  # bots too
        self._names: dict[str, User | Chat] = {}
        self._last_user, self._last_group, self._last_supergroup = _FIRST_USER, _FIRST_GROUP, _FIRST_SUPERGROUP

    def bot(self, token: str) -> Bot | None:
        """Return the bot of a token, made on first use; None for another token of a known bot."""
        bot_id = int(token.partition(":")[0])
        bot = self.bots.get(bot_id)
        if bot is None:
            check_room(self.bots, MAX_BOTS, "bots")
            user = User(bot_id, f"Bot {bot_id}", username=self._free_name(f"bot{bot_id}_bot"), is_bot=True)
            bot = Bot(user, token, self._updates(self._random.randrange(100_000_000, 900_000_000)))
            self.bots[bot_id] = bot
            self.users[bot_id] = user
            self._names[user.username.lower()] = user
            self._tell("bot", bot=bot.control_json())
        return bot if bot.token == token else None

    def add_user(self, first_name: str, *, last_name: str = "", username: str = "", language: str = "") -> User:
        """Make a person; raises ValueError for a username that is taken."""
        check_room(self.users, MAX_USERS, "users")
        self.check_free(username)
        self._last_user += 1
        user = User(self._last_user, first_name, last_name, username, language)
        self.users[user.id] = user
        self.name(username, user)
        self._tell("user", user=user.json())
        return user

    def rename(self, bot: Bot, username: str) -> None:
        """Give a bot another username; raises ValueError for one that is taken."""
        if self._names.get(username.lower(), bot.user) is not bot.user:
            raise ValueError(f"the username {username} is taken")
        del self._names[bot.user.username.lower()]
        bot.user.username = username
        self._names[username.lower()] = bot.user

    @property
    def last_ids(self) -> tuple[int, int, int]:
        """The last id of a person, a group and a supergroup."""
        return self._last_user, self._last_group, self._last_supergroup

    def go_on(self, last_ids: Sequence[int], chats: Iterable[Chat]) -> None:
        """Give further ids from there, to a world whose people and chats were put back."""
        self._last_user, self._last_group, self._last_supergroup = last_ids
        named: list[User | Chat] = [*self.users.values(), *chats]
        self._names = {each.username.lower(): each for each in named if each.username}

    def next_chat_id(self, kind: ChatType) -> int:
        """Return the id of a new group or channel."""
        if kind in ("supergroup", "channel"):
            self._last_supergroup -= 1
            return self._last_supergroup
        self._last_group -= 1
        return self._last_group

    def check_free(self, username: str) -> None:
        """Raise ValueError for a username that is taken."""
        if username and username.lower() in self._names:
            raise ValueError(f"the username {username} is taken")

    def name(self, username: str, who: User | Chat) -> None:
        """Let somebody be found by a username, if there is one."""
        if username:
            self._names[username.lower()] = who

    def named(self, name: str) -> User | Chat | None:
        """Return who has a username."""
        return self._names.get(name.removeprefix("@").lower())

    def account(self, user_id: int) -> Json | None:
        """Return the user with this id as JSON."""
        user = self.users.get(user_id)
        return user.json() if user else None

    def forget_people(self) -> None:
        """Forget people and the names of chats; bots stay, and ids go on rising."""
        self._names = {bot.user.username.lower(): bot.user for bot in self.bots.values()}
        self.users.clear()
        self.users.update((bot_id, bot.user) for bot_id, bot in self.bots.items())

    def _free_name(self, wish: str) -> str:
        name, number = wish, 2
        while name in self._names:
            name, number = f"{wish.removesuffix('_bot')}_{number}_bot", number + 1
        return name


def check_room(things: Sized, limit: int, name: str) -> None:
    """Raise TooMany where there are as many of a kind as the server keeps."""
    if len(things) >= limit:
        raise TooMany(f"at most {limit} {name}")
