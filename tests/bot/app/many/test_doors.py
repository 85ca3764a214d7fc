"""Each process with several bots is asked at a socket of its own."""

from pathlib import Path
from typing import cast

import pytest

from bot.app.many.bots import Bots
from bot.app.many.doors import doors, sockets_of
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


async def test_what_a_killed_process_of_this_machine_left_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "a04e")
    (tmp_path / "bot.bots-a04e-4194305.sock").touch()  # no process has so high a number
    (tmp_path / "bot.bots-5f3c-4194305.sock").touch()

    async with doors(Settings.load(_env_file=None), tmp_path / "bot", NONE):
        assert [each.name.partition("-")[2].partition("-")[0] for each in sockets_of(tmp_path / "bot")] == [
            "5f3c",
            "a04e",
        ]
