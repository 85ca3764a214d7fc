"""The record of API calls."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from telegram_playground.limits.flood_limits import Family
from telegram_playground.protocol.wire import Json
from telegram_playground.world.feed import Feed
from telegram_playground.world.weight import weight

MAX_CALLS = 50_000
MAX_BYTES = 64 << 20  # of parameters and answers together; the oldest calls go
_CALL_BYTES = 500  # of a call beside them
TOPIC = "calls"  # of the feed


@dataclass(slots=True)
class Call:
    """One call of a bot. Times are of the server's clock; `executed` is None for one that was refused."""

    id: int
    bot: int
    method: str
    chat: str | None
    parameters: Json
    started: float
    executed: float | None = None
    finished: float | None = None
    body: Json = field(default_factory=dict)
    fault: str | None = None
    waited_s: float = 0.0
    size: int = 0
    charged: tuple[int, Family, float] | None = None  # the chat's id and the time, where the call cost one

    def json(self) -> Json:
        """Return the call as the control API shows it."""
        call: Json = {
            "id": self.id,
            "bot": self.bot,
            "method": self.method,
            "chat": self.chat,
            "parameters": self.parameters,
            "ok": self.body.get("ok"),
            "fault": self.fault,
            "waited_s": round(self.waited_s, 3),
            "started": self.started,
            "executed": self.executed,
            "finished": self.finished,
        }
        for name in ("result", "error_code", "description"):
            if name in self.body:
                call[name] = self.body[name]
        if "parameters" in self.body:
            call |= self.body["parameters"]
        return call


class Calls:
    """The last calls, oldest first."""

    def __init__(self, feed: Feed, *, max_bytes: int = MAX_BYTES) -> None:
        self._feed = feed
        self._calls: deque[Call] = deque()
        self._bytes = 0
        self._max_bytes = max_bytes
        self._last_id = 0
        self.listeners: list[Callable[[Call], None]] = []  # are told of each call that was answered
        self.not_simulated: dict[str, int] = {}  # how often those were called that this server has not

    def begin(self, bot: int, method: str, chat: str | None, parameters: Json, *, now: float) -> Call:
        """Record that a call has arrived."""
        self._last_id += 1
        call = Call(self._last_id, bot, method, chat, parameters, now)
        self._calls.append(call)
        self._weigh(call, _CALL_BYTES + weight(parameters))
        self._tell(call, now)
        self._feed.changed(TOPIC)
        return call

    def finish(self, call: Call, *, now: float) -> None:
        """Record that a call was answered, or dropped."""
        call.finished = now
        self._weigh(call, weight(call.body))
        for listen in self.listeners:
            listen(call)
        self._tell(call, now)
        self._feed.changed(TOPIC)

    def _weigh(self, call: Call, more: int) -> None:
        """Count what came to a call, unless it is thrown away already."""
        if not self._calls or call.id < self._calls[0].id:
            return
        call.size += more
        self._bytes += more
        while self._bytes > self._max_bytes or len(self._calls) > MAX_CALLS:
            self._bytes -= self._calls.popleft().size

    def missed(self, method: str, *, now: float) -> None:
        """Count a call of a method that is not simulated."""
        self.not_simulated[method] = self.not_simulated.get(method, 0) + 1
        self._feed.publish({"type": "not_simulated", "time": now, "not_simulated": {**self.not_simulated}})

    def clear(self) -> None:
        """Forget all calls; their ids go on rising."""
        self._calls.clear()
        self._bytes = 0
        self.not_simulated = {}

    def last(self, count: int) -> list[Call]:
        """Return the last calls."""
        return [*self._calls][-count:]

    def since(self, call_id: int, wanted: Callable[[Call], bool]) -> list[Call]:
        """Return the wanted calls after one."""
        found: list[Call] = []
        for call in reversed(self._calls):
            if call.id <= call_id:
                break
            if wanted(call):
                found.append(call)
        return found[::-1]

    def _tell(self, call: Call, now: float) -> None:
        if self._feed.watched:
            self._feed.publish({"type": "call", "time": now, "call": call.json()})
