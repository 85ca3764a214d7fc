"""Names: people read what a service is called, nowhere the id that its operator and the rows know it by."""

import json
from collections.abc import Iterator

import pytest
from aiogram.methods import SendDocument
from aiogram.types import BufferedInputFile
from sqlalchemy import update

from bot.catalog.catalog import Catalog
from bot.settings import Settings
from bot.storage.tables import Answer
from bot.texts.en import EN
from providers.errors import SignInFailed
from providers.media.images import Pictures
from tests.bot.door import Door
from tests.bot.fixed import Fixed
from tests.bot.intake.handlers.talks import talk
from tests.bot.raw import ANN, Raw, pressed, private, said, shown
from tests.clock import FakeClock

IDS = ("first-id", "second-id")


@pytest.fixture
def settings() -> Settings:
    return Settings.load(_env_file=None, access="pairing", admins="11")


@pytest.fixture
def catalog(clock: FakeClock) -> Catalog:
    first = Fixed(IDS[0], label="First", models=["small", "large"])
    second = Fixed(IDS[1], label="Second")
    catalog = Catalog({IDS[0]: first, IDS[1]: second}, IDS[0], clock, painter=Pictures([], clock=clock))
    catalog.note(IDS[1], ok=False, error=SignInFailed("401", provider=IDS[1]))
    return catalog


def strings(found: object, key: str = "") -> Iterator[str]:
    """Yield what of some JSON is shown: all but what buttons carry."""
    if isinstance(found, dict):
        for name, value in found.items():
            yield from strings(value, name)
    elif isinstance(found, list):
        for value in found:
            yield from strings(value, key)
    elif isinstance(found, str) and key != "callback_data":
        yield found


def below(data: str) -> Raw:
    return pressed(data, under={**shown(chat=private(ANN)), "message_id": 5})


async def test_no_notice_toast_menu_or_file_names_an_id(door: Door) -> None:
    job = await talk(door, "Dogs?", at=5)
    async with door.db.begin() as session:
        await session.execute(update(Answer).where(Answer.id == job.id).values(provider=IDS[0], model="small"))
    commands = [
        *("start", "help", "usage", "id", "provider", f"provider {IDS[1]}", "model", "model large", "model none"),
        *("settings", "admin", "invite", "role", "system", "history", f"provider {IDS[0]}", "export", "find Dogs"),
    ]
    presses = [f"made:{job.id}", "adm:health", "adm:reread", f"provider:{IDS[1]}", "set:provider", "set:model"]

    heard = [await door.knock(said(f"/{command}")) for command in commands]
    heard += [await door.knock(below(data)) for data in (*presses, "export:md:all")]
    await door.exports.next()

    told = [each for methods in (*heard, door.outbox.methods) for each in methods]
    shown_to_people = [
        text
        for each in told
        for text in strings(json.loads(each.model_dump_json(exclude={"document"}, exclude_unset=True)))
    ]
    documents = [each.document for each in told if isinstance(each, SendDocument)]
    files = [each.data.decode() for each in documents if isinstance(each, BufferedInputFile)]
    assert not [text for text in (*shown_to_people, *files) if any(id_ in text for id_ in IDS)]
    assert EN.version_made.format(maker="First · small") in shown_to_people
    assert "First" in "".join(files)


async def test_who_has_gone_and_who_answers_instead_are_named(door: Door, catalog: Catalog) -> None:
    await door.knock(said("/provider " + IDS[1]))
    catalog.replace({"openai": Fixed("openai", label="OpenAI")}, "openai")
    await door.knock(said("/start"))
    catalog.replace({IDS[0]: Fixed(IDS[0], label="First")}, IDS[0])
    await door.knock(said("/new"))

    assert catalog.label("openai") == "OpenAI"
    missing = [text for text in await door.told(said("Hello")) if "First" in text]
    assert missing
    assert IDS[0] not in missing[0]


@pytest.mark.parametrize(("id_", "model", "name"), [("images", "flux", "flux"), ("anthropic", None, "Anthropic")])
def test_pictures_are_signed_by_their_model_and_former_services_by_name(
    catalog: Catalog, id_: str, model: str | None, name: str
) -> None:
    assert catalog.signature(id_, model) == name
    assert catalog.label("images", painter="Bilder") == "Bilder"
