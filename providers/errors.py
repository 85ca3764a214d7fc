"""What can go wrong between us and a service, as the user and the responder need to tell it apart.

    ProviderError                 every failure of a provider; the responder tells the user and goes on
    ├── ModelNotSupported         unknown model name; nothing was sent
    ├── NothingToSend             no message with text in it; nothing was sent
    ├── NotTaken                  the model takes no pictures, or what else came: told, or sent again without
    ├── TooLong                   more text than the model takes: history is cut and tried again
    ├── SignInFailed              key, token or nonce refused twice, or not to be had
    ├── OutOfCredit               the account is empty or its budget used up: no waiting helps, the operator must pay
    ├── RateLimited               429, with the seconds to wait where the service names them
    ├── Blocked                   a bot-protection page instead of an answer
    ├── Refused                   the service will not talk about this: shown as it is, never retried
    │   ├── Recited               what it wanted to say is somebody's text, word for word
    │   └── LanguageUnknown       it does not speak the language
    ├── ServiceFailed             5xx, other 4xx, an error object, HTML where an answer should be
    │   ├── ModelGone             the service has no such model (any more), or serves it in another way
    │   └── BrokenOff             the model or the machine gave up without an answer: asked again
    ├── EmptyAnswer               a clean end without a character that a person sees
    ├── OnlyThought               the model thought until its answer was used up: the same would come again
    ├── Incomplete                text came, then the connection or the service broke off: what came is kept
    ├── TimedOut                  no connection, no first delta or no next delta in time
    └── NoConnection              DNS, refused, TLS, proxy

    ConfigurationError            the operator's mistake, at start; no provider's failure

Words of our own and words of the service are kept apart: the latter can repeat what somebody wrote, so they never reach
a log. The base class is a RuntimeError because that is what the original clients of the seed services raise.
"""

import re
from collections.abc import Callable, Collection, Sequence

from providers.blocks import Block
from providers.surrogates import whole_characters

REASON_LENGTH = 300

_PRIVATE = (
    re.compile(  # what a chat need not read: where a service runs, by which number it knows a request or an account
        r"""\b\w+://[^\s"'<>)]+                                                 # addresses
    | (?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\w.]) | \[?[0-9a-f]*(?::[0-9a-f]*){3,}\]?(?::\d+)?
    | \blocalhost\b(?::\d+)? | \b(?:[\w-]+\.)+[\w-]+:\d{2,5}\b | \b[a-z][a-z-]+:\d{4,5}\b
    | \b(?:[\w-]+\.){2,}[a-z]{2,}\b | \b[\w-]+\.(?:local|lan|internal|intranet|corp|home)\b
    | \b[\w.+-]+@[\w.-]+
    | (?<![\w/])/(?:[\w.@-]+/)+[\w.@-]+                                      # files
    | \b(?:req|request|org|proj|user|acct|chatcmpl|cmpl|msg|resp|trace|gen)[-_][\w-]{6,}
    | \b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b | \b[0-9a-f]{16,}\b | \b(?=\w*\d)(?=\w*[a-z])[a-z0-9]{24,}\b""",
        re.IGNORECASE | re.VERBOSE,
    )
)


class ProviderError(RuntimeError):
    """A provider could not answer. `retryable`: asking again soon may help, as long as nothing was shown.

    `cause` is one short line in our words, `said` what the service said; neither holds credentials. `status` is that of
    HTTP, 200 for a failure told in a good response, None where there was no response.
    """

    retryable = False

    def __init__(self, cause: str = "", *, said: str = "", provider: str = "", status: int | None = None) -> None:
        self.cause = _line(cause)
        self.said = _line(said)
        self.provider = provider
        self.status = status
        super().__init__()

    @property
    def reason(self) -> str:
        """Status, cause and the service's words, for the operator's eyes."""
        return _line(f"{self.status or ''} {': '.join(filter(None, (self.cause, self.said)))}")

    @property
    def told(self) -> str:
        """What the person who asked is shown: of a redirect or a failed server the status, else its words.

        Addresses, files and the numbers of requests and accounts are taken out.
        """
        if self.status and not 200 <= self.status < 300 and not 400 <= self.status < 500:
            return str(self.status)
        shown = "" if self.status == 200 else str(self.status or "")
        return _PRIVATE.sub("…", _line(f"{shown} {': '.join(filter(None, (self.cause, self.said)))}"))

    def hide(self, mask: Callable[[str], str]) -> None:
        """Put all words through `mask`."""
        self.cause, self.said = mask(self.cause), mask(self.said)

    def __str__(self) -> str:
        """Name provider, kind, status and cause, for logs: nothing that a service said."""
        why = _line(f"{self.status or ''} {self.cause}")
        return ": ".join(filter(None, (self.provider, type(self).__name__, why)))

    def __repr__(self) -> str:
        """Say no more than a log may."""
        return f"<{self}>"


class ModelNotSupported(ProviderError):
    """The provider knows no model of this name; `models` are those it has."""

    def __init__(self, model: str, *, provider: str, models: Sequence[str]) -> None:
        known = f"the models are {', '.join(models)}"
        super().__init__(known, said=f"not {model!r}", provider=provider)  # somebody may have written that name
        self.model = model
        self.models = list(models)


class NothingToSend(ProviderError):
    """All messages are blank."""


class NotTaken(ProviderError):
    """The model does not take some `kinds` of block; `takes` of the provider knows it from now on."""

    def __init__(
        self, kinds: Collection[type[Block]], *, said: str = "", provider: str = "", status: int | None = None
    ) -> None:
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        super().__init__(f"does not take {names}", said=said, provider=provider, status=status)
        self.kinds = frozenset(kinds)


class TooLong(ProviderError):
    """The conversation exceeds what the model takes."""


class SignInFailed(ProviderError):
    """The service accepts no credential that we have or can get."""


class OutOfCredit(ProviderError):
    """Who runs the bot must pay, or raise the budget."""


class RateLimited(ProviderError):
    """The service wants us to wait; `retry_after_s` is None where it does not say how long."""

    def __init__(
        self, cause: str = "", *, said: str = "", provider: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(cause, said=said, provider=provider)
        self.retry_after_s = retry_after_s


class Blocked(ProviderError):
    """The service takes us for a robot and shows a challenge page."""


class Refused(ProviderError):
    """The service declines to answer for reasons of content."""


class Recited(Refused):
    """The answer would be somebody's text, word for word."""


class LanguageUnknown(Refused):
    """The model does not speak the language."""


class ServiceFailed(ProviderError):
    """The service answered with a failure; `status` is the HTTP status, 200 for an error object in a good response."""

    def __init__(self, cause: str = "", *, said: str = "", provider: str = "", status: int) -> None:
        super().__init__(cause, said=said, provider=provider, status=status)
        self.retryable = status >= 500


class ModelGone(ServiceFailed):
    """The model is not there (any more), or answers only in another way than by chat."""


class BrokenOff(ServiceFailed):
    """The model or the machine gave up for technical reasons before the first word."""

    def __init__(self, cause: str = "", *, said: str = "", provider: str = "", status: int = 200) -> None:
        super().__init__(cause, said=said, provider=provider, status=status)
        self.retryable = True


class EmptyAnswer(ProviderError):
    """The answer ended without a character that a person sees; `is_blank`: with others, as the model wanted it."""

    def __init__(self, cause: str = "", *, said: str = "", provider: str = "", is_blank: bool = False) -> None:
        super().__init__(cause, said=said, provider=provider)
        self.retryable = not is_blank


class OnlyThought(ProviderError):
    """The answer was used up, or ended, by thinking."""


class Incomplete(ProviderError):
    """The answer broke off after some text."""


class TimedOut(ProviderError):
    """The service was silent for too long; `asked`: it has the question, and asking again would cost twice."""

    def __init__(self, cause: str = "", *, provider: str = "", asked: bool = True) -> None:
        super().__init__(cause, provider=provider)
        self.retryable = not asked


class NoConnection(ProviderError):
    """The service cannot be reached."""

    retryable = True


class ConfigurationError(ValueError):
    """A setting that cannot be used; the text is one line: its name, its value without secrets, what is expected.

    `field`: what a table of providers.toml calls it, where the provider itself tells the mistake.
    """

    def __init__(self, variable: str, value: str, *, expected: str, field: str = "") -> None:
        self.variable = variable
        self.value = " ".join(value.split())
        self.field = field
        self.expected = " ".join(expected.split())
        super().__init__(f"{variable}={self.value}: {self.expected}")


def _line(text: str) -> str:
    return whole_characters(" ".join(text.split())[:REASON_LENGTH])
