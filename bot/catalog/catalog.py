"""Catalog: the providers, their models and how they fare; refreshed beside intake, read without waiting."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from functools import cache
from random import Random

from bot.clock import Clock
from providers.base import AsyncGeneratorProvider, ProviderModelMixin
from providers.blocks import Block
from providers.care.health import Cause as Cause  # for those who know of providers by the catalog alone
from providers.care.health import Fares as Fares
from providers.care.health import Health, cause_of
from providers.errors import ModelNotSupported, NoConnection, ProviderError, SignInFailed, TimedOut
from providers.media.images import Pictures
from providers.registry.kinds import kinds
from providers.services.demo import Demo

log = logging.getLogger(__name__)

GUIDE = Demo.id
MAX_TAKERS = 6  # buttons
REFRESH_S = 600.0


class Catalog:
    """What can be chosen from, and the choice where none was made. `run` keeps it up to date."""

    def __init__(
        self,
        providers: Mapping[str, AsyncGeneratorProvider],
        default: str,
        clock: Clock,
        health: Health | None = None,
        painter: AsyncGeneratorProvider | None = None,
        *,
        summaries: bool | None = None,
    ) -> None:
        self.summaries = summaries  # whether a chat that chose nothing has them; None: they are not offered
        self._providers = dict(providers)
        self._clock = clock
        self.health = health or Health(clock, Random())
        self._replaced = asyncio.Event()
        self.default = default
        self._painter: AsyncGeneratorProvider = painter or Pictures((), clock=clock)

    @property
    def painter(self) -> AsyncGeneratorProvider:
        """Who makes pictures of words; it says so where nobody does."""
        return self._painter

    @property
    def can_draw(self) -> bool:
        """Tell whether there is a service that may make pictures."""
        return bool(self.model(self._painter.id, None))

    def replace(
        self,
        providers: Mapping[str, AsyncGeneratorProvider],
        default: str,
        painter: AsyncGeneratorProvider | None = None,
    ) -> None:
        """Offer these from now on; `run` asks them for their models at once."""
        self._painter = painter or self._painter
        self._providers = dict(providers)
        self.health.forgive()
        self.default = default
        self._replaced.set()

    @property
    def providers(self) -> Mapping[str, AsyncGeneratorProvider]:
        """Those that are configured, by their ids."""
        return self._providers

    @property
    def ids(self) -> list[str]:
        """The providers that are configured, in their order."""
        return list(self._providers)

    def get(self, provider_id: str) -> AsyncGeneratorProvider:
        """Return a provider. Raises KeyError where it is not configured."""
        return self._providers[provider_id]

    def label(self, provider_id: str, *, painter: str = "") -> str:
        """Return a provider's name for people, also of one that is no longer configured.

        `painter`: what those are told who read of the one that makes pictures.
        """
        if painter and self._paints(provider_id):
            return painter
        provider = self._known(provider_id)
        return (provider.label if provider else _former(provider_id)) or provider_id

    def signature(self, provider_id: str, model: str | None) -> str:
        """Return what people read of who made an answer: service and model, of a picture the model alone."""
        if model and self._paints(provider_id):
            return model
        return " · ".join(filter(None, (self.label(provider_id), model)))

    def _paints(self, provider_id: str) -> bool:
        return provider_id == self._painter.id and provider_id not in self._providers

    def _known(self, provider_id: str) -> AsyncGeneratorProvider | None:
        """Return a provider, or who makes pictures; None where it has gone while it answered."""
        beside = self._painter if self._painter.id == provider_id else None
        return self._providers.get(provider_id) or beside

    def find(self, wanted: str) -> str | None:
        """Return the provider that a person means by an id or a name, whatever its case; None if there is none."""
        known = {self.label(id_).casefold(): id_ for id_ in self._providers}
        return {**known, **{id_.casefold(): id_ for id_ in self._providers}}.get(wanted.casefold())

    def resolve(self, stored_id: str) -> str:
        """Return a chat's provider, the default one where that is no longer configured."""
        return stored_id if stored_id in self._providers else self.default

    def models(self, provider_id: str) -> list[str]:
        """Return the models that a provider offers, as last known; none where there is nothing to choose."""
        provider = self._providers[provider_id]
        return provider.get_models() if isinstance(provider, ProviderModelMixin) else []

    def model(self, provider_id: str, chosen: str | None) -> str | None:
        """Return the model that answers where `chosen` was chosen, None where the service has its own way."""
        provider = self._known(provider_id)
        return chosen or (provider.default() if isinstance(provider, ProviderModelMixin) else None) or None

    def has_members(self, provider_id: str) -> bool:
        """Tell whether several others answer by a provider."""
        provider = self._providers.get(provider_id)
        return provider is not None and provider.has_members

    def chats_set(self, provider_id: str) -> frozenset[str]:
        """Return the options that a chat may set for a provider."""
        provider = self._providers.get(provider_id)
        return provider.chats_set if provider else frozenset()

    def find_model(self, provider_id: str, wanted: str) -> str | None:
        """Return the name of the model that a person means, whatever its case; None if the provider has no such one."""
        provider = self._providers[provider_id]
        if not isinstance(provider, ProviderModelMixin):
            return None
        known = {name.casefold(): name for name in (*provider.model_aliases, *provider.get_models())}
        try:
            return provider.get_model(known.get(wanted.casefold(), wanted))
        except ModelNotSupported:
            return None

    def takers(
        self, kind: type[Block], chosen: Mapping[str, str], *, beside: tuple[str, str | None]
    ) -> list[tuple[str, str]]:
        """Return a model of each provider that takes a kind of block: the one chosen here, else its default, else any.

        One that was tried (`beside`) and providers that fail now are left out. The model is "" where there is none.
        """
        found = []
        for provider_id, provider in self._providers.items():
            wanted = [self.model(provider_id, chosen.get(provider_id)), *self.models(provider_id)]
            models = [model for model in dict.fromkeys(wanted) if (provider_id, model) != beside]
            able = next((model or "" for model in models if kind in provider.takes(model)), None)
            if able is not None and not self.failing(provider_id):
                found.append((provider_id, able))
        return found[:MAX_TAKERS]

    def named(self, key: str) -> tuple[str, str] | None:
        """Return the provider and the model that a key stands for, None where they are no longer there."""
        every = ((id_, model) for id_ in self._providers for model in ("", *self.models(id_)))
        return next((choice for choice in every if key_of(*choice) == key), None)

    def failing(self, provider_id: str) -> bool:
        """Tell whether the last call of a provider failed, not long ago."""
        return self.cause(provider_id) is not None

    def cause(self, provider_id: str) -> Cause | None:
        """Return why the last call of a provider failed, not long ago; None where it did not."""
        return self.health.cause(provider_id)

    def fares(self, provider_id: str) -> Fares | None:
        """Return how the last answers of a provider went; None without any."""
        return self.health.fares(provider_id)

    def first_text_s(self, provider_id: str) -> float | None:
        """Return how long a provider took to its first text, in the mean of its last answers; None without any."""
        fares = self.fares(provider_id)
        return fares.first_s if fares else None

    def note(
        self,
        provider_id: str,
        ok: bool,
        error: Exception | None = None,
        *,
        model: str | None = None,
        first_s: float | None = None,
        seconds: float = 0.0,
        tokens: int = 0,
    ) -> None:
        """Note how an answer went, how long it took, and with what error it failed."""
        if provider_id in self._providers:
            cause = None if ok else cause_of(error)
            self.health.note(provider_id, model, first_s=first_s, seconds=seconds, tokens=tokens, cause=cause)

    async def run(self) -> None:
        """Refresh every provider now and every ten minutes; a slow one delays no other."""
        while True:
            self._replaced.clear()
            async with asyncio.TaskGroup() as group:
                keeping = [group.create_task(self._keep_fresh(*each)) for each in self._providers.items()]
                await self._replaced.wait()
                for task in keeping:
                    task.cancel()

    async def _keep_fresh(self, provider_id: str, provider: AsyncGeneratorProvider) -> None:
        while True:
            try:
                await provider.refresh()
            except (NoConnection, TimedOut, SignInFailed) as error:  # an answer would fail for the same reason
                self.health.mark(provider_id, cause_of(error))
                log.warning("models not refreshed provider=%s error=%s", provider_id, error)
            except ProviderError as error:  # many services list no models and answer well
                log.warning("models not refreshed provider=%s error=%s", provider_id, error)
            except Exception:
                log.exception("models not refreshed, a bug provider=%s", provider_id)
            await self._clock.sleep(REFRESH_S)


@cache
def _former(provider_id: str) -> str:
    """Return what a provider is called that nobody has configured; "" where this program does not know it."""
    kind = kinds().get(provider_id)
    return kind.label if kind else ""


def key_of(provider_id: str, model: str) -> str:
    """Return what a button carries for a model, whose name may be longer than a button's data."""
    return hashlib.sha256(f"{provider_id}\0{model}".encode()).hexdigest()[:12]
