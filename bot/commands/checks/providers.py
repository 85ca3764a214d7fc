"""Whether providers answer, how they fared, and who listens, paints and speaks."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from random import Random

from bot.app.services import (
    default_provider,
    exposed_keys,
    make_http,
    make_painter,
    make_providers,
    make_speaker,
    make_transcriber,
)
from bot.catalog.chart import Chart
from bot.clock import Clock
from bot.commands.checks.line import Line
from bot.commands.checks.one_provider import check_provider
from bot.settings import ConfigurationError, Settings
from bot.storage.engine.database import HEALTH, beside
from providers.base import AsyncGeneratorProvider
from providers.blocks import Audio
from providers.care.health import Health
from providers.media.endpoints import Endpoint
from providers.media.images import Pictures
from providers.media.speech import Speaker
from providers.media.transcription import Transcriber


async def check_providers(settings: Settings, say: Callable[[str], None]) -> bool:
    """Try each provider; tell whether one answers and a new chat's is among them."""
    async with make_http(settings) as http:
        providers = make_providers(settings, http)
        for line in _exposed(settings):
            say(str(line))
        say(str(_listening(settings, make_transcriber(settings, http, Clock()), providers)))
        say(str(_drawing(make_painter(settings, http, Clock()), providers)))
        say(str(_speaking(make_speaker(settings, http, Clock()))))
        answering = []
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(check_provider(settings, provider)) for provider in providers.values()]
            for lines in asked:
                for line in await lines:
                    say(str(line))
                    answering.append(line.ok and not line.mend)
        for line in _fared(settings, providers):
            say(str(line))
        for provider in providers.values():
            await provider.close()
    try:
        default_provider(settings, providers)
    except ConfigurationError as error:
        say(str(Line("default", ok=False, detail=str(error))))
        return False
    return any(answering)


def _fared(settings: Settings, providers: Mapping[str, AsyncGeneratorProvider]) -> Iterator[Line]:
    """Say how the providers fared of late in the bot that runs, or ran, on the database."""
    place, health = beside(settings.database_url), Health(Clock(), Random())
    if place.name:
        Chart(place.with_name(f"{place.name}{HEALTH}"), health, Clock()).recall()
    for provider_id in providers:
        if fares := health.fares(provider_id):
            yield Line(provider_id, ok=True, detail=f"of late: {fares}")


def _listening(settings: Settings, transcriber: Transcriber, providers: Mapping[str, AsyncGeneratorProvider]) -> Line:
    """Say who listens to voice messages."""
    if folder := settings.transcription_folder:
        return _dictation(folder)
    hearing = [name for name, provider in providers.items() if Audio in provider.takes(None)]
    asked = [f"{each.id} ({each.model})" for each in transcriber.endpoints]
    told = [f"written down by {' or '.join(asked)}"] * bool(asked) + [f"heard by {', '.join(hearing)}"] * bool(hearing)
    mend = "" if asked else "set TRANSCRIPTION_BASE_URL, and _API_KEY, to a service that writes recordings down"
    mend = mend or _ending(transcriber.endpoints, "TRANSCRIPTION_MODEL")
    return Line("voice", ok=True, detail="; ".join(told) or "nobody listens to voice messages", mend=mend)


def _dictation(folder: Path) -> Line:
    """Say whether this machine can write down what is said."""
    if find_spec("faster_whisper") is None:
        mend = 'pip install "deltagram[voice]", or make run EXTRAS=all'
        return Line("voice", ok=True, detail="TRANSCRIPTION_FOLDER is set, faster-whisper is not installed", mend=mend)
    if not (folder.expanduser() / "model.bin").is_file():
        mend = "put a model of faster-whisper there: model.bin, config.json, tokenizer.json, vocabulary"
        return Line("voice", ok=True, detail=f"no model in TRANSCRIPTION_FOLDER, {folder}", mend=mend)
    return Line("voice", ok=True, detail=f"written down on this machine, by the model in {folder}")


def _drawing(painter: Pictures, providers: Mapping[str, AsyncGeneratorProvider]) -> Line:
    """Say who makes pictures."""
    drawing = [name for name, provider in providers.items() if provider.capabilities(None).draws]
    asked = [f"{each.id} ({each.model})" for each in painter.endpoints]
    told = [f"/image: {' or '.join(asked)}"] * bool(asked) + [f"in answers: {', '.join(drawing)}"] * bool(drawing)
    mend = "" if asked else "set IMAGES_BASE_URL, and _API_KEY, to a service that makes pictures"
    return Line("images", ok=True, detail="; ".join(told) or "nobody makes pictures", mend=mend)


def _speaking(speaker: Speaker) -> Line:
    """Say who reads answers aloud."""
    asked = [f"{each.id} ({each.model}, {speaker.voice})" for each in speaker.endpoints]
    mend = "" if asked else "set SPEECH_BASE_URL, and _API_KEY, to a service that reads aloud"
    mend = mend or _ending(speaker.endpoints, "SPEECH_MODEL")
    detail = f"read aloud by {' or '.join(asked)}" if asked else "no answer is read aloud"
    return Line("speech", ok=True, detail=detail, mend=mend)


def _ending(endpoints: Iterable[Endpoint], variable: str) -> str:
    """Say which of the models ends, and what to do then."""
    told = (f"{each.model} ends: {each.ends}; then name another one in {variable}" for each in endpoints if each.ends)
    return next(told, "")


def _exposed(settings: Settings) -> list[Line]:
    """Say to which addresses a key goes so that others on the way can read it."""
    mend = "name its address with https://"
    return [
        Line(provider_id, ok=True, detail=f"its key goes unencrypted to {url}", mend=mend)
        for provider_id, url in exposed_keys(settings).items()
    ]
