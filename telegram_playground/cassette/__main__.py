"""telegram-playground cassette, telegram-playground replay: what people did with one bot, done again with another.

    telegram-playground cassette http://127.0.0.1:8081 -o talk.json        # what was done on a server that runs
    telegram-playground replay talk.json --bot "python my_bot.py"          # 0 the bot says the same, 1 it does not
    telegram-playground replay talk.json --bot http://127.0.0.1:8081       # a bot on that server, which is emptied

The bot gets its token and the address in its environment: BOT_TOKEN, TELEGRAM_API_URL. The exit code of 2 says that the
cassette could not be played.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp

from telegram_playground.cassette.replay import Comparison, Patience, Replay
from telegram_playground.cassette.tape import Tape
from telegram_playground.client import PlaygroundClient, PlaygroundError
from telegram_playground.limits.flood_limits import Limits
from telegram_playground.model import Model
from telegram_playground.process.clock import SystemClock
from telegram_playground.process.command_line import WRONG, Parser, address, new_file, pattern, program, seconds, token
from telegram_playground.process.stop import until_stopped
from telegram_playground.protocol.wire import Json
from telegram_playground.server import Playground
from telegram_playground.testing.program import Ended, addresses, awake, running


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
        "--bot",
        required=True,
        action="append",
        type=_bot,
        help="a command that starts the bot, or the address of a server that it uses; again for a second bot",
    )
    parser.add_argument(
        "--token",
        action="append",
        type=_token,
        default=[],
        metavar="[NAME=]TOKEN",
        help="the bot's token, where it is another one now; with the bot's username where there are several",
    )
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
        played = until_stopped(_played(tape, given.bot, renamed(tape, given.token), times, given.ignore, given.model))
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
    tape: Tape,
    programs: Sequence[str | list[str]],
    tokens: Mapping[int, str],
    patience: Patience,
    ignore: Sequence[str],
    with_model: bool,
) -> tuple[Comparison, Tape]:
    clock = SystemClock()
    if any(isinstance(each, str) for each in programs):
        (url, *more) = programs
        if more or not isinstance(url, str):
            raise ValueError("--bot is one address, or commands")
        async with PlaygroundClient(url) as people:
            await people.check()
            await people.command("reset")
            return await Replay(tape, people, clock=clock, tokens=tokens, patience=patience, ignore=ignore).run()
    bots = players(tape)
    if not bots:
        raise ValueError("there is no bot in it")
    if len(programs) not in (1, len(bots)):
        raise ValueError(
            f"there are {len(bots)} bots in it, {named(bots)}: --bot is given once, or for each in this order"
        )
    each_token = [tokens.get(bot["id"], bot["token"]) for bot in bots]
    server = Playground(limits=Limits.off())
    async with server, Model() as model, PlaygroundClient(server.url) as people, AsyncExitStack() as stack:
        made = [await people.bot(each) for each in each_token]
        for number, command in enumerate(programs):
            environment = addresses(server.url, each_token[number], model if with_model else None)
            if len(programs) < len(bots):  # one program for several
                environment |= {f"BOT_TOKEN_{place}": each for place, each in enumerate(each_token, 1)}
            started = await stack.enter_async_context(running(command, environment))
            await started.during(awake(server, made if len(programs) < len(bots) else made[number : number + 1]))
        await people.command("reset")
        playing = Replay(tape, people, clock=clock, tokens=tokens, patience=patience, ignore=ignore)
        return await started.during(playing.run())


def players(tape: Tape) -> list[Json]:
    """Return the bots that have a part in it: they are in a chat, or are asked."""
    there = {bot for chat in tape.raw["chats"] for bot in chat["bots"]}
    there |= {deed["arguments"].get("bot") for deed in tape.deeds}
    return [bot for bot in tape.raw["bots"] if bot["id"] in there] or tape.raw["bots"][:1]


def named(bots: Sequence[Json]) -> str:
    """Return the usernames of bots."""
    return " and ".join(bot["username"] for bot in bots)


def renamed(tape: Tape, given: Sequence[tuple[str, str]]) -> dict[int, str]:
    """Return tokens that are others now by the ids that the bots had; raises ValueError where it is not clear whose."""
    found: dict[int, str] = {}
    for name, value in given:
        bots = players(tape)
        meant = [bot for bot in bots if name.removeprefix("@").lower() == bot["username"].lower()] if name else bots
        if len(meant) != 1:
            raise ValueError(
                f"--token {name or value.partition(':')[0]}: it is of {named(bots) or 'no bot'}: NAME=TOKEN says whose"
            )
        found[meant[0]["id"]] = value
    ids = [int(value.partition(":")[0]) for value in found.values()]
    others = {bot["id"] for bot in tape.raw["bots"]} - found.keys()
    if len({*ids}) < len(ids) or others & {*ids}:
        raise ValueError("--token: two bots would have the same one")
    return found


def _token(text: str) -> tuple[str, str]:
    name, given, value = text.rpartition("=")
    return (name, token(value)) if given else ("", token(text))


def _bot(text: str) -> str | list[str]:
    return address(text) if text.startswith(("http://", "https://")) else program(text)


def _about(line: int) -> str:
    return ("Write what people did on a server, to be played again.", "Do again what people did, and compare.")[line]


if __name__ == "__main__":
    sys.exit(replay())
