import asyncio
from collections.abc import AsyncIterator
from typing import Literal

import pytest

from providers.base import AsyncGeneratorProvider, ProviderModelMixin, Revised
from providers.errors import Incomplete, RateLimited, ServiceFailed, SignInFailed, TooLong
from providers.services.fakegpt import FakeGpt, Settings
from providers.wire.http import Http
from tests.services import fakegpt as server
from tests.services import faults
from tests.services.cases import hear, make_fakegpt
from tests.services.wire import Wire, sse


@pytest.fixture
async def service() -> AsyncIterator[server.FakeGpt]:
    async with server.FakeGpt() as running:
        yield running
        assert running.complaints == []


@pytest.fixture
def provider(service: server.FakeGpt, http: Http) -> FakeGpt:
    return make_fakegpt(service.base_url, http)


def logins(service: server.FakeGpt) -> int:
    return service.calls["login"]


def test_it_tells_what_it_is() -> None:
    assert issubclass(FakeGpt, AsyncGeneratorProvider)
    assert not issubclass(FakeGpt, ProviderModelMixin)
    assert (FakeGpt.id, FakeGpt.working, FakeGpt.supports_stream) == ("fakegpt", False, True)
    assert FakeGpt.supports_gpt_35_turbo


def test_it_is_offered_where_its_address_is_set(environment: pytest.MonkeyPatch) -> None:
    assert not Settings().configured
    assert Settings().base_url == "https://chat-shared2.zhile.io"
    assert Settings(base_url="http://localhost:9000/x/").base_url == "http://localhost:9000/x"
    environment.setenv("FAKEGPT_BASE_URL", "http://localhost:9000/x/")
    assert Settings().configured


@pytest.mark.parametrize("model", ["", "gpt-9", None])
async def test_any_model_will_do(provider: FakeGpt, model: str | None) -> None:
    assert (await hear(provider, model=model)).text == "Hello"


async def test_simultaneous_cold_calls_sign_in_once(provider: FakeGpt, service: server.FakeGpt) -> None:
    heard = await asyncio.gather(*(hear(provider, f"prompt {n}") for n in range(20)))

    assert [one.text for one in heard] == [f"prompt {n}" for n in range(20)]
    assert service.calls == {"loads": 1, "login": 1, "session": 1, "conversation": 20}


@pytest.mark.parametrize("refusal", [200, 401, 403])
async def test_simultaneous_calls_with_an_ended_session_sign_in_once_more(
    provider: FakeGpt, service: server.FakeGpt, refusal: Literal[200, 401, 403]
) -> None:
    service.refusal = refusal
    await hear(provider)
    service.revoke()

    heard = await asyncio.gather(*(hear(provider, f"prompt {n}") for n in range(20)))

    # the server ends the older session at each login: one login too many would refuse some of these
    assert [one.text for one in heard] == [f"prompt {n}" for n in range(20)]
    assert logins(service) == 2


async def test_a_session_refused_twice_in_a_row_is_an_error_and_no_loop(
    provider: FakeGpt, service: server.FakeGpt
) -> None:
    service.faults["conversation"].extend([faults.document({"detail": "Unauthorized"}, code=401)] * 2)

    heard = await hear(provider)

    assert isinstance(heard.error, SignInFailed)
    assert "Unauthorized" in heard.error.reason
    assert (logins(service), service.calls["conversation"]) == (2, 2)
    assert (await hear(provider)).text == "Hello"


async def test_a_failure_in_a_good_response_is_told_without_a_new_login(
    provider: FakeGpt, service: server.FakeGpt
) -> None:
    for detail in ("Only one message at a time", {"message": "Only one message at a time", "code": "busy"}):
        service.faults["conversation"].append(faults.document({"detail": detail}))
        heard = await hear(provider)
        assert type(heard.error) is ServiceFailed
        assert "Only one message" in heard.error.reason
    assert logins(service) == 1


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"detail": "maximum context length is 4097 tokens"}, TooLong),
        ({"detail": {"message": "too many requests in 1 hour", "code": "rate_limit_exceeded"}}, RateLimited),
        ({"detail": [{"loc": ["body"], "msg": "field required"}]}, ServiceFailed),
        ({"error": "Something went wrong", "message": None}, ServiceFailed),
    ],
)
async def test_a_failure_is_told_for_what_it_is(
    provider: FakeGpt, service: server.FakeGpt, payload: dict[str, object], kind: type[Exception]
) -> None:
    service.reply = lambda _: sse([payload])
    assert type((await hear(provider)).error) is kind
    service.faults["conversation"].append(faults.document(payload))
    assert type((await hear(provider)).error) is kind
    assert logins(service) == 1


async def test_a_session_that_ends_in_mid_answer_leaves_it_incomplete(
    provider: FakeGpt, service: server.FakeGpt
) -> None:
    service.reply = lambda _: server.answer("Hel", end="") + sse([{"detail": "token expired"}])

    heard = await hear(provider)

    assert heard.text == "Hel"
    assert isinstance(heard.error, Incomplete)
    assert logins(service) == 1


async def test_dead_accounts_are_passed_over(provider: FakeGpt, service: server.FakeGpt) -> None:
    service.accounts, service.dead = ["a", "b", "c"], {"a", "b"}

    assert (await hear(provider)).text == "Hello"
    assert logins(service) <= 3
    assert len(set(service.logins_by_account)) == logins(service)
    assert service.logins_by_account[-1] == "c"


async def test_it_gives_up_after_three_accounts(provider: FakeGpt, service: server.FakeGpt) -> None:
    service.accounts = list("abcdefgh")
    service.dead = set(service.accounts)

    heard = await hear(provider)

    assert isinstance(heard.error, SignInFailed)
    assert "account is dead" in heard.error.reason
    assert len(set(service.logins_by_account)) == logins(service) == 3
    service.dead = set()
    assert (await hear(provider)).text == "Hello"


async def test_accounts_are_picked_at_random(http: Http, service: server.FakeGpt) -> None:
    for _ in range(30):
        await hear(make_fakegpt(service.base_url, http))

    assert set(service.logins_by_account) == {"aaa", "bbb"}


async def test_an_empty_pool_is_an_error(provider: FakeGpt, service: server.FakeGpt) -> None:
    service.accounts = []

    heard = await hear(provider)

    assert isinstance(heard.error, SignInFailed)
    assert "no account" in heard.error.reason


@pytest.mark.parametrize(
    ("step", "fault", "reason"),
    [
        ("login", faults.status(200, "ok"), "no cookie"),
        ("login", faults.status(404, "gone"), "404"),
        ("session", faults.document({}), "no access token"),
        ("session", faults.document({"accessToken": None}), "no access token"),
        ("session", faults.document({"accessToken": "a\r\nCookie: b"}), "no access token"),
        ("session", faults.document({"accessToken": "\ud83e"}), "no access token"),
        ("session", faults.document({"detail": "?"}, code=401), "401"),
    ],
)
async def test_another_account_is_tried_where_a_login_comes_to_nothing(
    provider: FakeGpt, service: server.FakeGpt, step: str, fault: faults.Fault, reason: str
) -> None:
    service.faults[step].append(fault)
    assert (await hear(provider)).text == "Hello"
    assert logins(service) == 2

    service.revoke()
    service.accounts = ["only"]
    service.faults[step].append(fault)
    heard = await hear(provider)
    assert isinstance(heard.error, SignInFailed)
    assert reason in heard.error.reason
    assert (await hear(provider)).text == "Hello"


async def test_a_login_that_redirects_is_followed(provider: FakeGpt, service: server.FakeGpt) -> None:
    service.login_redirects = True

    assert (await hear(provider)).text == "Hello"
    assert service.calls["start"] == 1


async def test_cookies_meant_for_https_go_to_a_plain_address_too(provider: FakeGpt, service: server.FakeGpt) -> None:
    service.secure_cookies = True

    assert (await hear(provider)).text == "Hello"


async def test_an_account_with_an_impossible_name_is_no_crash(provider: FakeGpt, service: server.FakeGpt) -> None:
    service.faults["loads"].append(faults.document({"loads": [{"token_id": "a\ud83e"}]}))
    service.accounts = ["a\ufffd"]

    assert (await hear(provider)).text == "Hello"


async def test_what_carries_no_answer_is_passed_over(provider: FakeGpt, service: server.FakeGpt) -> None:
    answer = [server.snapshot("Hel"), *server.noise(), server.snapshot("Hello")]
    service.reply = lambda _: sse([*server.noise(), *answer, *server.noise()])

    assert (await hear(provider)).deltas == ["Hel", "lo"]


async def test_revised_text_is_shown_as_revised(provider: FakeGpt, service: server.FakeGpt) -> None:
    service.reply = lambda _: server.answer("Hello wor", "Hello", "Hello", "Good", "Good day")
    service.wire = Wire(every=50)

    heard = await hear(provider)

    assert heard.deltas == ["Hello wor", Revised("Hello"), Revised("Good"), " day"]
    assert heard.text == "Good day"
