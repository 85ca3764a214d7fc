"""Clockwork: the limits that the program puts on itself, before it looks at a byte of the file."""

import os
import resource
import signal
from contextlib import suppress
from types import FrameType
from typing import NoReturn

MEMORY = 512 << 20  # bytes
CPU_S = 20
WALL_S = 30  # then whoever waits kills it, and so does the kernel
NICE = 10  # people who wait for words go first
ENOUGH_S = 14.0  # of processor time: what has been read until then is what there is,
ENOUGH = signal.SIGPROF  # or when who waits says so by this (attachments/extraction.py)


class TimeUp(Exception):
    """There is no time for more."""


def limit() -> None:
    """Put all limits on; nothing that a file does takes them off. Writes no file, also not of its own crash."""
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))  # it ends by SIGXCPU, which says why
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    stand_back()
    signal.signal(ENOUGH, _time_up)
    signal.setitimer(signal.ITIMER_PROF, ENOUGH_S)
    signal.alarm(WALL_S)


def done() -> None:
    """Be interrupted no more: what was found is told."""
    signal.signal(ENOUGH, signal.SIG_IGN)


def stand_back() -> None:
    """Let others go first, where that is permitted: a hardened unit may refuse to change any priority."""
    with suppress(OSError):
        os.nice(NICE)


def _time_up(_signal: int, _frame: FrameType | None) -> NoReturn:
    done()
    raise TimeUp
