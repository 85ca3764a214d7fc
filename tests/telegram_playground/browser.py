"""A real browser for the tests of the page: Debian's Chromium, one process for all tests, driven by Playwright."""

import subprocess
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Error, JSHandle, Page, ViewportSize, async_playwright

from telegram_playground.server import Playground
from tests.thorough import IS_THOROUGH

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
    # What a person's browser does beside showing a page.
    "--disable-extensions",
    "--disable-breakpad",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--metrics-recording-only",
    "--mute-audio",
    "--renderer-process-limit=1",
    # Each context is a window, and each window loads a page of its own for its address line: twice a test's own work.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
)
DESKTOP, PHONE = (1280, 800), (390, 800)
_LISTENING = "DevTools listening on "
_END_S = 30
_WAIT_MS = 20_000  # the machine may be busy

Open = Callable[..., Awaitable[Page]]


@dataclass(frozen=True, slots=True)
class Look:
    """What a window looks like, and to whom."""

    size: tuple[int, int]
    locale: str
    dark: bool
    touch: bool

    @property
    def viewport(self) -> ViewportSize:
        """Return the size as the driver wants it."""
        width, height = self.size
        return {"width": width, "height": height}


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
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
        reader.join()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """Drive the browser."""
    async with async_playwright() as playwright:
        yield await playwright.chromium.connect_over_cdp(chromium)


class Windows:
    """Windows of the browser, for one test after another: to make one takes several times as long as to load the page.

    What a reader has chosen is forgotten in between.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[Look, list[Page]] = {}

    async def take(self, look: Look) -> Page:
        """Return an empty window."""
        if free := self._free.get(look):
            page = free.pop()
            await page.set_viewport_size(look.viewport)
            return page
        context = await self._browser.new_context(
            viewport=look.viewport,
            locale=look.locale,
            color_scheme="dark" if look.dark else "light",
            has_touch=look.touch,
            is_mobile=look.touch,
        )
        context.set_default_timeout(_WAIT_MS)
        return await context.new_page()

    async def give_back(self, page: Page, look: Look) -> None:
        """Take a window back."""
        await page.mouse.move(0, 0)
        await page.evaluate("localStorage.clear(), sessionStorage.clear()")
        await page.context.clear_permissions()
        await page.goto("about:blank")
        self._free.setdefault(look, []).append(page)


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Windows:
    return Windows(browser)


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(windows: Windows, playground: Playground) -> AsyncIterator[Open]:
    """Open the page, each time as another reader; at the end no script may have failed and no policy been broken."""
    complaints: list[str] = []
    opened: list[tuple[Page, Look]] = []

    def hear(message: ConsoleMessage) -> None:
        # What a test breaks on purpose, such as a connection, or has refused, is reported by the browser too.
        if message.type == "error" and "net::ERR_" not in message.text and "a status of 4" not in message.text:
            complaints.append(message.text)

    def hear_error(error: Error) -> None:
        complaints.append(str(error))

    async def open_one(
        *, size: tuple[int, int] = DESKTOP, locale: str = "en-US", dark: bool = False, touch: bool = False
    ) -> Page:
        look = Look(size, locale, dark, touch)
        page = await windows.take(look)
        opened.append((page, look))
        page.on("console", hear)
        page.on("pageerror", hear_error)
        await page.goto(f"{playground.url}/")
        return page

    yield open_one
    for page, look in opened:
        page.remove_listener("console", hear)
        page.remove_listener("pageerror", hear_error)
        await windows.give_back(page, look)
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
    """Keep a screenshot for those who want to see what was tested, which is in `make prove`."""
    if not IS_THOROUGH:
        return
    ARTIFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTIFACTS / f"{name}.png")
