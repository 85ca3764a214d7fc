"""Questions to a JSON service: a request whose answer is read as a stream of JSON objects and folded to deltas."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, nullcontext

from providers.base import Clock, Delta, ProviderModelMixin
from providers.errors import ProviderError
from providers.wire.completion import Completion
from providers.wire.http import HTTP_ERRORS, Call, Http, failures
from providers.wire.sse import objects
from providers.wire.status import check_status

LIST_TIMEOUT = 20  # seconds of silence
MAX_MODELS = 1000
TRAILER_TIMEOUT = 2  # seconds; what a service gets after its last text for the token count and the end marker

Objects = AsyncGenerator[dict[str, object], None]


class Exchange:
    """The way to one service. `headers` go with every request; `secret` is masked in every error."""

    def __init__(self, http: Http, clock: Clock, *, headers: Mapping[str, str], secret: str) -> None:
        self._http = http
        self._clock = clock
        self._headers = headers
        self._secret = secret

    async def answer(
        self,
        provider: str,
        url: str,
        body: Mapping[str, object],
        completion: Completion,
        *,
        proxy: str | None,
        silence_s: float | None,
    ) -> AsyncGenerator[Delta, None]:
        """Post `body` as JSON and yield the deltas that `completion` makes of the answer.

        Raises the ProviderError of `provider` that keeps it from being whole; Incomplete once there was text.
        """
        with failures(provider, self._secret) as call:
            async with (
                self._open(url, body, proxy=proxy, silence_s=silence_s) as items,
                aclosing(_fold(items, completion, call)) as deltas,
            ):
                async for delta in deltas:
                    yield delta

    async def names(
        self, provider: str, url: str, names_in: Callable[[Mapping[str, object]], list[object]], *, proxy: str | None
    ) -> list[str]:
        """Get a list of models; `names_in` finds their names in an object of it. Raises ProviderError."""
        with failures(provider, self._secret):
            async with self._open(url, None, proxy=proxy, silence_s=LIST_TIMEOUT) as items:
                found = [name async for item in items for name in names_in(item)]
        return [name for name in found if isinstance(name, str) and name][:MAX_MODELS]

    @asynccontextmanager
    async def _open(
        self, url: str, body: Mapping[str, object] | None, *, proxy: str | None, silence_s: float | None
    ) -> AsyncIterator[Objects]:
        """Send a request (without `body`: a GET), check the status and give the objects of the answer.

        Redirects are not followed: they would carry keys to another host.
        """
        method = "GET" if body is None else "POST"
        async with (
            self._http.session(proxy) as session,
            session.request(
                method,
                url,
                json=body,
                headers=self._headers,
                timeout=self._http.timeout(silence_s),
                allow_redirects=False,
            ) as response,
        ):
            await check_status(response, self._clock)
            async with aclosing(objects(response)) as items:
                yield items


class ListedModels(ProviderModelMixin):
    """A provider whose service lists its models; until it has done so, every name passes."""

    def get_model(self, model: str | None) -> str:
        """Resolve a name; see the base class."""
        return model if model and not self.models else super().get_model(model)


def entries_of(item: Mapping[str, object], key: str, field: str) -> list[object]:
    """Return `field` of all objects in the list `key`; nothing where there is no such list."""
    entries = item.get(key)
    return [entry.get(field) for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


async def _fold(items: Objects, completion: Completion, call: Call) -> AsyncGenerator[Delta, None]:
    """Yield the deltas of a completion.

    Once it is finished, a failure or a silent connection does no more harm: some servers never close it.
    """
    while True:
        try:
            async with asyncio.timeout(TRAILER_TIMEOUT) if completion.finished else nullcontext():
                item = await anext(items)
        except StopAsyncIteration:
            break
        except (ProviderError, *HTTP_ERRORS):
            if not completion.finished:
                raise
            break
        for delta in completion.take(item):
            call.began = completion.began
            yield delta
    for delta in completion.rest():
        call.began = completion.began
        yield delta
    completion.check()
