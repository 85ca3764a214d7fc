"""What the commands say where there are several bots."""

from pathlib import Path

import pytest

from bot.__main__ import main

AWAY = "postgresql+asyncpg://bot@127.0.0.1:9/bot"  # nobody listens there


@pytest.fixture(autouse=True)
def bots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "bots.toml"
    file.write_text("".join(f'[bot{number}]\ntoken = "{number}:{"M" * 35}"\n' for number in (500_001, 500_002)))
    monkeypatch.setenv("BOT_TOKENS", str(file))
    return file


@pytest.mark.parametrize("command", [["backup", "copies"], ["backup", "--every", "1h", "copies"]])
def test_that_servers_are_saved_otherwise_is_told_at_once_though_they_are_away(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", AWAY)

    assert main(command) == 2
    assert "pg_dump" in capsys.readouterr().err


def test_how_many_copies_stay_goes_with_how_often(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", "--keep", "3", "copies"]) == 2
    assert "--every" in capsys.readouterr().err
