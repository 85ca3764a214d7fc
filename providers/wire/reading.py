"""Reading: which models of a service read PDFs as they are, and what refusals of them teach."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from providers.base import Clock, Role
from providers.blocks import Content, Document
from providers.errors import NotTaken, ServiceFailed

FORGET_S = 3600.0  # what a refusal taught: another model may be served under the name

# As OpenAI, Azure, OpenRouter, Anthropic, Gemini say that a model reads none, and what of a file is not read: often in
# words that name nothing, as "Request contains an invalid argument."
_ABOUT_FILES = re.compile(
    r"pdf|document|\bfile|\bpages?\b|mime|input tag|content.{0,20}type|invalid value|modalit"
    r"|media type|contains an invalid argument|(unable to|not) process|unprocessable",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"(not|n't|un|only) ?(be )?(support|allow|permit|accept|enabl|recogni)"
    r"|input tag|invalid value|invalid content type",
    re.IGNORECASE,
)


class Reading:
    """What is known of a service's models; one reads PDFs only where its service says so."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refused_until: dict[str, float] = {}

    def takes(self, model: str, told: bool | None) -> bool:
        """Tell whether a model is sent PDFs, as the service `told` it and its refusals did."""
        return bool(told) and self._clock.now() >= self._refused_until.get(model, 0.0)

    @contextmanager
    def watched(self, model: str, talk: Sequence[tuple[Role, Content]]) -> Iterator[None]:
        """Raise a refusal of the PDFs that were sent as NotTaken: their words can be sent in their place.

        One that speaks of the model is remembered; one that speaks of a file says nothing about the next one.
        """
        try:
            yield
        except ServiceFailed as error:
            is_refusal = error.status in (400, 415, 422) and _ABOUT_FILES.search(error.reason)
            if not is_refusal or not any(isinstance(block, Document) for _, content in talk for block in content):
                raise
            if _NEVER.search(error.reason):
                self._refused_until[model] = self._clock.now() + FORGET_S
            raise NotTaken({Document}, said=error.said, provider=error.provider, status=error.status) from None
