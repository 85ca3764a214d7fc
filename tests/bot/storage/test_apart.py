"""Two bots with equal ids of chats, updates and messages: no method of one's rows touches or tells the other's.

The methods are found by looking, so that a new one is called too. What each is given is made of its types; where that
makes no sense to it, it may raise, and must have asked nothing of the other bot all the same.
"""

import dataclasses
import enum
import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from shutil import copy
from typing import Any

from sqlalchemy import event, select

from bot.app.rows import Rows, make_rows
from bot.storage.engine.database import Sessions, open_database
from bot.storage.tables.row import Base
from tests.bot.store import Store
from tests.clock import FakeClock

CHAT, MARK = 7, "a secret of the other bot"
ONE = 1  # the first row of each table has it
FOREVER = {"run"}
LEAST = 0.9  # of the methods come to their end with what is made for them


def methods() -> Iterator[tuple[str, str]]:
    """Yield all public methods that wait for the database, by the noun whose they are."""
    for field, noun in typing.get_type_hints(Rows).items():
        for name, _ in inspect.getmembers(noun, inspect.iscoroutinefunction):
            if not name.startswith("_") and name not in FOREVER:
                yield field, name


def made(hint: Any, depth: int = 0) -> Any:
    """Make a value of a type, with ids that both bots have."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return made(inside[0], depth)
    if origin is typing.Literal:
        return inside[0]
    if origin is not None and isinstance(origin, type):
        if issubclass(origin, tuple):
            return tuple(made(each, depth) for each in inside if each is not Ellipsis)
        if issubclass(origin, Mapping):
            return {made(inside[0], depth): made(inside[1], depth)}
        if issubclass(origin, frozenset | set):
            return origin([made(inside[0], depth)])
        if inside:  # a sequence, or any collection
            return [made(inside[0], depth)]
    simple = {int: ONE, str: "1", float: 1.0, bool: True, bytes: b"1", type(None): None}
    if hint in simple:
        return simple[hint]
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return next(iter(hint))
    if isinstance(hint, type) and issubclass(hint, Base):
        columns = hint.__table__.columns
        return hint(**{each.name: made(each.type.python_type) for each in columns})
    if dataclasses.is_dataclass(hint) and isinstance(hint, type) and depth < 4:
        hints = typing.get_type_hints(hint)
        needed = [each for each in dataclasses.fields(hint) if each.init and each.default is dataclasses.MISSING]
        return hint(**{each.name: made(hints[each.name], depth + 1) for each in needed})
    raise TypeError(f"nothing is known of {hint}")


def given(method: Callable[..., Any]) -> tuple[Sequence[Any], Mapping[str, Any]]:
    hints = typing.get_type_hints(inspect.unwrap(method))
    positional, named = [], {}
    for name, parameter in inspect.signature(method).parameters.items():
        if parameter.default is not parameter.empty:
            continue
        telegram = name in ("telegram_id", "user_id", "person", "source", "target")
        value = CHAT if telegram and hints[name] is int else made(hints[name])
        if parameter.kind is parameter.KEYWORD_ONLY:
            named[name] = value
        elif parameter.kind is parameter.VAR_POSITIONAL:
            positional.append(value)
        else:
            positional.append(value)
    return positional, named


async def fill(db: Sessions, clock: FakeClock, words: str) -> None:
    """Have a chat with a question and an answer."""
    store = Store(db, clock)
    chat = await store.chats.get(CHAT, provider="alpha")
    job = await store.ask(chat, words)
    await store.show(job, ONE)
    await store.made(job, text=words)


async def content(db: Sessions) -> dict[str, list[object]]:
    async with db() as session:
        tables = Base.metadata.sorted_tables
        return {each.name: [*map(tuple, await session.execute(select(each)))] for each in tables}


async def try_all(mine: str, other: str) -> None:
    """Call each method of one bot's rows, and look at the other's."""
    clock, said, told = FakeClock(), list[str](), list[str]()
    ended = set[str]()
    async with open_database(mine) as db, open_database(other) as theirs:
        await fill(db, clock, "mine")
        await fill(theirs, clock, MARK)
        before = await content(theirs)
        rows = make_rows(db, clock, keep_days=1)
        event.listen(theirs.kw["bind"].sync_engine, "before_cursor_execute", lambda *of: said.append(of[2]))
        for noun, name in methods():
            method = getattr(getattr(rows, noun), name)
            try:
                positional, named = given(method)
                found = await method(*positional, **named)
            except Exception as error:  # noqa: BLE001  # what is made of types alone is not always what it expects
                found = error
            else:
                ended.add(f"{noun}.{name}")
            if MARK in repr(found):
                told.append(f"{noun}.{name}")
        assert (said, told) == ([], [])
        assert await content(theirs) == before
    assert len(ended) > LEAST * len([*methods()]), sorted({f"{noun}.{name}" for noun, name in methods()} - ended)


async def test_no_method_of_one_bots_rows_finds_or_changes_what_is_the_others(
    tmp_path: Path, empty_database: Path
) -> None:
    files = [copy(empty_database, tmp_path / f"{each}.db") for each in ("mine", "other")]
    await try_all(*(f"sqlite+aiosqlite:///{file}" for file in files))
