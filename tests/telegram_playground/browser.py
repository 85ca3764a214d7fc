"""A real browser for the tests of the page: Debian's Chromium, one process for all tests, driven by Playwright."""

import subprocess
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, JSHandle, Page, async_playwright

from telegram_playground.server import Playground

CHROMIUM = Path("/usr/bin/chromium")
ARTIFACTS = Path(__file__).parents[1] / "artifacts"
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--use-fake-device-for-media-stream",  # a microphone that beeps
    "--use-fake-ui-for-media-stream",
    # Each context is a window, and each window loads a page of its own for its address line: twice a test's own work.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
)
DESKTOP, PHONE = (1280, 800), (390, 800)
_LISTENING = "DevTools listening on "
_WAIT_MS = 5000

Open = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the browser; gives the address by which it is driven."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}")
    profile = tmp_path_factory.mktemp("chromium")
    command = [str(CHROMIUM), *ARGUMENTS, f"--user-data-dir={profile}", "about:blank"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        address = next((line for line in process.stderr if line.startswith(_LISTENING)), "")
        reader = Thread(target=deque, args=(process.stderr, 0))  # else the browser stops when the pipe is full
        reader.start()
        yield address.removeprefix(_LISTENING).strip()
        process.terminate()
        reader.join()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """Drive the browser."""
    async with async_playwright() as playwright:
        yield await playwright.chromium.connect_over_cdp(chromium)


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, playground: Playground) -> AsyncIterator[Open]:
    """Open the page, each time as another reader; at the end no script may have failed and no policy been broken."""
    complaints: list[str] = []
    contexts = []

    def hear(message: ConsoleMessage) -> None:
        # What a test breaks on purpose, such as a connection, or has refused, is reported by the browser too.
        if message.type == "error" and "net::ERR_" not in message.text and "a status of 4" not in message.text:
            complaints.append(message.text)

    async def opened(
        *, size: tuple[int, int] = DESKTOP, locale: str = "en-US", dark: bool = False, touch: bool = False
    ) -> Page:
        width, height = size
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            is_mobile=touch,
        )
        contexts.append(context)
        context.set_default_timeout(_WAIT_MS)
        page = await context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(f"{playground.url}/")
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: Open) -> Page:
    """Open the page at a desk, in English."""
    return await open_page()


async def module(page: Page, name: str) -> JSHandle:
    """Return one of the page's own modules, as the page has loaded it."""
    return await page.evaluate_handle("name => import(document.querySelector(`link[href$='/${name}']`).href)", name)


async def say(page: Page, text: str) -> None:
    """Type a text into the message field and send it."""
    field = page.get_by_label("Message", exact=True)
    await field.fill(text)
    await field.press("Enter")


async def picture(page: Page, name: str) -> None:
    """Keep a screenshot."""
    ARTIFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTIFACTS / f"{name}.png")
