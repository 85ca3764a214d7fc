"""telegram-playground flood: many chats at once against a bot, under Telegram's limits.

    telegram-playground flood --chats 50 -- python my_bot.py

The bot gets its token and all addresses in its environment. It must ask the model given there, so that one knows
when each word was said. The exit code is 0 where everybody got the whole answer and nothing was refused, 1 where not, 2
where the bot does not run.
"""

import argparse
import sys
from collections.abc import Sequence

from telegram_playground.client import PlaygroundClient
from telegram_playground.flood.load import Load, Outcome, flood
from telegram_playground.limits.flood_limits import Limits
from telegram_playground.model import Model
from telegram_playground.process.command_line import WRONG, Parser, cannot_listen, number, port, seconds
from telegram_playground.process.command_line import token as a_token
from telegram_playground.process.stop import until_stopped
from telegram_playground.server import Playground
from telegram_playground.testing.program import Ended, addresses, awake, running

TOKEN = "123456789:" + "F" * 35
_LIMITS = {"telegram": Limits(), "worst_day": Limits.worst_day(), "off": Limits.off()}
_LATENCY_S, _JITTER_S = 0.08, 0.03
MAX_CHATS = 10_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the load and print what became of it."""
    words = sys.argv[1:] if arguments is None else [*arguments]
    own, _, command = (
        (words, "", []) if "--" not in words else (words[: words.index("--")], "--", words[words.index("--") + 1 :])
    )
    default = Load()
    parser = Parser(
        prog="telegram-playground flood", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chats", type=number(1, MAX_CHATS), default=default.chats, help="people who ask at once")
    parser.add_argument("--seconds", type=seconds(least=0.1), default=default.seconds, help="how long an answer grows")
    parser.add_argument(
        "--characters", type=number(8, 4000), default=default.characters, help="of an answer, 8 to 4000"
    )
    parser.add_argument("--within", type=seconds(), default=default.within_s, help="seconds in which all have asked")
    parser.add_argument(
        "--patience", type=seconds(), default=default.patience_s, help="seconds to wait for the last text"
    )
    parser.add_argument("--limits", choices=sorted(_LIMITS), default="telegram")
    parser.add_argument("--token", type=a_token, default=TOKEN, help="the bot's token, any of Telegram's form")
    parser.add_argument("--port", type=port, default=0, help="the server's port, 0: any free one")
    given = parser.parse_args(own)
    load = Load(given.chats, given.seconds, given.characters, given.within, given.patience)
    try:
        outcome = until_stopped(_run(load, _LIMITS[given.limits], given.token, given.port, command))
    except Ended as error:
        print(f"the bot does not run: {error}", file=sys.stderr)
        return WRONG
    except OSError as error:
        print(cannot_listen("127.0.0.1", given.port, error), file=sys.stderr)
        return WRONG
    if outcome is None:
        return 0
    print(outcome.in_words(), flush=True)
    return 0 if outcome.is_well else 1


async def _run(load: Load, limits: Limits, token: str, port: int, command: Sequence[str]) -> Outcome:
    server = Playground(port=port, limits=limits, latency_s=_LATENCY_S, jitter_s=_JITTER_S)
    async with server, Model(load.script) as model, PlaygroundClient(server.url) as people:
        environment = addresses(server.url, token, model)
        for name, value in environment.items():
            print(f"{name}={value}", flush=True)
        async with running(command, environment) as bot:
            await people.bot(token)
            await bot.during(awake(server))
            return await bot.during(flood(people, model, token, load))


if __name__ == "__main__":
    sys.exit(main())
