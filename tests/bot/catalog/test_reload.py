"""The providers are made anew while the bot runs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.catalog.catalog import Catalog
from bot.catalog.personas import Personas
from bot.catalog.reload import Made, Reload
from bot.process.log import MaskingFormatter, hide
from bot.tools.toolbox import Toolbox
from providers.errors import ConfigurationError
from providers.media.images import Pictures
from providers.media.speech import Speaker
from providers.media.transcription import Transcriber
from tests.bot.fixed import Fixed
from tests.clock import FakeClock


def nobody_listens() -> Transcriber:
    return Transcriber([], clock=FakeClock(), silence_s=60)


def nobody_speaks() -> Speaker:
    return Speaker((), voice="alloy", clock=FakeClock())


def nobody() -> tuple[Transcriber, Pictures, Speaker]:
    return nobody_listens(), Pictures((), clock=FakeClock()), nobody_speaks()


@asynccontextmanager
async def running(
    catalog: Catalog, make: Callable[[], Made], personas: Personas | None = None
) -> AsyncIterator[Reload]:
    reload = Reload(catalog, nobody_listens(), nobody_speaks(), personas or Personas(), Toolbox(), make, hide)
    tasks = [asyncio.ensure_future(each) for each in (catalog.run(), reload.run())]
    try:
        yield reload
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_is_made_anew_is_offered_and_asked_for_its_models(clock: FakeClock) -> None:
    old, new = Fixed("old", models=("m",)), Fixed("new", models=("n",))
    catalog = Catalog({"old": old}, "old", clock)

    async with running(catalog, lambda: Made({"new": new}, "new", [], *nobody(), {}, Toolbox())) as reload:
        await clock.asleep()
        reload.ask()
        await clock.asleep()
        await clock.advance(1)

        assert (catalog.ids, catalog.default, catalog.resolve("old")) == (["new"], "new", "new")
        assert (old.refreshes, new.refreshes) == (1, 1)
        assert (catalog.label("old"), catalog.model("old", "m")) == ("old", "m")  # an answer under way ends with it


async def test_the_personas_are_those_of_the_file_as_it_is_now(clock: FakeClock) -> None:
    old, new = Fixed("old"), Fixed("new")
    personas = Personas({"Teacher": "Explain.", "Pirate": "Arr."})
    made = Made(
        {"new": new},
        "new",
        [],
        *nobody(),
        {"Teacher": "Explain it step by step."},
        Toolbox(),
    )

    async with running(Catalog({"old": old}, "old", clock), lambda: made, personas) as reload:
        reload.ask()
        await clock.asleep()

    assert dict(personas) == {"Teacher": "Explain it step by step."}


async def test_a_mistake_leaves_all_as_it_was(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    def make() -> Made:
        raise ConfigurationError("providers.toml:3 [x] type", "opneai", expected="one of openai")

    catalog = Catalog({"old": Fixed("old")}, "old", clock)

    async with running(catalog, make) as reload:
        await clock.asleep()
        reload.ask()
        for _ in range(5):
            await asyncio.sleep(0)

    assert catalog.ids == ["old"]
    assert "providers.toml:3 [x] type=opneai" in caplog.text
    assert reload.mistake.startswith("providers.toml:3 [x] type=opneai")


async def test_asked_many_times_at_once_it_is_done_once(clock: FakeClock) -> None:
    made: list[int] = []

    def make() -> Made:
        made.append(1)
        return Made({"new": Fixed("new")}, "new", [], *nobody(), {}, Toolbox())

    async with running(Catalog({"old": Fixed("old")}, "old", clock), make) as reload:
        for _ in range(1_000):
            reload.ask()
        await clock.asleep()

    assert len(made) == 1


def test_a_new_secret_is_masked_as_the_old_ones_are() -> None:
    formatter = MaskingFormatter(["old-secret"])
    formatter.hide(["new-secret"])
    record = logging.LogRecord("x", logging.INFO, "", 1, "old-secret new-secret", (), None)

    assert formatter.format(record).endswith("*** ***")
