"""What services do beside the chat: who writes recordings down, makes pictures, reads aloud."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from providers.base import AsyncGeneratorProvider, Clock
from providers.media import images, speech, transcription
from providers.media.endpoints import Endpoint
from providers.registry.filled import filled
from providers.registry.kinds import Kind, kinds
from providers.registry.wanted import wanted
from providers.services.openai import OPENAI
from providers.services.openai import Settings as OpenAISettings
from providers.services.presets import Preset
from providers.settings import ProviderSettings
from providers.wire.http import Http


def transcriber(
    http: Http,
    *,
    clock: Clock,
    silence_s: float,
    env_file: Path | None = Path(".env"),
    providers_file: Path | None = None,
) -> transcription.Transcriber:
    """Build what asks for transcripts: of the service that TRANSCRIPTION_BASE_URL names, else of those configured that
    may have the endpoint, in their order. A key goes to the address that it stands beside. Raises ConfigurationError.
    """
    found = _endpoints(_HEARING, http, env_file=env_file, providers_file=providers_file)
    return transcription.Transcriber(found, clock=clock, silence_s=silence_s)


def painter(
    http: Http, *, clock: Clock, env_file: Path | None = Path(".env"), providers_file: Path | None = None
) -> images.Pictures:
    """Build what makes pictures, at the services that IMAGES_BASE_URL and so on say. Raises ConfigurationError."""
    return images.Pictures(_endpoints(_DRAWING, http, env_file=env_file, providers_file=providers_file), clock=clock)


def speaker(
    http: Http, *, clock: Clock, env_file: Path | None = Path(".env"), providers_file: Path | None = None
) -> speech.Speaker:
    """Build what reads aloud, at the services that SPEECH_BASE_URL and so on say. Raises ConfigurationError."""
    own = cast(speech.SpeechSettings, own_settings(_SPEAKING, env_file))  # it makes those of the kind
    found = _endpoints(_SPEAKING, http, env_file=env_file, providers_file=providers_file)
    return speech.Speaker(found, voice=own.voice, clock=clock)


@dataclass(frozen=True, slots=True)
class _Beside:
    """An endpoint beside the chat; `model`: which one a service has that `Preset` knows, else the `usual` one.

    `is_tried`: a service that nobody knows of is asked too, at its first use; else only where the operator names a
    model: a button that leads nowhere is no help.
    """

    id: str
    settings: type[transcription.Settings | images.ImagesSettings | speech.SpeechSettings]
    usual: str
    model: Callable[[Preset], str]
    is_tried: bool = True


_HEARING = _Beside(transcription.ID, transcription.Settings, transcription.MODEL, lambda preset: preset.hears)
_DRAWING = _Beside(images.ID, images.ImagesSettings, images.MODEL, lambda preset: preset.draws)
_SPEAKING = _Beside(speech.ID, speech.SpeechSettings, speech.MODEL, lambda preset: preset.speaks, is_tried=False)
BESIDE = (_HEARING, _DRAWING, _SPEAKING)


def _endpoints(beside: _Beside, http: Http, *, env_file: Path | None, providers_file: Path | None) -> list[Endpoint]:
    own = own_settings(beside, env_file)
    if own.base_url:
        key = own.api_key.get_secret_value() if own.api_key else ""
        return [Endpoint(beside.id, own.base_url, own.model or beside.usual, http, key, is_sure=True)]
    found = []
    for each in wanted(kinds(), env_file=env_file, providers_file=providers_file):
        settings, arranged = each.settings, each.arrangement
        model = _model_beside(settings, beside, is_named=bool(own.model))
        if not model or not isinstance(settings, OpenAISettings):
            continue
        headers = {name: value.get_secret_value() for name, value in arranged.headers.items()}
        proxy = arranged.proxy.get_secret_value() if arranged.proxy else None
        way = http.through(proxy=proxy, headers=headers) if proxy or headers else http
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        name = own.model or model
        prices, media = arranged.prices_of(name), arranged.media_prices
        found.append(Endpoint(each.id, settings.base_url, name, way, key, prices=prices, media=media))
    return found


def own_settings(
    beside: _Beside, env_file: Path | None
) -> transcription.Settings | images.ImagesSettings | speech.SpeechSettings:
    kind = Kind(beside.id, beside.settings, AsyncGeneratorProvider)
    made = filled(kind, {}, env_file=env_file)
    return cast(transcription.Settings | images.ImagesSettings | speech.SpeechSettings, made)


def _model_beside(settings: ProviderSettings, beside: _Beside, *, is_named: bool) -> str:
    """Return the model of an endpoint at a service; "" where it has no such endpoint."""
    if not isinstance(settings, OpenAISettings):
        return ""
    is_own = settings.base_url == settings.preset.base_url
    may_be_any = settings.preset.id == OPENAI.id  # whatever has an address and speaks the protocol
    if is_own or not may_be_any:
        return beside.model(settings.preset)
    return beside.usual if beside.is_tried or is_named else ""
