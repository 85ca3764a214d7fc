"""python -m telegram_playground: a local Bot API server and chat page."""

import os
import signal

if __name__ == "__main__":  # loading what follows takes a while, in which there is nothing to be ended in order
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: os._exit(0))

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from telegram_playground.cassette.__main__ import replay, save
from telegram_playground.client import PlaygroundClient, PlaygroundError
from telegram_playground.flood.__main__ import main as flood
from telegram_playground.keeping.file import Unusable
from telegram_playground.lint.__main__ import main as judge
from telegram_playground.lint.report import in_words
from telegram_playground.process.command_line import WRONG, Parser, cannot_listen, port
from telegram_playground.process.stop import end, stopped
from telegram_playground.scenario.seed import Scenario, Unfit, play, read
from telegram_playground.server import Playground

DEFAULT_PORT = 8081
_LATENCY_S, _JITTER_S = 0.08, 0.03
_COMMANDS = {"lint": judge, "flood": flood, "cassette": save, "replay": replay}
_EPILOG = (
    "telegram-playground lint: what is wrong with bots; flood: many chats at once; cassette, replay: what people did "
    "with one bot, done again with another. Each has a --help of its own."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM; those of _COMMANDS are programs of their own."""
    words = sys.argv[1:] if arguments is None else [*arguments]
    if words and words[0] in _COMMANDS:
        return _COMMANDS[words[0]](words[1:])
    parser = Parser(prog="telegram-playground", description=__doc__, epilog=_EPILOG)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; beyond loopback a key is printed")
    parser.add_argument("--port", type=port, default=DEFAULT_PORT, help="port, 0: any free one")
    parser.add_argument("--seed", type=Path, help="a scenario: people, groups and messages that are there at the start")
    parser.add_argument(
        "--lint", action="store_true", help="at the end tell what is wrong with the bots; 1 if anything"
    )
    parser.add_argument("--state", type=Path, help="a file in which people, chats and messages are kept over restarts")
    given = parser.parse_args(words)
    return asyncio.run(_run(given.host, given.port, lint=given.lint, seed=given.seed, state=given.state))


async def _run(host: str, port: int, *, lint: bool, seed: Path | None, state: Path | None) -> int:
    stop = stopped()
    try:
        scenario = read(seed) if seed else Scenario()
    except (OSError, Unfit) as error:
        print(f"the scenario cannot be read: {error}", file=sys.stderr)
        return WRONG
    playground = Playground(host, port, latency_s=_LATENCY_S, jitter_s=_JITTER_S, state=state)
    try:
        await playground.start()
    except Unusable as error:
        print(error, file=sys.stderr)
        return WRONG
    except (OSError, UnicodeError) as error:
        print(cannot_listen(host, port, error), file=sys.stderr)
        return WRONG
    try:
        if playground.is_new:  # else it has been played
            with playground.making():
                async with PlaygroundClient(playground.url) as people:
                    await play(scenario, lambda name, arguments: people.command(name, **arguments))
        print(f"page and Bot API: {playground.url}/", flush=True)
        await stop.wait()
    except (PlaygroundError, Unfit) as error:
        print(f"the scenario cannot be played: {error}", file=sys.stderr)
        return WRONG
    finally:
        await playground.close()
    if not lint:
        return 0
    report = playground.lint.report()
    print(in_words(report), flush=True)
    return 0 if report["clean"] else 1


def run() -> None:
    """Run as the console script telegram-playground."""
    end(main())


if __name__ == "__main__":
    run()
