"""Make the pictures of the README from the real page: `make pictures`; needs Chromium.

A chat in the playground is photographed while an answer grows: `images/answer.png` in the middle of it, and
`images/growing.png`, an animated PNG of the whole.
"""

import asyncio
import struct
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from playwright.async_api import Page, ViewportSize, async_playwright
from pydantic import SecretStr

from bot.__main__ import PLAY_TOKEN
from bot.app import build
from bot.settings import AccessMode, Settings
from playground.client import PlaygroundClient
from playground.server import Playground

IMAGES = Path(__file__).parent / "images"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
SIZE: ViewportSize = {"width": 920, "height": 600}
EVERY_MS = 120
FRAMES = 60
PROMPT = "Show me some code, please"
HALF_WAY = "sieve = [True]"


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
                database_url=f"sqlite+aiosqlite:///{folder}/play.db",
            )
            async with build(settings, play=True) as app, asyncio.TaskGroup() as group:
                running = group.create_task(app.run())
                frames = await _photograph(playground.url)
                running.cancel()
    (IMAGES / "growing.png").write_bytes(_animated(frames))


async def _photograph(url: str) -> list[bytes]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = await browser.new_page(viewport=SIZE, locale="en-GB", color_scheme="light")
        await page.goto(url)
        await _ask(page)
        frames = []
        for _ in range(FRAMES):
            frames.append(await page.screenshot())
            if await page.get_by_text(HALF_WAY).count() and await page.get_by_text("Stop").count():
                (IMAGES / "answer.png").write_bytes(frames[-1])
            await page.wait_for_timeout(EVERY_MS)
        await browser.close()
    return frames


async def _ask(page: Page) -> None:
    field = page.get_by_role("textbox", name="Message")
    await field.fill(PROMPT)
    await field.press("Enter")
    await page.get_by_text("Stop").first.wait_for()


def _animated(frames: Sequence[bytes]) -> bytes:
    """Join PNG pictures of one size to an animated one (w3.org/TR/png-3, 11.3.4); equal neighbours become one."""
    shown = [(picture, len(list(same))) for picture, same in groupby(frames)]
    head = next(data for kind, data in _chunks(shown[0][0]) if kind == b"IHDR")
    width, height = struct.unpack(">II", head[:8])
    number = 0
    out = [b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", head), _chunk(b"acTL", struct.pack(">II", len(shown), 0))]
    for index, (picture, times) in enumerate(shown):
        delay_ms = EVERY_MS * times + (2_000 if index == len(shown) - 1 else 0)
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
