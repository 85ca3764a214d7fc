"""Transcription: recordings are written down by services with OpenAI's endpoint for it.

    POST {base}/audio/transcriptions    multipart: file, model, response_format=json → {"text": "…", "usage": {…}}

Sources: https://platform.openai.com/docs/api-reference/audio/createTranscription; Groq, Mistral, Together AI,
DeepInfra, LocalAI, Speaches, vLLM and whisper.cpp's server speak it too. They tell a recording's format by its
file's name.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from aiohttp import ClientResponse, FormData
from pydantic_settings import SettingsConfigDict

from providers.base import Clock, Usage
from providers.blocks import Audio
from providers.capabilities import price_in
from providers.cost import cost_of_media
from providers.errors import NotTaken, ProviderError, RateLimited, ServiceFailed
from providers.media.endpoints import Endpoint, Endpoints
from providers.settings import ApiKey, BaseUrl, ProviderSettings
from providers.surrogates import whole_characters
from providers.wire.completion import count
from providers.wire.status import error_in, unexpected

ID = "transcription"
MODEL = "whisper-1"  # what servers of one's own know, whatever they run
MAX_BODY = 2 << 20  # bytes of an answer: a day of speech
MAX_TEXT = 200_000  # characters
MAX_S = 86_400.0  # of a recording; a service that counts more is not believed
BYTES_PER_S = 64 << 10  # of a recording: what a service may take beside its silence
PAUSES_S = (0.5, 1.5)
SILENT_WAIT_S = 5.0  # of a Retry-After; a longer one is told
TOLD_S = 8.0  # after the first failure

log = logging.getLogger(__name__)


class Settings(ProviderSettings):
    """TRANSCRIPTION_BASE_URL, as that of OpenAI, the key for it where it wants one, and the model."""

    model_config = SettingsConfigDict(env_prefix="TRANSCRIPTION_")

    api_key: ApiKey | None = None
    base_url: BaseUrl | None = None
    model: str = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What is said in a recording, and what it took of the service `by`, as far as that is known."""

    text: str
    usage: Usage | None = None
    by: str = ""
    seconds: float | None = None  # as the service counts them


class Transcriber:
    """Asks the first service that has the endpoint; one that has not is passed over for an hour."""

    def __init__(self, endpoints: Sequence[Endpoint], *, clock: Clock, silence_s: float) -> None:
        self.endpoints = Endpoints(endpoints, clock)
        self._clock = clock
        self._silence_s = silence_s

    def replace(self, other: "Transcriber") -> None:
        """Ask the services of another one from now on."""
        self._silence_s = other._silence_s
        self.endpoints.replace(other.endpoints)

    async def write_down(
        self, data: bytes, media_type: str, extension: str, *, seconds: float | None = None
    ) -> Transcript:
        """Return what is said in a recording of so many `seconds`; leaving by cancellation closes the connection.

        Raises NotTaken where no service has the endpoint, another ProviderError where the one that has it failed.
        """
        for endpoint in self.endpoints:
            try:
                heard = await self._ask(endpoint, data, media_type, extension)
                return replace(heard, usage=_priced(heard, endpoint, seconds), by=endpoint.id)
            except ProviderError as error:
                self.endpoints.note(endpoint, error)
        raise NotTaken({Audio})

    async def _ask(self, endpoint: Endpoint, data: bytes, media_type: str, extension: str) -> Transcript:
        """Ask one service, again where that may help and does not take long."""
        told_at: float | None = None
        pauses = list(PAUSES_S)
        while True:
            try:
                left_s = self._silence_s + len(data) / BYTES_PER_S
                left_s = left_s if told_at is None else min(left_s, max(0.1, told_at - self._clock.now()))
                return await self._post(endpoint, data, media_type, extension, limit_s=left_s)
            except ProviderError as error:
                told_at = told_at if told_at is not None else self._clock.now() + TOLD_S
                pause = _pause(error, pauses)
                if pause is None or self._clock.now() + pause >= told_at:
                    raise
                log.warning("listening again provider=%s pause=%s error=%s", endpoint.id, pause, error)
                await self._clock.sleep(pause)

    async def _post(
        self, endpoint: Endpoint, data: bytes, media_type: str, extension: str, *, limit_s: float
    ) -> Transcript:
        form = FormData()
        form.add_field("file", data, filename=f"voice.{extension}", content_type=media_type)
        form.add_field("model", endpoint.model)
        form.add_field("response_format", "json")
        async with endpoint.post("/audio/transcriptions", form, self._clock, limit_s=limit_s) as response:
            return _transcript(await _body(response))


async def _body(response: ClientResponse) -> str:
    body = bytearray()
    async for some in response.content.iter_any():
        body += some
        if len(body) > MAX_BODY:
            raise ServiceFailed("a transcript that does not end", status=response.status)
    return body.decode("utf-8", "replace")


def _transcript(body: str) -> Transcript:
    """Read what a service answers. Raises ProviderError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        _refuse(body)
    if not isinstance(found, dict):
        _refuse(body)
    if error := error_in(found):
        raise error
    text = found.get("text")
    if not isinstance(text, str):
        _refuse(body)
    told = found.get("usage")
    usage = told if isinstance(told, dict) else {}
    cost, seconds = price_in(usage.get("cost")), usage.get("seconds")
    tokens = Usage(count(usage.get("input_tokens")), count(usage.get("output_tokens")), cost=cost)
    text = whole_characters(text).replace("\0", "").strip()[:MAX_TEXT]
    counted = float(seconds) if isinstance(seconds, int | float) and 0 < seconds < MAX_S else None
    return Transcript(text, tokens if tokens != Usage(0, 0) else None, seconds=counted)


def _priced(heard: Transcript, endpoint: Endpoint, seconds: float | None) -> Usage | None:
    """Return what a transcript took, with its cost where that is known."""
    cost = cost_of_media(endpoint.prices, endpoint.media, heard.usage, seconds=heard.seconds or seconds)
    return heard.usage if cost is None else replace(heard.usage or Usage(0, 0), cost=cost)


def _refuse(body: str) -> NoReturn:
    raise unexpected(body)


def _pause(error: ProviderError, pauses: list[float]) -> float | None:
    """Return how long to wait before the service is asked again, None where that is no use."""
    if isinstance(error, RateLimited) and error.retry_after_s is not None and error.retry_after_s <= SILENT_WAIT_S:
        return max(error.retry_after_s, pauses.pop(0)) if pauses else None
    return pauses.pop(0) if error.retryable and pauses else None
