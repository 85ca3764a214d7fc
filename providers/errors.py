"""What can go wrong between us and a service, as the user and the responder need to tell it apart.

    ProviderError                 every failure of a provider; the responder tells the user and goes on
    ├── ModelNotSupported         unknown model name; nothing was sent
    ├── NothingToSend             no message with text in it; nothing was sent
    ├── TooLong                   more text than the model takes: history is cut and tried again
    ├── SignInFailed              key, token or nonce refused twice, or not to be had
    ├── RateLimited               429, with the seconds to wait where the service names them
    ├── Blocked                   a bot-protection page instead of an answer
    ├── Refused                   the service will not talk about this: shown as it is, never retried
    ├── ServiceFailed             5xx, other 4xx, an error object, HTML where an answer should be
    ├── EmptyAnswer               a clean end without a single character
    ├── Incomplete                text came, then the connection or the service broke off: what came is kept
    ├── TimedOut                  no connection, no first delta or no next delta in time
    └── NoConnection              DNS, refused, TLS, proxy

    ConfigurationError            the operator's mistake, at start; no provider's failure

`reason` is one short line without credentials, in the service's own words where it gave any. The base class is a
RuntimeError because that is what the original clients of the seed services raise.
"""

from collections.abc import Sequence

from providers.surrogates import whole_characters

REASON_LENGTH = 300


class ProviderError(RuntimeError):
    """A provider could not answer. `retryable`: asking again soon may help, as long as nothing was shown."""

    retryable = False

    def __init__(self, reason: str = "", *, provider: str = "") -> None:
        self.reason = whole_characters(" ".join(reason.split())[:REASON_LENGTH])
        self.provider = provider
        super().__init__(self.reason)

    def __str__(self) -> str:
        """Name provider, kind and reason, for logs."""
        kind = type(self).__name__
        return f"{self.provider}: {kind}: {self.reason}" if self.provider else f"{kind}: {self.reason}"


class ModelNotSupported(ProviderError):
    """The provider knows no model of this name; `models` are those it has."""

    def __init__(self, model: str, *, provider: str, models: Sequence[str]) -> None:
        super().__init__(f"model {model!r} is not one of: {', '.join(models)}", provider=provider)
        self.model = model
        self.models = list(models)


class NothingToSend(ProviderError):
    """All messages are blank."""


class TooLong(ProviderError):
    """The conversation exceeds what the model takes."""


class SignInFailed(ProviderError):
    """The service accepts no credential that we have or can get."""


class RateLimited(ProviderError):
    """The service wants us to wait; `retry_after_s` is None where it does not say how long."""

    def __init__(self, reason: str = "", *, provider: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(reason, provider=provider)
        self.retry_after_s = retry_after_s


class Blocked(ProviderError):
    """The service takes us for a robot and shows a challenge page."""


class Refused(ProviderError):
    """The service declines to answer for reasons of content."""


class ServiceFailed(ProviderError):
    """The service answered with a failure; `status` is the HTTP status, 200 for an error object in a good response."""

    def __init__(self, reason: str = "", *, provider: str = "", status: int) -> None:
        super().__init__(f"{status} {reason}".rstrip(), provider=provider)
        self.status = status
        self.retryable = status >= 500


class EmptyAnswer(ProviderError):
    """The answer ended without a single character."""

    retryable = True


class Incomplete(ProviderError):
    """The answer broke off after some text."""


class TimedOut(ProviderError):
    """The service was silent for too long."""

    retryable = True


class NoConnection(ProviderError):
    """The service cannot be reached."""

    retryable = True


class ConfigurationError(ValueError):
    """A setting that cannot be used; the text is one line: its name, its value without secrets, what is expected."""

    def __init__(self, variable: str, value: str, *, expected: str) -> None:
        self.variable = variable
        self.value = value
        self.expected = " ".join(expected.split())
        super().__init__(f"{variable}={value}: {self.expected}")
