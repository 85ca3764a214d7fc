"""The catalog: what can be chosen from, kept up to date beside intake."""

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.catalog.catalog import Catalog
from providers.errors import NoConnection, ProviderError, ServiceFailed
from tests.bot.fixed import Fixed
from tests.clock import FakeClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def running(catalog: Catalog) -> "AsyncIterator[None]":
    task = asyncio.ensure_future(catalog.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def failing_refresh(error: Exception) -> Fixed:
    async def fail() -> None:
        raise error

    return Fixed("one", models=("m",), on_refresh=fail)


def test_a_provider_that_is_gone_is_replaced_by_the_default(catalog: Catalog) -> None:
    assert catalog.ids == ["alpha", "beta", "plain"]
    assert catalog.resolve("beta") == "beta"
    assert catalog.resolve("gone") == "alpha"
    assert catalog.get("beta").id == "beta"


def test_models_are_offered_as_the_provider_has_them(catalog: Catalog) -> None:
    assert catalog.models("alpha") == ["a-1", "a-2"]
    assert catalog.models("plain") == []


def test_the_chosen_model_answers_else_the_default_one(catalog: Catalog) -> None:
    assert catalog.model("alpha", "a-2") == "a-2"
    assert catalog.model("alpha", None) == "a-1"
    assert catalog.model("plain", None) is None


@pytest.mark.parametrize(
    ("wanted", "found"), [("a-2", "a-2"), ("A-2", "a-2"), ("first", "a-1"), ("FIRST", "a-1"), ("a-3", None)]
)
def test_a_model_is_found_by_name_or_alias_in_any_case(catalog: Catalog, wanted: str, found: str | None) -> None:
    assert catalog.find_model("alpha", wanted) == found


def test_a_provider_without_a_list_takes_any_name(catalog: Catalog) -> None:
    assert catalog.find_model("plain", "Whatever-1") == "Whatever-1"


async def test_a_failure_is_news_for_ten_minutes(catalog: Catalog, clock: FakeClock) -> None:
    catalog.note("beta", ok=False)

    assert catalog.failing("beta")
    assert not catalog.failing("alpha")
    await clock.advance(601)
    assert not catalog.failing("beta")


def test_a_provider_that_answers_again_is_not_failing(catalog: Catalog) -> None:
    catalog.note("beta", ok=False)
    catalog.note("beta", ok=True)

    assert not catalog.failing("beta")


async def test_models_are_refreshed_at_start_and_every_ten_minutes(clock: FakeClock) -> None:
    provider = Fixed("one")

    async with running(Catalog({"one": provider}, "one", clock)):
        await clock.asleep()
        assert provider.refreshes == 1
        await clock.advance(599)
        assert provider.refreshes == 1
        await clock.advance(2)
        assert provider.refreshes == 2


async def test_a_provider_that_does_not_answer_delays_no_other(clock: FakeClock) -> None:
    for_ever = asyncio.Event()

    async def hang() -> None:
        await for_ever.wait()

    slow, quick = Fixed("slow", on_refresh=hang), Fixed("quick")

    async with running(Catalog({"slow": slow, "quick": quick}, "slow", clock)):
        await clock.asleep()
        await clock.advance(601)
        assert (slow.refreshes, quick.refreshes) == (1, 2)


@pytest.mark.parametrize(
    ("error", "is_failing"),
    [(NoConnection("refused"), True), (ServiceFailed("no such page", status=404), False), (KeyError("data"), False)],
)
async def test_a_failed_refresh_is_logged_and_tried_again(
    clock: FakeClock, caplog: pytest.LogCaptureFixture, error: Exception, is_failing: bool
) -> None:
    provider = failing_refresh(error)
    catalog = Catalog({"one": provider}, "one", clock)

    async with running(catalog):
        await clock.asleep()
        (line,) = caplog.records
        assert line.levelno == (logging.WARNING if isinstance(error, ProviderError) else logging.ERROR)
        assert "provider=one" in line.getMessage()
        assert catalog.failing("one") == is_failing
        await clock.advance(601)
        assert provider.refreshes == 2
