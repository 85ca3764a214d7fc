"""An MCP server that counts its calls in a file, and misbehaves where it is asked to; `python counting.py FILE`.

It speaks the protocol by hand over its pipes: the official package takes a second of each start. That one serves the
same tools by HTTP (counting_http.py), and over pipes where docs/tools.md is followed.
"""

import inspect
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread
from typing import Any

FILE = Path(sys.argv[1]) if len(sys.argv) > 1 else None
KINDS = {str: "string", int: "integer", float: "number"}
UNKNOWN_METHOD = -32601  # JSON-RPC 2.0, section 5.1


def count(what: str) -> str:
    """Count something."""
    if FILE:
        with FILE.open("a", encoding="utf-8") as file:
            file.write(f"{what}\n")
    return f"counted {what}"


def environment() -> str:
    """Tell the environment."""
    return " ".join(sorted(os.environ))


def fail() -> str:
    """Fail."""
    raise ValueError("no such thing")


def hang(what: str) -> str:
    """Count, and give no answer."""
    count(what)
    time.sleep(3_600)
    return "late"


def wait(seconds: float) -> str:
    """Take its time."""
    time.sleep(seconds)
    return "waited"


def die(what: str) -> str:
    """Count, and end."""
    count(what)
    os._exit(1)


def flood(megabytes: int) -> str:
    """Say much."""
    return "x" * (megabytes << 20)


def half() -> str:
    """Say a text that was cut within a character."""
    return "fo\ud83e"


def heap(things: int) -> str:
    """Give many small things at once."""
    return "\n".join("{" * things)


TOOLS: dict[str, Callable[..., str]] = {
    each.__name__: each for each in (count, environment, fail, hang, wait, die, flood, half, heap)
}


def described(tool: Callable[..., str]) -> dict[str, object]:
    """Return what a client is told of a tool."""
    kinds = {name: {"type": KINDS[each.annotation]} for name, each in inspect.signature(tool).parameters.items()}
    schema = {"type": "object", "properties": kinds, "required": list(kinds)}
    return {"name": tool.__name__, "description": tool.__doc__, "inputSchema": schema}


def result(method: str, parameters: dict[str, Any]) -> dict[str, object] | None:
    """Return what is answered to a request, None to one that is not known."""
    if method == "initialize":
        served = {"name": "counting", "version": "1"}
        return {"protocolVersion": parameters["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": served}
    if method == "tools/list":
        return {"tools": [described(tool) for tool in TOOLS.values()]}
    if method == "tools/call":
        try:
            said, is_error = TOOLS[parameters["name"]](**parameters["arguments"]), False
        except (TypeError, ValueError) as error:
            said, is_error = str(error), True
        parts = said.split("\n") if parameters["name"] == "heap" else [said]
        return {"content": [{"type": "text", "text": part} for part in parts], "isError": is_error}
    return None


def serve() -> None:
    """Answer each request in a thread of its own, so that one that hangs holds up no other."""
    writing = Lock()

    def answer(request: dict[str, Any]) -> None:
        found = result(request["method"], request.get("params", {}))
        said = {"error": {"code": UNKNOWN_METHOD, "message": "unknown"}} if found is None else {"result": found}
        with writing:
            sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], **said}) + "\n")
            sys.stdout.flush()

    for line in sys.stdin:
        request = json.loads(line)
        if "id" in request and "method" in request:
            Thread(target=answer, args=(request,), daemon=True).start()
    os._exit(0)


if __name__ == "__main__":
    serve()
