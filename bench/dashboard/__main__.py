"""Make docs/images/dashboard.png: `python -m bench.dashboard [--minutes 3] [--packages FOLDER]`.

A bot answers people of the playground, a Prometheus scrapes it, and each query of deploy/monitoring/dashboard.json is
put to that Prometheus. What comes back is drawn by components of Grafana's own (@grafana/ui), not by Grafana
itself: Debian has none. Fails where a query finds nothing. Needs Debian's `prometheus`, `chromium` and `npm`;
`--packages`: a folder in which `npm ci` was run with package.json, else that takes a minute.
"""

import argparse
import asyncio
import io
import json
import shutil
import subprocess
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import aiohttp
from PIL import Image
from playwright.async_api import async_playwright

from bench.answer import Answer
from bench.lean import place
from bench.stage import OURS, Player, Stage, stage
from docs.screens import CHROMIUM, FLAGS
from tests.ports import free_port

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BOARD = ROOT / "deploy" / "monitoring" / "dashboard.json"
PICTURE = ROOT / "docs" / "images" / "dashboard.png"
PROMETHEUS = """
global: {scrape_interval: 1s}
scrape_configs: [{job_name: deltagram, static_configs: [{targets: ["127.0.0.1:%d"]}]}]
"""
VARIABLES = {"$instance": ".+", "$__rate_interval": "20s"}
STEP_S = 2
PEOPLE = 5
FAILING = 7  # every so manieth question is one that the service refuses
ELSEWHERE = {"deltagram_webhook_posts_total"}  # of a bot that has a webhook; this one polls
PAGE = """<style>body { margin: 0 } %s</style>
<div id="page"></div><script>window.drawing = %s</script><script>%s</script>
"""
DRAWN_MS = 2_000
COLORS = 128


async def main() -> None:
    """Run, ask, draw."""
    parser = argparse.ArgumentParser(prog="python -m bench.dashboard", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--packages", type=Path)
    given = parser.parse_args()
    board = json.loads(BOARD.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        script, style = await asyncio.to_thread(_bundle, folder, given.packages)
        metrics = free_port()
        async with (
            stage(folder) as where,
            where.player(OURS, METRICS_PORT=str(metrics)) as player,
            _prometheus(folder, metrics) as url,
        ):
            began = time.time()
            until = time.monotonic() + given.minutes * 60
            async with asyncio.TaskGroup() as people:
                for number in range(PEOPLE):
                    people.create_task(_talk(where, player, number, until))
            span = began, time.time()
            results = {panel["id"]: await _ask(url, panel, span) for panel in board["panels"]}
        if missing := [found for each in results.values() for found in each if isinstance(found, str)]:
            sys.exit("found nothing: " + "; ".join(missing))
        drawing = {"dashboard": board, "results": results, "from": span[0] * 1000, "to": span[1] * 1000}
        page = folder / "page.html"
        page.write_text(PAGE % (style, json.dumps(drawing), script), encoding="utf-8")
        await _photograph(page)
    print(f"drew {len(results)} panels: {PICTURE}")


async def _talk(where: Stage, player: Player, number: int, until: float) -> None:
    """Have a person ask again and again, now and then for what the service refuses."""
    chat, user = await place(where, player)
    lengths = cycle((200, 900, 400, 2_000))
    for turn in range(10_000):
        if time.monotonic() > until:
            return
        refused = turn % FAILING == number
        prompt = "what is refused" if refused else Answer(next(where.numbers), next(lengths), 80.0).prompt
        asked = await where.people.write(chat, user, prompt)
        ends = "⚠️" if refused else "end[0-9]+$"
        await where.people.wait(chat, after=asked.message_id, text=ends, complete=True, timeout=120)


@asynccontextmanager
async def _prometheus(folder: Path, metrics: int) -> AsyncIterator[str]:
    """Start one that scrapes the bot; give its address."""
    port = free_port()
    config = folder / "prometheus.yml"
    config.write_text(PROMETHEUS % metrics, encoding="utf-8")
    arguments = [
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    child = await asyncio.create_subprocess_exec("prometheus", *arguments, stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        await child.wait()


async def _ask(url: str, panel: dict[str, Any], span: tuple[float, float]) -> list[Any]:
    """Return the series that a panel's queries find; in place of those that one does not find, what it asked."""
    found: list[Any] = []
    async with aiohttp.ClientSession() as http:
        for target in panel["targets"]:
            query = target["expr"]
            for name, value in VARIABLES.items():
                query = query.replace(name, value)
            asked = {"query": query, "start": span[0], "end": span[1], "step": STEP_S}
            async with http.get(f"{url}/api/v1/query_range", params=asked) as response:
                series = (await response.json())["data"]["result"]
            if not series and not any(name in query for name in ELSEWHERE):
                found.append(f"{panel['title']}: {query}")
            found += [{"name": _legend(target, each["metric"]), "points": _points(each["values"])} for each in series]
    return found


def _legend(target: dict[str, str], labels: dict[str, str]) -> str:
    text = target.get("legendFormat", "")
    for name, value in labels.items():
        text = text.replace(f"{{{{{name}}}}}", value)
    return text


def _points(values: list[tuple[float, str]]) -> list[tuple[float, float]]:
    return [(at, float(value)) for at, value in values if value != "NaN"]


def _bundle(folder: Path, packages: Path | None) -> tuple[str, str]:
    """Return the program of the page and its style, with Grafana's components in it."""
    where = packages or folder / "packages"
    where.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", "panels.jsx"):
        shutil.copy(HERE / name, where)
    if not (where / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=where, check=True)
    options = ["--bundle", "--minify", "--loader:.svg=text", "--loader:.ttf=empty", "--log-level=error"]
    defined = '--define:process.env.NODE_ENV="production"'
    program = ["node_modules/.bin/esbuild", "panels.jsx", *options, defined, "--outfile=panels.js"]
    subprocess.run(program, cwd=where, check=True)
    made = [(where / f"panels.{end}").read_text(encoding="utf-8") for end in ("js", "css")]
    return made[0].replace("</script", "<\\/script"), made[1]


async def _photograph(page: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        view = await browser.new_page(viewport={"width": 1360, "height": 1100})
        broken: list[str] = []
        view.on("pageerror", lambda error: broken.append(str(error)))
        await view.goto(page.as_uri())
        await view.wait_for_timeout(DRAWN_MS)
        if broken:
            sys.exit("the page broke: " + "; ".join(broken))
        taken = await view.locator("#page").screenshot()
        await browser.close()
    Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLORS).save(PICTURE, optimize=True)


if __name__ == "__main__":
    asyncio.run(main())
