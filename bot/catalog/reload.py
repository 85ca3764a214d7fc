"""Reload: providers, personas and tools are made anew from what the operator has changed, while the bot runs.

Answers under way go on with the provider that they began with. Where there is a mistake, all stays as it was.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.catalog.catalog import Catalog
from bot.catalog.personas import Personas
from bot.settings import ConfigurationError
from bot.tools.toolbox import Toolbox
from providers.base import AsyncGeneratorProvider
from providers.errors import ConfigurationError as ProviderConfigurationError
from providers.media.speech import Speaker
from providers.media.transcription import Transcriber

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Made:
    """What is configured now: the providers, the default one's id, what no log may show, who listens, the personas,
    the tools.
    """

    providers: Mapping[str, AsyncGeneratorProvider]
    default: str
    secrets: Sequence[str]
    transcriber: Transcriber
    painter: AsyncGeneratorProvider
    speaker: Speaker
    personas: Mapping[str, str]
    toolbox: Toolbox


class Reload:
    """Waits until it is asked; `make` reads the configuration, `hide` is told the secrets before anything is logged.

    `mistake`: what kept it from being done when nobody waited to hear of it, "" once it is done.
    """

    def __init__(
        self,
        catalog: Catalog,
        transcriber: Transcriber,
        speaker: Speaker,
        personas: Personas,
        toolbox: Toolbox,
        make: Callable[[], Made],
        hide: Callable[[Sequence[str]], None],
    ) -> None:
        self._catalog = catalog
        self._transcriber = transcriber
        self._speaker = speaker
        self._personas = personas
        self._toolbox = toolbox
        self._make = make
        self._hide = hide
        self._asked = asyncio.Event()
        self.mistake = ""
        self.prepare: Callable[[Made], Callable[[], None]] | None = None  # where there is more to be made of it

    def ask(self) -> None:
        """Have all of that made anew; asked several times at once, it is done once."""
        self._asked.set()

    async def run(self) -> None:
        """Do so whenever it is asked, for ever."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            self.mistake = self.now()

    def now(self) -> str:
        """Do it at once; return the mistake that keeps all as it was, "" where there is none."""
        try:
            made = self._make()
            put = self.prepare(made) if self.prepare else None
        except (ConfigurationError, ProviderConfigurationError) as error:
            _tell(error)
            return str(error)
        except Exception as error:
            log.exception("providers not reloaded, a bug")
            return f"a bug of mine, {type(error).__name__}; my log has more"
        self._hide(made.secrets)
        self._catalog.replace(made.providers, made.default, made.painter)
        self._transcriber.replace(made.transcriber)
        self._speaker.replace(made.speaker)
        self._personas.replace(made.personas)
        self._toolbox.replace(made.toolbox)
        if put:
            put()
        self.mistake = ""
        log.info("providers reloaded providers=%s personas=%s", ",".join(made.providers), len(made.personas))
        return ""


def _tell(mistake: Exception) -> None:
    log.error("providers not reloaded, all stays as it was: %s", mistake)
