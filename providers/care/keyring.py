"""Keyring: several keys of one service; questions are spread over them, and one that is refused or spent rests."""

import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from hashlib import sha256
from random import Random

from providers.base import (
    NO_FILES,
    AsyncGeneratorProvider,
    Clock,
    Delta,
    Media,
    Message,
    ProviderModelMixin,
    Revised,
)
from providers.blocks import Block
from providers.capabilities import Capabilities
from providers.care.health import Health
from providers.errors import ModelNotSupported, OutOfCredit, ProviderError, RateLimited, SignInFailed

REFUSED_S = 3600.0  # a refused key may be valid again, one without money may be paid for
LIMITED_S = 60.0  # where the service does not say how long
MOST_S = 24 * 3600.0
JITTER = 0.1

log = logging.getLogger(__name__)


class Keyring(ProviderModelMixin, AsyncGeneratorProvider):
    """One provider for each key; of those with the fewest answers under way the one that was not asked for longest is.

    Before the first text a key that is refused, limited or spent is passed over for the next one, and rests. Where all
    rest, the one whose rest ends first is asked all the same: only the service knows.

    The rest of a limited key outlasts the process: `health` keeps it by the key's name of `names`. One that is refused
    or spent is tried anew after a start.
    """

    def __init__(
        self,
        members: Sequence[AsyncGeneratorProvider],
        *,
        clock: Clock,
        random: Random,
        names: Sequence[str] = (),
        health: Health | None = None,
    ) -> None:
        first = members[0]
        self.id, self.label, self.url = first.id, first.label, first.url
        self.working, self.supports_stream = first.working, first.supports_stream
        self.supports_system_message = first.supports_system_message
        self.supports_message_history = first.supports_message_history
        self.context_tokens = first.context_tokens
        self._members = list(members)
        self._clock = clock
        self._random = random
        self._names, self._health = names, health
        self._rests_until = [0.0] * len(members)
        self._is_recalled = False
        self._under_way = [0] * len(members)
        self._asked = [0] * len(members)  # the number of the last question of each
        self._questions = 0
        self._leader = 0  # whose list of models counts

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
        """Stream the answer that the first willing key brings. Raises the last key's error where none does."""
        tried: set[int] = set()
        while True:
            number = self._next(tried)
            tried.add(number)
            began = False
            self._questions += 1
            self._asked[number] = self._questions
            self._under_way[number] += 1
            answer = self._members[number].create_async_generator(
                model, messages, proxy=proxy, timeout=timeout, files=files, **options
            )
            try:
                async with aclosing(answer) as deltas:
                    async for delta in deltas:
                        began = began or isinstance(delta, str | Revised | Media)
                        yield delta
                self._wake(number)
                return
            except (SignInFailed, OutOfCredit, RateLimited) as error:
                error.provider = self.id
                self._rest(number, error)
                if began or not self._is_left(tried):
                    raise
                log.warning("key passed over provider=%s key=%s error=%s", self.id, number + 1, error)
            finally:
                self._under_way[number] -= 1

    def takes(self, model: str | None) -> frozenset[type[Block]]:
        """Return what the model takes beside text."""
        return self._first.takes(model)

    def capabilities(self, model: str | None) -> Capabilities:
        """Return what is known of the model."""
        return self._first.capabilities(model)

    def room(self, model: str | None) -> int:
        """Return how much of a conversation is sent."""
        return self._first.room(model)

    def get_models(self) -> list[str]:
        """Return the names of the models."""
        return self._first.get_models() if isinstance(self._first, ProviderModelMixin) else []

    def get_model(self, model: str | None) -> str:
        """Resolve a name; empty means the default. Raises ModelNotSupported."""
        if isinstance(self._first, ProviderModelMixin):
            return self._first.get_model(model)
        if model:
            raise ModelNotSupported(model, provider=self.id, models=[])
        return ""

    def default(self) -> str:
        """Return the model that answers where nobody chose one."""
        return self._first.default() if isinstance(self._first, ProviderModelMixin) else ""

    def ends(self, model: str) -> str:
        """Return the day on which a model is switched off."""
        return self._first.ends(model) if isinstance(self._first, ProviderModelMixin) else ""

    async def refresh(self) -> None:
        """Ask with the first key that is taken; one that is refused rests. Raises ProviderError where none is."""
        tried: set[int] = set()
        while True:
            number = self._next(tried)
            tried.add(number)
            try:
                await self._members[number].refresh()
            except (SignInFailed, OutOfCredit, RateLimited) as error:
                error.provider = self.id
                self._rest(number, error)
                if not self._is_left(tried):
                    raise
            else:
                self._leader = number
                return

    async def close(self) -> None:
        """Release what the members hold."""
        for member in self._members:
            await member.close()

    @property
    def _first(self) -> AsyncGeneratorProvider:
        return self._members[self._leader]

    def _next(self, tried: set[int]) -> int:
        self._recall()
        now = self._clock.now()
        left = [number for number in range(len(self._members)) if number not in tried]
        return min(left, key=lambda at: (max(0.0, self._rests_until[at] - now), self._under_way[at], self._asked[at]))

    def _is_left(self, tried: set[int]) -> bool:
        """Tell whether there is a key that was not tried and does not rest."""
        now = self._clock.now()
        return any(at not in tried and until <= now for at, until in enumerate(self._rests_until))

    def _recall(self) -> None:
        """Take up at the first question which keys rest; what the operator forgave before is over."""
        if self._health and not self._is_recalled:
            now, left = self._clock.now(), [self._health.rests_s(name) for name in self._names]
            self._rests_until[: len(left)] = [now + seconds if seconds else 0.0 for seconds in left]
        self._is_recalled = True

    def _wake(self, number: int) -> None:
        """Note that a key is taken."""
        if self._health and self._names and self._rests_until[number]:
            self._health.rest(self._names[number], 0.0)
        self._rests_until[number] = 0.0

    def _rest(self, number: int, error: ProviderError) -> None:
        told = error.retry_after_s if isinstance(error, RateLimited) else REFUSED_S
        seconds = min(LIMITED_S if told is None else told, MOST_S)
        seconds *= 1 + JITTER * self._random.random()  # many keys do not come back at once
        self._rests_until[number] = self._clock.now() + seconds
        if self._health and self._names and isinstance(error, RateLimited):
            self._health.rest(self._names[number], seconds)


def name_of(provider: str, key: str) -> str:
    """Return what stands for a key where it must not be read: the beginning of a hash of it."""
    return f"{provider} {sha256(key.encode()).hexdigest()[:12]}"
