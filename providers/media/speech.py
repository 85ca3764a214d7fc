"""Speech: texts are read aloud by services with OpenAI's endpoint for it.

    POST {base}/audio/speech    {model, voice, input, response_format: "opus"} → bytes: opus is what Telegram plays

Source: https://platform.openai.com/docs/api-reference/audio/createSpeech; Groq, DeepInfra, LocalAI, Speaches and
Kokoro-FastAPI speak it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from pydantic_settings import SettingsConfigDict

from providers.base import Clock
from providers.blocks import Audio
from providers.cost import cost_of_media
from providers.errors import EmptyAnswer, NotTaken, ProviderError, ServiceFailed
from providers.media.endpoints import Endpoint, Endpoints
from providers.settings import ApiKey, BaseUrl, ProviderSettings
from providers.wire.pictures import body_of
from providers.wire.status import unexpected

ID = "speech"
MODEL = "gpt-4o-mini-tts"
VOICE = "alloy"
MAX_INPUT = 4_096  # characters, as the endpoint takes
MAX_BODY = 20 << 20  # bytes
SPEAKING_S = 120.0
_HEADS = ((b"OggS", "audio/ogg"), (b"ID3", "audio/mpeg"), (b"RIFF", "audio/wav"), (b"fLaC", "audio/flac"))


class SpeechSettings(ProviderSettings):
    """SPEECH_BASE_URL, as that of OpenAI, the key for it where it wants one, the model, and the voice."""

    model_config = SettingsConfigDict(env_prefix="SPEECH_")

    api_key: ApiKey | None = None
    base_url: BaseUrl | None = None
    model: str = ""
    voice: str = VOICE


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text as it sounds; `cost`: the dollars that the service `by` takes for it, None where that is not known."""

    data: bytes
    media_type: str
    cost: Decimal | None = None
    by: str = ""


class Speaker:
    """Asks the first service that has the endpoint; one that has not is passed over for an hour."""

    def __init__(self, endpoints: Sequence[Endpoint], *, voice: str, clock: Clock) -> None:
        self.endpoints = Endpoints(endpoints, clock)
        self.voice = voice
        self._clock = clock

    def replace(self, other: "Speaker") -> None:
        """Ask the services of another one from now on."""
        self.endpoints.replace(other.endpoints)
        self.voice = other.voice

    @property
    def name(self) -> str:
        """How it sounds: what was spoken once is kept under this name."""
        return next((f"{each.model}/{self.voice}" for each in self.endpoints), "")

    async def speak(self, text: str) -> Spoken:
        """Return a text as it sounds, of which the first characters count.

        Raises NotTaken where no service has the endpoint, another ProviderError where the one that has it failed.
        """
        for endpoint in self.endpoints:
            try:
                spoken = await self._ask(endpoint, text[:MAX_INPUT])
                cost = cost_of_media(endpoint.prices, endpoint.media, characters=len(text[:MAX_INPUT]))
                return replace(spoken, cost=cost, by=endpoint.id)
            except ProviderError as error:
                self.endpoints.note(endpoint, error)
        raise NotTaken({Audio})

    async def _ask(self, endpoint: Endpoint, text: str) -> Spoken:
        body: dict[str, object] = {"model": endpoint.model, "voice": self.voice, "input": text}
        body["response_format"] = "opus"
        async with endpoint.post("/audio/speech", body, self._clock, limit_s=SPEAKING_S) as response:
            return _spoken(await body_of(response, MAX_BODY))


def _spoken(data: bytes) -> Spoken:
    """Tell by its bytes what a service sends. Raises ProviderError for what is no sound."""
    if not data:
        raise EmptyAnswer("no sound")
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return Spoken(data, "audio/mpeg")
    kind = next((kind for head, kind in _HEADS if data.startswith(head)), None)
    if kind is None:
        raise unexpected(data[:4096].decode("utf-8", "replace"))
    if kind in ("audio/wav", "audio/flac"):
        raise ServiceFailed("a sound that Telegram does not play; it was asked for opus", status=200)
    return Spoken(data, kind)
