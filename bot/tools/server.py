"""Server: one MCP server, its tools, and calls of them; whatever it does ends at its own tools.

One task connects to it (its process: `server_process.py`), lists its tools now and then, and begins anew when it has
died. The package that speaks the
protocol is loaded only where a server is configured: it takes 55 MB.
"""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from pydantic import ValidationError

from bot.clock import Clock
from bot.tools.connection import Connection
from bot.tools.names import mapped
from bot.tools.offer import Approval, CallFailed, Offer, Result
from bot.tools.wanted import ServerSettings
from providers.care.patience import CLOSE_S
from providers.tools import Tool

log = logging.getLogger(__name__)

START_S = 60.0  # for a server to start and to list its tools
LIST_S = 60.0  # between two looks at the list
REST_S = 1.0  # after one, whatever the server says
AGAIN_S = (1.0, 2.0, 5.0, 15.0, 60.0)  # pauses before a server that died is started again
WELL_S = 60.0  # after so long the first pause counts again
MAX_TOOLS = 100  # of one server
MAX_PAGES = 20
MAX_DESCRIPTION = 2_000  # characters
MAX_SCHEMA = 20_000  # characters of its JSON
MAX_TEXT = 4 << 20  # characters of a result that are looked at; what a model reads is limited further

PACKAGE = "bot.tools.client"
NO_EXTRA = "the extra `mcp` is not installed: pip install 'deltagram[mcp]'"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a server fares: `failure` is why it does not work, in one line."""

    name: str
    tools: int
    failure: str = ""


class Server:
    """Its `offers` are there while it works; `run` must be running."""

    def __init__(self, settings: ServerSettings, clock: Clock) -> None:
        self.name = settings.name
        self.offers: Sequence[Offer] = ()
        self.failure = "it is being started"
        self.settings = settings
        self._clock = clock
        self._connection: Connection | None = None
        self._gone = asyncio.Event()
        self._relist = asyncio.Event()
        self.tried = asyncio.Event()  # it works, or it is known why not
        self._under_way = 0  # calls
        self._rests = asyncio.Event()
        self._rests.set()

    @property
    def standing(self) -> Standing:
        """How it fares."""
        return Standing(self.name, len(self.offers), self.failure)

    async def idle(self) -> None:
        """Wait until no call of it is under way."""
        await self._rests.wait()

    async def run(self) -> None:
        """Keep the server at work, for ever; it ends where the package is missing."""
        tries = 0
        while True:
            began_at = self._clock.now()
            try:
                await self._serve()
            except ImportError:
                self.failure = NO_EXTRA
                log.warning("tools not offered server=%s: %s", self.name, NO_EXTRA)
                return
            except Exception as error:  # noqa: BLE001  # of the package, the server, the system: its tools are gone
                self.failure = _reason(error)
            finally:
                self.offers, self._connection = (), None
                self._gone.set()
                self.tried.set()
            tries = 0 if self._clock.now() - began_at > WELL_S else tries
            pause = AGAIN_S[min(tries, len(AGAIN_S) - 1)]
            tries += 1
            log.warning("tool server away server=%s again_s=%s error=%s", self.name, pause, self.failure)
            await self._clock.sleep(pause)

    async def _serve(self) -> None:
        """Connect, and list the tools as long as the connection lasts. Raises whatever goes wrong."""
        self._gone = asyncio.Event()
        async with AsyncExitStack() as stack:
            package = await asyncio.to_thread(import_module, PACKAGE)  # it takes seconds: others have their turn
            async with asyncio.timeout(START_S):
                client = await stack.enter_async_context(package.client(self.settings, self._changed, self._clock))
                offers = await self._list(client)
            self.offers, self._connection, self.failure = offers, client, ""
            self.tried.set()
            log.info("tools offered server=%s count=%s", self.name, len(offers))
            while True:
                await self._clock.wait(self._relist, LIST_S)
                self._relist.clear()
                async with asyncio.timeout(START_S):
                    self.offers = await self._list(client)
                await self._clock.sleep(REST_S)  # one may say without end that its tools have changed

    def _changed(self) -> None:
        self._relist.set()

    async def _list(self, client: Connection) -> list[Offer]:
        """Return the server's tools as they are offered; what exceeds the limits is left out."""
        found: dict[str, Offer] = {}
        cursor: str | None = None
        for _ in range(MAX_PAGES):
            page = await client.list_tools(cursor=cursor, cache_mode="bypass")
            for each in page.tools:
                if len(found) < MAX_TOOLS and (offer := self._offer(each)):
                    found.setdefault(offer.tool.name, offer)
            cursor = page.next_cursor
            if not cursor:
                break
        return list(found.values())

    def _offer(self, tool: Any) -> Offer | None:
        approval = self.settings.of(tool.name)
        schema = tool.input_schema if isinstance(tool.input_schema, dict) else {}
        if approval is Approval.OFF or len(json.dumps(schema)) > MAX_SCHEMA:
            return None

        async def call(arguments: Mapping[str, object]) -> Result:
            return await self._call(tool.name, arguments)

        return Offer(
            Tool(mapped(self.name, tool.name), (tool.description or tool.name)[:MAX_DESCRIPTION], schema),
            label=f"{self.name} · {' '.join(tool.name.split())[:64]}",
            call=call,
            approval=approval,
            changes=self.settings.changes(tool.name),
            is_marked=True,
            is_foreign=self.settings.is_foreign,
            seconds=self.settings.seconds,
            price=self.settings.price_of(tool.name),
            by=self.name,
        )

    async def _call(self, name: str, arguments: Mapping[str, object]) -> Result:
        """Call a tool once. Raises CallFailed."""
        connection, gone = self._connection, self._gone
        if connection is None:
            raise CallFailed(f"The server {self.name} does not work now.", is_known=True)
        self._under_way += 1
        self._rests.clear()
        calling = asyncio.ensure_future(connection.call_tool(name, dict(arguments)))
        ending = asyncio.ensure_future(gone.wait())
        try:
            await asyncio.wait({calling, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not calling.done():
                raise CallFailed(f"The server {self.name} ended.", is_known=False)
            return result(calling.result())
        except CallFailed:
            raise
        except Exception as error:
            self._relist.set()  # is it there at all?
            raise CallFailed(_reason(error), is_known=False, is_theirs=True) from error
        finally:
            ending.cancel()
            calling.cancel()
            self._under_way -= 1
            if not self._under_way:
                self._rests.set()
            await asyncio.wait({ending, calling}, timeout=CLOSE_S)  # a server that hangs keeps nobody longer


def result(given: Any) -> Result:
    """Return what a tool gave as text; what is no text is told by its kind."""
    parts = list(map(_told, given.content))
    if not parts and given.structured_content is not None:
        parts = [json.dumps(given.structured_content, ensure_ascii=False)]
    return Result("\n".join(parts)[:MAX_TEXT] or "(nothing)", is_error=bool(given.is_error))


def _told(block: Any) -> str:
    """Return a piece of a result as words: a text, the text of a file, an address; else what kind of thing it is."""
    if block.type == "text":
        return str(block.text)
    if block.type == "resource" and isinstance(text := getattr(block.resource, "text", None), str):
        return f"[{block.resource.uri}]\n{text}"
    media_type = getattr(getattr(block, "resource", block), "mime_type", "") or "not shown"
    if block.type == "resource_link":
        return f"[{block.name}: {block.uri} ({media_type})]"
    return f"[{block.type}: {media_type}]"


def _reason(error: BaseException) -> str:
    """Return in one line why a server does not work; the deepest error of a group says it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return f"it did not answer within {START_S:.0f} s"
    said = "" if isinstance(error, ValidationError) else " ".join(str(error).split())[:200]  # which may be megabytes
    return said or type(error).__name__
