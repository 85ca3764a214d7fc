"""Questions to a JSON service: a request whose answer is read as a stream of JSON objects and folded to deltas."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, nullcontext

from providers.base import Alive, Clock, Delta, Leisure
from providers.errors import ProviderError
from providers.wire.completion import Completion
from providers.wire.http import Call, Http, failures
from providers.wire.listed import entry_list
from providers.wire.masking import passwords_in
from providers.wire.repeats import TextIn
from providers.wire.sse import Item, reads
from providers.wire.status import check_status
from providers.wire.unreached import HTTP_ERRORS

LIST_TIMEOUT = 20  # seconds of silence
TRAILER_TIMEOUT = 2  # seconds; what a service gets after its last text for the token count and the end marker

Reads = AsyncGenerator[list[Item], None]  # what came together


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
        is_at_work: Callable[[], Awaitable[Alive | None]] | None = None,
        look_s: float = 5.0,
        leisure: Leisure | None = None,
    ) -> AsyncGenerator[Delta, None]:
        """Post `body` as JSON and yield the deltas that `completion` makes of the answer.

        `is_at_work` is asked every `look_s` seconds as long as the answer has not begun, for a sign of life. With
        `leisure` texts that came together are one delta. Raises the ProviderError of `provider` that keeps it from
        being whole; Incomplete once there was text.
        """
        with failures(provider, *self._secrets(url, proxy)) as call:
            async with AsyncExitStack() as stack:
                opening = stack.enter_async_context(
                    self._open(
                        url, body, proxy=proxy, silence_s=silence_s, leisure=leisure, text_in=completion.text_alone
                    )
                )
                if is_at_work is None:
                    read = await opening
                else:
                    request = asyncio.ensure_future(_begun(opening))
                    try:
                        while not (await asyncio.wait({request}, timeout=look_s))[0]:
                            if sign := await is_at_work():
                                yield sign
                    finally:
                        await _settled(request)
                    read = await stack.enter_async_context(aclosing(request.result()))
                deltas = await stack.enter_async_context(
                    aclosing(_fold(read, completion, call, joins=leisure is not None))
                )
                async for delta in deltas:
                    yield delta

    async def entries(
        self, provider: str, url: str, key: str, *, proxy: str | None, silence_s: float = LIST_TIMEOUT
    ) -> list[Mapping[str, object]]:
        """Get the objects in the list `key` of a document. Raises ProviderError."""
        with failures(provider, *self._secrets(url, proxy)):
            async with self._open(url, None, proxy=proxy, silence_s=silence_s) as read:
                return [entry async for items in read for item in items if item for entry in _entries(item, key)]

    async def details(
        self, provider: str, url: str, body: Mapping[str, object], *, proxy: str | None
    ) -> Mapping[str, object]:
        """Post `body` and return the document that answers, an empty one where nothing does. Raises ProviderError."""
        with failures(provider, *self._secrets(url, proxy)):
            async with self._open(url, body, proxy=proxy, silence_s=LIST_TIMEOUT) as read:
                return {key: value async for items in read for item in items for key, value in _fields(item)}

    def _secrets(self, url: str, proxy: str | None) -> list[str]:
        return [self._secret, *self._http.secrets, *passwords_in(url), *passwords_in(proxy or "")]

    @asynccontextmanager
    async def _open(
        self,
        url: str,
        body: Mapping[str, object] | None,
        *,
        proxy: str | None,
        silence_s: float | None,
        leisure: Leisure | None = None,
        text_in: TextIn | None = None,
    ) -> AsyncIterator[Reads]:
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
            async with aclosing(reads(response, leisure, text_in)) as read:
                yield read


async def _fold(read: Reads, completion: Completion, call: Call, *, joins: bool) -> AsyncGenerator[Delta, None]:
    """Yield the deltas of a completion, and a sign of life for what brings none.

    `joins`: texts that came together are one delta. Once the completion is finished, a failure or a silent connection
    does no more harm: some servers never close it.
    """
    deadline: float | None = None  # of the loop's time
    while True:
        try:
            async with asyncio.timeout_at(deadline) if deadline else nullcontext():
                items = await anext(read)
        except StopAsyncIteration:
            break
        except (ProviderError, *HTTP_ERRORS):
            if not completion.finished:
                raise
            break
        deltas, is_bare = _deltas(items, completion), True
        for delta in _joined(deltas) if joins else deltas:
            call.began = completion.began
            is_bare = False
            yield delta
        if completion.finished and (not is_bare or deadline is None):  # comments do not keep a finished answer open
            deadline = asyncio.get_running_loop().time() + TRAILER_TIMEOUT
    for delta in completion.rest():
        call.began = completion.began
        yield delta
    completion.check()


def _entries(item: Item, key: str) -> list[Mapping[str, object]]:
    return entry_list(item, key) if isinstance(item, dict) else []


def _fields(item: Item) -> Iterable[tuple[str, object]]:
    return item.items() if isinstance(item, dict) else ()


def _deltas(items: Iterable[Item], completion: Completion) -> Iterator[Delta]:
    for item in items:
        deltas: list[Delta] = []
        if item is not None:
            deltas = completion.text(item) if isinstance(item, str) else completion.take(item)
        yield from deltas
        if not deltas and not completion.finished:
            yield Alive()


def _joined(deltas: Iterable[Delta]) -> Iterator[Delta]:
    """Put neighbouring texts together; what came before a failure is not lost."""
    texts: list[str] = []
    try:
        for delta in deltas:
            if isinstance(delta, str):
                texts.append(delta)
            elif not texts:
                yield delta
            elif not isinstance(delta, Alive):  # a text is a sign of life too
                yield "".join(texts)
                texts.clear()
                yield delta
    except ProviderError:
        if texts:
            yield "".join(texts)
        raise
    if texts:
        yield "".join(texts)


async def _begun(opening: Awaitable[Reads]) -> Reads:
    """Wait for the first item: what is not read at once is lost where the connection breaks off."""
    read = await opening
    try:
        first = await anext(read)
    except StopAsyncIteration:
        return read
    return _from(first, read)


async def _from(first: list[Item], read: Reads) -> Reads:
    yield first
    async for items in read:
        yield items


async def _settled(task: asyncio.Future[Reads]) -> None:
    """End a task that may be under way, and see to it that what it raised is not called unseen."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
