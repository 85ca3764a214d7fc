"""What statuses, headers and error bodies mean."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import (
    Blocked,
    ModelGone,
    NoConnection,
    OutOfCredit,
    ProviderError,
    RateLimited,
    Refused,
    ServiceFailed,
    SignInFailed,
    TooLong,
)
from providers.wire.http import Http
from providers.wire.status import check_status, error_in, reason_of, status_error
from providers.wire.waiting import retry_after
from tests.clock import FakeClock
from tests.providers.server import Server
from tests.services.faults import CHALLENGE, FIREWALL, MAINTENANCE, body, status
from tests.services.wire import Wire
from tests.signs import SIGNS

NOW = 1_800_000_000.0  # Fri, 15 Jan 2027 08:00:00 GMT


def error(code: int, text: str = "", **headers: str) -> ProviderError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status_error(code, text, headers=named, wall=NOW)


OPENAI_TOO_LONG = json.dumps(
    {
        "error": {
            "message": "This model's maximum context length is 8192 tokens. Please reduce the length of the messages.",
            "type": "invalid_request_error",
            "param": "messages",
            "code": "context_length_exceeded",
        }
    }
)
AZURE_FILTER = json.dumps({"error": {"message": "The response was filtered", "code": "content_filter", "status": 400}})
GEMINI_KEY = json.dumps([{"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}])
OPENROUTER_FLAGGED = json.dumps({"error": {"code": 403, "message": "Your chosen model requires moderation"}})


@pytest.mark.parametrize(
    ("code", "text", "kind", "reason"),
    [
        (401, '{"error": {"message": "Incorrect API key"}}', SignInFailed, "401 Incorrect API key"),
        (403, '{"detail": "no"}', SignInFailed, "403 no"),
        (407, "", NoConnection, "the proxy wants another user name or password"),
        (413, "<html><title>Too large</title>", TooLong, "Too large"),
        (400, OPENAI_TOO_LONG, TooLong, "This model's maximum context length is 8192 tokens."),
        (400, '{"error": {"message": "prompt is too long: 210000 tokens > 200000 maximum"}}', TooLong, "prompt is"),
        (400, '{"error": {"message": "The input token count (9) exceeds the maximum number of tokens"}}', TooLong, ""),
        (
            400,
            '{"error":{"type":"exceed_context_size_error","message":"exceeds the available context size"}}',
            TooLong,
            "",
        ),
        (400, AZURE_FILTER, Refused, "The response was filtered"),
        (403, OPENROUTER_FLAGGED, Refused, "Your chosen model requires moderation"),
        (400, GEMINI_KEY, SignInFailed, "400 API key not valid."),
        (402, '{"error": {"message": "Insufficient Balance"}}', OutOfCredit, "402 Insufficient Balance"),
        (404, '{"error": "model \'x\' not found"}', ModelGone, "404 model 'x' not found"),
        (404, '{"error": "no such path"}', ServiceFailed, "404 no such path"),
        (422, '{"detail": [{"loc": ["body"], "msg": "Extra inputs"}]}', ServiceFailed, "422 Extra inputs"),
        (500, "Internal Server Error", ServiceFailed, "500 Internal Server Error"),
        (503, MAINTENANCE, ServiceFailed, "503 Down for maintenance"),
        (302, "", ServiceFailed, "302 redirects: to nowhere"),
    ],
)
def test_a_status_is_told_in_the_words_of_the_service(
    code: int, text: str, kind: type[ProviderError], reason: str
) -> None:
    found = error(code, text)

    assert type(found) is kind
    assert found.reason.startswith(reason)
    assert "<" not in found.reason


@pytest.mark.parametrize("page", [CHALLENGE, FIREWALL, "<html>\n<body class=cf-please-wait>"])
@pytest.mark.parametrize("code", [403, 503])
def test_a_challenge_page_is_no_failed_sign_in(code: int, page: str) -> None:
    assert type(error(code, page)) is Blocked


def test_a_challenge_is_known_by_its_header_alone() -> None:
    assert type(error(403, "", cf_mitigated="challenge")) is Blocked


def test_only_failures_of_the_server_are_worth_a_repetition() -> None:
    assert [error(code).retryable for code in (400, 401, 404, 429, 500, 502, 529)] == [
        False,
        False,
        False,
        False,
        True,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("Fri, 15 Jan 2027 08:01:00 GMT", 60.0),
        ("Fri, 15 Jan 2027 08:01:00 -0000", 60.0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-3", None),
        ("inf", None),
        ("nan", None),
        ("1e999", None),
        ("Fri, 99 Jan 2027 08:01:00 GMT", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, wall=NOW) == seconds


def test_a_rate_limit_carries_the_seconds_to_wait() -> None:
    found = error(429, '{"error": {"message": "Slow down"}}', Retry_After="20")

    assert isinstance(found, RateLimited)
    assert (found.reason, found.retry_after_s) == ("Slow down", 20.0)


@given(st.text(SIGNS))
def test_any_body_has_a_short_reason(text: str) -> None:
    assert len(error(500, text).reason) <= 300


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(SIGNS),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["error", "message", "detail"]), inner),
    )
)
def test_any_json_has_a_reason(value: object) -> None:
    assert isinstance(reason_of(json.dumps(value)), str)


@given(st.text(SIGNS))
def test_any_retry_after_is_read(value: str) -> None:
    assert (retry_after(value, wall=NOW) or 0) >= 0


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ({"error": {"message": "x", "code": 502}}, ServiceFailed),
        ({"error": {"message": "x", "code": "429"}}, ServiceFailed),
        ({"error": {"message": "x", "code": 429}}, RateLimited),
        ({"error": {"message": "x", "type": "rate_limit_error"}}, RateLimited),
        ({"error": {"message": "x", "type": "overloaded_error"}}, ServiceFailed),
        ({"error": {"message": "x", "type": "authentication_error"}}, SignInFailed),
        ({"error": {"message": "x", "code": "context_length_exceeded"}}, TooLong),
        ({"error": {"message": "x", "code": "content_filter"}}, Refused),
        ({"error": "x"}, ServiceFailed),
        ({"error": ["x"]}, ServiceFailed),
    ],
)
def test_an_error_object_in_a_good_response_is_a_failure(item: dict[str, object], kind: type[ProviderError]) -> None:
    found = error_in(item)

    assert type(found) is kind
    assert "x" in found.reason


@pytest.mark.parametrize("error", [{"status_code": 503}, {"type": "internal_server_error"}])  # Groq, in mid-stream
def test_a_server_that_fails_in_a_good_response_is_worth_a_repetition(error: dict[str, object]) -> None:
    found = error_in({"error": {"message": "Over capacity", **error}})

    assert found
    assert found.retryable


@pytest.mark.parametrize("item", [{}, {"error": None}, {"error": ""}, {"error": {}}, {"choices": []}])
def test_an_object_without_error_is_no_failure(item: dict[str, object]) -> None:
    assert error_in(item) is None


async def check(http: Http, server: Server, clock: FakeClock) -> None:
    async with http.session() as session, session.get(server.url, allow_redirects=False) as response:
        await check_status(response, clock)


async def test_a_success_is_not_read(http: Http, server: Server) -> None:
    server.answers["/"] = body(b"x", Wire(end="hold"))

    await check(http, server, FakeClock())


async def test_a_failure_with_a_huge_body_is_told_by_its_beginning(http: Http, server: Server) -> None:
    server.answers["/"] = status(500, "x" * 10_000_000)

    with pytest.raises(ServiceFailed) as caught:
        await check(http, server, FakeClock())

    assert caught.value.reason.startswith("500 xxx")


async def test_a_failure_without_a_body_is_told_by_its_phrase(http: Http, server: Server) -> None:
    server.answers["/"] = status(502)

    with pytest.raises(ServiceFailed) as caught:
        await check(http, server, FakeClock())

    assert caught.value.reason == "502 Bad Gateway"


async def test_a_redirect_is_told_with_its_target(http: Http, server: Server) -> None:
    server.answers["/"] = status(301, headers={"Location": "https://elsewhere.example/v1"})

    with pytest.raises(ServiceFailed) as caught:
        await check(http, server, FakeClock())

    assert caught.value.reason == "301 redirects: to https://elsewhere.example/v1"
    assert (caught.value.told, str(caught.value)) == ("301", "ServiceFailed: 301 redirects")


@pytest.mark.parametrize(
    ("words", "wait_s"),
    [
        ("Rate limit reached. Please try again in 7m12.5s. Visit …", 432.5),
        ("Please try again in 20ms.", 0.02),
        ("No deployments available, Try again in 5 seconds.", 5),
        ("Please try again in 1h2m3s", 3723),
        ("Please try again in 12m", 720),
        ("Please try again in a while.", None),
    ],
)
def test_a_wait_that_is_told_in_words_alone_is_read(words: str, wait_s: float | None) -> None:
    error = status_error(429, json.dumps({"error": {"message": words}}), headers={}, wall=0)

    assert isinstance(error, RateLimited)
    assert error.retry_after_s == (pytest.approx(wait_s) if wait_s else None)


def test_a_header_counts_before_words() -> None:
    error = status_error(429, "try again in 9s", headers={"Retry-After": "3"}, wall=0)

    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 3


def test_litellm_without_a_database_means_a_wrong_key() -> None:
    body = {"error": {"message": "No connected db.", "type": "no_db_connection", "code": "400"}}

    assert isinstance(status_error(400, json.dumps(body), headers={}, wall=0), SignInFailed)


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"x-ratelimit-reset-requests": "1m30s", "x-ratelimit-remaining-requests": "0"}, 90),
        ({"X-RateLimit-Reset-Tokens": "250ms", "X-RateLimit-Remaining-Tokens": "0"}, 0.25),
        ({"x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-requests": "12"}, None),
        ({"X-RateLimit-Reset": f"{(NOW + 60) * 1000:.0f}", "X-RateLimit-Remaining": "0"}, 60),
        ({"anthropic-ratelimit-requests-reset": "2099-01-01T00:00:00Z"}, None),
        ({"x-ratelimit-reset": "never", "x-ratelimit-remaining": "0"}, None),
        ({"x-ratelimit-reset": "1e999", "x-ratelimit-remaining": "0"}, None),
    ],
)
def test_the_time_at_which_a_limit_begins_anew_is_read_where_nothing_remains(
    headers: dict[str, str], wait_s: float | None
) -> None:
    error = status_error(429, "slow down", headers=headers, wall=NOW)

    assert isinstance(error, RateLimited)
    assert error.retry_after_s == (pytest.approx(wait_s) if wait_s else None)


def test_anthropics_date_is_read_where_nothing_remains() -> None:
    at = datetime.fromtimestamp(NOW + 30, UTC).isoformat().replace("+00:00", "Z")
    headers = {"anthropic-ratelimit-requests-reset": at, "anthropic-ratelimit-requests-remaining": "0"}

    error = status_error(429, "slow down", headers=headers, wall=NOW)

    assert isinstance(error, RateLimited)
    assert error.retry_after_s == pytest.approx(30)
