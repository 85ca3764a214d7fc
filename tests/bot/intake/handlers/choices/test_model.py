"""/model: which model answers in a conversation."""

import pytest

from bot.catalog.catalog import Catalog
from bot.settings import Settings
from bot.storage.engine.database import Sessions
from bot.texts.en import EN
from tests.bot.door import Door, buttons, data
from tests.bot.fixed import Fixed
from tests.bot.raw import ANN, pressed, said
from tests.clock import FakeClock

MANY = tuple(f"vendor/a-model-with-quite-a-long-name-that-fills-the-button-{number:02}" for number in range(20))


@pytest.fixture
def big(db: Sessions, clock: FakeClock, settings: Settings) -> Door:
    return Door(db, clock, settings, Catalog({"big": Fixed("big", models=MANY)}, "big", clock))


async def model_of(door: Door, provider: str) -> str | None:
    (chat,) = await door.rows()
    return await door.store.chats.model(chat.id, provider)


async def test_without_a_name_it_offers_the_providers_models(door: Door) -> None:
    (notice,) = await door.knock(said("/models"))

    assert getattr(notice, "text", None) == "alpha answers with the model a-1. Choose another one:"
    assert [button.text for button in buttons(notice)] == ["● a-1", "a-2"]


async def test_with_a_name_it_chooses(door: Door) -> None:
    assert await door.told(said("/model A-2")) == ["The model a-2 answers from now on."]
    assert await model_of(door, "alpha") == "a-2"


async def test_an_unknown_name_is_told_and_changes_nothing(door: Door) -> None:
    (notice,) = await door.knock(said("/model a-9"))

    assert getattr(notice, "text", None) == "⚠️ alpha has no model a-9. Choose one of these:"
    assert data(notice) == ["model:alpha:a-1", "model:alpha:a-2"]
    assert await model_of(door, "alpha") is None


async def test_a_provider_without_models_says_so(door: Door) -> None:
    await door.knock(said("/provider plain"))

    (notice,) = await door.knock(said("/model"))

    assert getattr(notice, "text", None) == "plain offers no choice of models. /provider shows who else can answer."
    assert data(notice) == []


async def test_a_button_chooses_and_marks(door: Door) -> None:
    toast, edit = await door.knock(pressed("model:alpha:a-2"))

    assert getattr(toast, "text", None) == "The model a-2 answers from now on."
    assert [button.text for button in buttons(edit)] == ["a-1", "● a-2"]
    assert await model_of(door, "alpha") == "a-2"


@pytest.mark.parametrize(
    "stale", ["model:beta:b-1", "model:alpha:a-9", "model:a-1", "model-page:1:beta", "model-page:0"]
)
async def test_an_old_menu_changes_nothing_and_gives_way_to_the_present_one(door: Door, stale: str) -> None:
    toast, edit = await door.knock(pressed(stale))

    assert getattr(toast, "text", None) == EN.menu_too_old
    assert data(edit) == ["model:alpha:a-1", "model:alpha:a-2"]
    assert await model_of(door, "alpha") is None


async def test_a_menu_from_before_the_provider_was_switched_acts_on_none(door: Door) -> None:
    (menu,) = await door.knock(said("/model"))
    await door.knock(said("/provider beta"))

    for carried in data(menu):
        assert await door.toast(pressed(carried or "")) == EN.menu_too_old

    assert [await model_of(door, provider) for provider in ("alpha", "beta")] == [None, None]


async def test_long_names_in_many_pages_can_all_be_chosen(big: Door) -> None:
    await big.knock(said("/model"))
    found: list[str] = []
    for page in range(3):
        _, edit = await big.knock(pressed(f"model-page:{page}:big"))
        found += [carried for carried in data(edit) if carried and not carried.startswith("model-page")]
    await big.knock(pressed(found[13]))

    assert len(found) == len(set(found)) == 20
    assert await model_of(big, "big") == MANY[13]


@pytest.mark.parametrize("page", ["", "x", "-1", "99999999999999999999"])
async def test_a_page_that_is_not_there_shows_one_that_is(big: Door, page: str) -> None:
    _, edit = await big.knock(pressed(f"model-page:{page}:big"))

    assert len(buttons(edit)) > 3


async def test_each_conversation_has_its_own_model(door: Door) -> None:
    await door.knock(said("/model a-2"))

    (text,) = await door.told(said("/model", person={**ANN, "id": 77}))

    assert text.startswith("alpha answers with the model a-1.")
