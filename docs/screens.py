"""Make the pictures of docs/commands.md from the real page, light beside dark: `make pictures`; needs Chromium.

Ann owns the bot of a playground: she asks, has an answer given again, opens /history and /admin; others wait or are in.
"""

import asyncio
import io
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.async_api import Browser, ViewportSize, async_playwright
from pydantic import SecretStr

from bot.app.build import build
from bot.commands.play import PLAY_TOKEN
from bot.settings import Settings
from telegram_playground.client import Bot, Chat, Message, PlaygroundClient, User
from telegram_playground.server import Playground

IMAGES = Path(__file__).parent / "images"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
PHONE: ViewportSize = {"width": 430, "height": 560}
SCALE = 1.5
GAP = 18  # pixels between the two
COLORS = 128
DRAWN_MS = 700  # until a chat stands still
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
ASKED = ("How do I run it with Docker?", "What are the limits?", "Which providers are there?", "Show me a table")
PROMPT = "How do I stop an answer?"
OTHER_MODEL = "guide-slow"
AGAIN = "retry:"  # the button that has a question answered again
PATIENCE_S, LOOK_S = 20, 0.2
WAITING, IN = ("Jonas", "Priya", "Tomás"), ("Mira", "Olena")


async def main() -> None:
    """Photograph each of them."""
    os.environ["DEMO_TOKENS_PER_SECOND"] = "5000"
    with tempfile.TemporaryDirectory() as folder:
        async with Playground() as playground, PlaygroundClient(playground.url) as people:
            await people.set(limits="off")
            bot = await people.bot(PLAY_TOKEN, first_name="Deltagram", username="deltagram_bot")
            ann = await people.add_user("Ann")
            settings = Settings.load(
                bot_token=SecretStr(PLAY_TOKEN),
                telegram_api_url=playground.url,
                admins=(ann.id,),
                default_provider="demo",  # whatever .env says
                database_url=f"sqlite+aiosqlite:///{folder}/play.db",
            )
            async with build(settings) as app, asyncio.TaskGroup() as group, async_playwright() as playwright:
                running = group.create_task(app.run())
                browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
                await _all(_Room(people, bot, ann, await people.private(ann, bot)), browser, playground.url)
                await browser.close()
                running.cancel()


class _Room:
    """What Ann and the others do; each waits until the bot has answered."""

    def __init__(self, people: PlaygroundClient, bot: Bot, ann: User, chat: Chat) -> None:
        self._people = people
        self._bot = bot
        self._ann = ann
        self._chat = chat

    async def talk(self) -> None:
        """Have some conversations, and in the last one an answer by two models."""
        for prompt in (*ASKED, PROMPT):
            await self._say("/new")
            await self._say(prompt)
            await self._button(AGAIN)
        await self._say(f"/model {OTHER_MODEL}")
        for count in (1, 2):
            answer, again = await self._button(AGAIN, of=count)
            await self._people.press(self._chat, self._ann, answer.message_id, again)
        answer, before = await self._button("show:", of=3)
        await self._people.press(self._chat, self._ann, answer.message_id, before)
        await self._button("show:", of=3, label="2/3")

    async def history(self) -> None:
        """Open the conversations."""
        await self._say("/history")
        await self._button("talk:")

    async def admin(self) -> None:
        """Let strangers ask, let two of them in, who ask something; open the list of who is in."""
        for name in (*IN, *WAITING):
            person = await self._people.add_user(name)
            chat = await self._people.private(person, self._bot)
            await self._people.write(chat, person, "Hello")
            await self._people.wait(self._chat, text=name, timeout=PATIENCE_S)
            if name in IN:
                await self._say(f"/allow {person.id}")
                written = await self._people.write(chat, person, PROMPT)
                await self._people.wait(chat, after=written.message_id, complete=True, text="Stop")
        await self._say("/admin")
        menu, people = await self._button("adm:people")
        await self._people.press(self._chat, self._ann, menu.message_id, people)
        await self._button("adm:one")

    async def _say(self, text: str) -> None:
        written = await self._people.write(self._chat, self._ann, text)
        await self._people.wait(self._chat, after=written.message_id)

    async def _button(self, data: str, *, of: int = 1, label: str = "") -> tuple[Message, str]:
        """Wait for a button under the newest message that has any; return both, the button as its data.

        `of`: how many versions of an answer there are to be; `label` stands on another button there.
        """
        async with asyncio.timeout(PATIENCE_S):
            while True:
                messages = [each for each in await self._people.messages(self._chat) if each.buttons]
                buttons = messages[-1].buttons if messages else []
                found = [button.data for button in buttons if button.data and button.data.startswith(data)]
                signs = (f"/{of}" if of > 1 else "", label)
                if found and all(any(sign in button.text for button in buttons) for sign in signs):
                    return messages[-1], found[0]
                await asyncio.sleep(LOOK_S)


async def _all(room: _Room, browser: Browser, url: str) -> None:
    for name, act in (("versions", room.talk), ("history", room.history), ("admin", room.admin)):
        await act()
        pictures = [await _photograph(browser, url, theme) for theme in THEMES]
        (IMAGES / f"{name}.png").write_bytes(_beside(pictures))


async def _photograph(browser: Browser, url: str, theme: Literal["light", "dark"]) -> bytes:
    """Take a picture of the newest of Ann's chat, as a phone shows it."""
    page = await browser.new_page(viewport=PHONE, device_scale_factor=SCALE, locale="en-GB", color_scheme=theme)
    await page.goto(url)
    await page.locator(".messages").wait_for()  # of the oldest chat, which is Ann's
    await page.wait_for_timeout(DRAWN_MS)
    picture = await page.screenshot()
    await page.close()
    return picture


def _beside(pictures: Sequence[bytes]) -> bytes:
    """Put pictures of one size side by side, in few colours: a third of the bytes."""
    opened = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]
    width, height = opened[0].size
    whole = Image.new("RGBA", (len(opened) * (width + GAP) - GAP, height))
    for number, picture in enumerate(opened):
        whole.paste(picture, (number * (width + GAP), 0))
    out = io.BytesIO()
    whole.quantize(COLORS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    asyncio.run(main())
