"""Where `init` asks and a person, or a file, answers."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TextIO

from bot.commands.checks.line import Line

try:
    import termios
except ImportError:  # not on Windows: there what is typed is seen
    termios = None  # type: ignore[assignment]  # looked at before each use


class Ended(Exception):
    """The input is over, and not all was asked."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where is asked and answered."""

    source: TextIO
    say: Callable[[str], None]

    @property
    def is_seen(self) -> bool:
        """Tell whether a person types."""
        return self.source.isatty()

    def ask(self, question: str, *, is_secret: bool = False) -> str:
        """Return a line, without blanks around it; a secret is not shown while it is typed. Raises Ended."""
        with _unseen(self.source) if is_secret else nullcontext():  # before the question: somebody may paste at once
            sys.stdout.write(question)
            sys.stdout.flush()
            line = self.source.buffer.readline().decode(errors="replace")
        if is_secret or not self.is_seen:
            self.say("")  # the end of the line was not shown either
        if not line:
            raise Ended
        return line.strip()

    def tell(self, line: Line) -> None:
        """Say what does not work, and what to do."""
        self.say(f"{line.detail}\n→ {line.mend}")


@contextmanager
def _unseen(source: TextIO) -> Iterator[None]:
    """Show nothing of what is typed until the end of the block."""
    if termios is None or not source.isatty():
        yield
        return
    before = termios.tcgetattr(source)
    hidden = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    try:
        termios.tcsetattr(source, termios.TCSADRAIN, hidden)
        yield
    finally:
        termios.tcsetattr(source, termios.TCSADRAIN, before)
