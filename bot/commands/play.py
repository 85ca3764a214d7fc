"""Play: the bot and the playground, with no token, no key and no network."""

import errno
import socket
import threading
import webbrowser
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from pydantic import SecretStr

from bot.app.build import build
from bot.commands.arguments import PLAY_PORT
from bot.process.stop import STOPPED
from bot.settings import AccessMode, ConfigurationError, Settings

PLAY_TOKEN = "424242:play-needs-no-token-from-BotFather-at-all"  # noqa: S105  # opens nothing
PLAY_FILE = Path("data/play.db")


def play_settings() -> Settings:
    """Return the settings of `play`: what is about Telegram and the database is its own."""
    return Settings.load(
        bot_token=SecretStr(PLAY_TOKEN),
        telegram_api_url="http://127.0.0.1",
        telegram_proxy=None,
        access=AccessMode.OPEN,
        database_url=f"sqlite+aiosqlite:///{PLAY_FILE}",
        webhook_url=None,
        metrics_port=None,
    )


async def play(settings: Settings, host: str, port: int | None, *, browser: bool) -> int:
    from telegram_playground.client import PlaygroundClient  # only `play` needs it
    from telegram_playground.server import Playground

    async with AsyncExitStack() as stack:
        try:
            playground = Playground(host=host, port=_free_port(host) if port is None else port)
            await stack.enter_async_context(playground)
        except OSError as error:
            where = f"{host}:{port}" if port else host
            expected = f"an address of this machine and a port that is free ({error.strerror})"
            raise ConfigurationError("--host, --port", where, expected) from error
        async with PlaygroundClient(playground.url) as people:
            await people.bot(
                PLAY_TOKEN,
                first_name="Deltagram",
                username="deltagram_bot",
                can_read_all_group_messages=True,
                supports_inline_queries=True,
                supports_guest_queries=True,
            )
        address = settings.model_copy(update={"telegram_api_url": playground.url})
        async with build(address, play=True, fresh=True, apart=True) as app:
            print(f"Chat with the bot at {playground.url}/ (Ctrl+C ends it)", flush=True)
            if browser:  # some browsers come back only when they are closed: nobody waits for that
                threading.Thread(target=_show, args=(f"{playground.url}/",), daemon=True).start()
            await app.run()
    return STOPPED


def _show(url: str) -> None:
    """Open the browser, if there is one; blocks."""
    with suppress(webbrowser.Error, OSError):
        webbrowser.open(url)


def _free_port(host: str) -> int:
    """Return the usual port, or the next one that is free. Raises OSError for a host that is none of ours."""
    for port in range(PLAY_PORT, PLAY_PORT + 100):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
            return port
    return 0
