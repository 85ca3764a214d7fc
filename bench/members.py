"""What many bots cost while nobody writes: `python -m bench.members [--bots 100] [--seconds 60]`.

One process has so many bots of bots.toml; nothing happens, but that each asks for updates or has a webhook. Statements
are counted by PostgreSQL itself (pg_stat_statements), processor time by the kernel. Needs Debian's `postgresql`.
"""

import argparse
import asyncio
import os
import platform
import re
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from bench.process import running
from tests.ports import free_port
from tests.postgres import Postgres

FIRST_BOT = 500_000
COUNTED = ("shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track=top", "max_connections=400")
ALL = "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'"
MOST = """
SELECT sum(calls) || ' ' || said FROM (
    SELECT calls, left(regexp_replace(query, '\\s+', ' ', 'g'), 200) AS said FROM pg_stat_statements
    WHERE query NOT LIKE '%pg_stat_statements%'
) AS each GROUP BY said ORDER BY sum(calls) DESC LIMIT 30
"""
START_S = 300.0


class Telegram:
    """A Bot API server of any number of bots to which nobody writes."""

    def __init__(self) -> None:
        self.asked: set[int] = set()  # bots
        self._hooks: dict[int, str] = {}
        self._id = re.compile(r"/bot(\d+):")

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve on loopback; gives the address."""
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        async with TestServer(app) as address:
            yield f"http://127.0.0.1:{address.port}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        bot_id = int(request.match_info["token"].partition(":")[0])
        params = await request.post() if request.method == "POST" else request.query
        result = await self._result(bot_id, request.match_info["method"], {**params})
        return web.json_response({"ok": True, "result": result})

    async def _result(self, bot_id: int, method: str, params: dict[str, object]) -> object:
        if method == "getMe":
            who = {"id": bot_id, "is_bot": True, "first_name": "Delta", "username": f"delta{bot_id}_bot"}
            return {**who, "can_read_all_group_messages": True}
        if method == "setWebhook":
            self._hooks[bot_id] = str(params["url"])
        if method == "getWebhookInfo":
            self.asked.add(bot_id)
            return {"url": self._hooks.get(bot_id, ""), "has_custom_certificate": False, "pending_update_count": 0}
        if method == "getUpdates":
            self.asked.add(bot_id)
            await asyncio.sleep(float(str(params.get("timeout", 0))))
            return []
        return True


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.members", description=__doc__)
    parser.add_argument("--bots", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--settle", type=float, default=30.0, help="seconds after the start that do not count")
    parser.add_argument("--only", default="", help="kinds whose title contains this")
    parser.add_argument("--most", action="store_true", help="print the statements that come most often")
    given = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load {os.getloadavg()[0]:.1f} at the start; {given.bots} bots to which nobody writes\n")
    print(f"{'':28}{'start, s':>10}{'processor':>11}{'MB':>8}{'% of a core':>13}{'statements/s':>14}", flush=True)
    for title in ("SQLite, polling", "SQLite, webhook", "PostgreSQL, polling", "PostgreSQL, webhook"):
        if given.only in title:
            await _measure(title, given)


async def _measure(title: str, given: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        bots = range(FIRST_BOT, FIRST_BOT + given.bots)
        tables = (f'[b{bot}]\ntoken = "{bot}:{"M" * 35}"\n' for bot in bots)
        (folder / "bots.toml").write_text("".join(tables), encoding="utf-8")
        telegram, port = Telegram(), free_port()
        environment = {"BOT_TOKENS": "bots.toml", "ACCESS": "open", "DEMO_PROVIDER": "on", "LOG_LEVEL": "WARNING"}
        if "webhook" in title:
            environment |= {"WEBHOOK_URL": f"http://127.0.0.1:{port}", "WEBHOOK_PORT": str(port)}
        async with telegram.serving() as address:
            environment["TELEGRAM_API_URL"] = address
            if "SQLite" in title:
                await _run(title, folder, environment, telegram, given, None)
                return
            with Postgres.running(*COUNTED) as server:
                server.sql("CREATE EXTENSION pg_stat_statements", database="postgres")
                environment["DATABASE_URL"] = server.create("members")
                await _run(title, folder, environment, telegram, given, server)


async def _run(
    title: str,
    folder: Path,
    environment: dict[str, str],
    telegram: Telegram,
    given: argparse.Namespace,
    server: Postgres | None,
) -> None:
    began = time.monotonic()
    async with running(folder, "bot", "run", **environment) as process:
        async with asyncio.timeout(START_S):
            while len(telegram.asked) < given.bots:
                process.check()
                await asyncio.sleep(0.05)
        start_s, of_start_s = time.monotonic() - began, process.cpu_s
        await asyncio.sleep(given.settle)
        if server:
            server.sql("SELECT pg_stat_statements_reset()", database="postgres")
        cpu_s, begun = process.cpu_s, time.monotonic()
        await asyncio.sleep(given.seconds)
        took_s, cpu_s = time.monotonic() - begun, process.cpu_s - cpu_s
        calls = int(server.sql(ALL, database="postgres")) / took_s if server else 0.0
        shown = f"{calls:14.1f}" if server else f"{'':>14}"
        begins = f"{start_s:10.1f}{of_start_s:11.1f}"
        print(f"{title:28}{begins}{process.memory_mb:8.0f}{cpu_s / took_s * 100:13.2f}{shown}", flush=True)
        if server and given.most:
            print(server.sql(MOST, database="postgres"), flush=True)
        process.check()
        said = process.said()
    if said:
        print(said)


if __name__ == "__main__":
    asyncio.run(main())
