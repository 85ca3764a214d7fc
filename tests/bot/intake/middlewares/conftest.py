"""Bots that strangers find closed."""

import pytest

from bot.catalog.catalog import Catalog
from bot.settings import Settings
from bot.storage.engine.database import Sessions
from tests.bot.door import Door
from tests.clock import FakeClock


def guarded(access: str, **more: object) -> Settings:
    return Settings.load(_env_file=None, access=access, **more)


@pytest.fixture(params=["pairing", "allowlist"])
def closed(request: pytest.FixtureRequest, db: Sessions, clock: FakeClock, catalog: Catalog) -> Door:
    return Door(db, clock, guarded(request.param), catalog)


@pytest.fixture
def pairing(db: Sessions, clock: FakeClock, catalog: Catalog) -> Door:
    return Door(db, clock, guarded("pairing"), catalog)
