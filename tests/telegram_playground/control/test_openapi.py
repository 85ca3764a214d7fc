"""The OpenAPI document tells of every command and every parameter that a command reads."""

import ast
import inspect
from collections.abc import Callable
from typing import Any

import aiohttp

from telegram_playground.control.commands import COMMANDS, acts, deeds, places
from telegram_playground.protocol.commands import commands
from telegram_playground.server import Playground

READERS = {"integer", "integer_or_none", "number", "text", "text_or_none", "name", "flag", "integers", "objects"}
ALL: dict[str, Callable[..., Any]] = {
    **COMMANDS,
    "send_file": acts.send_file,
    "send_album": deeds.send_album,
    "set_photo": places.set_photo,
}


def read_by(function: Callable[..., Any], seen: tuple[Callable[..., Any], ...] = ()) -> set[str]:
    """Return the parameters that a command reads, by itself or in a function of its module."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(inspect.getsource(function))):
        if not isinstance(node, ast.Call):
            continue
        name, first = node.func, node.args[0] if node.args else None
        if isinstance(name, ast.Attribute) and name.attr in READERS and isinstance(first, ast.Constant):
            if isinstance(name.value, ast.Name) and name.value.id == "arguments":
                found.add(str(first.value))
        elif isinstance(name, ast.Name) and "arguments" in [getattr(each, "id", "") for each in node.args]:
            other = getattr(inspect.getmodule(function), name.id, None)
            if inspect.isfunction(other) and other not in seen:
                found |= read_by(other, (*seen, other))
    return found


def test_every_command_and_parameter_is_told() -> None:
    assert commands().keys() == ALL.keys()
    for name, command in ALL.items():
        assert read_by(command) <= commands()[name]["parameters"].keys(), name
        assert inspect.getdoc(command)


async def test_the_document_is_served(playground: Playground, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{playground.url}/playground/openapi.json") as response:
        document = await response.json()

    assert document["openapi"].startswith("3.1")
    write = document["paths"]["/write"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert write["required"] == ["chat", "user", "text"]
    assert write["properties"]["reply_to"]["type"] == "integer"
    assert "multipart/form-data" in document["paths"]["/send_file"]["post"]["requestBody"]["content"]


async def test_the_server_says_that_it_is_up(playground: Playground, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{playground.url}/healthz") as response:
        assert (response.status, await response.json()) == (200, {"ok": True})
