"""A provider made of providers: the next one answers where the former failed before its first text.

Configured by a table of providers.toml: `type = "fallback"`, `providers = ["first", "second"]`.
"""

import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from random import Random

from pydantic_settings import SettingsConfigDict

from providers.base import AsyncGeneratorProvider, Clock, Delta, Message, Reasoning, Usage
from providers.errors import ConfigurationError, NothingToSend, ProviderError, Refused, TooLong
from providers.settings import ProviderSettings
from providers.wire.http import Http

log = logging.getLogger(__name__)


class Settings(ProviderSettings):
    """The ids of the members, in the order in which they are asked."""

    model_config = SettingsConfigDict(env_prefix="FALLBACK_")

    providers: tuple[str, ...] = ()


class Fallback(AsyncGeneratorProvider):
    """Asks its members one after the other until one answers.

    Each answers with its own default model. What would fail everywhere (nothing to send, a refusal for reasons of
    content) is not passed on to the next one. The history must fit into the smallest member.
    """

    id = "fallback"

    def __init__(
        self,
        settings: Settings,
        *,
        http: Http,
        clock: Clock,
        random: Random,
        providers: Mapping[str, AsyncGeneratorProvider],
    ) -> None:
        unknown = [name for name in settings.providers if name not in providers]
        if unknown or not settings.providers:
            known = ", ".join(providers) or "no provider is configured"
            raise ConfigurationError("fallback providers", ", ".join(unknown), expected=f"ids out of: {known}")
        self._members = [providers[name] for name in settings.providers]
        self.url = self._members[0].url
        self.supports_system_message = all(member.supports_system_message for member in self._members)
        self.supports_message_history = all(member.supports_message_history for member in self._members)
        self.context_tokens = min(member.context_tokens for member in self._members)

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Stream the answer of the first member that gives one; `model` is ignored.

        Raises the error of a member that failed after its first text; where all failed before it, the error that the
        bot can do most about, with what the others said in its reason.
        """
        errors: list[ProviderError] = []
        for member in self._members:
            began = False
            answer = member.create_async_generator(None, messages, proxy=proxy, timeout=timeout, **options)
            try:
                async with aclosing(answer):
                    async for delta in answer:
                        began = began or not isinstance(delta, (Reasoning, Usage))
                        yield delta
                return
            except ProviderError as error:
                if began or isinstance(error, (NothingToSend, Refused)):
                    raise
                log.warning("provider failed provider=%s error=%s", member.id, error)
                errors.append(error)
        raise _summary(errors)

    async def refresh(self) -> None:
        """Refresh the members; raises the first one's error only where all of them fail."""
        errors = []
        for member in self._members:
            try:
                await member.refresh()
            except ProviderError as error:
                errors.append(error)
        if len(errors) == len(self._members):
            raise errors[0]


def _summary(errors: Sequence[ProviderError]) -> ProviderError:
    chosen = min(errors, key=lambda error: (not isinstance(error, TooLong), not error.retryable))
    chosen.reason = "; ".join([chosen.reason, *(str(error) for error in errors if error is not chosen)])
    return chosen
