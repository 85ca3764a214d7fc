"""Wrapped: a provider as its operator wants it: which models, by which names, asked how, and how much at once."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from fnmatch import fnmatchcase

from providers.base import (
    NO_FILES,
    Alive,
    AsyncGeneratorProvider,
    Clock,
    Delta,
    Message,
    ProviderModelMixin,
)
from providers.blocks import Block
from providers.capabilities import Capabilities
from providers.care.arrangement import Arrangement, Limits
from providers.care.turns import Place, Turns
from providers.errors import ModelNotSupported, RateLimited

MINUTE_S = 60.0
NO_LIMIT = 1_000_000  # questions at once
NOBODY = 0  # asks where nobody says who does, by the option `asker`


class Wrapped(ProviderModelMixin, AsyncGeneratorProvider):
    """Stands before another provider and says what that says, but for what the operator arranged."""

    sign_s = 5.0  # between two signs of life of a question that waits for its turn

    def __init__(self, inner: AsyncGeneratorProvider, arrangement: Arrangement, *, clock: Clock) -> None:
        self.inner = inner
        self.id, self.label, self.url = inner.id, inner.label, inner.url
        self.working, self.supports_stream = inner.working, inner.supports_stream
        self.supports_system_message = inner.supports_system_message
        self.supports_message_history = inner.supports_message_history
        self._given = arrangement.options.given
        self.chats_set = frozenset[str](arrangement.chats_set)
        self._allowed, self._hidden = arrangement.models, arrangement.hidden
        self._aliases = arrangement.aliases
        self._prices_of = arrangement.prices_of
        self._gate = _Gate(arrangement.limits, clock)

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        files: Mapping[str, bytes] = NO_FILES,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Stream the answer, once it is this question's turn. Raises RateLimited beyond the operator's limit."""
        self._gate.count(self.id)
        asker = options.get("asker")
        turn = asyncio.ensure_future(self._gate.turn(asker if isinstance(asker, int) else NOBODY))
        try:
            while not (await asyncio.wait({turn}, timeout=self.sign_s))[0]:
                yield Alive()
            if not model and not self.default() and (self._allowed or self._hidden):
                await self.refresh()  # the provider would take the first that it lists, whatever is hidden
            name = self.get_model(model) or None
            more = {**self._given, **options}
            answer = self.inner.create_async_generator(
                name, messages, proxy=proxy, timeout=timeout, files=files, **more
            )
            async with aclosing(answer) as deltas:
                async for delta in deltas:
                    yield delta
        finally:
            if not turn.cancel() and not turn.cancelled():
                turn.result().leave()

    def takes(self, model: str | None) -> frozenset[type[Block]]:
        """Return what the model takes beside text."""
        return self.inner.takes(self._resolved(model))

    def capabilities(self, model: str | None) -> Capabilities:
        """Return what is known of the model, and what the operator says that it costs."""
        able = self.inner.capabilities(self._resolved(model))
        prices = self._prices_of(self._resolved(model) or self.default())
        if prices is None:
            return able
        return replace(able, input_price=prices.input, output_price=prices.output, cached_price=prices.cached)

    def room(self, model: str | None) -> int:
        """Return how much of a conversation is sent."""
        return self.inner.room(self._resolved(model))

    def get_models(self) -> list[str]:
        """Return the aliases, then the models that are offered."""
        listed = self.inner.get_models() if isinstance(self.inner, ProviderModelMixin) else []
        named = [name for name in self._allowed if not _is_pattern(name)]
        offered = [name for name in listed or named if self._is_offered(name)]
        offered += [name for name in named if name not in offered and self._is_unlisted()]
        return [*self._aliases, *(name for name in offered if name not in self._aliases)]

    def get_model(self, model: str | None) -> str:
        """Resolve a name or an alias; empty means the default. Raises ModelNotSupported."""
        if not isinstance(self.inner, ProviderModelMixin):
            if model and model not in self._aliases:
                raise ModelNotSupported(model, provider=self.id, models=self.get_models())
            return self._aliases.get(model or "", "")
        if not model:
            return self.default()
        if model in self._aliases:
            return self._aliases[model]
        if model not in self._aliases.values() and not self._is_offered(model):
            raise ModelNotSupported(model, provider=self.id, models=self.get_models())
        return self.inner.get_model(model)

    def default(self) -> str:
        """Return the model that answers where nobody chose one: the provider's own, else the first that is offered."""
        inner = self.inner.default() if isinstance(self.inner, ProviderModelMixin) else ""
        if self._is_offered(inner):
            return inner
        return next((self._aliases.get(name, name) for name in self.get_models()), inner)

    def ends(self, model: str) -> str:
        """Return the day on which a model is switched off."""
        return self.inner.ends(model) if isinstance(self.inner, ProviderModelMixin) else ""

    async def refresh(self) -> None:
        """Bring the list of models up to date."""
        await self.inner.refresh()

    async def close(self) -> None:
        """Release what the provider holds."""
        await self.inner.close()

    def _resolved(self, model: str | None) -> str | None:
        try:
            return self.get_model(model) or None
        except ModelNotSupported:
            return model

    def _is_offered(self, name: str) -> bool:
        is_allowed = not self._allowed or any(fnmatchcase(name, pattern) for pattern in self._allowed)
        return is_allowed and not any(fnmatchcase(name, pattern) for pattern in self._hidden)

    def _is_unlisted(self) -> bool:
        """Tell whether the service lists no models, so that the operator's own names are all there is."""
        return not (isinstance(self.inner, ProviderModelMixin) and len(self.inner.get_models()) > 1)


class _Gate:
    """Lets so many questions in at once, and so many in a minute."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._clock = clock
        self._per_minute = limits.per_minute
        places = limits.at_once or NO_LIMIT
        self._turns = Turns(places, each=max(1, places - 1))
        self._asked: deque[float] = deque()

    def count(self, provider: str) -> None:
        """Count a question. Raises RateLimited with the seconds until there is room for it."""
        if not self._per_minute:
            return
        now = self._clock.now()
        while self._asked and now - self._asked[0] >= MINUTE_S:
            self._asked.popleft()
        if len(self._asked) >= self._per_minute:
            wait_s = MINUTE_S - (now - self._asked[0])
            raise RateLimited("the limit of providers.toml", provider=provider, retry_after_s=wait_s)
        self._asked.append(now)

    async def turn(self, of: int) -> Place:
        """Wait for a place; one person's questions leave one to others."""
        return await self._turns.take(of)


def _is_pattern(name: str) -> bool:
    return any(sign in name for sign in "*?[")
