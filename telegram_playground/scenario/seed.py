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

import json
import tomllib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from telegram_playground.client import PlaygroundError
from telegram_playground.protocol.commands import commands, given
from telegram_playground.protocol.errors import ApiError
from telegram_playground.protocol.wire import Json
from telegram_playground.scenario.lines import line_of

_ROLES = {  # which tables a key may name
    "members": ("people", "bots"),
    "bots": ("bots",),
    "from": ("people",),
    "to": ("bots", "groups"),
}
Command = Callable[[str, Json], Awaitable[Json]]  # sends a command of the control API
_COMMANDS = {"bots": "bot", "people": "add_user", "groups": "add_group", "messages": "write"}
_NAMED = frozenset({"members", "bots"})  # keys of a group that hold names
_ENDS = frozenset({"from", "to"})  # keys of a message that hold a name; for the chat and the user
_NOT_SAID = {"messages": frozenset({"chat", "user"}), "bots": frozenset({"id"})}


class Unfit(ValueError):
    """A scenario that cannot be played; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """The tables of a file, and the file itself, so that errors name the line."""

    tables: Json = field(default_factory=dict)
    file: str = ""
    text: str = ""

    def wrong(self, table: str, key: str, words: str) -> Unfit:
        """Return the error of a table, and of a key in it where one is named."""
        line = line_of(self.text, table, key)
        return Unfit(f"{self.file}{f', line {line}' if line else ''}: {table}: {words}")


def read(file: Path) -> Scenario:
    """Return a scenario; raises Unfit, and OSError where there is no such file."""
    try:
        text = file.read_text("utf-8")
        scenario = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unfit(f"{file}: {error}") from error
    if unknown := sorted(scenario.keys() - _COMMANDS.keys()):
        raise Unfit(f"{file}: unknown tables {', '.join(unknown)}; known are {', '.join(_COMMANDS)}")
    found = Scenario(scenario, str(file), text)
    try:
        _check(scenario)
        json.dumps(scenario, allow_nan=False)
    except _Wrong as error:
        raise found.wrong(error.table, error.key, str(error)) from error
    except (TypeError, ValueError) as error:
        raise Unfit(f"{file}: a date or a number without end is no value of a command") from error
    return found


async def play(scenario: Scenario, command: Command) -> Json:
    """Make what a scenario tells of; returns the values by their names.

    Raises Unfit for what the server refuses of it.
    """
    made: dict[str, Json] = {}

    async def make(header: str, name: str, arguments: Json) -> Json:
        try:
            return await command(name, arguments)
        except PlaygroundError as error:
            reason = str(error).removeprefix(f"{name}: ").removeprefix("Bad Request: ")
            key = next((each for each in arguments if each in reason.split()), "")
            raise scenario.wrong(header, key, reason) from error

    tables = scenario.tables

    for kind in ("bots", "people"):
        for name, told in _tables(tables, kind):
            made[name] = await make(f"[{kind}.{name}]", _COMMANDS[kind], dict(told))
    for name, told in _tables(tables, "groups"):
        ids = {role: [_known(made, each)["id"] for each in told.get(role, [])] for role in _NAMED}
        made[name] = await make(f"[groups.{name}]", "add_group", {**told, **ids})
    for number, told in enumerate(tables.get("messages", []), 1):
        sender, to = _known(made, told.get("from")), _known(made, told.get("to"))
        chat = to if "key" in to else await command("private", {"user": sender["id"], "bot": to["id"]})
        more = {name: value for name, value in told.items() if name not in _ENDS}
        await make(f"[[messages]] number {number}", "write", {"chat": chat["key"], "user": sender["id"], **more})
    return made


class _Wrong(ValueError):
    """What is wrong, and where: a table as its header names it, a key in it."""

    def __init__(self, table: str, key: str, words: str) -> None:
        super().__init__(words)
        self.table = table
        self.key = key


def _check(scenario: Json) -> None:
    """Raise _Wrong where a key, a name or a type is none that the commands take."""
    names: dict[str, str] = {}
    for kind in ("bots", "people", "groups"):
        for name, told in _tables(scenario, kind):
            header = f"[{kind}.{name}]"
            if name in names:
                raise _Wrong(header, "", f"the name is that of {names[name]} already")
            names[name] = header
            _check_keys(header, kind, {each: value for each, value in told.items() if each not in _of_names(kind)})
            for role in _of_names(kind) & told.keys():
                _check_names(header, role, told[role], names)
            if kind == "groups" and not any(names[each].startswith("[people.") for each in told.get("members", ())):
                raise _Wrong(header, "members", "members must name a person")
    messages = scenario.get("messages", [])
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        raise _Wrong("[[messages]]", "", "messages must be tables: [[messages]]")
    for number, told in enumerate(messages, 1):
        header = f"[[messages]] number {number}"
        _check_keys(header, "messages", {each: value for each, value in told.items() if each not in _ENDS})
        for end in sorted(_ENDS):
            _check_names(header, end, [told.get(end)], names)


def _check_keys(header: str, kind: str, told: Json) -> None:
    command = _COMMANDS[kind]
    hidden = _NOT_SAID.get(kind, frozenset())
    for name, value in told.items():
        if name in hidden:
            raise _Wrong(header, name, f"{name} is not said here")
        try:
            given(command, {name: value})
        except ApiError as error:
            raise _Wrong(header, name, str(error).removeprefix("Bad Request: ")) from error
    needed = [name for name, taken in commands()[command]["parameters"].items() if not taken.endswith("?")]
    for name in needed:
        if name not in told and name not in hidden | _of_names(kind):
            raise _Wrong(header, "", f"{name} must be a text")
    if kind == "bots" and "token" not in told:
        raise _Wrong(header, "", "token must be a text")


def _check_names(header: str, key: str, found: object, names: Mapping[str, str]) -> None:
    if not isinstance(found, list):
        raise _Wrong(header, key, f"{key} must be a list of names")
    for name in found:
        if not isinstance(name, str) or name not in names:
            raise _Wrong(header, key, f"{key}: {name!r} is nobody's name; known are {', '.join(names) or 'none'}")
        if names[name][1:].partition(".")[0] not in _ROLES[key]:
            raise _Wrong(header, key, f"{key}: {names[name]} is none of {' and '.join(_ROLES[key])}")


def _of_names(kind: str) -> frozenset[str]:
    return _NAMED if kind == "groups" else frozenset()


def _tables(scenario: Json, kind: str) -> list[tuple[str, Json]]:
    tables = scenario.get(kind, {})
    if not isinstance(tables, dict) or not all(isinstance(each, dict) for each in tables.values()):
        raise _Wrong(f"[{kind}]", "", f"{kind} must be tables: [{kind}.name]")
    return [*tables.items()]


def _known(made: Mapping[str, Json], name: object) -> Json:
    if not isinstance(name, str) or name not in made:
        raise Unfit(f"{name!r} is nobody's name; known are {', '.join(made) or 'none'}")
    return made[name]
