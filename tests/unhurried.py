"""Unhurried: a file is read in the time that a busy machine takes; what reads it goes behind nobody, and has minutes.

Its processor time is limited as ever. Imported for its effect; as a program it is `python -m bot.extract`.
"""

import sys
from importlib import import_module

from bot.extract import clockwork

PATIENCE_S = 150  # less than a test may take

if __name__ == "__main__":
    clockwork.NICE, clockwork.WALL_S = 0, PATIENCE_S
    import_module("bot.extract.__main__")
else:
    extraction = import_module("bot.work.attachments.extraction")  # what reads needs nothing of it
    vars(extraction)["WALL_S"] = PATIENCE_S
    extraction.Extraction.__init__.__defaults__ = ((sys.executable, "-m", "tests.unhurried"),)
    extraction.Extraction.__init__.__kwdefaults__["enough_s"] = PATIENCE_S
