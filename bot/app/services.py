"""The services: who answers, listens, paints and reads aloud, as configured now, and made anew while the bot runs."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from bot.app.configured import personas_of, providers_file, secrets_of, tools_of
from bot.catalog.catalog import Catalog
from bot.catalog.chart import Chart
from bot.catalog.personas import Personas
from bot.catalog.reload import Made, Reload
from bot.clock import Clock
from bot.process import log as logs
from bot.settings import ConfigurationError, Settings
from bot.storage.engine.database import HEALTH
from bot.tools.apart import Apart
from bot.tools.builtin import builtin
from bot.tools.server import Server
from bot.tools.toolbox import Toolbox
from bot.tools.wanted import ToolSettings
from bot.tools.web import Web
from providers import registry
from providers.base import AsyncGeneratorProvider
from providers.care.health import Health
from providers.media.images import Pictures
from providers.media.speech import Speaker
from providers.media.transcription import Transcriber
from providers.wire.http import Http


@dataclass(frozen=True, slots=True)
class Services:
    """What others do for the bot, and what of it may be chosen."""

    catalog: Catalog
    chart: Chart
    personas: Personas
    listening: Transcriber
    speaking: Speaker
    toolbox: Toolbox
    reload: Reload
    clock: Clock


@asynccontextmanager
async def make_services(settings: Settings, place: Path, clock: Clock, *, play: bool) -> AsyncIterator[Services]:
    """Make them, close them at the end; how they fare is kept beside `place`. Raises ConfigurationError."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(make_http(settings))
        health = Health(clock, Random())
        chart = Chart(place.with_name(f"{place.name}{HEALTH}"), health, clock)
        chart.recall()

        def make() -> Made:
            providers = make_providers(settings, http, play=play, health=health)
            for provider in providers.values():
                stack.push_async_callback(provider.close)
            return Made(
                providers,
                default_provider(settings, providers),
                secrets_of(settings),
                make_transcriber(settings, http, clock),
                make_painter(settings, http, clock),
                make_speaker(settings, http, clock),
                personas_of(settings),
                make_toolbox(tools_of(settings), clock),
            )

        made = make()
        personas, catalog = Personas(made.personas), _catalog(settings, made, clock, health)
        reload = Reload(catalog, made.transcriber, made.speaker, personas, made.toolbox, make, logs.hide)
        yield Services(catalog, chart, personas, made.transcriber, made.speaker, made.toolbox, reload, clock)


def of_bot(
    services: Services, settings: Settings, providers: Mapping[str, AsyncGeneratorProvider] | None = None
) -> Services:
    """Return the services as one of several bots offers them, with choices of its own. Raises ConfigurationError.

    `providers`: those that are to be offered, where they are others than now.
    """
    shared = services.catalog
    providers = providers or shared.providers
    catalog = Catalog(
        providers,
        default_provider(settings, providers),
        services.clock,
        shared.health,
        shared.painter,
        summaries=_summaries(settings),
    )
    return replace(services, catalog=catalog, personas=Personas(personas_of(settings)))


def _catalog(settings: Settings, made: Made, clock: Clock, health: Health) -> Catalog:
    return Catalog(made.providers, made.default, clock, health, made.painter, summaries=_summaries(settings))


def _summaries(settings: Settings) -> bool | None:
    return None if settings.summaries == "never" else settings.summaries == "on"


def make_http(settings: Settings) -> Http:
    """Make the client that all providers share."""
    proxy = settings.provider_proxy.get_secret_value() if settings.provider_proxy else None
    return Http(proxy=proxy, connect_timeout_s=settings.connect_timeout, silence_timeout_s=None)  # bot.stream limits it


def make_providers(
    settings: Settings, http: Http, *, play: bool = False, health: Health | None = None
) -> dict[str, AsyncGeneratorProvider]:
    """Make all providers that are configured; `health`: what is known of how they fare. Raises ConfigurationError."""
    return registry.load(
        http,
        clock=Clock(),
        random=Random(),
        providers_file=providers_file(settings),
        demo=settings.demo_provider,
        play=play,
        health=health,
    )


def make_toolbox(settings: ToolSettings, clock: Clock) -> Toolbox:
    """Make the tools that models are offered."""
    own = [offer for offer in builtin(clock) if offer.tool.name in settings.builtin]
    servers = [Server(each, clock) for each in settings.servers]
    return Toolbox(own, Web(settings.web, Apart()).offers, servers, settings.limits)


def make_transcriber(settings: Settings, http: Http, clock: Clock) -> Transcriber:
    """Make what writes down recordings, as far as a service does. Raises ConfigurationError."""
    file = providers_file(settings)
    return registry.transcriber(http, clock=clock, silence_s=settings.first_token_timeout, providers_file=file)


def make_painter(settings: Settings, http: Http, clock: Clock) -> Pictures:
    """Make what makes pictures, as far as a service does. Raises ConfigurationError."""
    return registry.painter(http, clock=clock, providers_file=providers_file(settings))


def make_speaker(settings: Settings, http: Http, clock: Clock) -> Speaker:
    """Make what reads aloud, as far as a service does. Raises ConfigurationError."""
    return registry.speaker(http, clock=clock, providers_file=providers_file(settings))


def exposed_keys(settings: Settings) -> dict[str, str]:
    """Return the addresses to which a key goes unencrypted, by the provider's id. Raises ConfigurationError."""
    return registry.exposed(providers_file=providers_file(settings))


def default_provider(settings: Settings, providers: Mapping[str, AsyncGeneratorProvider]) -> str:
    """Return the id of a new chat's provider. Raises ConfigurationError."""
    first = next(iter(providers), "")
    if not first:
        raise ConfigurationError("DEMO_PROVIDER", settings.demo_provider, "auto or on where no provider is configured")
    named = {"DEFAULT_PROVIDER": settings.default_provider, "SUMMARY_PROVIDER": settings.summary_provider}
    for variable, name in named.items():
        if name is not None and name not in providers:
            expected = f"one of the providers that are configured: {', '.join(providers)}"
            raise ConfigurationError(variable, name, expected)
    return settings.default_provider or first
