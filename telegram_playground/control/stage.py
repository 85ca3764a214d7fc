"""All parts of one playground, for those who command it."""

from dataclasses import dataclass, field

from telegram_playground.api.faults import Faults
from telegram_playground.limits.flood_limits import Floods
from telegram_playground.lint.lint import Lint
from telegram_playground.options import Options
from telegram_playground.protocol.errors import bad_request
from telegram_playground.world.calls import Calls
from telegram_playground.world.chats import Chat
from telegram_playground.world.deeds import Deeds
from telegram_playground.world.people import Bot, User
from telegram_playground.world.queries import Queries
from telegram_playground.world.state import World
from telegram_playground.world.writing import Person


@dataclass(frozen=True, slots=True)
class Stage:
    """World, record of calls, faults, limits and open questions."""

    world: World
    calls: Calls
    faults: Faults
    floods: Floods
    queries: Queries
    lint: Lint
    deeds: Deeds = field(default_factory=Deeds)

    def chat(self, key: str) -> Chat:
        """Return a chat by its key; raises ApiError."""
        chat = self.world.chats.get(key)
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def user(self, user_id: int) -> User:
        """Return a person or a bot's account by its id; raises ApiError."""
        user = self.world.users.get(user_id)
        if user is None:
            raise bad_request("user not found")
        return user

    def bot(self, bot_id: int) -> Bot:
        """Return a bot by its id; raises ApiError."""
        bot = self.world.bots.get(bot_id)
        if bot is None:
            raise bad_request("bot not found")
        return bot

    def person(self, key: str, user_id: int) -> Person:
        """Return a user in a chat; raises ApiError."""
        return Person(self.world, self.chat(key), self.user(user_id))

    def set_options(self, options: Options) -> None:
        """Change how the server behaves."""
        self.world.set_options(options)
        if options.limits != self.floods.limits:
            self.floods.limits = options.limits
            self.lint.set_limits(options.limits)
