import asyncio
from collections.abc import AsyncIterator

import pytest

from providers.errors import EmptyAnswer, Incomplete, ModelNotSupported, ServiceFailed, SignInFailed
from providers.services.chatgptfree import MAX_VISITORS, ChatgptFree, Settings
from providers.wire.http import Http
from tests.services import chatgptfree as server
from tests.services import faults, wordpress
from tests.services.cases import hear, make_chatgptfree
from tests.services.wire import Wire, sse
from tests.stopwatch import within


@pytest.fixture
async def service() -> AsyncIterator[server.ChatgptFree]:
    async with server.ChatgptFree() as running:
        yield running
        assert running.complaints == []


@pytest.fixture
def provider(service: server.ChatgptFree, http: Http) -> ChatgptFree:
    return make_chatgptfree(service.base_url, http)


def test_it_tells_what_it_is(provider: ChatgptFree, environment: pytest.MonkeyPatch) -> None:
    assert (provider.id, provider.working, provider.supports_stream) == ("chatgptfree", False, True)
    assert provider.get_models() == ["gpt-4o-mini-2024-07-18"]
    assert provider.get_model("") == provider.get_model("gpt-4o-mini") == "gpt-4o-mini-2024-07-18"
    assert Settings().base_url == "https://chatgptfree.ai"
    assert not Settings().configured
    environment.setenv("CHATGPTFREE_BASE_URL", "http://localhost:9000/x/")
    assert (Settings().configured, Settings().base_url) == (True, "http://localhost:9000/x")
    with pytest.raises(ModelNotSupported):
        provider.get_model("gpt-4")


async def test_simultaneous_cold_calls_read_the_page_once(provider: ChatgptFree, service: server.ChatgptFree) -> None:
    heard = await asyncio.gather(*(hear(provider, f"prompt {n}") for n in range(20)))

    assert [one.text for one in heard] == [f"prompt {n}" for n in range(20)]
    assert service.calls == {"page": 1, "ajax": 20}


@pytest.mark.parametrize("refusal", ["object", "-1", "page"])
async def test_simultaneous_calls_with_a_stale_nonce_read_the_page_once_more(
    provider: ChatgptFree, service: server.ChatgptFree, refusal: wordpress.Refusal
) -> None:
    service.refusal = refusal
    await hear(provider)
    service.revoke()

    heard = await asyncio.gather(*(hear(provider, f"prompt {n}") for n in range(20)))

    assert [one.text for one in heard] == [f"prompt {n}" for n in range(20)]
    assert service.calls["page"] == 2


async def test_a_nonce_refused_twice_in_a_row_is_an_error_and_no_loop(
    provider: ChatgptFree, service: server.ChatgptFree
) -> None:
    service.faults["ajax"].extend([faults.document(wordpress.failure("Nonce verification failed"))] * 2)

    heard = await hear(provider)

    assert isinstance(heard.error, SignInFailed)
    assert "Nonce verification failed" in heard.error.reason
    assert service.calls == {"page": 2, "ajax": 2}
    assert (await hear(provider)).text == "Hello"


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("<div data-nonce='{nonce}'>", "no post id found"),
        ("<div data-nonce='{nonce}' data-post-id='six'>", "no post id found"),
        ("<div data-post-id='6'>", "no nonce found"),
        ("<div data-post-id='6' data-nonce=''>", "no nonce found"),
        ("", "no post id found"),
    ],
)
async def test_half_a_credential_is_an_error_and_not_kept(
    provider: ChatgptFree, service: server.ChatgptFree, markup: str, reason: str
) -> None:
    service.markup = lambda nonce, _: markup.format(nonce=nonce)
    heard = await hear(provider)
    assert isinstance(heard.error, SignInFailed)
    assert reason in heard.error.reason
    assert service.calls == {"page": 1}

    service.markup = wordpress.markup
    assert (await hear(provider)).text == "Hello"


async def test_cookies_of_the_caller_go_with_both_requests(provider: ChatgptFree, service: server.ChatgptFree) -> None:
    service.cookies = {"logged_in": "me", "other": "1"}

    for _ in range(2):
        assert (await hear(provider, cookies=service.cookies)).text == "Hello"

    assert service.calls == {"page": 1, "ajax": 2}


async def test_visitors_with_other_cookies_have_another_nonce(
    provider: ChatgptFree, service: server.ChatgptFree
) -> None:
    await hear(provider, cookies={"logged_in": "me"})
    await hear(provider)
    await hear(provider, cookies={"logged_in": "me"})
    assert service.calls["page"] == 2

    for number in range(MAX_VISITORS):
        assert (await hear(provider, cookies={"logged_in": str(number)})).text == "Hello"
    await hear(provider, cookies={"logged_in": "me"})
    assert service.calls["page"] == 2 + MAX_VISITORS + 1


@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("every", [None, 1])
async def test_the_answer_may_be_one_object(
    provider: ChatgptFree, service: server.ChatgptFree, indent: int | None, every: int | None
) -> None:
    service.reply = lambda prompt: wordpress.whole(f"{prompt}\n🦊", indent=indent)
    service.wire = Wire(every=every, content_type="text/html")

    assert (await hear(provider)).deltas == ["Hello\n🦊"]


@pytest.mark.parametrize("end", ["[DONE]", "", "[LATE]"])
async def test_an_object_after_the_stream_is_not_told_again(
    provider: ChatgptFree, service: server.ChatgptFree, end: str
) -> None:
    service.reply = lambda _: wordpress.stream("Hel", "lo", end=end) + wordpress.whole("Hello", indent=2)

    assert (await hear(provider)).deltas == ["Hel", "lo"]


async def test_an_object_glued_to_the_end_marker_ends_the_answer(
    provider: ChatgptFree, service: server.ChatgptFree
) -> None:
    service.reply = lambda _: wordpress.stream("Hel", "lo").rstrip() + wordpress.whole("Hello") + b"\n"
    service.wire = Wire(end="hold")

    async with within(5):
        assert (await hear(provider)).deltas == ["Hel", "lo"]


async def test_an_object_after_a_stream_without_text_is_the_answer(
    provider: ChatgptFree, service: server.ChatgptFree
) -> None:
    for stream in (wordpress.stream(), wordpress.stream().rstrip(), b"data: [DONE]\n\n"):
        service.reply = lambda _, stream=stream: stream + wordpress.whole("Hello", indent=2)  # type: ignore[misc]  # mypy knows no lambda with a default
        service.wire = Wire(every=9)
        assert (await hear(provider)).deltas == ["Hello"]


async def test_a_stream_without_text_ends_soon_after_its_end_marker(
    provider: ChatgptFree, service: server.ChatgptFree
) -> None:
    service.reply = lambda _: wordpress.stream()
    service.wire = Wire(end="hold")

    async with within(5):
        assert isinstance((await hear(provider)).error, EmptyAnswer)
        await service.streams(0)


async def test_a_used_up_quota_ends_the_answer_with_the_services_own_notice(
    provider: ChatgptFree, service: server.ChatgptFree
) -> None:
    service.reply = lambda _: wordpress.stream("Your limit is reached.", end="[LIMITED]")
    service.wire = Wire(end="hold")
    heard = await hear(provider)
    assert heard.text == "Your limit is reached."
    assert isinstance(heard.error, Incomplete)
    assert "quota" in heard.error.reason

    service.reply = lambda _: sse([], end="[LIMITED]")
    assert type((await hear(provider)).error) is ServiceFailed
    service.reply = lambda _: sse([{"msg": "limit reached", "tokenLimitReached": True}])
    heard = await hear(provider)
    assert type(heard.error) is ServiceFailed
    assert "limit reached" in heard.error.reason
    assert service.calls["page"] == 1


async def test_the_word_nonce_in_an_answer_is_no_refusal(provider: ChatgptFree, service: server.ChatgptFree) -> None:
    service.reply = lambda _: wordpress.whole("A nonce is a number used once; status: error")

    assert (await hear(provider)).text.startswith("A nonce")
