"""Endpoints: services that may have one of OpenAI's endpoints beside the chat; the first one that has it is asked."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import ClientResponse, FormData

from providers.base import Clock
from providers.care.arrangement import MediaPrices, Prices
from providers.errors import ModelGone, ProviderError
from providers.wire.http import Http, failures
from providers.wire.masking import passwords_in
from providers.wire.route import secrets
from providers.wire.status import check_status

NO_PRICES = MediaPrices()
FORGET_S = 3600.0  # that a service has no such endpoint
ENDS = {  # openai 3.54.0 (types/audio/speech_model.py, types/audio_model.py), 2026-11-22; there is no other voice
    **dict.fromkeys(("tts-1", "tts-1-hd", "gpt-4o-mini-tts"), "2027-01-06"),
    **dict.fromkeys(
        ("whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-4o-transcribe-diarize"), "2027-02-26"
    ),
}
_NO_ENDPOINT = (404, 405, 501)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A service that may have the endpoint, and the model to ask for; `is_sure`: the operator says that it has.

    `prices` are those of the model's tokens, `media` those of what goes in or comes out, as the operator says them.
    """

    id: str
    url: str
    model: str
    http: Http = field(repr=False)
    key: str = field(default="", repr=False)
    is_sure: bool = False
    prices: Prices | None = None
    media: MediaPrices = NO_PRICES

    @property
    def ends(self) -> str:
        """The day on which OpenAI switches the model off, "" where the service is another one, or none is named."""
        return ENDS.get(self.model, "") if (urlsplit(self.url).hostname or "").endswith("openai.com") else ""

    @asynccontextmanager
    async def post(
        self, path: str, body: dict[str, object] | FormData, clock: Clock, *, limit_s: float
    ) -> AsyncIterator[ClientResponse]:
        """Post JSON or a form and hand on what comes, in so many seconds. Raises ProviderError."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        is_form = isinstance(body, FormData)
        with failures(self.id, *secrets(self.key, *self.http.secrets, *passwords_in(self.url))):
            async with (
                asyncio.timeout(limit_s),
                self.http.session() as session,
                session.post(
                    f"{self.url}{path}",
                    data=body if is_form else None,
                    json=None if is_form else body,
                    headers=headers,
                    timeout=self.http.timeout(limit_s),
                    allow_redirects=False,
                ) as response,
            ):
                await check_status(response, clock)
                yield response


class Endpoints:
    """Those of one kind, in their order; one that lacks it is passed over for an hour."""

    def __init__(self, endpoints: Sequence[Endpoint], clock: Clock) -> None:
        self._all = list(endpoints)
        self._clock = clock
        self._lacking_until: dict[str, float] = {}

    def replace(self, other: "Endpoints") -> None:
        """Hold those of another one from now on."""
        self._all = other._all
        self._lacking_until.clear()

    def __iter__(self) -> Iterator[Endpoint]:
        now = self._clock.now()
        return iter([each for each in self._all if now >= self._lacking_until.get(each.id, 0.0)])

    def note(self, endpoint: Endpoint, error: ProviderError, *, is_sure: bool | None = None) -> None:
        """Learn from a failure that a service lacks the endpoint. Raises it where it says something else.

        `is_sure`: the operator says that it has it; without a word what he said of the service.
        """
        lacks = isinstance(error, ModelGone) or error.status in _NO_ENDPOINT
        if (endpoint.is_sure if is_sure is None else is_sure) or not lacks:
            raise error
        log.info("no such endpoint provider=%s error=%s", endpoint.id, error)
        self._lacking_until[endpoint.id] = self._clock.now() + FORGET_S
