"""Every provider and every wrapper keeps every promise of the contract; `make contract` prints it as a table."""

import pytest

from tests.providers.bench import ROWS
from tests.providers.contract import OF_MODELS, PROMISES, kept, many
from tests.thorough import times

PAIRS = [
    (row, name)
    for row, (_, speech) in ROWS.items()
    for name, promise in PROMISES.items()
    if (speech and (speech.wish or promise not in OF_MODELS)) or name == "deltas"
]


@pytest.mark.parametrize(("row", "promise"), PAIRS)
async def test_it_is_kept(row: str, promise: str) -> None:
    await kept(row, PROMISES[promise])


@pytest.mark.parametrize("row", ROWS)
async def test_many_answers_leave_nothing_behind(row: str) -> None:
    await kept(row, many(times(30, 1_000)))
