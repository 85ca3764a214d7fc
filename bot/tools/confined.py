"""Confined: what a program of this folder takes of the machine, and how it says that its package is missing."""

import resource
import sys
from collections.abc import Callable

MEMORY = 1 << 30  # bytes
CPU_S = 20
NO_EXTRA = 3


def confined(work: Callable[[bytes], str]) -> None:
    """Do `work` on the standard input and say what it gives; an error is a line and the code 1."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    given = sys.stdin.buffer.read()
    try:
        said = work(given)
    except ImportError:
        sys.exit(NO_EXTRA)
    except Exception as error:  # noqa: BLE001  # of a package, on strangers' words: whatever it is, a model reads it
        sys.stdout.buffer.write(" ".join(f"{type(error).__name__}: {error}".split())[:300].encode("utf-8", "replace"))
        sys.exit(1)
    sys.stdout.buffer.write(said.encode("utf-8", "replace"))
