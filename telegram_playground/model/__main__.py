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
from telegram_playground.stop import end, stopped

DEFAULT_PORT = 8082
KEPT = 1000  # requests


def main() -> int:
    """Run until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m telegram_playground.model", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port, 0: any free one")
    parser.add_argument("--models", default=",".join(MODELS), help="names that are listed, with commas")
    parser.add_argument("--script", type=_function, help="a function, as package.module:name")
    parser.add_argument("--kept", type=int, default=KEPT, help="of how many requests the messages are kept")
    given = parser.parse_args()
    script: Script | None = given.script
    models = given.models.split(",")
    return asyncio.run(_run(Model(script, models=models, host=given.host, port=given.port, kept=given.kept)))


def _function(name: str) -> Script:
    try:
        found: Script = pkgutil.resolve_name(name)
    except (ImportError, AttributeError, ValueError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return found


async def _run(model: Model) -> int:
    stop = stopped()
    try:
        await model.start()
    except OSError as error:
        print(f"cannot listen: {os.strerror(error.errno or 0)}", file=sys.stderr)
        return 2
    try:
        print(f"base URL: {model.url}", flush=True)  # without /v1 for Anthropic, Gemini and Ollama
        await stop.wait()
    finally:
        await model.close()
    return 0


if __name__ == "__main__":
    end(main())
