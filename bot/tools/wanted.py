"""Wanted: what an operator wants of tools, as tools.toml says it; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import unquote, urlsplit

from bot.tools.builtin import NAMES
from bot.tools.offer import FREE, Approval

LEAST_SECRET = 8  # characters; a shorter one would mask ordinary words
LEAST_KEY = 16  # of a step of a path, which mostly is a word


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """An MCP server: a `command` that is started, or a `url` that is asked.

    `approvals` are for single tools, by their own names; `read_only` are those that change nothing. `is_foreign`: what
    it gives is written by strangers, as a page of the web. `price`: dollars of one call; `prices` are for single tools.
    """

    name: str
    command: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    approval: Approval = Approval.ASK
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    read_only: bool | Sequence[str] = ()
    is_foreign: bool = True
    seconds: float = 20.0
    price: Decimal = FREE
    prices: Mapping[str, Decimal] = field(default_factory=dict)

    def of(self, tool: str) -> Approval:
        """Return whether somebody is asked before a tool is called."""
        return self.approvals.get(tool, self.approval)

    def price_of(self, tool: str) -> Decimal:
        """Return the dollars that one call of a tool costs."""
        return self.prices.get(tool, self.price)

    def changes(self, tool: str) -> bool:
        """Tell whether a tool may change something in the world."""
        return not self.read_only if isinstance(self.read_only, bool) else tool not in self.read_only


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Whether the web is searched and its pages are read, and whether somebody is asked before."""

    search: Approval = Approval.OFF
    read: Approval = Approval.OFF


@dataclass(frozen=True, slots=True)
class ToolLimits:
    """How much one answer may call: rounds, calls, seconds of all of them, characters of a result."""

    rounds: int = 8
    calls: int = 16
    seconds: float = 120.0
    characters: int = 100_000


@dataclass(frozen=True, slots=True)
class ToolSettings:
    """All that the file says; `builtin` names the tools that need no configuration."""

    builtin: Sequence[str] = NAMES
    web: WebSettings = WebSettings()
    limits: ToolLimits = ToolLimits()
    servers: Sequence[ServerSettings] = ()

    @property
    def secrets(self) -> list[str]:
        """What no log may show: the values of environments and headers, and what may be a key in an address."""
        found = [value for server in self.servers for value in (*server.env.values(), *server.headers.values())]
        words = [word for value in found for word in (value, value.rpartition(" ")[2])]
        hidden = [word for server in self.servers for word in _hidden_in(server.url)]
        return [value for value in (*words, *hidden) if len(value) >= LEAST_SECRET]


def _hidden_in(url: str) -> list[str]:
    """Return what of an address may be a key: its password, the values of its query, long steps of its path."""
    parts = urlsplit(url)
    values = [each.partition("=")[2] for each in parts.query.split("&")]
    steps = [step for step in parts.path.split("/") if len(step) >= LEAST_KEY]
    return [word for part in (parts.password or "", *values, *steps) for word in (part, unquote(part))]
