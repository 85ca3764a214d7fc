"""Death: why a program that reads a file ended without having said so, told from how it ended; pure."""

import signal

from bot.extract.found import Reason

_IN_TIME = (signal.SIGXCPU, signal.SIGALRM, signal.SIGPROF)  # its own limits on time


def cause(code: int) -> Reason:
    """Return why a program ended that ended with this code, below 0 by a signal.

    SIGKILL comes from the kernel, where the machine has no memory left.
    """
    if -code in _IN_TIME:
        return Reason.TOO_SLOW
    return Reason.TOO_LARGE if -code == signal.SIGKILL else Reason.CRASHED
