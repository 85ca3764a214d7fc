import asyncio
from collections.abc import AsyncIterator
from typing import Literal

import pytest
from aiohttp import web

from providers.base import AsyncGeneratorProvider, ProviderModelMixin, Revised
from providers.errors import Incomplete, ServiceFailed, SignInFailed
from providers.services.gptalk import GPTalk, Settings
from providers.wire.http import Http
from tests.services import faults
from tests.services import gptalk as server
from tests.services.cases import hear, make_gptalk
from tests.services.wire import sse


@pytest.fixture
async def service() -> AsyncIterator[server.GPTalk]:
    async with server.GPTalk() as running:
        yield running
        assert running.complaints == []


@pytest.fixture
def provider(service: server.GPTalk, http: Http) -> GPTalk:
    return make_gptalk(service.base_url, http)


def test_it_tells_what_it_is(environment: pytest.MonkeyPatch) -> None:
    assert issubclass(GPTalk, AsyncGeneratorProvider)
    assert not issubclass(GPTalk, ProviderModelMixin)
    assert (GPTalk.id, GPTalk.working, GPTalk.supports_stream) == ("gptalk", False, True)
    assert GPTalk.supports_gpt_35_turbo
    assert Settings().base_url == "https://gptalk.net"
    assert not Settings().configured
    environment.setenv("GPTALK_BASE_URL", "http://localhost:9000/x/")
    assert (Settings().configured, Settings().base_url) == (True, "http://localhost:9000/x")


async def test_the_model_is_passed_on(provider: GPTalk, service: server.GPTalk) -> None:
    for model in ("", None, "gpt-4", "whatever"):
        await hear(provider, model=model)

    assert service.models == ["gpt-3.5-turbo", "gpt-3.5-turbo", "gpt-4", "whatever"]


async def test_a_token_serves_five_questions(provider: GPTalk, service: server.GPTalk) -> None:
    heard = [await hear(provider) for _ in range(11)]

    assert {one.text for one in heard} == {"Hello"}
    assert service.calls == {"login": 3, "text": 11, "stream": 11}
    assert service.uses == [5, 5, 1]


async def test_simultaneous_cold_calls_log_in_once_for_five(provider: GPTalk, service: server.GPTalk) -> None:
    heard = await asyncio.gather(*(hear(provider, f"prompt {n}") for n in range(5)))
    assert [one.text for one in heard] == [f"prompt {n}" for n in range(5)]
    assert service.calls["login"] == 1

    await asyncio.gather(*(hear(provider, f"prompt {n}") for n in range(20)))
    assert service.calls == {"login": 5, "text": 25, "stream": 25}
    assert service.uses == [5] * 5


@pytest.mark.parametrize("refusal", [200, 401, 403])
async def test_simultaneous_calls_with_a_refused_token_log_in_no_oftener_than_needed(
    provider: GPTalk, service: server.GPTalk, refusal: Literal[200, 401, 403]
) -> None:
    service.refusal = refusal
    await hear(provider)
    service.revoke()
    heard = await asyncio.gather(*(hear(provider, f"prompt {n}") for n in range(4)))
    assert [one.text for one in heard] == [f"prompt {n}" for n in range(4)]
    assert service.calls["login"] == 2

    service.revoke()
    heard = await asyncio.gather(*(hear(provider, f"prompt {n}") for n in range(20)))
    assert [one.text for one in heard] == [f"prompt {n}" for n in range(20)]
    assert service.calls["login"] == 6
    assert service.uses == [5] * 4


async def test_a_question_that_was_not_accepted_does_not_count(provider: GPTalk, service: server.GPTalk) -> None:
    service.faults["text"].append(faults.status(500))
    heard = [await hear(provider) for _ in range(6)]

    assert isinstance(heard[0].error, ServiceFailed)
    assert {one.text for one in heard[1:]} == {"Hello"}
    assert service.calls["login"] == 1


async def test_a_service_that_counts_rejected_questions_too_is_met_with_a_new_login(
    provider: GPTalk, service: server.GPTalk
) -> None:
    service.counts_rejected = True
    service.faults["text"].append(faults.status(500))
    heard = [await hear(provider) for _ in range(6)]

    assert {one.text for one in heard[1:]} == {"Hello"}
    assert service.calls["login"] == 2


@pytest.mark.parametrize(("lifetime_s", "logins"), [(3600, 1), (None, 1), (-60, 3), (2, 3)])
async def test_a_token_is_renewed_a_little_before_it_expires(
    provider: GPTalk, service: server.GPTalk, lifetime_s: float | None, logins: int
) -> None:
    service.lifetime_s = lifetime_s

    heard = [await hear(provider) for _ in range(3)]

    assert {one.text for one in heard} == {"Hello"}
    assert service.calls["login"] == logins


async def test_a_token_refused_twice_in_a_row_is_an_error_and_no_loop(provider: GPTalk, service: server.GPTalk) -> None:
    service.faults["text"].extend([faults.document(server.failure(401, "登录已过期"))] * 2)

    heard = await hear(provider)

    assert isinstance(heard.error, SignInFailed)
    assert "登录已过期" in heard.error.reason
    assert service.calls == {"login": 2, "text": 2}
    assert (await hear(provider)).text == "Hello"


async def test_a_refused_login_is_an_error_with_the_services_reason(provider: GPTalk, service: server.GPTalk) -> None:
    service.faults["login"].append(faults.document(server.failure(500, "系统繁忙")))

    heard = await hear(provider)

    assert isinstance(heard.error, SignInFailed)
    assert "系统繁忙" in heard.error.reason
    assert service.calls == {"login": 1}


async def test_a_token_that_fits_into_no_header_is_an_error(provider: GPTalk, service: server.GPTalk) -> None:
    for token in ("a\r\nx: y", "a b", "\ud83e"):
        service.faults["login"].append(faults.document({"data": {"token": token}}))
        assert isinstance((await hear(provider)).error, SignInFailed)
    assert (await hear(provider)).text == "Hello"


async def test_a_stream_token_of_any_characters_is_sent(provider: GPTalk, service: server.GPTalk) -> None:
    service.faults["text"].append(faults.document({"data": {"token": "ü \r\n\ud83e#&"}}))

    assert (await hear(provider)).text == "Hello"
    assert service.calls == {"login": 1, "text": 2, "stream": 2}


@pytest.mark.parametrize("refusal", [200, 401, 403])
async def test_a_refused_stream_means_to_ask_again_with_the_same_token(
    provider: GPTalk, service: server.GPTalk, refusal: int
) -> None:
    refused = faults.document(server.failure(401, "token 无效"), code=refusal)
    service.faults["stream"].append(refused)
    assert (await hear(provider)).text == "Hello"
    assert service.calls == {"login": 1, "text": 2, "stream": 2}
    assert service.uses == [2]

    service.faults["stream"].extend([refused] * 2)
    heard = await hear(provider)
    assert isinstance(heard.error, SignInFailed)
    assert service.calls == {"login": 1, "text": 4, "stream": 4}


async def test_a_refused_stream_and_a_refused_token_mean_a_new_login(provider: GPTalk, service: server.GPTalk) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        service.revoke()
        return web.Response(status=403)

    service.faults["stream"].append(refuse)

    assert (await hear(provider)).text == "Hello"
    assert service.calls == {"login": 2, "text": 3, "stream": 2}


async def test_a_failure_instead_of_the_stream_is_told_in_the_services_words(
    provider: GPTalk, service: server.GPTalk
) -> None:
    service.faults["stream"].append(faults.document(server.failure(500, "系统繁忙")))

    heard = await hear(provider)

    assert type(heard.error) is ServiceFailed
    assert "系统繁忙" in heard.error.reason
    assert service.calls == {"login": 1, "text": 1, "stream": 1}


async def test_a_failure_after_text_leaves_it_incomplete(provider: GPTalk, service: server.GPTalk) -> None:
    service.reply = lambda _: server.answer("Hel", end="") + sse([{"code": 401, "msg": "登录已过期"}])

    heard = await hear(provider)

    assert heard.text == "Hel"
    assert isinstance(heard.error, Incomplete)
    assert "登录已过期" in heard.error.reason
    assert service.calls["stream"] == 1


async def test_what_carries_no_answer_is_passed_over(provider: GPTalk, service: server.GPTalk) -> None:
    answer: list[str | dict[str, object]] = [{"content": "Hel"}, *server.noise(), {"content": "Hello", "code": 0}]
    service.reply = lambda _: sse([*server.noise(), *answer, *server.noise(), "[DONE] 123", {"content": "no"}])

    assert (await hear(provider)).deltas == ["Hel", "lo"]


async def test_revised_text_is_shown_as_revised(provider: GPTalk, service: server.GPTalk) -> None:
    service.reply = lambda _: server.answer("Hello wor", "Hello", "Good day")

    heard = await hear(provider)

    assert heard.deltas == ["Hello wor", Revised("Hello"), Revised("Good day")]
