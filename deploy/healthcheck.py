"""Tell a container's supervisor whether the bot lives: by /healthz/live where METRICS_PORT names one, else by its lock.

Exit code 0: it does; 1: it does not.
"""

import os
import sys
from pathlib import Path
from urllib.request import urlopen

TIMEOUT_S = 5.0
DEFAULT = "sqlite+aiosqlite:///data/bot.db"


def main() -> int:
    """Ask, or look."""
    try:
        if port := os.environ.get("METRICS_PORT"):
            with urlopen(f"http://127.0.0.1:{int(port)}/healthz/live", timeout=TIMEOUT_S) as answer:
                return int(answer.status != 200)
        if os.environ.get("DATABASE_URL", DEFAULT).startswith("postgresql"):
            raise ValueError("set METRICS_PORT: the lock is the server's")
        database = os.environ.get("DATABASE_URL", DEFAULT).partition(":///")[2]
        os.kill(int(Path(f"{database}.lock").read_text(encoding="ascii")), 0)
    except (OSError, ValueError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201 - the supervisor keeps it
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
