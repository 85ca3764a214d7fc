"""systemd is told what sd_notify(3) says, by a datagram socket."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.report.supervisor import BEAT_S, Supervisor
from bot.tally import Tally
from tests.clock import FakeClock


@pytest.fixture(params=["a path", "an abstract name"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """The name of a socket as systemd gives it, and the socket."""
    name = str(tmp_path / "notify") if request.param == "a path" else f"@{tmp_path}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        heard.setblocking(False)
        yield name, heard


def said(heard: socket.socket) -> list[str]:
    words = []
    with suppress(BlockingIOError):
        while True:
            words.append(heard.recv(100).decode())
    return words


async def test_it_is_ready_once_updates_were_asked_for_then_beats_and_says_that_it_stops(
    systemd: tuple[str, socket.socket], clock: FakeClock
) -> None:
    (name, heard), tally = systemd, Tally()
    running = asyncio.ensure_future(
        Supervisor({"NOTIFY_SOCKET": name}, lambda: tally.updates_well_at is not None, clock).run()
    )
    await clock.asleep()
    assert said(heard) == []

    tally.updates_well_at = clock.now()
    await clock.advance(1.0)
    assert said(heard) == ["READY=1", "WATCHDOG=1"]
    await clock.advance(BEAT_S)
    assert said(heard) == ["WATCHDOG=1"]

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert said(heard) == ["STOPPING=1"]


async def test_without_systemd_or_with_one_that_is_gone_nothing_happens(clock: FakeClock, tmp_path: Path) -> None:
    await Supervisor({}, lambda: True, clock).run()
    gone = asyncio.ensure_future(Supervisor({"NOTIFY_SOCKET": str(tmp_path / "gone")}, lambda: True, clock).run())
    await clock.asleep()

    assert not gone.done()
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
