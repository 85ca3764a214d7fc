"""Make the pictures of the README from the real page: `make pictures`; needs Chromium.

A chat in the playground is photographed while answers grow: `images/growing.png` is an animated PNG of a whole answer,
at the speed at which it came; `images/answer.png` shows the middle of one beside the looking glass.
"""

import asyncio
import struct
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from time import monotonic

from playwright.async_api import Page, ViewportSize, async_playwright
from pydantic import SecretStr

from bot.app.build import build
from bot.commands.play import PLAY_TOKEN
from bot.settings import AccessMode, Settings
from telegram_playground.client import PlaygroundClient
from telegram_playground.server import Playground

IMAGES = Path(__file__).parent / "images"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
SIZE: ViewportSize = {"width": 920, "height": 640}
WIDE: ViewportSize = {"width": 1440, "height": 760}
EVERY_MS = 80
LAST_MS = 4_000
FADED_MS = 600  # until new words have their full colour
PROMPT = "How do I add an OpenAI key?"
CODE_PROMPT = "Show me some code, please"
HALF_WAY = "return [n for n"

Frame = tuple[float, bytes]  # when it was taken, by a monotonic clock, and the picture


async def main() -> None:
    """Photograph one answer."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with Playground(latency_s=0.08) as playground, PlaygroundClient(playground.url) as people:
            await people.bot(
                PLAY_TOKEN, first_name="Deltagram", username="deltagram_bot", can_read_all_group_messages=True
            )
            settings = Settings.load(
                bot_token=SecretStr(PLAY_TOKEN),
                telegram_api_url=playground.url,
                access=AccessMode.OPEN,
                default_provider="demo",  # whatever .env says
                database_url=f"sqlite+aiosqlite:///{folder}/play.db",
            )
            async with build(settings, play=True) as app, asyncio.TaskGroup() as group:
                running = group.create_task(app.run())
                frames = await _photograph(playground.url)
                running.cancel()
    (IMAGES / "growing.png").write_bytes(_animated(frames))


async def _photograph(url: str) -> list[Frame]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        frames = await _film(await browser.new_page(viewport=SIZE, locale="en-GB", color_scheme="light"), url)
        page = await browser.new_page(viewport=WIDE, locale="en-GB", color_scheme="dark")
        (IMAGES / "answer.png").write_bytes(await _look(page, url))
        await browser.close()
    return frames


async def _film(page: Page, url: str) -> list[Frame]:
    """Take pictures of an answer from its first words until it is complete."""
    await page.goto(url)
    await _ask(page, PROMPT)
    frames: list[Frame] = []
    while await page.get_by_text("Stop").count():
        frames.append((monotonic(), await page.screenshot()))
        await page.wait_for_timeout(EVERY_MS)
    await page.wait_for_timeout(FADED_MS)
    return [*frames, (monotonic(), await page.screenshot())]


async def _look(page: Page, url: str) -> bytes:
    """Take a picture of a growing answer beside the looking glass."""
    await page.goto(url)
    await page.get_by_role("button", name="Looking glass").click()
    await page.get_by_role("tab", name="Limits").click()
    await _ask(page, CODE_PROMPT)
    await page.get_by_text(HALF_WAY).first.wait_for()
    return await page.screenshot()


async def _ask(page: Page, prompt: str) -> None:
    field = page.get_by_role("textbox", name="Message")
    await field.fill(prompt)
    await field.press("Enter")
    await page.get_by_text("Stop").last.wait_for()


def _animated(frames: Sequence[Frame]) -> bytes:
    """Join PNG pictures of one size to an animated one (w3.org/TR/png-3, 11.3.4); equal neighbours become one."""
    changes = [frames[0], *(new for old, new in pairwise(frames) if new[1] != old[1])]
    until = [*(at for at, _ in changes[1:]), changes[-1][0] + LAST_MS / 1000]
    head = next(data for kind, data in _chunks(frames[0][1]) if kind == b"IHDR")
    width, height = struct.unpack(">II", head[:8])
    number = 0
    out = [b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", head), _chunk(b"acTL", struct.pack(">II", len(changes), 0))]
    for index, ((at, picture), end) in enumerate(zip(changes, until, strict=True)):
        delay_ms = round(1000 * (end - at))
        control = struct.pack(">IIIIIHHBB", number, width, height, 0, 0, delay_ms, 1000, 0, 0)
        out.append(_chunk(b"fcTL", control))
        number += 1
        for data in (data for kind, data in _chunks(picture) if kind == b"IDAT"):
            out.append(_chunk(b"IDAT", data) if index == 0 else _chunk(b"fdAT", struct.pack(">I", number) + data))
            number += index > 0
    return b"".join([*out, _chunk(b"IEND", b"")])


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 8
    while place < len(picture):
        (length,) = struct.unpack_from(">I", picture, place)
        yield picture[place + 4 : place + 8], picture[place + 8 : place + 8 + length]
        place += length + 12


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    asyncio.run(main())
