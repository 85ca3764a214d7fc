"""A provider made of providers."""

from collections.abc import AsyncGenerator, Sequence
from decimal import Decimal
from random import Random

import pytest

from providers.base import Alive, AsyncGeneratorProvider, Delta, Message, Reasoning, Revised, Usage
from providers.blocks import Block, Image, Text
from providers.capabilities import NOTHING, Capabilities
from providers.errors import (
    ConfigurationError,
    EmptyAnswer,
    Incomplete,
    NoConnection,
    ProviderError,
    Refused,
    ServiceFailed,
    SignInFailed,
    TimedOut,
    TooLong,
)
from providers.fallback import Fallback, Settings
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import HELLO, outcome


class Scripted(AsyncGeneratorProvider):
    """Yields its script; an error in it is raised."""

    def __init__(
        self,
        provider_id: str,
        *script: Delta | ProviderError,
        context_tokens: int = 1000,
        sees: bool = False,
        able: Capabilities = NOTHING,
    ) -> None:
        self.id = provider_id
        self.url = f"https://{provider_id}.example"
        self.context_tokens = context_tokens
        self.calls: list[tuple[str | None, str | None, float | None]] = []
        self.messages: Sequence[Message] = ()
        self.sees = sees
        self.closed = 0
        self._able = able
        self._script = script

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        self.calls.append((model, proxy, timeout))
        self.messages = messages
        try:
            for step in self._script:
                if isinstance(step, ProviderError):
                    raise step
                yield step
        finally:
            self.closed += 1

    def takes(self, model: str | None) -> frozenset[type[Block]]:
        return frozenset({Image}) if self.sees else frozenset()

    def capabilities(self, model: str | None) -> Capabilities:
        return self._able

    async def refresh(self) -> None:
        for step in self._script:
            if isinstance(step, ProviderError):
                raise step


def fallback(http: Http, *members: AsyncGeneratorProvider) -> Fallback:
    settings = Settings(providers=tuple(member.id for member in members))
    known = {member.id: member for member in members}
    return Fallback(settings, http=http, clock=FakeClock(), random=Random(1), providers=known)


async def test_the_first_member_that_works_answers(http: Http) -> None:
    first, second, third = Scripted("a", NoConnection("x")), Scripted("b", "Hel", "lo"), Scripted("c", "no")

    answer = fallback(http, first, second, third).create_async_generator("m", HELLO, proxy="http://p", timeout=3)
    found = await outcome(answer)

    assert (found.text, found.error) == ("Hello", None)
    assert first.calls == second.calls == [(None, "http://p", 3)]
    assert third.calls == []


async def test_reasoning_is_no_text_yet(http: Http) -> None:
    first = Scripted("a", Reasoning("Hm"), ServiceFailed("x", status=500))

    assert (await outcome(fallback(http, first, Scripted("b", "Hi")).create_async_generator(None, HELLO))).text == "Hi"


@pytest.mark.parametrize("end", [(), (NoConnection("x"),), (Incomplete("x"),)])
@pytest.mark.parametrize("blank", ["\n\u200b", "\u2800", Revised(" ")])
async def test_blanks_bind_the_chain_to_no_member(blank: Delta, end: tuple[ProviderError, ...], http: Http) -> None:
    answer = fallback(http, Scripted("a", blank, *end), Scripted("b", "Hi")).create_async_generator(None, HELLO)

    assert (await outcome(answer)).deltas == ["Hi"]


async def test_where_all_say_nothing_that_is_told(http: Http) -> None:
    answer = fallback(http, Scripted("a", " "), Scripted("b", "\u200b")).create_async_generator(None, HELLO)

    found = await outcome(answer)

    assert isinstance(found.error, EmptyAnswer)
    assert found.text == ""


async def test_the_callers_patience_begins_anew_with_each_member(http: Http) -> None:
    members = Scripted("a", NoConnection("x")), Scripted("b", TimedOut("x")), Scripted("c", "Hi")

    found = await outcome(fallback(http, *members).create_async_generator(None, HELLO))

    assert (found.deltas, found.signs) == (["Hi"], [Alive(), Alive()])


async def test_where_one_has_the_question_and_is_silent_the_chain_is_not_asked_again(http: Http) -> None:
    members = Scripted("a", TimedOut("silent")), Scripted("b", NoConnection("down"))

    found = await outcome(fallback(http, *members).create_async_generator(None, HELLO))

    assert found.error is not None
    assert not found.error.retryable


async def test_after_the_first_text_nobody_else_is_asked(http: Http) -> None:
    second = Scripted("b", "never")

    found = await outcome(
        fallback(http, Scripted("a", "Hel", Incomplete("x")), second).create_async_generator("", HELLO)
    )

    assert found.text == "Hel"
    assert isinstance(found.error, Incomplete)
    assert second.calls == []


async def test_a_refusal_is_the_answer(http: Http) -> None:
    second = Scripted("b", "never")

    found = await outcome(fallback(http, Scripted("a", Refused("no")), second).create_async_generator("", HELLO))

    assert isinstance(found.error, Refused)
    assert second.calls == []


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        ([SignInFailed("one"), ServiceFailed("two", status=404)], SignInFailed),
        ([SignInFailed("one"), EmptyAnswer("two")], EmptyAnswer),
        ([NoConnection("one"), TooLong("two")], TooLong),
    ],
)
async def test_where_all_fail_the_error_that_can_be_mended_tells_what_the_others_said(
    http: Http, errors: list[ProviderError], told: type[ProviderError]
) -> None:
    members = [Scripted(f"p{number}", error) for number, error in enumerate(errors)]

    found = await outcome(fallback(http, *members).create_async_generator(None, HELLO))

    assert type(found.error) is told
    assert "one" in found.error.reason
    assert "two" in found.error.reason


async def test_closing_it_closes_the_member(http: Http) -> None:
    member = Scripted("a", "Hel", "lo")
    answer = fallback(http, member).create_async_generator(None, HELLO)
    await anext(answer)

    await answer.aclose()

    assert member.closed == 1


def test_a_history_must_fit_into_the_smallest_member(http: Http) -> None:
    assert fallback(http, Scripted("a", context_tokens=9), Scripted("b", context_tokens=5)).context_tokens == 5


async def test_a_refresh_fails_only_where_all_members_do(http: Http) -> None:
    await fallback(http, Scripted("a", NoConnection("x")), Scripted("b", "Hi")).refresh()

    with pytest.raises(NoConnection, match="x"):
        await fallback(http, Scripted("a", NoConnection("x")), Scripted("b", NoConnection("y"))).refresh()


@pytest.mark.parametrize("names", [(), ("a", "unknown")])
def test_members_that_there_are_not_are_a_wrong_configuration(http: Http, names: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError, match="ids out of: a"):
        Fallback(
            Settings(providers=names), http=http, clock=FakeClock(), random=Random(1), providers={"a": Scripted("a")}
        )


CAT = Image("9f", "image/png", "", 1)
PICTURE: list[Message] = [{"role": "user", "content": [CAT, Text("What is this?")]}]


async def test_a_question_with_a_picture_is_for_the_members_that_see(http: Http) -> None:
    blind, down, seer = Scripted("a", "no"), Scripted("b", NoConnection("x"), sees=True), Scripted("c", "Hi", sees=True)
    chain = fallback(http, blind, down, seer)

    found = await outcome(chain.create_async_generator(None, PICTURE))

    assert chain.takes(None) == {Image}
    assert (found.text, blind.calls) == ("Hi", [])
    assert seer.messages == [{"role": "user", "content": (CAT, Text("What is this?"))}]


async def test_a_blind_member_reads_a_line_in_the_place_of_an_older_picture(http: Http) -> None:
    blind, seer = Scripted("a", "Hi"), Scripted("b", "no", sees=True)

    found = await outcome(fallback(http, blind, seer).create_async_generator(None, [*PICTURE, *HELLO]))

    assert found.text == "Hi"
    assert blind.messages == [{"role": "user", "content": "[image]\nWhat is this?"}, *HELLO]


async def test_where_nobody_sees_all_are_asked(http: Http) -> None:
    chain = fallback(http, Scripted("a", NoConnection("x")), Scripted("b", "Hi"))

    assert chain.takes(None) == frozenset()
    assert (await outcome(chain.create_async_generator(None, PICTURE))).text == "Hi"


async def test_an_answer_costs_what_the_member_takes_that_gave_it(http: Http) -> None:
    dear = Capabilities(input_price=Decimal(10), output_price=Decimal(10))
    cheap = Capabilities(input_price=Decimal(1), output_price=Decimal(2))
    members = [Scripted("first", NoConnection("no"), able=dear), Scripted("second", "Hi", Usage(10, 5), able=cheap)]

    found = await outcome(fallback(http, *members).create_async_generator(None, HELLO))

    assert found.usage == Usage(10, 5, cost=Decimal("0.00002"))


async def test_who_answers_is_told_to_a_caller_who_wants_to_know(http: Http) -> None:
    told: list[tuple[str, str]] = []
    one, two = Scripted("one", ServiceFailed(status=503)), Scripted("two", "Hi")
    inner = fallback(http, one, two)
    outer = Fallback(
        Settings(providers=("inner",)), http=http, clock=FakeClock(), random=Random(1), providers={"inner": inner}
    )

    answer = outer.create_async_generator(None, HELLO, answering=lambda *who: told.append(who))
    found = await outcome(answer)

    assert found.text == "Hi"
    assert told == [("two", "")]
