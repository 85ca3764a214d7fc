"""Compiled: a statement is compiled once in a process, however many databases it has open.

SQLAlchemy compiles for a dialect, of which each engine has one of its own, and keeps what it made with the engine: 1 MB
for each bot, and a tenth of its start. So dialects of a kind, for servers of a version, are equal here, and the engines
share what is kept.
"""

from functools import cache
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.util import LRUCache

MOST = 1_000  # statements; a busy bot has some 300


@cache
def compiled() -> LRUCache[Any, Any]:
    """Return what was compiled so far, as SQLAlchemy's option `compiled_cache` takes it."""
    return LRUCache(MOST)


def make_alike(dialect: Dialect) -> None:
    """Have a dialect be equal to the others of its kind."""
    kind: Any = type(dialect)
    dialect.__class__ = _alike(kind)


@cache
def _alike(kind: Any) -> Any:
    equal = {"__eq__": _is_alike, "__hash__": lambda _: hash(kind), "supports_statement_cache": True}
    return type(kind.__name__, (kind,), equal)


def _is_alike(one: Dialect, other: object) -> bool:
    """Tell whether what is compiled for one dialect is good for another; that depends on the server's version."""
    return isinstance(other, type(one)) and other.server_version_info == one.server_version_info
