"""Client: the package that speaks MCP, with limits on what it reads; only `server` imports this, and late."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx2
import mcp_types
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, InputRequiredResult, ListToolsResult

from bot.clock import Clock
from bot.tools.bounds import MAX_MESSAGE, PACKED, Pace, TooMuch, Unpacked, readable
from bot.tools.connection import Connection
from bot.tools.offer import CallFailed
from bot.tools.server_process import pipe
from bot.tools.wanted import ServerSettings

CONNECT_S = 10.0
ASKS_BACK = "The server asked for something more before it goes on, which this program cannot give."
READ_S = 600.0  # a stream may be silent for long; each call has a limit of its own


@asynccontextmanager
async def client(settings: ServerSettings, changed: Callable[[], None], clock: Clock) -> AsyncIterator[Connection]:
    """Connect to a server; `changed` is told that its list of tools has, or that it is gone.

    Raises whatever goes wrong.
    """

    async def hear(message: object) -> None:
        if isinstance(message, mcp_types.ToolListChangedNotification):
            changed()

    async with AsyncExitStack() as stack:
        if settings.command:
            transport = pipe(settings.command, settings.env, settings.cwd, changed, clock)
        else:
            http = httpx2.AsyncClient(
                headers={"Accept-Encoding": PACKED, **settings.headers},
                timeout=httpx2.Timeout(READ_S, connect=CONNECT_S),
                transport=_Bounded(httpx2.AsyncHTTPTransport(retries=0), clock),
                trust_env=False,
            )
            transport = streamable_http_client(
                settings.url, http_client=await stack.enter_async_context(http), max_sse_event_size=MAX_MESSAGE
            )
        yield Once(await stack.enter_async_context(Client(transport, message_handler=hear, cache=None)))


class Once:
    """A connection on which each call is sent once.

    The package's own client sends one again that the server answers with a question back (`input_required`), or whose
    headers it refuses; what the server did before that nobody knows.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    async def list_tools(self, *, cursor: str | None = None, cache_mode: Any = "use") -> ListToolsResult:
        """Return a page of the tools."""
        return await self._client.list_tools(cursor=cursor, cache_mode=cache_mode)

    async def call_tool(
        self, name: str, arguments: dict[str, Any] | None = None, read_timeout_seconds: float | None = None
    ) -> CallToolResult:
        """Call a tool. Raises CallFailed where the server wants another call instead, and what the package raises."""
        given = await self._client.session.call_tool(
            name, arguments, read_timeout_seconds=read_timeout_seconds, allow_input_required=True
        )
        if isinstance(given, InputRequiredResult):
            raise CallFailed(ASKS_BACK, is_known=False)
        return given


class _Bounded(httpx2.AsyncBaseTransport):
    """Ends an answer that is too much; a stream of events may go on, as long as each line of it is bounded.

    It is unpacked here: the package would unpack all at once what little bytes can hold. Where the server lives
    elsewhere, as with a slash behind its address, it says so before a call, which then goes there at once; one that is
    itself sent elsewhere is not sent again.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock
        self._moved: dict[str, httpx2.URL] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Ask."""
        asked = str(request.url)
        request.url = self._moved.get(asked, request.url)
        response = await self._inner.handle_async_request(request)
        if request.method == "POST" and response.has_redirect_location:
            if _is_call(await request.aread()):
                del response.headers["location"]
            elif (there := request.url.join(response.headers["location"])).netloc == request.url.netloc:
                self._moved[asked] = there.copy_with(scheme=request.url.scheme)
        is_stream = "text/event-stream" in response.headers.get("content-type", "")
        packed = response.headers.pop("content-encoding", "identity").strip().lower()
        if packed not in (PACKED, "identity"):
            raise httpx2.DecodingError(f"the answer is packed as {packed[:20]!r}", request=request)
        body = response.stream
        if packed == PACKED and isinstance(body, httpx2.AsyncByteStream):
            body = _Unpacked(body)
        response.stream = _Limited(body, Pace(self._clock), is_stream=is_stream)
        return response

    async def aclose(self) -> None:
        """Close."""
        await self._inner.aclose()


def _is_call(body: bytes) -> bool:
    try:
        asked = json.loads(body)
    except ValueError:
        return False
    return isinstance(asked, dict) and asked.get("method") == "tools/call"


class _Unpacked(Unpacked, httpx2.AsyncByteStream):
    """A body that came packed."""


class _Limited(httpx2.AsyncByteStream):
    """A body, or a stream line by line, as it can be read."""

    def __init__(self, inner: object, pace: Pace, *, is_stream: bool) -> None:
        self._inner = inner
        self._pace = pace
        self._is_stream = is_stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield its pieces. Raises TooMuch."""
        kept = bytearray()
        async for piece in self._inner:  # type: ignore[attr-defined]  # typed as sync or async
            kept += piece
            await self._pace.take(len(piece), piece.count(b"\n") if self._is_stream else 1)
            if len(kept) > MAX_MESSAGE + len(piece):
                raise TooMuch
            if self._is_stream and (end := kept.rfind(b"\n") + 1):
                for line in bytes(kept[:end]).splitlines(keepends=True):
                    yield readable(line)
                del kept[:end]
        yield readable(bytes(kept))

    async def aclose(self) -> None:
        """Close."""
        if isinstance(self._inner, httpx2.AsyncByteStream):
            await self._inner.aclose()
