"""The commands of the control API, by name. Each takes the stage and its arguments and returns JSON."""

from collections.abc import Awaitable, Callable
from typing import Any

from telegram_playground.control.arguments import Arguments
from telegram_playground.control.commands import acts, deeds, places, waiting, watching
from telegram_playground.control.stage import Stage

Command = Callable[[Stage, Arguments], Awaitable[Any]]

COMMANDS: dict[str, Command] = {
    **places.COMMANDS,
    **acts.COMMANDS,
    **deeds.COMMANDS,
    **watching.COMMANDS,
    **waiting.COMMANDS,
}
