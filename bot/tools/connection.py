"""Connection: what of a client of MCP is used."""

from typing import Any, Protocol


class Connection(Protocol):
    """What of the package's client is used."""

    async def list_tools(self, *, cursor: str | None = None, cache_mode: Any = "use") -> Any:
        """Return a page of the tools."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any] | None = None, read_timeout_seconds: float | None = None
    ) -> Any:
        """Call a tool."""
