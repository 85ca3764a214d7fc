"""A playground in a thread of its own, for tests that do not run in an event loop."""

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from telegram_playground.limits.flood_limits import Limits
from telegram_playground.server import Playground

T = TypeVar("T")


class LoopThread:
    """An event loop in a thread; a context manager."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="telegram-playground")

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in that loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class ServerThread(LoopThread):
    """A server without flood limits and latency, unless `options` say otherwise; a context manager."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self._options: dict[str, Any] = {"limits": Limits.off(), **options}
        self._server: Playground | None = None

    @property
    def url(self) -> str:
        """The address of the Bot API, and of the page."""
        if self._server is None:
            raise RuntimeError("the server is used outside of its context")
        return self._server.url

    def __enter__(self) -> Self:
        super().__enter__()
        self._server = self.run(self._started())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self.run(self._server.close())
        super().__exit__(kind, error, trace)

    async def _started(self) -> Playground:
        server = Playground(**self._options)
        await server.start()
        return server
