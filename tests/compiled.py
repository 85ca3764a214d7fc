"""Statements are compiled once for all engines of a kind, and not anew in each test that starts a bot.

SQLAlchemy keeps what it has compiled by engine: its keys begin with the engine's dialect. What is kept here is found by
the rest of the key, among what engines with the same driver have compiled.
"""

from collections.abc import Iterator, MutableMapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, event


class Compiled(MutableMapping[tuple[Any, ...], Any]):
    """What the engines of one driver have compiled, as `Connection.execution_options` wants it."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], Any] = {}

    def __getitem__(self, key: tuple[Any, ...]) -> Any:
        return self._kept[key[1:]]

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        self._kept[key[1:]] = compiled

    def __delitem__(self, key: tuple[Any, ...]) -> None:
        del self._kept[key[1:]]

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


@cache
def _of(_driver: str) -> Compiled:
    return Compiled()


@event.listens_for(Engine, "engine_connect")
def _share(connection: Connection) -> None:
    connection.execution_options(compiled_cache=_of(f"{connection.dialect.name}+{connection.dialect.driver}"))
