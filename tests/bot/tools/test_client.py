"""A call goes to a server once, whatever it answers in the protocol of 2026-07-28, which knows further rounds."""

from typing import Any

import pytest

mcp = pytest.importorskip("mcp")
mcp_types = pytest.importorskip("mcp_types")

from mcp.server.lowlevel import Server  # noqa: E402  # where it is installed

from bot.tools.client import ASKS_BACK, Once  # noqa: E402
from bot.tools.offer import CallFailed  # noqa: E402


class Counting:
    """A server that counts its calls, and then wants another one."""

    def __init__(self, answer: object) -> None:
        self.calls = 0
        self.server = Server("counting", on_list_tools=self._list, on_call_tool=self._call)
        self._answer = answer

    async def _list(self, _context: Any, _parameters: Any) -> Any:
        return mcp_types.ListToolsResult(tools=[mcp_types.Tool(name="count", input_schema={"type": "object"})])

    async def _call(self, _context: Any, _parameters: Any) -> Any:
        self.calls += 1
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.mark.parametrize(
    "answer",
    [
        mcp_types.InputRequiredResult(request_state="later"),
        mcp_types.InputRequiredResult(
            input_requests={
                "name": mcp_types.ElicitRequest(
                    params=mcp_types.ElicitRequestFormParams(
                        message="Who?", requested_schema={"type": "object", "properties": {}}
                    )
                )
            }
        ),
        mcp.MCPError(mcp_types.HEADER_MISMATCH, "other headers"),
    ],
    ids=["state", "question", "headers"],
)
async def test_what_wants_another_call_gets_none(answer: object) -> None:
    counting = Counting(answer)
    async with mcp.Client(counting.server, cache=None) as client:
        once = Once(client)
        assert [tool.name for tool in (await once.list_tools()).tools] == ["count"]

        with pytest.raises((CallFailed, mcp.MCPError)) as failed:
            await once.call_tool("count", {})

        assert client.protocol_version >= "2026"
    assert counting.calls == 1
    if isinstance(failed.value, CallFailed):
        assert (failed.value.said, failed.value.is_known) == (ASKS_BACK, False)
