"""python -m telegram_playground.lint: what is wrong with the bots on a playground that runs.

The exit code is 0 where nothing is to be mended, 1 where there is, 2 where there is no such server.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence

import aiohttp

from telegram_playground.client.client import PlaygroundError
from telegram_playground.lint.report import fetched, in_words, without
from telegram_playground.lint.rules import RULES


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report and return the exit code."""
    parser = argparse.ArgumentParser(prog="telegram-playground lint", description=__doc__)
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8081", help="the server's address")
    parser.add_argument(
        "--allow", action="append", default=[], choices=sorted(RULES), help="a rule that breaks nothing"
    )
    given = parser.parse_args(arguments)
    try:
        report = without(asyncio.run(fetched(given.url)), given.allow)
    except (aiohttp.ClientError, PlaygroundError) as error:
        print(f"no playground answers at {given.url}: {error}", file=sys.stderr)
        return 2
    print(in_words(report))
    return 0 if report["clean"] else 1


if __name__ == "__main__":
    sys.exit(main())
