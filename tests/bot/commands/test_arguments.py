"""What the program calls itself."""

from pathlib import Path

import pytest

from bot.commands.arguments import called, parser


@pytest.mark.parametrize(
    ("program", "name"),
    [
        (["/opt/venv/bin/deltagram", "run"], "deltagram"),
        (["-m", "deltagram"], "deltagram"),
        (["-m", "bot", "run"], "python -m bot"),
        ([], "python -m bot"),
    ],
)
def test_help_names_the_command_that_was_typed(program: list[str], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.orig_argv", ["/opt/venv/bin/python", *program])
    monkeypatch.setattr("sys.executable", "/opt/venv/bin/python")

    assert parser().format_usage().startswith(f"usage: {name} ")


def test_the_python_of_the_present_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.orig_argv", [".venv/bin/python", "-m", "bot", "run"])
    monkeypatch.setattr("sys.executable", str(tmp_path / ".venv" / "bin" / "python"))

    assert called() == ".venv/bin/python -m bot"
