"""python -m telegram_playground.model: a scripted model for bots in processes of their own."""

import os
import signal

if __name__ == "__main__":  # loading what follows takes a while, in which there is nothing to be ended in order
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: os._exit(0))

import argparse
import asyncio
import pkgutil
import sys

from telegram_playground.model.script import Script
from telegram_playground.model.server import MODELS, Model
from telegram_playground.process.command_line import WRONG, Parser, cannot_listen, number, port
from telegram_playground.process.stop import end, stopped

DEFAULT_PORT = 8082
KEPT = 1000  # requests


def main() -> int:
    """Run until SIGINT or SIGTERM."""
    parser = Parser(prog="python -m telegram_playground.model", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=port, default=DEFAULT_PORT, help="port, 0: any free one")
    parser.add_argument("--models", type=_names, default=[*MODELS], help="names that are listed, with commas")
    parser.add_argument("--script", type=_function, help="a function, as package.module:name")
    parser.add_argument(
        "--kept", type=number(0, 1_000_000), default=KEPT, help="of how many requests the messages are kept"
    )
    given = parser.parse_args()
    script: Script | None = given.script
    model = Model(script, models=given.models, host=given.host, port=given.port, kept=given.kept)
    try:
        return asyncio.run(_run(model))
    except (OSError, UnicodeError) as error:
        print(cannot_listen(given.host, given.port, error), file=sys.stderr)
        return WRONG


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise argparse.ArgumentTypeError(f"{text!r}: expected names with commas between them")
    return names


def _function(name: str) -> Script:
    sys.path.insert(0, "")  # a console script does not look where it is run
    try:
        found: Script = pkgutil.resolve_name(name)
    except Exception as error:  # whatever the module raises while it is loaded
        raise argparse.ArgumentTypeError(f"{name!r}: expected package.module:function: {error!r}") from error
    if not callable(found) or isinstance(found, type):
        raise argparse.ArgumentTypeError(f"{name!r}: expected package.module:function")
    return found


async def _run(model: Model) -> int:
    stop = stopped()
    await model.start()
    try:
        print(f"base URL: {model.url}", flush=True)  # without /v1 for Anthropic, Gemini and Ollama
        await stop.wait()
    finally:
        await model.close()
    return 0


if __name__ == "__main__":
    end(main())
