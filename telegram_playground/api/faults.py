"""Trouble on demand: what goes wrong with which call."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Coroutine
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from telegram_playground.protocol.wire import Json
from telegram_playground.world.calls import Call
from telegram_playground.world.feed import Feed

Kind = Literal[
    "429",
    "flood",
    "500",
    "502html",
    "error",
    "body",
    "hang",
    "reset",
    "lost",
    "late",
    "delay",
    "hold",
    "duplicate",
    "shuffle",
]
KINDS = get_args(Kind)
MAX_FAULTS = 1000
_HELD = "held"  # topic of the feed


@dataclass(slots=True)
class Fault:
    """One instruction; `times` are left, None: until it is cleared. docs/playground.md says what each kind does."""

    id: int
    method: str
    kind: Kind
    chat: int | None = None
    bot: int | None = None
    seconds: float | None = None
    times: int | None = 1
    code: int = 400
    description: str = "Bad Request: fault"
    execute: bool = False

    def meets(self, bot: int, method: str, chat: object) -> bool:
        """Tell whether the fault is meant for a call; `chat` is its chat_id as it was sent."""
        return (
            self.method in ("*", method)
            and self.bot in (None, bot)
            and (self.chat is None or str(self.chat) == str(chat))
        )

    def json(self) -> Json:
        """Return the fault as the control API shows it."""
        return asdict(self)


class Faults:
    """The instructions in force, and the calls that are held by them."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._faults: list[Fault] = []
        self._last_id = 0
        self._held: dict[int, asyncio.Event] = {}
        self._untold: deque[Call] = deque(maxlen=1000)
        self._stuck: set[asyncio.Task[Any] | None] = set()

    def add(
        self,
        method: str,
        kind: Kind,
        *,
        chat: int | None = None,
        bot: int | None = None,
        seconds: float | None = None,
        times: int | None = 1,
        code: int = 400,
        description: str = "Bad Request: fault",
        execute: bool = False,
    ) -> Fault:
        """Put a fault in force; raises ValueError for an unknown kind, or a number that none can have."""
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is no kind of fault; known: {', '.join(KINDS)}")
        if len(self._faults) >= MAX_FAULTS:
            raise ValueError(f"at most {MAX_FAULTS} faults")
        if not 200 <= code <= 599:
            raise ValueError("code must be a status of HTTP, 200 to 599")
        if (seconds is not None and seconds < 0) or (times is not None and times < 1):
            raise ValueError("seconds must not be negative, and times at least 1")
        self._last_id += 1
        fault = Fault(self._last_id, method.lower(), kind, chat, bot, seconds, times, code, description, execute)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all faults; what is held goes on."""
        self._faults.clear()
        self.release()

    def list(self) -> list[Json]:
        """Return the faults in force."""
        return [fault.json() for fault in self._faults]

    def take(self, bot: int, method: str, chat: object) -> Fault | None:
        """Return the first fault meant for a call, and count it."""
        if not self._faults:
            return None
        method = method.lower()
        for fault in self._faults:
            if fault.meets(bot, method, chat):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None

    async def hold(self, call: Call) -> None:
        """Keep a call until it is released."""
        event = self._held[call.id] = asyncio.Event()
        self._untold.append(call)
        self._feed.changed(_HELD)
        try:
            await self.stuck(event.wait())
        finally:
            del self._held[call.id]

    async def until_released(self, call: Call, waiting: Coroutine[Any, Any, object]) -> None:
        """Wait for something, or until a call is released."""
        released = self._held[call.id] = asyncio.Event()
        either = {asyncio.ensure_future(waiting), asyncio.ensure_future(released.wait())}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._held[call.id]
            for task in either:
                task.cancel()

    async def stuck(self, waiting: Awaitable[object]) -> None:
        """Wait for something, or until the client of the present call goes away."""
        task = asyncio.current_task()
        self._stuck.add(task)
        try:
            await waiting
        finally:
            self._stuck.discard(task)

    def abandon(self, task: "asyncio.Task[Any]") -> None:
        """Drop a call whose client has gone away, if a fault keeps it."""
        if task in self._stuck:
            task.cancel()

    def release(self, call_id: int | None = None) -> None:
        """Let a held call go on, or all."""
        for held, event in self._held.items():
            if call_id in (None, held):
                event.set()

    async def wait_held(self) -> Call:
        """Return the next call that is held; each is returned once."""
        return await self._feed.wait(_HELD, lambda: self._untold.popleft() if self._untold else None)
