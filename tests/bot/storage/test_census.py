"""What is counted can be told to programs, whatever the database makes of numbers."""

import json
from dataclasses import asdict

from bot.storage.census import Census
from bot.storage.engine.database import Sessions


async def test_sizes_are_whole_numbers(db: Sessions) -> None:
    sizes = await Census(db).sizes()

    assert json.loads(json.dumps(asdict(sizes))) == asdict(sizes)
    assert sizes.database > 0
    assert sizes.files == 0
