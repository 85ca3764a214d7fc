"""What all four providers do alike, over real HTTP; a request that is not to the letter fails every test here."""

import asyncio
import json
import logging
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.base import AsyncGeneratorProvider, Message
from providers.errors import (
    Blocked,
    EmptyAnswer,
    Incomplete,
    ModelNotSupported,
    NoConnection,
    NothingToSend,
    ProviderError,
    RateLimited,
    ServiceFailed,
    TimedOut,
)
from providers.http import Http
from tests.services import faults
from tests.services.cases import CASES, Case, Heard, hear, user
from tests.services.faults import Fault
from tests.services.proxies import PASSWORD, HttpProxy, SocksProxy
from tests.services.service import Service
from tests.services.wire import Wire

DELTAS = ("Hé", "llo 🦊", " — ", "wörld\n", "日本語 data: [DONE]", " end")
TEXT = "".join(DELTAS)
PROMPT = 1


def says(service: Service, body: bytes, wire: Wire | None = None) -> None:
    """Let the service answer every prompt with this body."""
    service.reply = lambda _: body
    service.wire = wire or Wire()


async def well(provider: AsyncGeneratorProvider, service: Service, case: Case) -> None:
    """Demand that the next message is answered."""
    says(service, case.frame("Fi", "ne"))
    heard = await hear(provider)
    assert (heard.error, heard.text) == (None, "Fine")


# --- the way of a call ---------------------------------------------------------------------------------------------


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


# --- the bytes of an answer ----------------------------------------------------------------------------------------

BODIES: dict[str, Callable[[Case], bytes]] = {
    "plain": lambda case: case.frame(*DELTAS),
    "crlf": lambda case: case.frame(*DELTAS, newline="\r\n"),
    "no space": lambda case: case.frame(*DELTAS, space=""),
    "more blanks": lambda case: case.frame(*DELTAS, space="  "),
    "no end marker": lambda case: case.frame(*DELTAS, end=""),
    "no last line end": lambda case: case.frame(*DELTAS, end="").rstrip(),
    "no last line end after the marker": lambda case: case.frame(*DELTAS).rstrip(),
    "blanks after the marker": lambda case: case.frame(*DELTAS, end="[DONE]  "),
    "single line ends": lambda case: case.frame(*DELTAS).replace(b"\n\n", b"\n"),
    "many empty lines": lambda case: case.frame(*DELTAS).replace(b"\n\n", b"\n\n\n\n\n"),
    "comments": lambda case: b": hi\n\n" + case.frame(*DELTAS).replace(b"\n\n", b"\n\n: keep-alive\n\n:\n"),
    "fields": lambda case: (
        b"retry: 3\n" + case.frame(*DELTAS).replace(b"\n\ndata:", b"\n\nevent: message\nid: 1\ndata:")
    ),
    "garbage": lambda case: case.frame(*DELTAS).replace(
        b"\n\n", b'\n\ndata: 2023-10-05\ndata: null\n\ndata: []\n\ndata: "x"\n\ndata: {broken\n\ndata: \xff\xfe\n\n'
    ),
    "byte order mark": lambda case: b"\xef\xbb\xbf" + case.frame(*DELTAS),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("wire", [Wire(), Wire(every=1)], ids=["whole", "byte by byte"])
async def test_every_legal_framing_gives_the_same_text(
    provider: AsyncGeneratorProvider, service: Service, case: Case, name: str, wire: Wire
) -> None:
    says(service, BODIES[name](case), wire)

    heard = await hear(provider)

    assert heard.error is None
    assert heard.deltas == list(DELTAS)


async def test_a_packed_answer_is_unpacked(provider: AsyncGeneratorProvider, service: Service, case: Case) -> None:
    says(service, case.frame(*DELTAS), Wire(gzip=True))

    assert (await hear(provider)).text == TEXT


@given(cuts=st.lists(st.integers(1, 2000), max_size=40), crlf=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_bytes_may_be_split_anywhere(
    provider: AsyncGeneratorProvider, service: Service, case: Case, cuts: list[int], crlf: bool
) -> None:
    body = case.frame(*DELTAS, newline="\r\n" if crlf else "\n").replace(rb"\u00e9", "é".encode())
    says(service, body, Wire(cuts=cuts))

    assert (await hear(provider)).deltas == list(DELTAS)


async def test_the_answer_ends_at_its_end_marker_whatever_the_connection_does(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    says(service, case.frame(*DELTAS), Wire(end="hold"))

    async with asyncio.timeout(5):
        heard = await hear(provider)
        await service.streams(0)

    assert (heard.error, heard.text) == (None, TEXT)


async def test_a_line_of_megabytes_is_read_and_one_without_end_is_not(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    long = "long ü " * 400_000
    says(service, case.frame("Hi ", long))
    heard = await hear(provider)
    assert (heard.error, heard.text) == (None, "Hi " + long)

    says(service, case.frame("Hi ", end="x" * (9 * 2**20)))
    heard = await hear(provider)
    assert heard.text == "Hi "
    assert isinstance(heard.error, Incomplete)
    assert "bytes" in heard.error.reason


async def test_halves_of_a_character_are_joined_and_lone_ones_replaced(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    says(service, case.frame("a\ud83e", "\udd8a b ", "\udd8a c"))

    heard = await hear(provider)

    assert heard.text == "a🦊 b � c"
    assert heard.deltas == ["a", "🦊 b ", "� c"]


# --- faults of the answer ------------------------------------------------------------------------------------------

FAULTS: dict[str, tuple[Fault, type[ProviderError], str]] = {
    "500": (faults.status(500, '{"error": {"message": "oops"}}'), ServiceFailed, "500 oops"),
    "502 page": (faults.page("<html><title>Bad Gateway</title>", code=502), ServiceFailed, "502 Bad Gateway"),
    "404": (faults.status(404, "gone"), ServiceFailed, "404 gone"),
    "redirect": (faults.status(302, headers={"Location": "/login"}), ServiceFailed, "302"),
    "page": (faults.page(), ServiceFailed, "Down for maintenance"),
    "untitled page": (faults.page("<html><body><p>data-x</p></body></html>"), ServiceFailed, "unexpected answer"),
    "challenge 403": (faults.page(faults.CHALLENGE, code=403), Blocked, "Just a moment..."),
    "challenge 503": (faults.page(faults.FIREWALL, code=503), Blocked, "Cloudflare"),
    "challenge marker": (faults.page("<html><p id=cf-please-wait></html>", code=403), Blocked, "403"),
    "challenge header": (faults.status(403, "no", headers={"cf-mitigated": "challenge"}), Blocked, "403"),
    "429": (faults.status(429, "slow down", headers={"Retry-After": "7"}), RateLimited, "slow down"),
    "nothing": (faults.body(b""), EmptyAnswer, "empty answer"),
    "blank lines": (faults.body(b"\n\n\r\n"), EmptyAnswer, "empty answer"),
    "comment": (faults.body(b": ping\n\n"), EmptyAnswer, "empty answer"),
    "no content": (faults.status(204), EmptyAnswer, "empty answer"),
    "cut object": (faults.body(b'{"data": "He'), ServiceFailed, "unexpected answer"),
    "list": (faults.document([1]), ServiceFailed, "unexpected answer"),
    "text": (faults.body(b"Not Found"), ServiceFailed, "Not Found"),
    "binary": (faults.body(bytes(range(128, 200)) + b"\nabc"), ServiceFailed, "unexpected answer"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_each_fault_has_its_error_and_the_next_message_works(
    provider: AsyncGeneratorProvider, service: Service, case: Case, name: str
) -> None:
    fault, kind, reason = FAULTS[name]
    service.faults[case.step].append(fault)

    heard = await hear(provider)

    assert type(heard.error) is kind
    assert reason in heard.error.reason
    assert "<" not in heard.error.reason
    assert heard.error.provider == case.id
    assert heard.deltas == []
    before = service.calls.copy()
    await well(provider, service, case)
    assert service.calls - before == Counter(case.warm)


async def test_only_an_end_marker_is_an_empty_answer(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    for body in (b"data: [DONE]\n\n", case.frame(""), case.frame("", "", end="")):
        says(service, body)
        heard = await hear(provider)
        assert isinstance(heard.error, EmptyAnswer)
    await well(provider, service, case)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0", 0.0), (None, None), ("soon", None), ("-5", None), ("nan", None), ("date", 90.0)],
)
async def test_a_429_tells_how_long_to_wait_and_keeps_the_credential(
    provider: AsyncGeneratorProvider, service: Service, case: Case, value: str | None, seconds: float | None
) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    headers = {"Retry-After": date if value == "date" else value} if value else {}
    service.faults[case.step].append(faults.status(429, headers=headers))

    heard = await hear(provider)

    assert isinstance(heard.error, RateLimited)
    if seconds is None:
        assert heard.error.retry_after_s is None
    else:
        assert heard.error.retry_after_s == pytest.approx(seconds, abs=3)
    assert service.calls[case.step] == 1
    before = service.calls.copy()
    await well(provider, service, case)
    assert service.calls - before == Counter(case.warm)


async def test_what_came_before_a_lost_connection_stays_and_is_marked_incomplete(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    says(service, case.frame("Hel", "lo", end=""), Wire(end="cut"))

    heard = await hear(provider)

    assert heard.deltas == ["Hel", "lo"]
    assert isinstance(heard.error, Incomplete)
    assert service.calls[case.step] == 1
    await well(provider, service, case)


async def test_a_connection_closed_without_a_word_is_no_connection(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    service.faults[case.step].append(faults.hang_up())

    heard = await hear(provider)

    if (
        case.id == "gptalk"
    ):  # aiohttp repeats a GET by itself; the ticket is used up then, so the question is asked anew
        assert heard.text == "Hello"
    else:
        assert isinstance(heard.error, NoConnection)
    await well(provider, service, case)


async def test_a_connection_lost_before_the_text_is_no_answer(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    says(service, b": hi\n\n", Wire(end="cut"))

    heard = await hear(provider)

    assert isinstance(heard.error, NoConnection)
    assert service.calls[case.step] == 1


async def test_a_failure_in_mid_stream_leaves_an_incomplete_answer_with_its_reason(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    failure = b"data: " + json.dumps(case.failure).encode() + b"\n\n"
    says(service, case.frame("Hel", end="") + failure + case.frame("Hello", "more"), Wire(end="hold"))
    heard = await hear(provider)
    assert heard.text == "Hel"
    assert isinstance(heard.error, Incomplete)
    assert "no luck" in heard.error.reason

    says(service, failure)
    heard = await hear(provider)
    assert type(heard.error) is ServiceFailed
    assert "no luck" in heard.error.reason
    assert heard.deltas == []
    await well(provider, service, case)


async def test_silence_ends_in_a_timeout_that_says_so(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    await well(provider, service, case)
    service.faults[case.step].append(faults.silence())
    first = await hear(provider, silence_s=0.1)
    says(service, case.frame("Hel", "lo", end=""), Wire(end="hold"))
    middle = await hear(provider, silence_s=0.1)

    assert (type(first.error), first.deltas) == (TimedOut, [])
    assert (type(middle.error), middle.deltas) == (TimedOut, ["Hel", "lo"])
    assert first.error is not None
    assert "silent" in first.error.reason
    await service.streams(0)
    await well(provider, service, case)


async def test_a_service_that_is_not_there_is_no_connection(case: Case, http: Http) -> None:
    async with case.server() as service:
        url = service.base_url

    heard = await hear(case.provider(url, http))

    assert isinstance(heard.error, NoConnection)


# --- faults before the answer --------------------------------------------------------------------------------------

EARLY = [(case, step) for case in CASES for step in case.cold if step != case.step]

EARLY_FAULTS: dict[str, tuple[Fault, tuple[type[ProviderError], ...]]] = {
    "500": (faults.status(500), (ServiceFailed,)),
    "429": (faults.status(429, headers={"Retry-After": "7"}), (RateLimited,)),
    "challenge": (faults.page(faults.CHALLENGE, code=403), (Blocked,)),
    "silence": (faults.silence(), (TimedOut,)),
}


@pytest.mark.parametrize(("case", "step"), EARLY, ids=[f"{case.id}-{step}" for case, step in EARLY])
@pytest.mark.parametrize("name", EARLY_FAULTS)
async def test_a_fault_on_the_way_to_the_answer_leaves_nothing_half_done(
    case: Case, http: Http, step: str, name: str
) -> None:
    fault, kinds = EARLY_FAULTS[name]
    async with case.server() as service:
        provider = case.provider(service.base_url, http)
        service.faults[step].append(fault)

        heard = await hear(provider, silence_s=0.2 if name == "silence" else None)

        assert type(heard.error) in kinds
        assert heard.error is not None
        assert heard.error.provider == case.id
        assert service.calls[step] == 1
        assert service.calls[case.step] == 0
        await well(provider, service, case)
        assert service.complaints == []


@pytest.mark.parametrize(("case", "step"), EARLY, ids=[f"{case.id}-{step}" for case, step in EARLY])
@pytest.mark.parametrize(
    "fault",
    [
        faults.page(),
        faults.body(b""),
        faults.body(b'{"data": {"tok'),
        faults.document({}),
        faults.document(None),
        faults.document([]),
        faults.document({"data": 3, "loads": {}, "accessToken": 1}),
        faults.document({"data": {"token": None}, "loads": [None, {}, {"token_id": 3}], "accessToken": None}),
        faults.status(404, "gone"),
        faults.hang_up(),
    ],
)
async def test_nonsense_on_the_way_to_the_answer_is_an_error_or_is_survived(
    case: Case, http: Http, step: str, fault: Fault
) -> None:
    async with case.server() as service:
        provider = case.provider(service.base_url, http)
        service.faults[step].append(fault)

        heard = await hear(provider)

        assert heard.error is not None or heard.text == "Hello"
        assert service.calls[step] <= 2
        if heard.error:
            assert len(heard.error.reason) > 5
            assert "<" not in heard.error.reason
        await well(provider, service, case)
        assert service.complaints == []


# --- many calls at once, and the end of them -----------------------------------------------------------------------


async def test_answers_of_simultaneous_chats_never_mix(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    service.reply = lambda prompt: case.frame(*prompt)
    service.wire = Wire(every=7)
    prompts = [f"prompt {number}" for number in range(30)]

    heard = await asyncio.gather(*(hear(provider, prompt) for prompt in prompts))

    assert [(one.error, one.text) for one in heard] == [(None, prompt) for prompt in prompts]


async def test_a_failed_sign_in_is_told_to_all_who_waited_for_it(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    if case.id == "chatgptt":
        pytest.skip("nothing is shared")
    service.faults[case.cold[0]].extend([faults.status(500)] * 20)

    heard = await asyncio.gather(*(hear(provider) for _ in range(20)))

    assert {type(one.error) for one in heard} == {ServiceFailed}
    assert service.calls == {case.cold[0]: 1}
    service.faults.clear()
    await well(provider, service, case)


async def test_a_credential_that_another_call_has_renewed_is_used_and_not_renewed_again(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    if case.id == "chatgptt":
        pytest.skip("nothing is shared")
    await well(provider, service, case)
    gate, refused = asyncio.Event(), faults.status(401)
    service.faults[case.warm[0]].extend([faults.held(gate, refused), refused])
    late = asyncio.ensure_future(hear(provider))
    await service.streams(1)

    renewing = await hear(provider)
    gate.set()

    assert (renewing.text, (await late).text) == ("Fine", "Fine")
    assert service.calls[case.cold[0]] == 2


async def test_a_cancelled_sign_in_is_taken_over_by_who_waits_for_it(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    service.faults[case.cold[0]].append(faults.silence())
    first = asyncio.ensure_future(hear(provider))
    await service.streams(1)
    second = asyncio.ensure_future(hear(provider))

    first.cancel()
    heard = await second

    assert heard.text == "Hello"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_closed_or_cancelled_call_closes_its_connection_at_once(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    await well(provider, service, case)
    says(service, case.frame("Hel", end=""), Wire(end="hold"))
    call = provider.create_async_generator(None, user("Hello"))
    assert await anext(call) == "Hel"
    await call.aclose()
    async with asyncio.timeout(5):
        await service.streams(0)

    task = asyncio.ensure_future(hear(provider))
    await service.streams(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5):
        await service.streams(0)
    await well(provider, service, case)


async def test_nothing_is_left_of_a_thousand_answers_of_which_a_third_is_cancelled(
    provider: AsyncGeneratorProvider, service: Service, case: Case, http: Http
) -> None:
    tasks = len(asyncio.all_tasks())
    service.reply = lambda prompt: case.frame(*prompt, end="" if "stop" in prompt else "[DONE]")
    places = asyncio.Semaphore(20)

    async def whole(number: int) -> str:
        async with places:
            return (await hear(provider, f"prompt {number}")).text

    async def stopped(number: int) -> str:
        text = ""
        async with places, aclosing(provider.create_async_generator(None, user(f"stop {number}"))) as deltas:
            async for delta in deltas:
                text += str(delta)
                if len(text) == 3:
                    task = asyncio.current_task()
                    assert task is not None
                    task.cancel()
                    await asyncio.sleep(0)
        return text

    calls = [whole(number) if number % 3 else stopped(number) for number in range(1000)]
    texts = await asyncio.gather(*calls, return_exceptions=True)

    for number, text in enumerate(texts):
        if number % 3:
            assert text == f"prompt {number}"
        else:
            assert isinstance(text, asyncio.CancelledError)
    async with asyncio.timeout(5):
        await service.streams(0)
    await http.close()
    await service.leave()
    assert len(asyncio.all_tasks()) == tasks
    assert service.connections == 0


# --- proxies and secrets -------------------------------------------------------------------------------------------


@pytest.fixture
async def proxy() -> AsyncIterator[HttpProxy]:
    async with HttpProxy() as running:
        yield running


async def test_every_request_of_a_call_goes_through_the_proxy(
    provider: AsyncGeneratorProvider, service: Service, case: Case, proxy: HttpProxy
) -> None:
    heard = await hear(provider, proxy=proxy.url)

    assert (heard.error, heard.text) == (None, "Hello")
    assert len(proxy.seen) == len(case.cold)
    assert all(service.base_url in seen for seen in proxy.seen)
    assert service.calls == Counter(case.cold)


async def test_every_connection_of_a_call_goes_through_a_socks_proxy(
    provider: AsyncGeneratorProvider, service: Service, case: Case, http: Http
) -> None:
    async with SocksProxy() as proxy:
        heard = await hear(provider, proxy=proxy.url)
        await http.close()

    assert (heard.error, heard.text) == (None, "Hello")
    assert set(proxy.seen) == {service.authority}
    assert service.peers == proxy.peers


@pytest.mark.parametrize("url", ["gopher://127.0.0.1:1", "http://127.0.0.1:1", "socks5://127.0.0.1:1", "nonsense"])
async def test_a_proxy_that_cannot_be_used_is_no_connection(
    provider: AsyncGeneratorProvider, service: Service, case: Case, url: str
) -> None:
    heard = await hear(provider, proxy=url)

    assert isinstance(heard.error, NoConnection)
    assert service.calls == {}
    await well(provider, service, case)


async def test_credentials_are_in_no_error_and_no_log(
    provider: AsyncGeneratorProvider,
    service: Service,
    case: Case,
    proxy: HttpProxy,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    steps = [*case.cold, *case.warm, case.step]
    shown: list[str] = []

    async def take(heard: Heard) -> None:
        shown.append("".join(traceback.format_exception(heard.error)) if heard.error else "")

    for step in steps:
        service.faults[step].append(faults.echo())
        await take(await hear(provider, proxy=proxy.url))
        await take(await hear(provider))
        service.faults[step].extend([faults.echo(403)] * 2)
        await take(await hear(provider))
        service.faults[step].clear()
    await take(await hear(provider, proxy=proxy.url.replace(PASSWORD, "wr0ng-passw0rd")))

    text = "\n".join([*shown, *(record.getMessage() for record in caplog.records), repr(vars(provider))])
    assert len([line for line in shown if line]) > 3
    secrets = [*service.secrets, PASSWORD, "wr0ng-passw0rd"]
    assert len(secrets) > 3
    assert [secret for secret in secrets if secret in text] == []


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
    assert "no-such-model" in str(heard.error)
    assert heard.error.models[0] in str(heard.error)
