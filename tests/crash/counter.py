"""An MCP server that counts its calls in a file: `python counter.py FILE`. It needs no package, so it starts at once.

A call takes a while before it is counted and after that, so that kills meet each half of it.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

BEFORE_S, AFTER_S = 0.15, 0.25
TOOL = {
    "name": "count",
    "description": "Counts something.",
    "inputSchema": {"type": "object", "properties": {"what": {"type": "string"}}, "required": ["what"]},
}


def answer(method: str, params: dict[str, Any], file: Path) -> dict[str, Any] | None:
    """Return what is answered to a request, None where nobody knows it."""
    match method:
        case "initialize":
            told = {"name": "counter", "version": "1"}
            return {
                "protocolVersion": params["protocolVersion"],
                "capabilities": {"tools": {}},
                "serverInfo": told,
            }
        case "tools/list":
            return {"tools": [TOOL]}
        case "tools/call":
            what = params["arguments"]["what"]
            time.sleep(BEFORE_S)
            with file.open("a", encoding="utf-8") as counted:
                counted.write(f"{what}\n")
            time.sleep(AFTER_S)
            return {"content": [{"type": "text", "text": f"counted {what}"}]}
    return None


def main() -> None:
    """Answer until the input ends."""
    for line in sys.stdin:
        asked = json.loads(line)
        if "id" not in asked:
            continue
        result = answer(asked["method"], asked.get("params") or {}, Path(sys.argv[1]))
        told = {"result": result} if result is not None else {"error": {"code": -32601, "message": "unknown"}}
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **told}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
