"""Client: the package that speaks MCP, with limits on what it reads; only `server` imports this, and late."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import httpx2
import mcp_types
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from bot.tools.connection import Connection
from bot.tools.pipe import pipe
from bot.tools.wanted import ServerSettings

MAX_BODY = 4 << 20  # bytes of an answer over HTTP
CONNECT_S = 10.0
READ_S = 600.0  # a stream may be silent for long; each call has a limit of its own


class TooMuch(Exception):
    """The server sent more than is read."""

    def __init__(self) -> None:
        super().__init__(f"it sent more than {MAX_BODY >> 20} MB at once")


@asynccontextmanager
async def client(settings: ServerSettings, changed: Callable[[], None]) -> AsyncIterator[Connection]:
    """Connect to a server; `changed` is told that its list of tools has, or that it is gone.

    Raises whatever goes wrong.
    """

    async def hear(message: object) -> None:
        if isinstance(message, mcp_types.ToolListChangedNotification):
            changed()

    async with AsyncExitStack() as stack:
        if settings.command:
            transport = pipe(settings.command, settings.env, settings.cwd, changed)
        else:
            http = httpx2.AsyncClient(
                headers=dict(settings.headers),
                timeout=httpx2.Timeout(READ_S, connect=CONNECT_S),
                transport=_Bounded(httpx2.AsyncHTTPTransport(retries=0)),
                trust_env=False,
            )
            transport = streamable_http_client(
                settings.url, http_client=await stack.enter_async_context(http), max_sse_event_size=MAX_BODY
            )
        yield await stack.enter_async_context(
            Client(transport, message_handler=hear, cache=None, input_required_max_rounds=1)
        )


class _Bounded(httpx2.AsyncBaseTransport):
    """Ends an answer that is too long; a stream of events may go on, each of them is bounded elsewhere."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Ask."""
        response = await self._inner.handle_async_request(request)
        if "text/event-stream" not in response.headers.get("content-type", ""):
            response.stream = _Limited(response.stream)
        return response

    async def aclose(self) -> None:
        """Close."""
        await self._inner.aclose()


class _Limited(httpx2.AsyncByteStream):
    """A body up to its limit."""

    def __init__(self, inner: object) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield its pieces. Raises TooMuch."""
        size = 0
        async for piece in self._inner:  # type: ignore[attr-defined]  # typed as sync or async
            size += len(piece)
            if size > MAX_BODY:
                raise TooMuch
            yield piece

    async def aclose(self) -> None:
        """Close."""
        if isinstance(self._inner, httpx2.AsyncByteStream):
            await self._inner.aclose()
