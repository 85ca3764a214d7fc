"""telegram-playground cassette, telegram-playground replay: what people did with one bot, done again with another.

    telegram-playground cassette http://127.0.0.1:8081 -o talk.json        # what was done on a server that runs
    telegram-playground replay talk.json --bot "python my_bot.py"          # 0 the bot says the same, 1 it does not
    telegram-playground replay talk.json --bot http://127.0.0.1:8081       # a bot on that server, which is emptied

The bot gets its token and the address in its environment: BOT_TOKEN, TELEGRAM_API_URL. The exit code of 2 says that the
cassette could not be played.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from telegram_playground.cassette.replay import Comparison, Patience, Replay
from telegram_playground.cassette.tape import Tape
from telegram_playground.client import PlaygroundClient, PlaygroundError
from telegram_playground.clock import SystemClock
from telegram_playground.command_line import WRONG, Parser, address, new_file, pattern, program, seconds, token
from telegram_playground.floods import Limits
from telegram_playground.model import Model
from telegram_playground.program import Ended, addresses, awake, running
from telegram_playground.server import Playground
from telegram_playground.stop import until_stopped


def save(arguments: Sequence[str] | None = None) -> int:
    """Write the cassette of a server."""
    parser = Parser(prog="telegram-playground cassette", description=_about(0))
    parser.add_argument("url", nargs="?", type=address, default="http://127.0.0.1:8081", help="the server's address")
    parser.add_argument("-o", "--output", type=new_file, help="a file; else it is printed")
    given = parser.parse_args(arguments)
    try:
        raw = until_stopped(_fetched(given.url))
        if raw is None:
            return 0
        text = json.dumps(raw, ensure_ascii=False, indent=1)
        if given.output:
            given.output.write_text(f"{text}\n", "utf-8")
        else:
            print(text)
    except (aiohttp.ClientError, PlaygroundError, OSError) as error:
        print(f"no cassette of {given.url}: {error}", file=sys.stderr)
        return WRONG
    return 0


def replay(arguments: Sequence[str] | None = None) -> int:
    """Play a cassette and print the difference."""
    patience = Patience()
    parser = Parser(prog="telegram-playground replay", description=_about(1))
    parser.add_argument("cassette", type=Path)
    parser.add_argument(
        "--bot", required=True, type=_bot, help="a command that starts the bot, or the address of a server that it uses"
    )
    parser.add_argument("--token", type=token, help="the bot's token, where it is not the one of the cassette")
    parser.add_argument(
        "--ignore", action="append", type=pattern, default=[], metavar="REGEX", help="what may differ; repeatable"
    )
    parser.add_argument(
        "--silence", type=seconds(), default=patience.silence_s, help="seconds after which a bot has ended"
    )
    parser.add_argument("--longest", type=seconds(), default=patience.longest_s, help="seconds that an answer may take")
    parser.add_argument("--model", action="store_true", help="start a model that repeats questions, for the bot to ask")
    parser.add_argument("--save", type=new_file, metavar="FILE", help="write the new cassette")
    given = parser.parse_args(arguments)
    try:
        tape = Tape.read(json.loads(given.cassette.read_text("utf-8")))
        times = Patience(given.silence, given.longest)
        played = until_stopped(_played(tape, given.bot, given.token, times, given.ignore, given.model))
        if played is None:
            return 0
        compared, after = played
        if given.save:
            given.save.write_text(json.dumps(after.raw, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except (aiohttp.ClientError, PlaygroundError, Ended, OSError, ValueError, RecursionError) as error:
        print(f"{given.cassette} cannot be played: {error}", file=sys.stderr)
        return WRONG
    print(compared.in_words() or f"{len(tape.deeds)} deeds, and the bot says the same")
    return 0 if compared.is_same else 1


async def _fetched(url: str) -> object:
    async with PlaygroundClient(url) as people:
        await people.check()
        return await people.command("cassette")


async def _played(
    tape: Tape, bot: str | list[str], token: str | None, patience: Patience, ignore: Sequence[str], with_model: bool
) -> tuple[Comparison, Tape]:
    clock = SystemClock()
    if isinstance(bot, str):
        async with PlaygroundClient(bot) as people:
            await people.check()
            await people.command("reset")
            return await Replay(tape, people, clock=clock, token=token, patience=patience, ignore=ignore).run()
    tokens = [token] if token else [each["token"] for each in tape.raw["bots"]]
    if not tokens:
        raise ValueError("there is no bot in it")
    server = Playground(limits=Limits.off())
    async with server, Model() as model, PlaygroundClient(server.url) as people:
        environment = addresses(server.url, tokens[0], model if with_model else None)
        async with running(bot, environment) as started:
            await people.bot(tokens[0])
            await started.during(awake(server))
            await people.command("reset")
            playing = Replay(tape, people, clock=clock, token=token, patience=patience, ignore=ignore)
            return await started.during(playing.run())


def _bot(text: str) -> str | list[str]:
    return address(text) if text.startswith(("http://", "https://")) else program(text)


def _about(line: int) -> str:
    return ("Write what people did on a server, to be played again.", "Do again what people did, and compare.")[line]


if __name__ == "__main__":
    sys.exit(replay())
