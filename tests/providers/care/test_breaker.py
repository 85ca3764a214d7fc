"""When a service that failed is asked again."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from providers.care.breaker import Breaker
from providers.errors import (
    Incomplete,
    NoConnection,
    NotTaken,
    ProviderError,
    RateLimited,
    Refused,
    ServiceFailed,
    SignInFailed,
    TimedOut,
    TooLong,
)
from providers.fallback import Fallback, Settings
from providers.registry import kinds
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import HELLO, outcome
from tests.providers.test_fallback import Scripted


class Flaky(Scripted):
    """Fails as long as `error` is set, answers once its gate is open."""

    error: ProviderError | None = None

    def __init__(self, *arguments: str) -> None:
        super().__init__(*arguments)
        self.asked = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def create_async_generator(self, *arguments, **options):  # type: ignore[no-untyped-def]  # passed on
        if self.error:
            self.calls.append(("failed", None, None))
            raise self.error
        self.asked.set()
        await self.gate.wait()
        async for delta in super().create_async_generator(*arguments, **options):
            yield delta


def chain(http: Http, clock: FakeClock, *members: Scripted) -> Fallback:
    settings = Settings(providers=tuple(member.id for member in members))
    known = {member.id: member for member in members}
    return Fallback(settings, http=http, clock=clock, random=Random(1), providers=known)


async def ask(fallback: Fallback) -> str:
    return (await outcome(fallback.create_async_generator(None, HELLO))).text


async def test_one_that_dies_is_left_alone_and_brought_back_by_one_question(http: Http) -> None:
    clock = FakeClock()
    first, second = Flaky("a", "one"), Scripted("b", "two")
    fallback = chain(http, clock, first, second)
    assert await ask(fallback) == "one"

    first.error = TimedOut("silent")
    answers = [await ask(fallback) for _ in range(5)]
    assert answers == ["two"] * 5
    assert len(first.calls) == 2  # the answer, and one silence that a person waited for

    await clock.advance(37)
    assert await ask(fallback) == "two"  # it is tried, and still dead: left alone for twice as long
    await clock.advance(37)
    assert (await ask(fallback), len(first.calls)) == ("two", 3)

    first.error = None
    await clock.advance(72)
    assert [await ask(fallback) for _ in range(3)] == ["one"] * 3


async def test_of_those_that_come_at_once_only_one_tries(http: Http) -> None:
    clock = FakeClock()
    first, second = Flaky("a", "one"), Scripted("b", "two")
    fallback = chain(http, clock, first, second)
    first.error = NoConnection("down")
    await ask(fallback)
    first.error = None
    first.asked.clear()
    await clock.advance(40)

    trying = fallback.create_async_generator(None, HELLO)
    gate, first.gate = first.gate, asyncio.Event()
    begun = asyncio.ensure_future(anext(trying))
    await first.asked.wait()
    assert await ask(fallback) == "two"  # while the one is under way
    first.gate.set()
    assert await begun == "one"
    await trying.aclose()
    first.gate = gate
    assert await ask(fallback) == "one"


async def test_where_all_are_left_alone_all_are_asked(http: Http) -> None:
    first, second = Flaky("a", "one"), Flaky("b", "two")
    fallback = chain(http, FakeClock(), first, second)
    first.error, second.error = NoConnection("x"), NoConnection("y")
    await ask(fallback)
    second.error = None

    assert await ask(fallback) == "two"


async def test_a_question_that_is_withdrawn_while_it_tries_leaves_it_to_the_next(http: Http) -> None:
    clock = FakeClock()
    members = [Flaky("a", "one"), Flaky("b", "two"), Flaky("c", "three")]
    fallback = chain(http, clock, *members)
    for member in members:
        member.error = NoConnection("down")
    await ask(fallback)
    for member in members:
        member.error = None
    await clock.advance(40)

    members[0].gate.clear()
    withdrawn = asyncio.ensure_future(ask(fallback))
    await members[0].asked.wait()
    withdrawn.cancel()
    await asyncio.gather(withdrawn, return_exceptions=True)
    members[0].gate.set()

    assert await ask(fallback) == "one"
    members[0].error = TimedOut("silent")
    assert await ask(fallback) == "two"  # nobody was forgotten in mid-trial


@pytest.mark.parametrize("error", [Refused("no"), TooLong("long"), NotTaken({str}), ServiceFailed("x", status=400)])  # type: ignore[arg-type]  # any kind will do
def test_what_is_the_questions_own_fault_opens_nothing(error: ProviderError) -> None:
    breaker = Breaker(FakeClock(), Random(1))

    for _ in range(10):
        breaker.failed(error)

    assert breaker.is_closed


@pytest.mark.parametrize(
    ("error", "times"),
    [
        (TimedOut("x"), 1),
        (NoConnection("x"), 1),
        (SignInFailed("x"), 1),
        (RateLimited("x"), 1),
        (ServiceFailed("x", status=503), 2),
    ],
)
def test_what_the_next_question_would_meet_as_well_opens_it(error: ProviderError, times: int) -> None:
    breaker = Breaker(FakeClock(), Random(1))

    for _ in range(times):
        assert breaker.is_closed
        breaker.failed(error)

    assert not breaker.let()


async def test_one_that_breaks_off_again_and_again_is_left_alone_though_it_begins_well(http: Http) -> None:
    clock = FakeClock()
    first, second = Scripted("a", "half an", Incomplete()), Scripted("b", "whole")
    fallback = chain(http, clock, first, second)

    assert [await ask(fallback) for _ in range(4)] == ["half an", "half an", "whole", "whole"]
    await clock.advance(37)
    assert [await ask(fallback) for _ in range(2)] == ["half an", "whole"]  # tried by one question
    await clock.advance(37)
    assert await ask(fallback) == "whole"  # left alone for twice as long

    first._script = ("one",)
    await clock.advance(37)
    assert [await ask(fallback) for _ in range(2)] == ["one", "one"]


def test_those_that_break_off_at_once_are_one_incident() -> None:
    clock = FakeClock()
    breaker = Breaker(clock, Random(1))

    for _ in range(8):
        breaker.broke_off()

    assert 30 <= breaker.left_s <= 36


def test_a_dead_one_may_stay_dead_for_weeks() -> None:
    clock = FakeClock()
    breaker = Breaker(clock, Random(1))

    for _ in range(2_000):
        breaker.failed(TimedOut("silent"))

    assert 600 <= breaker.left_s <= 720


async def test_a_wait_that_the_service_names_is_kept_and_has_an_end() -> None:
    clock = FakeClock()
    breaker = Breaker(clock, Random(1))

    breaker.failed(RateLimited("x", retry_after_s=1e9))
    await clock.advance(599)
    assert not breaker.let()
    await clock.advance(122)

    assert breaker.let()
    assert not breaker.let()
    breaker.left()
    assert breaker.let()


def test_a_package_brings_a_provider_by_an_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = (Path(__file__).parents[3] / "providers" / "services" / "g4f.py").read_text(encoding="utf-8")
    (tmp_path / "plugged.py").write_text(source.replace('"g4f"', '"plugged"').replace("G4F_", "PLUGGED_"), "utf-8")
    dist = tmp_path / "plugged-1.dist-info"
    dist.mkdir()
    (dist / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1\n", encoding="utf-8")
    (dist / "entry_points.txt").write_text("[deltagram.providers]\nplugged = plugged\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))

    assert "plugged" in kinds()
