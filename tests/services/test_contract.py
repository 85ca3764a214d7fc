"""What all four providers do alike, over real HTTP; a request that is not to the letter fails every test here."""

from collections import Counter
from contextlib import aclosing

import pytest

from providers.base import AsyncGeneratorProvider, Message
from providers.errors import ModelNotSupported, NothingToSend
from providers.wire.http import Http
from tests.services.cases import Case, hear, says, user
from tests.services.service import Service

DELTAS = ("Hé", "llo 🦊", " — ", "wörld\n", "日本語 data: [DONE]", " end")
TEXT = "".join(DELTAS)


async def test_a_cold_and_a_warm_call_make_the_requests_of_the_spec(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    says(service, case.frame(*DELTAS))
    cold = await hear(provider)
    first = service.calls.copy()
    warm = await hear(provider)

    assert (cold.text, warm.text) == (TEXT, TEXT)
    assert cold.deltas == list(DELTAS)
    assert first == Counter(case.cold)
    assert service.calls - first == Counter(case.warm)
    assert service.prompts == ["Hello", "Hello"]


async def test_nothing_is_sent_before_the_first_iteration(provider: AsyncGeneratorProvider, service: Service) -> None:
    call = provider.create_async_generator(None, user("Hello"))
    await call.aclose()

    assert service.calls == {}


async def test_the_conversation_is_one_prompt(provider: AsyncGeneratorProvider, service: Service) -> None:
    messages: list[Message] = [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": [{"type": "text", "text": "Hi "}, {"type": "text", "text": "ü&=+🦊\n?"}]},
        {"role": "assistant", "content": None},
        {"role": "user", "content": "lone \ud83e half"},
    ]
    async with aclosing(provider.create_async_generator("", messages, unknown=1)) as deltas:
        assert [delta async for delta in deltas]

    assert service.prompts == ["System: Be brief\nUser: Hi ü&=+🦊\n?\nUser: lone � half\nAssistant:"]


@pytest.mark.parametrize("messages", [[], user(" \n"), [*user(""), *user(" ")]])
async def test_a_blank_prompt_is_never_sent(
    provider: AsyncGeneratorProvider, service: Service, messages: list[Message]
) -> None:
    with pytest.raises(NothingToSend):
        await anext(provider.create_async_generator(None, messages))

    assert service.calls == {}


@pytest.mark.parametrize("prefix", ["", "/a/b"])
async def test_any_base_url_is_taken(case: Case, http: Http, prefix: str) -> None:
    async with case.server(prefix=prefix) as service:
        heard = await hear(case.provider(service.base_url + "/", http))

        assert (heard.error, heard.text) == (None, "Hello")
        assert service.complaints == []


async def test_an_unknown_model_is_refused_before_any_request(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    heard = await hear(provider, model="no-such-model")

    if case.id in ("fakegpt", "gptalk"):
        assert heard.text == "Hello"
        return
    assert isinstance(heard.error, ModelNotSupported)
    assert service.calls == {}
    assert case.id in str(heard.error)
    assert "no-such-model" in heard.error.reason
    assert heard.error.models[0] in str(heard.error)
