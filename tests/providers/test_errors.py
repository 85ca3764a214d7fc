"""The errors, as logs and Answering read them."""

import pytest

from providers.errors import (
    Blocked,
    BrokenOff,
    ConfigurationError,
    EmptyAnswer,
    Incomplete,
    ModelGone,
    NoConnection,
    OnlyThought,
    OutOfCredit,
    ProviderError,
    RateLimited,
    Refused,
    ServiceFailed,
    SignInFailed,
    TimedOut,
)


def test_a_provider_error_is_a_runtime_error_as_in_the_original_clients() -> None:
    assert issubclass(ProviderError, RuntimeError)


def test_an_error_names_provider_kind_and_reason_in_one_line() -> None:
    assert str(TimedOut("silent\n for  too long", provider="some")) == "some: TimedOut: silent for too long"
    assert str(EmptyAnswer()) == "EmptyAnswer"


def test_a_long_reason_is_cut() -> None:
    assert len(ServiceFailed("x" * 10_000, status=500).reason) == 300


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (NoConnection(), True),
        (TimedOut(), False),
        (TimedOut(asked=False), True),
        (BrokenOff(), True),
        (OnlyThought(), False),
        (OutOfCredit(), False),
        (ModelGone(status=404), False),
        (EmptyAnswer(), True),
        (ServiceFailed(status=503), True),
        (ServiceFailed(status=404), False),
        (ServiceFailed(status=200), False),
        (RateLimited(), False),
        (SignInFailed(), False),
        (Blocked(), False),
        (Refused(), False),
        (Incomplete(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_what_may_pass_by_itself_is_asked_again(error: ProviderError, retryable: bool) -> None:
    assert error.retryable is retryable


def test_a_failed_service_names_its_status() -> None:
    assert ServiceFailed("Overloaded", status=529).reason == "529 Overloaded"
    assert ServiceFailed(status=500).reason == "500"


WORDS = "cannot answer 'my diary' at https://10.0.0.7:8443/v1/x with key in /srv/models/a.bin, request req_0123456789"


@pytest.mark.parametrize(
    "error",
    [
        ServiceFailed(said=WORDS, status=400),
        SignInFailed(said=WORDS, status=401),
        RateLimited(said=WORDS),
        Refused(said=WORDS),
        Incomplete(said=WORDS),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_log_holds_kind_and_status_and_nothing_that_the_service_said(error: ProviderError) -> None:
    error.provider = "some"

    assert "diary" in error.reason
    assert "diary" not in f"{error} {error!r} {error.args}"
    assert str(error) == f"some: {type(error).__name__}" + (f": {error.status}" if error.status else "")


def test_the_person_who_asked_reads_no_addresses_files_and_numbers() -> None:
    told = ServiceFailed(said=WORDS, status=400).told

    assert told == "400 cannot answer 'my diary' at … with key in …, request …"


@pytest.mark.parametrize(
    "words",
    [
        "inner.vllm.svc:8000 refused",
        "no route to localhost:11434",
        "host gpu-box:8000 is down",
        "connect to [::1:2:3]:80 failed",
        "id 123e4567-e89b-12d3-a456-426614174000",
        "mail ops@example.org",
        "org-AbCdEf123456 is over its limit",
        "hash 0123456789abcdef0123456789abcdef",
        "ask vllm.internal",
    ],
)
def test_what_is_private_is_taken_out(words: str) -> None:
    private = words.split()[1:] if words.split()[0] in ("id", "mail", "hash") else words.split()

    assert "…" in ServiceFailed(said=words, status=422).told
    assert ServiceFailed(said=words, status=422).told != f"422 {' '.join(private)}"


@pytest.mark.parametrize(
    "words",
    [
        "temperature is not supported by claude-sonnet-4-5-20250929",
        "the model llama3.2:70b takes 8192 tokens, not 9000",
        "Insufficient Balance",
        "Превышен лимит в 12:30:45",
    ],
)
def test_what_helps_stays(words: str) -> None:
    assert ServiceFailed(said=words, status=400).told == f"400 {words}"


@pytest.mark.parametrize("status", [301, 500, 502, 529])
def test_of_a_redirect_and_of_a_failed_server_the_status_is_told(status: int) -> None:
    assert ServiceFailed(said=WORDS, status=status).told == str(status)


def test_a_configuration_error_is_one_line_with_variable_value_and_what_is_expected() -> None:
    error = ConfigurationError("OPENAI_BASE_URL", "nonsense", expected="an address\nlike this")

    assert str(error) == "OPENAI_BASE_URL=nonsense: an address like this"
