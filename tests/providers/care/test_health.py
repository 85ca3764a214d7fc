"""How providers fared: what is told of it, how long it is news, and what outlasts the process."""

import json
from random import Random

import pytest

from providers.care.health import RECENT, Cause, Fares, Health, cause_of
from providers.errors import NoConnection, RateLimited, SignInFailed, TimedOut
from tests.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def health(clock: FakeClock) -> Health:
    return Health(clock, Random(1))


def again(health: Health, clock: FakeClock) -> Health:
    """Return what a further process knows; its clock may stand elsewhere."""
    other = Health(FakeClock(now=5.0, wall=clock.wall()), Random(1))
    other.take(json.loads(json.dumps(health.to_json())))
    return other


def test_the_last_answers_are_told_in_short(health: Health) -> None:
    health.note("one", "m", first_s=1.0, seconds=3.0, tokens=100)
    health.note("one", "n", first_s=2.0, seconds=2.1, tokens=5)
    health.note("one", "m", cause=Cause.SLOW)

    assert health.fares("one") == Fares(3, 1, 1.5, 50.0, Cause.SLOW)
    assert health.fares("one", "n") == Fares(1, 0, 2.0, None, None)
    assert health.fares("other") is None
    assert str(health.fares("one", "n")) == "1 of the last 1 answers came, first text after 2.0 s"
    assert str(health.fares("one")) == (
        "2 of the last 3 answers came, first text after 1.5 s, 50 tokens/s, the last failure: slow"
    )


async def test_only_the_last_twenty_count(health: Health, clock: FakeClock) -> None:
    for number in range(RECENT + 5):
        health.note("one", f"m{number % 2}", cause=Cause.FAILING if number < 5 else None)
        await clock.advance(1)

    assert health.fares("one") == Fares(RECENT, 0, None, None, None)


async def test_a_failure_is_news_for_ten_minutes_or_until_an_answer(health: Health, clock: FakeClock) -> None:
    health.note("one", cause=Cause.LIMIT)
    health.note("two", cause=Cause.LIMIT)
    health.note("two")

    assert (health.cause("one"), health.cause("two")) == (Cause.LIMIT, None)
    await clock.advance(601)
    assert health.cause("one") is None


def test_what_the_operator_changed_is_given_another_chance(health: Health) -> None:
    health.note("one", cause=Cause.KEY)
    health.breaker("one").failed(SignInFailed())
    assert health.is_left_alone("one")

    health.forgive()

    assert health.cause("one") is None
    assert not health.is_left_alone("one")
    assert health.fares("one") == Fares(1, 1, None, None, Cause.KEY)


async def test_failures_have_a_beginning_that_an_answer_ends(health: Health, clock: FakeClock) -> None:
    began = clock.wall()
    for _ in range(3):
        health.note("one", "m", cause=Cause.UNREACHABLE)
        await clock.advance(400)
    health.note("two", cause=Cause.SLOW)
    await clock.advance(4000)
    health.note("two", cause=Cause.SLOW)

    assert (health.failing_since("one"), again(health, clock).failing_since("one")) == (began, began)
    assert health.failing_since("two") == clock.wall()  # the former one was another trouble
    health.note("one", "n")
    assert (health.failing_since("one"), again(health, clock).failing_since("one")) == (None, None)


async def test_a_further_process_knows_all_of_it(health: Health, clock: FakeClock) -> None:
    health.note("one", "m", first_s=1.0, seconds=3.0, tokens=100)
    health.note("one", "m", cause=Cause.UNREACHABLE)
    health.breaker("one").failed(NoConnection())
    health.breaker("two").failed(RateLimited(retry_after_s=300))

    other = again(health, clock)

    assert other.fares("one") == health.fares("one")
    assert other.cause("one") is Cause.UNREACHABLE
    assert other.is_left_alone("one")
    assert 290 < other.breaker("two").left_s < 361


async def test_a_key_that_was_refused_is_tried_anew_by_a_further_process(health: Health, clock: FakeClock) -> None:
    health.note("one", cause=Cause.KEY)
    health.breaker("one").failed(SignInFailed())

    assert not again(health, clock).is_left_alone("one")


async def test_after_a_start_one_question_tries_what_was_left_alone_before(health: Health, clock: FakeClock) -> None:
    health.breaker("one").failed(NoConnection())
    health.breaker("two").failed(NoConnection())
    await clock.advance(120)  # its time is over, and nobody has asked it since

    breaker = again(health, clock).breaker("one")
    assert [breaker.let(), breaker.let()] == [True, False]
    breaker.answered()
    assert breaker.let()

    await clock.advance(86_400)
    assert not again(health, clock).is_left_alone("two")  # nobody knows of it any more


async def test_a_limited_key_rests_in_a_further_process_until_its_time_or_a_change(
    health: Health, clock: FakeClock
) -> None:
    health.rest("one 0123", 600)
    await clock.advance(100)

    other = again(health, clock)
    assert other.rests_s("one 0123") == pytest.approx(500)
    assert other.rests_s("one 4567") == 0
    other.forgive()
    assert other.rests_s("one 0123") == 0


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {"results": 5},
        {"results": {"one": {"m": [["x"]]}}, "open": {"one": ["soon", 1]}},
        {"results": {"one": {"m": [[1, None, 0, 0, "no cause"]]}}, "open": []},
        {"results": {}, "forgiven_at": 0, "open": {}, "rests": {"one 0123": "long"}},
    ],
)
def test_what_cannot_be_read_is_left_out(health: Health, said: object) -> None:
    health.take(said)

    assert health.fares("one") is None
    assert not health.is_left_alone("one")


def test_each_failure_has_a_cause() -> None:
    causes = [cause_of(error) for error in (TimedOut(), NoConnection(), RateLimited(), SignInFailed(), ValueError())]

    assert causes == [Cause.SLOW, Cause.UNREACHABLE, Cause.LIMIT, Cause.KEY, Cause.FAILING]
