"""The command `deltagram`, and `python -m deltagram`: `python -m bot` with the modules of this folder."""

import os
import runpy
import sys
from pathlib import Path


def main() -> None:
    """Run the bot's program; its children find the same modules."""
    home = str(Path(__file__).parent)
    sys.path.insert(0, home)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))
    runpy.run_module("bot", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
