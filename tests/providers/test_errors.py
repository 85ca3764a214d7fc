"""The errors, as logs and the responder read them."""

import pytest

from providers.errors import (
    Blocked,
    ConfigurationError,
    EmptyAnswer,
    Incomplete,
    NoConnection,
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
    assert str(EmptyAnswer()) == "EmptyAnswer: "


def test_a_long_reason_is_cut() -> None:
    assert len(ServiceFailed("x" * 10_000, status=500).reason) == 300


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (NoConnection(), True),
        (TimedOut(), True),
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


def test_a_configuration_error_is_one_line_with_variable_value_and_what_is_expected() -> None:
    error = ConfigurationError("OPENAI_BASE_URL", "nonsense", expected="an address\nlike this")

    assert str(error) == "OPENAI_BASE_URL=nonsense: an address like this"
