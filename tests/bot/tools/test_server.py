"""MCP servers, as they are: they work, fail, die, hang, flood; whatever they do ends at their own tools."""

import asyncio
import gzip
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.clock import Clock
from bot.tools.file import load_tools
from bot.tools.offer import Approval, CallFailed, Offer, Result
from bot.tools.server import Server, result
from bot.tools.toolbox import Toolbox
from bot.tools.wanted import ServerSettings, ToolLimits
from tests.bot.tools.web_server import serving

pytest.importorskip("mcp")
mcp_types = pytest.importorskip("mcp_types")

COUNTING = Path(__file__).with_name("counting.py")
DOCS = Path(__file__).parents[3] / "docs" / "tools.md"


@asynccontextmanager
async def running(settings: ServerSettings) -> AsyncIterator[Server]:
    server = Server(settings, Clock())
    task = asyncio.ensure_future(server.run())
    try:
        async with asyncio.timeout(60):
            await server.tried.wait()
        yield server
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def counting(file: Path, **changed: object) -> ServerSettings:
    given = {"name": "c", "command": [sys.executable, str(COUNTING), str(file)], "env": {"MINE": "1"}, **changed}
    return ServerSettings(**given)  # type: ignore[arg-type]  # what the tests change


def offer(server: Server, name: str) -> Offer:
    return next(each for each in server.offers if each.tool.name == name)


async def call(server: Server, name: str, **arguments: Any) -> Result:
    return await offer(server, f"c__{name}").call(arguments)


async def again(server: Server) -> None:
    """Wait until a server that died is back."""
    await until(lambda: bool(server.failure))
    await until(lambda: not server.failure)


async def until(met: Callable[[], bool]) -> None:
    for _ in range(6_000):  # a process starts meanwhile
        if met():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


async def test_other_tools_take_the_place_of_former_ones_and_no_call_is_cut_off(tmp_path: Path) -> None:
    """The unchanged server goes on as the same process; the one that is gone ends once its call has ended."""
    stays, goes = counting(tmp_path / "stays"), counting(tmp_path / "goes", name="d")
    first = Toolbox(servers=[Server(stays, Clock()), Server(goes, Clock())])
    task = asyncio.ensure_future(first.run())
    try:
        await first.ready(Clock(), 60)
        kept, gone = first.find("c__count"), first.find("d__wait")
        assert kept is not None
        assert gone is not None
        calling = asyncio.ensure_future(gone.call({"seconds": 0.5}))
        await asyncio.sleep(0)

        first.replace(Toolbox(servers=[Server(counting(tmp_path / "stays"), Clock())], limits=ToolLimits(calls=3)))

        assert {name[0] for name in first.offered(takes=True)} == {"c"}
        assert first.find("c__count") is kept
        assert first.limits.calls == 3
        assert await calling == Result("waited")
        assert await kept.call({"what": "a"}) == Result("counted a")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_server_works_fails_floods_dies_and_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "counted"
    settings = counting(file, approval=Approval.ALWAYS, approvals={"hang": Approval.OFF}, read_only=["environment"])
    async with running(settings) as server:
        assert server.standing.failure == ""
        assert sorted(each.tool.name for each in server.offers) == [
            f"c__{name}" for name in ("count", "die", "environment", "fail", "flood", "half", "heap", "wait")
        ]
        assert (offer(server, "c__count").changes, offer(server, "c__environment").changes) == (True, False)

        assert await call(server, "count", what="a") == Result("counted a")
        assert (await call(server, "fail")).is_error
        assert (await call(server, "count", wrong=1)).is_error
        known = set((await call(server, "environment")).text.split())
        assert "MINE" in known
        assert not {name for name in known if "TOKEN" in name or "KEY" in name or name == "DATABASE_URL"}
        assert len((await call(server, "flood", megabytes=1)).text) == 1 << 20

        assert await call(server, "half") == Result("fo\ufffd")

        for way, much in (("flood", {"megabytes": 20}), ("heap", {"things": 100_000})):
            with pytest.raises(CallFailed) as flooded:
                await call(server, way, **much)
            assert not flooded.value.is_known
            await again(server)
        assert await call(server, "count", what="b") == Result("counted b")

        with pytest.raises(CallFailed) as died:
            await call(server, "die", what="c")
        assert not died.value.is_known
        await again(server)
        assert await call(server, "count", what="d") == Result("counted d")

    assert file.read_text().split() == ["a", "b", "c", "d"]


async def test_a_call_that_is_given_up_leaves_the_server_at_work(tmp_path: Path) -> None:
    async with running(counting(tmp_path / "counted")) as server:
        hanging = asyncio.ensure_future(call(server, "hang", what="a"))
        while not (tmp_path / "counted").exists():  # noqa: ASYNC110  # another process writes it
            await asyncio.sleep(0.01)
        hanging.cancel()

        assert await call(server, "count", what="b") == Result("counted b")
        with pytest.raises(asyncio.CancelledError):
            await hanging

    assert (tmp_path / "counted").read_text().split() == ["a", "b"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["no-such-program"], "No such file"),
        ([sys.executable, "-c", "pass"], "closed"),
        (
            [sys.executable, "-c", "import sys; sys.stdout.write('x' * (8 << 20)); sys.stdout.flush(); input()"],
            "closed",
        ),
    ],
)
async def test_a_server_that_cannot_start_says_why(command: list[str], said: str) -> None:
    async with running(ServerSettings("c", command=command)) as server:
        assert said in server.standing.failure
        assert server.offers == ()


async def test_a_server_by_http_is_asked_with_its_headers_and_bounded(tmp_path: Path) -> None:
    async with serving(tmp_path / "counted") as url:
        settings = ServerSettings("c", url=url, headers={"Authorization": "Bearer secret"})
        async with running(settings) as server:
            assert server.standing.failure == ""
            assert await call(server, "count", what="a") == Result("counted a")
            with pytest.raises(CallFailed):
                await call(server, "flood", megabytes=20)
            await again(server)
            assert await call(server, "count", what="b") == Result("counted b")
        async with running(ServerSettings("c", url=url)) as stranger:
            assert stranger.offers == ()
            assert stranger.standing.failure

    assert (tmp_path / "counted").read_text().split() == ["a", "b"]


@pytest.mark.parametrize("is_for_calls", [False, True])
async def test_a_call_that_is_sent_elsewhere_is_not_sent_again(is_for_calls: bool) -> None:
    came: list[str] = []
    results = {
        "initialize": {
            "protocolVersion": "2025-06-18",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "c", "version": "1"},
        },
        "tools/list": {"tools": [{"name": "pay", "inputSchema": {"type": "object"}}]},
        "tools/call": {"content": [{"type": "text", "text": "paid"}]},
    }

    async def answer(request: web.Request) -> web.Response:
        asked = await request.json() if request.method == "POST" else {}
        is_call = asked.get("method") == "tools/call"
        came.extend([request.path] * is_call)
        if not request.path.endswith("/") and is_call >= is_for_calls:
            raise web.HTTPTemporaryRedirect(f"{request.path}/")
        if asked.get("method") not in results:
            return web.Response(status=405 if request.method != "POST" else 202 if "id" not in asked else 404)
        return web.json_response({"jsonrpc": "2.0", "id": asked["id"], "result": results[asked["method"]]})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as site, running(ServerSettings("c", url=str(site.make_url("/mcp")))) as server:
        if is_for_calls:
            with pytest.raises(CallFailed) as failed:
                await call(server, "pay")
            assert not failed.value.is_known
        else:
            assert await call(server, "pay") == Result("paid")

    assert came == ["/mcp" if is_for_calls else "/mcp/"]


async def test_a_little_that_unpacks_to_much_is_too_much() -> None:
    packed = gzip.compress(bytes(64 << 20))

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})

    app = web.Application()
    app.router.add_route("*", "/mcp", answer)
    async with TestServer(app) as site, running(ServerSettings("c", url=str(site.make_url("/mcp")))) as server:
        assert "more than 4 MB" in server.standing.failure


@pytest.mark.parametrize(
    ("block", "told"),
    [
        (mcp_types.ResourceLink(name="report", uri="file:///r.pdf"), "[report: file:///r.pdf (not shown)]"),
        (
            mcp_types.EmbeddedResource(resource=mcp_types.TextResourceContents(uri="note:1", text="Buy milk")),
            "[note:1]\nBuy milk",
        ),
        (
            mcp_types.EmbeddedResource(
                resource=mcp_types.BlobResourceContents(uri="note:2", blob="AAAA", mime_type="application/pdf")
            ),
            "[resource: application/pdf]",
        ),
        (mcp_types.ImageContent(data="AAAA", mime_type="image/png"), "[image: image/png]"),
        (mcp_types.AudioContent(data="AAAA", mime_type="audio/wav"), "[audio: audio/wav]"),
    ],
)
def test_what_is_no_text_is_told_by_its_address_its_words_or_its_kind(block: Any, told: str) -> None:
    assert result(mcp_types.CallToolResult(content=[block])) == Result(told)


async def test_a_tool_in_ten_lines_and_a_server_in_three(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    configured, tool, all_of_it = re.findall(
        r"```(?:toml|python)\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL
    )
    lines = [line for line in tool.splitlines() if line.strip()]
    assert (len(configured.splitlines()), len(lines)) == (3, 9)
    (tmp_path / "notes.py").write_text(tool, encoding="utf-8")
    (tmp_path / "tools.toml").write_text(configured.replace('"python"', f'"{sys.executable}"'), encoding="utf-8")
    (settings,) = load_tools(tmp_path / "tools.toml").servers

    async with running(settings) as server:
        assert await offer(server, "notes__add_note").call({"text": "milk"}) == Result("noted")

    assert (tmp_path / "notes.txt").read_text() == "milk\n"
    (tmp_path / "all.toml").write_text(all_of_it, encoding="utf-8")
    assert [each.name for each in load_tools(tmp_path / "all.toml").servers] == ["files", "mail"]
