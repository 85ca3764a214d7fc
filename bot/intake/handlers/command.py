"""Named: the filter that lets a command through."""

from aiogram.filters import Filter
from aiogram.types import Message, User

from bot.intake.message.mention import command


class Named(Filter):
    """Lets a command of one of these names through and gives the handler its name (`called`) and `args`."""

    def __init__(self, *names: str) -> None:
        self._names = frozenset(names)

    async def __call__(self, message: Message, me: User) -> bool | dict[str, object]:
        """Tell whether the message is such a command."""
        called = command(message, me)
        if called is None or called.name not in self._names:
            return False
        return {"called": called.name, "args": called.args}
