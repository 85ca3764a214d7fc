"""Identity: which process of which machine this is, so that another one there can tell whether it has ended."""

import os
import socket
from contextlib import suppress
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")
NAMES = Path("/proc/self/ns/pid")  # processes of two containers may have the same number
STARTED = 19  # field of /proc/PID/stat after the name, proc(5): 22, which a number that is used again does not share


def name() -> str:
    """Return what people know the process by."""
    return f"process {os.getpid()} on {socket.gethostname()[:60]}"


def identity() -> str:
    """Return what no other process of any machine is called, "" where the system does not tell."""
    where, started = _where(), _started(os.getpid())
    return f"{where} {os.getpid()} {started}" if where and started else ""


def is_over(other: str) -> bool:
    """Tell whether a process has surely ended: it was one of this machine and of this container."""
    where, _, rest = other.rpartition(" ")[0].rpartition(" ")
    if not where or where != _where() or not rest.isdecimal():
        return False
    return _started(int(rest)) != other.rpartition(" ")[2]


def boot() -> str:
    """Return what the machine is called since it began, in all its containers; "" where the system does not tell."""
    with suppress(OSError):
        return BOOT.read_text(encoding="ascii").strip()
    return ""


def _where() -> str:
    with suppress(OSError):
        return f"{since} {NAMES.readlink()}" if (since := boot()) else ""
    return ""


def _started(pid: int) -> str:
    """Return when a process began, in ticks since the machine did; "" where there is none, or it has just died."""
    with suppress(OSError):
        state, *fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return "" if state in "ZX" else fields[STARTED - 1]
    return ""
