from collections.abc import AsyncIterator

import pytest

from providers.errors import EmptyAnswer, ModelNotSupported, ServiceFailed, SignInFailed
from providers.services.chatgptt import ChatGptt, Settings
from providers.wire.http import Http
from tests.services import chatgptt as server
from tests.services import faults, wordpress
from tests.services.cases import hear, make_chatgptt
from tests.services.wire import Wire


@pytest.fixture
async def service() -> AsyncIterator[server.ChatGptt]:
    async with server.ChatGptt() as running:
        yield running
        assert running.complaints == []


@pytest.fixture
def provider(service: server.ChatGptt, http: Http) -> ChatGptt:
    return make_chatgptt(service.base_url, http)


def test_it_tells_what_it_is(provider: ChatGptt, environment: pytest.MonkeyPatch) -> None:
    assert (provider.id, provider.working) == ("chatgptt", False)
    assert provider.supports_stream
    assert provider.supports_system_message
    assert provider.supports_message_history
    assert provider.get_models() == ["gpt-4", "gpt-4o", "gpt-4o-mini"]
    assert provider.get_model("") == "gpt-4o"
    assert Settings().base_url == "https://chatgptt.me"
    assert not Settings().configured
    environment.setenv("CHATGPTT_BASE_URL", "http://localhost:9000/x/")
    assert (Settings().configured, Settings().base_url) == (True, "http://localhost:9000/x")


async def test_each_model_of_the_list_is_taken(provider: ChatGptt) -> None:
    for model in ("", None, *provider.get_models()):
        assert (await hear(provider, model=model)).text == "Hello"
    with pytest.raises(ModelNotSupported):
        provider.get_model("gpt-5")


@pytest.mark.parametrize("content_type", ["application/json", "text/html", "text/plain"])
@pytest.mark.parametrize("indent", [None, 2])
async def test_one_object_is_one_delta_under_any_content_type(
    provider: ChatGptt, service: server.ChatGptt, content_type: str, indent: int | None
) -> None:
    service.reply = lambda prompt: wordpress.whole(f"<b>{prompt}</b>\n日本語 🦊", indent=indent)
    service.wire = Wire(every=1, content_type=content_type)

    assert (await hear(provider)).deltas == ["<b>Hello</b>\n日本語 🦊"]


async def test_the_other_setting_of_the_plug_in_streams(provider: ChatGptt, service: server.ChatGptt) -> None:
    service.reply = lambda _: wordpress.stream("Hel", "lo") + wordpress.whole("Hello")
    service.wire = Wire(content_type="text/event-stream")

    assert (await hear(provider)).deltas == ["Hel", "lo"]


async def test_the_page_is_read_anew_for_each_prompt(provider: ChatGptt, service: server.ChatGptt) -> None:
    for _ in range(3):
        assert (await hear(provider)).text == "Hello"

    assert service.calls == {"page": 3, "ajax": 3}


@pytest.mark.parametrize(
    "markup",
    [
        "<div data-post-id='1050'>",
        '<div data-nonce="{nonce}">',
        '<div data-nonce="" data-post-id="1050">',
        '<div data-nonce="{nonce}" data-post-id="">',
        "<title>Account suspended</title>",
    ],
)
async def test_a_page_without_tokens_is_an_error(provider: ChatGptt, service: server.ChatGptt, markup: str) -> None:
    service.markup = lambda nonce, _: markup.format(nonce=nonce)

    heard = await hear(provider)

    assert isinstance(heard.error, SignInFailed)
    assert "tokens not found in the page" in heard.error.reason
    assert service.calls == {"page": 1}


async def test_the_tokens_may_stand_in_any_order_and_quotes(provider: ChatGptt, service: server.ChatGptt) -> None:
    service.markup = lambda nonce, post_id: f"<p data-nonce='{nonce}'></p>\n<p data-post-id='{post_id}'>"

    assert (await hear(provider)).text == "Hello"


@pytest.mark.parametrize("refusal", ["object", "-1", "page"])
async def test_a_page_from_a_cache_is_read_once_more(
    provider: ChatGptt, service: server.ChatGptt, refusal: wordpress.Refusal
) -> None:
    service.refusal = refusal
    service.cached_pages = 1
    assert (await hear(provider)).text == "Hello"
    assert service.calls == {"page": 2, "ajax": 2}

    service.cached_pages = 9
    heard = await hear(provider)
    assert isinstance(heard.error, SignInFailed)
    assert service.calls == {"page": 4, "ajax": 4}
    service.cached_pages = 0
    assert (await hear(provider)).text == "Hello"


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        ({"status": "error", "msg": "out of order"}, ServiceFailed, "out of order"),
        ({"msg": "limit reached", "tokenLimitReached": True}, ServiceFailed, "limit reached"),
        ({"status": "success", "data": None}, EmptyAnswer, "empty answer"),
        ({"status": "success", "data": ""}, EmptyAnswer, "empty answer"),
        ({"status": "success", "data": 5}, ServiceFailed, "unexpected answer"),
        ({"status": "success"}, ServiceFailed, "unexpected answer"),
    ],
)
async def test_a_failure_in_a_good_response_has_its_error(
    provider: ChatGptt, service: server.ChatGptt, answer: dict[str, object], kind: type[Exception], reason: str
) -> None:
    service.faults["ajax"].append(faults.document(answer, content_type="text/html"))

    heard = await hear(provider)

    assert type(heard.error) is kind
    assert heard.error is not None
    assert reason in heard.error.reason
    assert service.calls == {"page": 1, "ajax": 1}


async def test_a_page_that_has_moved_within_the_site_is_found(provider: ChatGptt, service: server.ChatGptt) -> None:
    service.faults["page"].append(faults.status(301, headers={"Location": service.base_url}))

    assert (await hear(provider)).text == "Hello"
