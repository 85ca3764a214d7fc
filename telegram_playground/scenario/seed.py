"""A scenario: a TOML file of people, bots, groups and messages, played by the commands of the control API.

[bots.helper]                 # a name of your own, by which the rest of the file refers to it
token = "42:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

[people.ann]
first_name = "Ann"            # and last_name, username, language

[groups.club]
title = "Club"                # and kind, forum, username, signs
members = ["ann"]
bots = ["helper"]

[[messages]]
from = "ann"
to = "helper"                 # a bot: the private chat with it; or a group
text = "/start"
"""

import tomllib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from telegram_playground.wire import Json

Command = Callable[[str, Json], Awaitable[Json]]  # sends a command of the control API
_TABLES = {"bots", "people", "groups", "messages"}


class Unfit(ValueError):
    """A scenario that cannot be played; the text says what is wrong."""


def read(file: Path) -> Json:
    """Return a scenario; raises Unfit, and OSError where there is no such file."""
    try:
        scenario = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Unfit(f"{file}: {error}") from error
    if unknown := sorted(scenario.keys() - _TABLES):
        raise Unfit(f"{file}: unknown tables {', '.join(unknown)}; known are {', '.join(sorted(_TABLES))}")
    return scenario


async def play(scenario: Json, command: Command) -> Json:
    """Make what a scenario tells of; returns the values by their names. Raises Unfit."""
    made: dict[str, Json] = {}
    for kind, name_of in (("bots", "bot"), ("people", "add_user")):
        for name, told in _tables(scenario, kind):
            made[name] = await command(name_of, dict(told))
    for name, told in _tables(scenario, "groups"):
        ids = {role: [_known(made, each)["id"] for each in told.get(role, [])] for role in ("members", "bots")}
        made[name] = await command("add_group", {**told, **ids})
    for told in scenario.get("messages", []):
        sender, to = _known(made, told.get("from")), _known(made, told.get("to"))
        chat = to if "key" in to else await command("private", {"user": sender["id"], "bot": to["id"]})
        more = {name: value for name, value in told.items() if name not in ("from", "to")}
        await command("write", {"chat": chat["key"], "user": sender["id"], **more})
    return made


def _tables(scenario: Json, kind: str) -> list[tuple[str, Json]]:
    tables = scenario.get(kind, {})
    if not isinstance(tables, dict) or not all(isinstance(each, dict) for each in tables.values()):
        raise Unfit(f"{kind} must be tables: [{kind}.name]")
    return [*tables.items()]


def _known(made: Mapping[str, Json], name: object) -> Json:
    if not isinstance(name, str) or name not in made:
        raise Unfit(f"{name!r} is nobody's name; known are {', '.join(made) or 'none'}")
    return made[name]
