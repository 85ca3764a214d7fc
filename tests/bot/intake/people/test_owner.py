"""The owner is told of each alarm: once, whatever restarts lie between, in his language, and nobody else is."""

from dataclasses import replace

import pytest
from aiogram.methods import SendMessage
from sqlalchemy import create_engine, text

from bot.catalog.catalog import Catalog
from bot.intake.people.owner import LOOK_S, Owner
from bot.report.alarms import DOWN_S, HOOKED_S, AlarmWatch
from bot.report.disk import Disk
from bot.settings import Settings
from bot.storage.engine.migration import migrate
from bot.storage.tables import Rule
from bot.storage.telegram.alarms import WELL_S, Alarms
from bot.tally import Tally
from bot.texts import Texts
from bot.texts.de import DE
from bot.texts.en import EN
from bot.texts.ru import RU
from providers.errors import NoConnection, OutOfCredit, SignInFailed
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, OLGA
from tests.clock import FakeClock


class House:
    """A bot with an owner; `telling` is what a process of it tells."""

    def __init__(self, door: Door, clock: FakeClock) -> None:
        self.door = door
        self.clock = clock
        self.disk = Disk(free=10**12)
        self.restart()

    def restart(self) -> None:
        """Have another process take over, which knows what is in the rows alone."""
        self.tally = Tally()
        self.misread = ""
        self.watch = AlarmWatch(self.door.catalog, self.tally, lambda: self.disk, lambda: self.misread, self.clock)
        self.owner(self.door.settings)

    def owner(self, settings: Settings) -> None:
        """Use these settings from now on."""
        alarms = Alarms(self.door.db, self.clock)
        self.telling = Owner(
            settings, self.door.accesses, alarms, self.door.saying, self.watch.look, str.title, self.clock
        )

    async def told(self, after_s: float = LOOK_S) -> list[tuple[int, str]]:
        """Return what is said by a look some time later, and to whom."""
        await self.clock.advance(after_s)
        before, last = len(self.door.outbox.methods), len(self.door.outbox.last)
        await self.telling.tell()
        said = self.door.outbox.methods[before:]
        assert said == self.door.outbox.last[last:]  # others go first
        return [(int(method.chat_id), method.text) for method in said if isinstance(method, SendMessage)]


@pytest.fixture
def settings() -> Settings:
    return Settings.load(_env_file=None, access="pairing", admins=[ANN["id"]])


@pytest.fixture
def house(door: Door, clock: FakeClock) -> House:
    return House(door, clock)


@pytest.fixture
def provider(catalog: Catalog) -> str:
    return catalog.ids[0]


async def test_a_refused_key_is_told_once_over_restarts_and_again_after_a_good_day(
    house: House, catalog: Catalog, provider: str
) -> None:
    told = [(ANN["id"], EN.alarm_key.format(provider=provider.title()))]
    assert await house.told() == []

    catalog.note(provider, ok=False, error=SignInFailed())
    assert await house.told() == told
    assert await house.told() == []
    house.restart()
    assert await house.told() == []

    catalog.note(provider, ok=True)
    assert await house.told() == []
    catalog.note(provider, ok=False, error=SignInFailed())
    assert await house.told(WELL_S / 2) == []
    catalog.note(provider, ok=True)
    assert await house.told() == []
    house.restart()
    assert await house.told(WELL_S) == []
    catalog.note(provider, ok=False, error=SignInFailed())
    assert await house.told() == told


async def test_a_failure_that_is_no_news_any_more_is_not_well_again(
    house: House, catalog: Catalog, provider: str
) -> None:
    catalog.note(provider, ok=False, error=OutOfCredit())
    assert len(await house.told()) == 1

    assert await house.told(2 * WELL_S) == []
    catalog.note(provider, ok=False, error=OutOfCredit())

    assert await house.told() == []


async def test_a_provider_is_down_when_it_has_given_no_answer_for_ten_minutes(
    house: House, catalog: Catalog, provider: str
) -> None:
    catalog.note(provider, ok=False, error=NoConnection())
    assert await house.told() == []
    assert await house.told(DOWN_S) == []  # nobody has asked it since
    catalog.note(provider, ok=False, error=NoConnection())

    assert await house.told() == [(ANN["id"], EN.alarm_down.format(provider=provider.title()))]


async def test_a_full_disk_and_a_webhook_of_somebody_else_are_told(house: House) -> None:
    house.disk = replace(house.disk, free=499_000_000)
    assert await house.told() == [(ANN["id"], EN.alarm_disk.format(limit=500))]

    house.tally.hooked_at = house.clock.now()
    assert await house.told() == [(ANN["id"], EN.alarm_hooked)]
    assert await house.told(HOOKED_S) == []


async def test_a_mistake_in_what_was_to_be_read_anew_is_told_each_time_it_is_made(house: House) -> None:
    mistake = "providers.toml:3 [x] type=opneai: one of openai" + 200 * "."
    told = [(ANN["id"], EN.misread.format(mistake=mistake))]

    house.misread = mistake
    assert await house.told() == told
    assert await house.told() == []
    house.misread = ""
    assert await house.told() == []
    house.misread = mistake

    assert await house.told() == told


async def test_a_mistake_of_any_length_is_told_once(house: House) -> None:
    house.misread = "providers.toml:3 [x] type=" + "".join(chr(0x4E00 + each) for each in range(5_000)) + "\x00"

    assert [person for person, _ in await house.told()] == [ANN["id"]]
    assert await house.told() == []


async def test_a_new_version_is_told_where_one_has_run_before(house: House) -> None:
    assert await house.told() == []  # a new database: nothing has changed

    async with house.door.db.begin() as session:
        await session.execute(text("UPDATE alarms SET subject = '0026' WHERE kind = 'migrated'"))
    house.restart()

    assert await house.told() == [(ANN["id"], EN.alarm_migrated)]
    house.restart()
    assert await house.told() == []


def test_the_schema_of_a_bot_that_has_run_is_noted_by_the_change() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        migrate(connection)
        assert connection.execute(text("SELECT * FROM alarms")).all() == []
        connection.execute(text("INSERT INTO identity (bot_id) VALUES (1)"))
        migrate(connection, "0026")
        migrate(connection)
        assert connection.execute(text("SELECT kind, subject FROM alarms")).all() == [("migrated", "0026")]
    engine.dispose()


async def test_it_stays_to_be_told_until_there_is_an_owner_and_goes_to_him_alone(
    house: House, catalog: Catalog, provider: str
) -> None:
    house.owner(Settings.load(_env_file=None, access="pairing"))
    await house.door.accesses.set(1, BOB["id"], Rule.ALLOW, by=ANN["id"])
    catalog.note(provider, ok=False, error=SignInFailed())
    assert await house.told() == []

    code = await house.door.accesses.identify(1, "let-me-in")
    await house.door.accesses.pair(2, code or "", OLGA["id"], language="ru")

    assert await house.told() == [(OLGA["id"], RU.alarm_key.format(provider=provider.title()))]
    house.owner(house.door.settings)  # which list Ann too
    house.disk = Disk(free=0)
    assert await house.told() == [(OLGA["id"], RU.alarm_disk.format(limit=500))]


@pytest.mark.parametrize(("language", "words"), [("de", DE), ("ru", RU)])
async def test_it_is_told_in_the_language_of_the_settings(house: House, language: str, words: Texts) -> None:
    house.owner(Settings.load(_env_file=None, access="pairing", admins=[ANN["id"]], language=language))
    house.disk = Disk(free=0)

    assert await house.told() == [(ANN["id"], words.alarm_disk.format(limit=500))]
