"""The built-in provider: a guide to the bot that streams like a model, without a key or a network.

It answers from prepared texts (providers.guide) and never pretends to be an AI. Its models differ only in their speed.
"""

import re
from collections.abc import AsyncGenerator, Sequence
from random import Random

from pydantic import NonNegativeFloat, PositiveFloat
from pydantic_settings import SettingsConfigDict

from providers.base import AsyncGeneratorProvider, Clock, Delta, Message, ProviderModelMixin, Reasoning, texts_of
from providers.errors import Incomplete
from providers.guide.topics import Language, language_of, text_on, topic_of
from providers.settings import ProviderSettings
from providers.wire.http import Http

SLOW = 5  # times
SLOW_START = 4  # seconds: long enough for the bot's placeholder
QUOTE_LENGTH = 200
RECENT = 5  # prompts that tell the language where the last one does not
SPEEDS = {"guide": 1.0, "guide-fast": 5.0, "guide-slow": 0.2}

_TOKEN = re.compile(r"\s*\S{1,5}|\s+")


class Settings(ProviderSettings):
    """How fast it streams."""

    model_config = SettingsConfigDict(env_prefix="DEMO_")

    tokens_per_second: PositiveFloat = 40
    first_token_s: NonNegativeFloat = 0.3


class Demo(ProviderModelMixin, AsyncGeneratorProvider):
    """Answers questions about the bot; the same question gets the same answer."""

    id = "demo"
    url = "https://core.telegram.org/bots"
    supports_message_history = True
    context_tokens = 16_000
    default_model = "guide"
    models = tuple(SPEEDS)

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        self._rate = settings.tokens_per_second
        self._first_token_s = settings.first_token_s
        self._clock = clock

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Stream the guide's text on the last message.

        Raises Incomplete where the user asked to see an error.
        """
        rate = self._rate * SPEEDS[self.get_model(model)]
        said = [text for role, text in texts_of(messages) if role == "user"] or [""]
        topic, language = topic_of(said[-1]), language_of(*reversed(said[-RECENT:]))
        if topic == "slow":
            rate /= SLOW
        await self._clock.sleep(SLOW_START if topic == "slow" else self._first_token_s)
        if topic == "reasoning":
            async for token in self._paced(text_on("thoughts", language), rate):
                yield Reasoning(token)
        text = _recalled(said, language) if topic == "memory" else text_on(topic, language)
        async for token in self._paced(text.rstrip("\n"), rate):
            yield token
        if topic == "error":
            raise Incomplete("asked for by the user", provider=self.id)

    async def _paced(self, text: str, rate: float) -> AsyncGenerator[str, None]:
        start = self._clock.now()
        for number, token in enumerate(_TOKEN.findall(text)):
            await self._clock.sleep(max(0.0, start + number / rate - self._clock.now()))
            yield token


def _recalled(said: Sequence[str], language: Language) -> str:
    if len(said) < 2:
        return text_on("no_memory", language)
    previous = " ".join(said[-2].split())[:QUOTE_LENGTH]
    return text_on("memory", language).format(count=len(said), previous=previous)
