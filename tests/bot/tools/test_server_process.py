"""The process of an MCP server ends with who uses it, however that ends."""

import os
import sys
from pathlib import Path

import pytest

anyio = pytest.importorskip("anyio")
pytest.importorskip("mcp")

from bot.clock import Clock  # noqa: E402  # where it is installed
from bot.tools.server_process import pipe  # noqa: E402

PROGRAM = "import os, sys; open(sys.argv[1], 'w').write(str(os.getpid())); print('{}', flush=True); sys.stdin.read()"


async def test_given_up_by_a_scope_that_cancels_again_and_again_it_is_over_at_once(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    with anyio.CancelScope() as scope:
        async with pipe([sys.executable, "-S", "-c", PROGRAM, str(file)], {}, None, scope.cancel, Clock()):
            while not file.exists() or not file.read_text():
                await anyio.sleep(0.01)
            scope.cancel()
            await anyio.sleep_forever()
    assert scope.cancelled_caught
    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text()), 0)
