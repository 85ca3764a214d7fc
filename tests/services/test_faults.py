"""Each fault of an answer has its error, keeps what came, and the next message works."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from providers.base import AsyncGeneratorProvider
from providers.errors import (
    Blocked,
    EmptyAnswer,
    Incomplete,
    NoConnection,
    ProviderError,
    RateLimited,
    ServiceFailed,
    TimedOut,
)
from providers.wire.http import Http
from tests.services import faults
from tests.services.cases import Case, hear, says, well
from tests.services.faults import Fault
from tests.services.service import Service
from tests.services.wire import Wire

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
    middle = await hear(provider, silence_s=0.4)

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
