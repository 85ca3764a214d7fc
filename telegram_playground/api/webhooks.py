"""Updates sent to the addresses that bots have set.

Updates of one chat go in order, one at a time; chats go beside each other, up to the webhook's max_connections. What is
not answered by 2xx is sent again; after telegram-bot-api WebhookActor.cpp.
"""

import asyncio
import json
import logging
import ssl
from collections.abc import Iterator
from contextlib import suppress

import aiohttp

from telegram_playground.api.endpoint import Api, Dropped
from telegram_playground.api.request import Received, checked
from telegram_playground.process.tasks import Tasks
from telegram_playground.protocol.errors import ApiError
from telegram_playground.world.people import Bot, Webhook
from telegram_playground.world.state import WEBHOOKS, World
from telegram_playground.world.updates import Update

log = logging.getLogger(__name__)
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the name of a header
_MAX_REPLY_BYTES = 1 << 20
_MAX_RETRY_S, _MAX_RETRY_AFTER_S = 60.0, 3600.0
_NOT_IN_REPLY = ("get", "setwebhook", "deletewebhook", "close", "logout")


class Webhooks:
    """Keeps one sender per webhook that is set."""

    def __init__(self, world: World, api: Api) -> None:
        self._world = world
        self._api = api

    async def run(self) -> None:
        """Send updates until cancelled."""
        senders: dict[int, _Sender] = {}
        tasks = Tasks()
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            try:
                while True:
                    bot = await self._world.feed.wait(WEBHOOKS, lambda: self._changed(senders))
                    if bot.id in senders:
                        senders.pop(bot.id).task.cancel()
                    if bot.webhook:
                        sender = senders[bot.id] = _Sender(self._world, self._api, session, bot, bot.webhook)
                        sender.task = tasks.start(sender.run())
            finally:
                await tasks.close()

    def _changed(self, senders: "dict[int, _Sender]") -> Bot | None:
        """Return a bot whose webhook is not the one that is served."""
        for bot in self._world.bots.values():
            sender = senders.get(bot.id)
            if (sender.webhook if sender else None) is not bot.webhook:
                return bot
        return None


class _Sender:
    """Sends the updates of one bot to one address."""

    task: "asyncio.Task[None]"

    def __init__(self, world: World, api: Api, session: aiohttp.ClientSession, bot: Bot, webhook: Webhook) -> None:
        self._world = world
        self._api = api
        self._session = session
        self._bot = bot
        self.webhook = webhook
        self._trusted = _trusted(webhook.certificate)
        self._busy: set[int] = set()
        self._free = asyncio.Event()

    async def run(self) -> None:
        """Send until cancelled."""
        tasks = Tasks()
        try:
            while True:
                self._free.clear()
                for update in self._next():
                    self._busy.add(update.line)
                    tasks.start(self._deliver(update))
                await self._change()
        finally:
            await tasks.close()

    def _next(self) -> list[Update]:
        """Return what can be sent now: the oldest update of every chat that has none under way."""
        chosen: dict[int, Update] = {}
        for update in self._bot.updates.waiting():
            if len(self._busy) + len(chosen) >= self.webhook.max_connections:
                break
            if update.line not in self._busy:
                chosen.setdefault(update.line, update)
        return [*chosen.values()]

    async def _change(self) -> None:
        """Wait for a new update or the end of a delivery."""
        waits = [asyncio.ensure_future(self._bot.updates.arrival()), asyncio.ensure_future(self._free.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _deliver(self, update: Update) -> None:
        try:
            for delay_s in _delays():
                asked_s = await self._send(update)
                if asked_s is None:
                    return
                await self._world.clock.sleep(max(delay_s, asked_s))
        finally:
            self._busy.discard(update.line)
            self._free.set()

    async def _send(self, update: Update) -> float | None:
        """Send one update once; returns None if it was taken, else the seconds that the other side asks to wait."""
        headers = {"Content-Type": "application/json"}
        if self.webhook.secret_token:
            headers[SECRET_HEADER] = self.webhook.secret_token
        timeout = aiohttp.ClientTimeout(total=self._world.options.webhook_timeout_s)
        try:
            async with self._session.post(
                self.webhook.url,
                data=update.body.encode(),
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                ssl=self._trusted,
            ) as response:
                body = await response.content.read(_MAX_REPLY_BYTES)
                if 200 <= response.status < 300:
                    self._bot.updates.confirm(update)
                    await self._carry_out(body)
                    return None
                self._failed(f"Wrong response from the webhook: {response.status} {response.reason}")
                return _seconds(response.headers.get("Retry-After", ""))
        except (aiohttp.ClientError, TimeoutError) as error:
            self._failed(f"Connection failed: {type(error).__name__}")
            return 0.0

    def _failed(self, reason: str) -> None:
        self.webhook.last_error, self.webhook.last_error_date = reason, int(self._world.clock.wall())
        log.info("webhook failed bot=%s reason=%s", self._bot.id, reason)

    async def _carry_out(self, body: bytes) -> None:
        """Carry out the method that a reply may name; its result goes nowhere."""
        try:
            parameters = json.loads(body or b"{}")
        except (ValueError, RecursionError):
            return
        method = str(parameters.pop("method", "")) if isinstance(parameters, dict) else ""
        if not method or method.lower().startswith(_NOT_IN_REPLY):
            return
        try:
            await self._api.answer(self._bot, method, checked(Received(parameters)))
        except (ApiError, Dropped) as error:
            log.info("method in a webhook reply failed bot=%s method=%s reason=%s", self._bot.id, method, error)


def _trusted(certificate: str) -> ssl.SSLContext | bool:
    """Return what an address has to prove itself by: the certificate that was given with it, else the known ones."""
    if certificate:
        with suppress(ssl.SSLError):
            return ssl.create_default_context(cadata=certificate)
    return True


def _delays() -> Iterator[float]:
    """Yield the seconds before each further attempt."""
    yield 0.0
    delay_s = 2.0
    while True:
        yield delay_s
        delay_s = min(2 * delay_s, _MAX_RETRY_S)


def _seconds(value: str) -> float:
    return min(float(value), _MAX_RETRY_AFTER_S) if value.isdecimal() else 0.0
