"""The counting server over streamable HTTP, for who has the key; it prints its port."""

import asyncio
import socket
import sys
from pathlib import Path

import uvicorn
from mcp.server import MCPServer
from starlette.types import ASGIApp, Receive, Scope, Send

sys.path.insert(0, str(Path(__file__).parents[3]))
from tests.bot.tools.counting import TOOLS  # it is a program of its own


def guarded(app: ASGIApp) -> ASGIApp:
    """Let in only who has the key."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope.get("headers", ()))
        if scope["type"] == "http" and headers.get(b"authorization") != b"Bearer secret":
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await app(scope, receive, send)

    return guard


async def main() -> None:
    """Serve."""
    server = MCPServer("counting")
    for tool in TOOLS.values():
        server.tool()(tool)
    listening = socket.create_server(("127.0.0.1", 0))
    serving = uvicorn.Server(uvicorn.Config(guarded(server.streamable_http_app()), log_level="critical"))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    await serving.serve(sockets=[listening])


asyncio.run(main())
