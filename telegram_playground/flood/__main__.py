"""telegram-playground flood: many chats at once against a bot, under Telegram's limits.

    telegram-playground flood --chats 50 -- python my_bot.py

The bot gets its token and all addresses in its environment. It must ask the model given there, so that one knows
when each word was said. The exit code is 0 where everybody got the whole answer and nothing was refused, else 1.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from telegram_playground.client import PlaygroundClient
from telegram_playground.flood.load import Load, flood
from telegram_playground.floods import Limits
from telegram_playground.model import Model
from telegram_playground.program import addresses, awake, running
from telegram_playground.server import Playground

TOKEN = "123456789:" + "F" * 35
_LIMITS = {"telegram": Limits(), "worst_day": Limits.worst_day(), "off": Limits.off()}
_LATENCY_S, _JITTER_S = 0.08, 0.03


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the load and print what became of it."""
    words = sys.argv[1:] if arguments is None else [*arguments]
    own, _, command = (
        (words, "", []) if "--" not in words else (words[: words.index("--")], "--", words[words.index("--") + 1 :])
    )
    default = Load()
    parser = argparse.ArgumentParser(
        prog="telegram-playground flood", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chats", type=int, default=default.chats, help="people who ask at once")
    parser.add_argument("--seconds", type=float, default=default.seconds, help="how long an answer grows")
    parser.add_argument("--characters", type=int, default=default.characters, help="of an answer, 4000 at the most")
    parser.add_argument("--within", type=float, default=default.within_s, help="seconds in which all have asked")
    parser.add_argument("--patience", type=float, default=default.patience_s, help="seconds to wait for the last text")
    parser.add_argument("--limits", choices=sorted(_LIMITS), default="telegram")
    parser.add_argument("--token", default=TOKEN, help="the bot's token, any of Telegram's form")
    parser.add_argument("--port", type=int, default=0, help="the server's port, 0: any free one")
    given = parser.parse_args(own)
    if not (given.chats > 0 and given.seconds > 0 and 8 <= given.characters <= 4000):
        parser.error("--chats and --seconds must be positive, --characters 8 to 4000")
    load = Load(given.chats, given.seconds, given.characters, given.within, given.patience)
    return asyncio.run(_run(load, _LIMITS[given.limits], given.token, given.port, command))


async def _run(load: Load, limits: Limits, token: str, port: int, command: Sequence[str]) -> int:
    server = Playground(port=port, limits=limits, latency_s=_LATENCY_S, jitter_s=_JITTER_S)
    async with server, Model(load.script) as model, PlaygroundClient(server.url) as people:
        environment = addresses(server.url, token, model)
        for name, value in environment.items():
            print(f"{name}={value}", flush=True)
        async with running(command, environment):
            await people.bot(token)
            await awake(server)
            outcome = await flood(people, model, token, load)
    print(outcome.in_words(), flush=True)
    return 0 if outcome.is_well else 1


if __name__ == "__main__":
    sys.exit(main())
