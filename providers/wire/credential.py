"""A credential that simultaneous calls share: fetched once, and once more where it is refused."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from providers.errors import ProviderError

T = TypeVar("T")


def is_bearer(token: str) -> bool:
    """Tell whether a token that a service gave fits into a header."""
    return token.isascii() and token.isprintable() and token == "".join(token.split()) != ""


class Credential(Generic[T]):
    """The present value, complete or none, behind a lock that is held only while a new one is fetched."""

    def __init__(self) -> None:
        self._value: T | None = None
        self._lock = asyncio.Lock()
        self._failures = 0
        self._failure: ProviderError | None = None
        self._failed_proxy: str | None = None

    async def get(
        self, fetch: Callable[[], Awaitable[T]], *, take: Callable[[T], bool] = lambda _: True, proxy: str | None = None
    ) -> T:
        """Return the present value if `take` takes it, else fetch a new one, which is used whatever `take` says.

        Who waited while a fetch through the same `proxy` failed gets that failure instead of one more attempt.
        """
        failures = self._failures
        async with self._lock:
            if self._value is not None and take(self._value):
                return self._value
            if self._failure is not None and self._failures > failures and self._failed_proxy == proxy:
                raise self._failure
            self._value = None
            try:
                value = await fetch()
            except ProviderError as error:
                self._failures += 1
                self._failure, self._failed_proxy = error, proxy
                raise
            take(value)
            self._value = value
            return value

    def refuse(self, value: T) -> None:
        """Throw a refused value away, unless another call has renewed it already."""
        if self._value is value:
            self._value = None
