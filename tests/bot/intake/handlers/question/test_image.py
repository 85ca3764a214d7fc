"""/image: a question for whoever makes pictures, held to the limits as any other."""

import pytest

from bot.catalog.catalog import Catalog
from bot.settings import Settings
from bot.texts.en import EN
from providers.blocks import Draw, Text
from providers.media.endpoints import Endpoint
from providers.media.images import Pictures
from providers.wire.http import Http
from tests.bot.door import Door
from tests.bot.fixed import Fixed
from tests.bot.raw import said
from tests.clock import FakeClock


@pytest.fixture
def settings() -> Settings:
    return Settings.load(_env_file=None, access="open", limit_messages=1)


class TestWithSomebodyWhoDraws:
    """A service makes pictures."""

    @pytest.fixture
    def catalog(self, clock: FakeClock) -> Catalog:
        endpoint = Endpoint("mine", "http://127.0.0.1:1/v1", "flux", Http())
        return Catalog({"alpha": Fixed("alpha")}, "alpha", clock, painter=Pictures([endpoint], clock=clock))

    async def test_it_is_a_question_and_counts_as_one(self, door: Door) -> None:
        assert await door.knock(said("/image a red fox")) == []

        job = await door.store.begun()
        found = await door.store.trees.of(1, 1)
        assert found
        assert found.asked[0].content == (Draw(), Text("a red fox"))
        await door.store.replies.stands(await door.store.made(job))
        (told,) = await door.told(said("/image another one"))
        assert told.startswith("1 of 1 questions today.")

    async def test_without_words_it_is_explained(self, door: Door) -> None:
        assert await door.told(said("/image")) == [EN.image_usage]


async def test_where_nobody_draws_that_is_told(door: Door) -> None:
    assert await door.told(said("/image a red fox")) == [EN.image_nobody]
    assert await door.asked() == []
