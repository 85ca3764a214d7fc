"""An update is known however often it comes; one that cannot have been taken is not looked for."""

import asyncio

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.dialect import is_server
from bot.storage.engine.database import Sessions
from bot.storage.people.access import Accesses
from bot.storage.questions import taking
from bot.storage.questions.taking import Hold, Taken, Taking
from tests.bot.store import Store


async def test_what_was_taken_is_known_by_the_next_process_whatever_comes_first(store: Store) -> None:
    await store.taking.store([Taken(7), Taken(9)])
    following = Taking(store.db, store.clock, store.signals)

    assert await following.known([8]) == set()
    assert await following.known([9, 10]) == {9}
    assert await following.known([7]) == {7}


async def test_what_was_put_aside_is_known_by_the_next_process(store: Store) -> None:
    await store.taking.store([Taken(9, Hold(-1_001, "{}"))])
    following = Taking(store.db, store.clock, store.signals)

    assert await following.known([8]) == set()
    assert await following.known([9]) == {9}


async def test_what_comes_again_is_known_also_after_later_ones(store: Store) -> None:
    assert await store.taking.known([7]) == set()
    await store.taking.store([Taken(7)])
    assert await store.taking.known([]) == set()

    assert await store.taking.known([9, 7]) == {7}
    await store.taking.store([Taken(9)])
    assert await store.taking.known([7, 8, 9]) == {7, 9}


async def test_two_that_ask_at_once_know_what_either_has_asked_about(store: Store) -> None:
    assert [*await asyncio.gather(store.taking.known([9]), store.taking.known([7]))] == [set(), set()]
    await store.taking.store([Taken(9)])

    assert await store.taking.known([9]) == {9}


async def test_ids_that_begin_anew_below_are_looked_for(store: Store) -> None:
    assert await store.taking.known([900]) == set()
    await store.taking.store([Taken(3)])

    assert await store.taking.known([3, 4]) == {3}


async def test_one_above_all_others_is_not_looked_for_where_nobody_else_takes_any(store: Store, db: Sessions) -> None:
    await store.taking.known([7])
    said: list[str] = []
    engine: AsyncEngine = db.kw["bind"]
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *of: said.append(of[2]))

    assert await store.taking.known([8, 9]) == set()

    assert bool(said) == is_server(engine.sync_engine)


async def test_of_many_people_no_more_names_are_remembered_than_some(
    store: Store, db: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "MOST_NAMES", 2)
    accesses = Accesses(db, store.clock)

    for person in range(1, 6):
        await store.taking.store([Taken(person)], names={person: f"P{person}"})

    assert len(store.taking._names) <= 2
    assert [await accesses.name(person) for person in (1, 5)] == ["P1", "P5"]
