"""The one connection is lent in turn, and an update waits for two transactions at the most, whatever is under way."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.engine.database import create_engine
from bot.storage.engine.turns import first

OTHERS, EACH = 12, 4


@pytest.fixture
def engine(tmp_path: Path) -> AsyncEngine:
    return create_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")


def working(engine: AsyncEngine, order: list[str], name: str, count: int) -> Coroutine[object, object, None]:
    """Make transactions one after the other, without a pause."""

    async def work() -> None:
        for _ in range(count):
            async with engine.begin() as connection:
                order.append(name)
                await connection.execute(text("SELECT 1"))

    return work()


async def test_updates_are_stored_before_work_that_waits_longer(engine: AsyncEngine) -> None:
    order: list[str] = []
    others = [asyncio.ensure_future(working(engine, order, "answer", EACH)) for _ in range(OTHERS)]
    await asyncio.sleep(0)

    with first():
        await asyncio.ensure_future(working(engine, order, "update", EACH))

    before_the_last = order[: len(order) - order[::-1].index("update")]
    assert before_the_last.count("answer") <= 2 * EACH
    await asyncio.gather(*others)
    await engine.dispose()


async def test_work_goes_on_however_many_updates_come(engine: AsyncEngine) -> None:
    order: list[str] = []
    with first():
        crowd = [asyncio.ensure_future(working(engine, order, "update", EACH)) for _ in range(OTHERS)]
    await asyncio.sleep(0)

    await working(engine, order, "answer", EACH)

    assert order.count("update") <= 2 * EACH
    await asyncio.gather(*crowd)
    await engine.dispose()


async def test_who_asks_again_at_once_waits_behind_those_who_wait(engine: AsyncEngine) -> None:
    order: list[str] = []

    await asyncio.gather(*(working(engine, order, name, EACH) for name in "abc"))

    assert order == [*"abc"] * EACH
    await engine.dispose()


@pytest.mark.parametrize("is_late", [False, True], ids=["while it waits", "as its turn comes"])
async def test_who_gives_up_leaves_the_turn_to_the_next(engine: AsyncEngine, *, is_late: bool) -> None:
    order: list[str] = []
    holding = await engine.connect()
    waiting = [asyncio.ensure_future(working(engine, order, name, 1)) for name in "ab"]
    await asyncio.sleep(0)
    if not is_late:
        waiting[0].cancel()
    await holding.close()  # without a turn of the loop, as the end of a block has one
    waiting[0].cancel()

    await asyncio.wait_for(waiting[1], 30)

    assert order[-1] == "b"
    await asyncio.gather(*waiting, return_exceptions=True)
    await engine.dispose()


async def test_a_connection_that_cannot_be_made_is_tried_by_the_next(engine: AsyncEngine) -> None:
    fails = [True]

    @event.listens_for(engine.sync_engine, "do_connect")
    def refuse(*_arguments: object) -> None:
        if fails.pop() if fails else False:
            raise OperationalError("", {}, OSError("away"))

    order: list[str] = []
    both = [asyncio.ensure_future(working(engine, order, name, 1)) for name in "ab"]

    with pytest.raises(OperationalError):
        await both[0]
    await asyncio.wait_for(both[1], 30)

    assert order == ["b"]
    await engine.dispose()
