"""Each process with several bots is asked at a socket of its own."""

import os
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import pytest

from bot.app.many.bots import Bots
from bot.app.many.doors import doors, sockets_of
from bot.process.identity import boot
from bot.settings import Settings

NONE = cast("Bots", None)  # nobody asks


async def test_containers_that_share_a_folder_and_count_their_processes_alike_keep_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, place = Settings.load(_env_file=None), tmp_path / "bot"
    monkeypatch.setattr("socket.gethostname", lambda: "5f3c/1")
    async with doors(settings, place, NONE):
        monkeypatch.setattr("socket.gethostname", lambda: "a04e")
        async with doors(settings, place, NONE):
            assert len(sockets_of(place)) == 2
        assert len(sockets_of(place)) == 1


async def test_what_killed_processes_of_this_machine_left_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "a04e")
    monkeypatch.chdir(tmp_path)  # whose whole path may be too long for a socket
    here, place = boot().partition("-")[0], tmp_path / "bot"
    left = f"a04e-{here}-4194305", f"5f3c-{here}-1", "a04e-0ldb007-1"  # 4194305: no process has so high a number
    kept = f"77b1-{here}-1", "5f3c-anoth3r-1"  # another container's, another machine's
    with ExitStack() as stack:
        for each in (*left, *kept):
            one = stack.enter_context(socket.socket(socket.AF_UNIX))
            one.bind(f"bot.bots-{each}.sock")
            if each == kept[0]:
                one.listen()

        async with doors(Settings.load(_env_file=None), place, NONE):
            others = {each.name.removeprefix("bot.bots-").removesuffix(".sock") for each in sockets_of(place)}

    assert others == {*kept, f"a04e-{here}-{os.getpid()}"}
