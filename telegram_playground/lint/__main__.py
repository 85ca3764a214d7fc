"""python -m telegram_playground.lint: what is wrong with the bots on a playground that runs.

The exit code is 0 where nothing is to be mended, 1 where there is, 2 where there is no such server.
"""

import sys
from collections.abc import Sequence

import aiohttp

from telegram_playground.client import PlaygroundError
from telegram_playground.lint.report import fetched, in_words, without
from telegram_playground.lint.rules import RULES
from telegram_playground.process.command_line import WRONG, Parser, address
from telegram_playground.process.stop import until_stopped


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report and return the exit code."""
    parser = Parser(prog="telegram-playground lint", description=__doc__)
    parser.add_argument("url", nargs="?", type=address, default="http://127.0.0.1:8081", help="the server's address")
    parser.add_argument(
        "--allow", action="append", default=[], choices=sorted(RULES), help="a rule that breaks nothing"
    )
    given = parser.parse_args(arguments)
    try:
        fresh = until_stopped(fetched(given.url))
    except (aiohttp.ClientError, PlaygroundError, OSError) as error:
        print(f"no playground answers at {given.url}: {error}", file=sys.stderr)
        return WRONG
    if fresh is None:
        return 0
    report = without(fresh, given.allow)
    print(in_words(report))
    return 0 if report["clean"] else 1


if __name__ == "__main__":
    sys.exit(main())
