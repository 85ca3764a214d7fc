"""What the program calls itself."""

from pathlib import Path

import pytest

from bot.commands.arguments import called, parser


@pytest.mark.parametrize(
    ("program", "name"),
    [("/opt/venv/bin/deltagram", "deltagram"), ("/src/bot/__main__.py", "python -m bot"), ("", "python -m bot")],
)
def test_help_names_the_command_that_was_typed(program: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", [program])
    monkeypatch.setattr("sys.executable", "/opt/venv/bin/python")

    assert parser().format_usage().startswith(f"usage: {name} ")


def test_the_python_of_the_present_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [str(tmp_path / "bot" / "__main__.py")])
    monkeypatch.setattr("sys.executable", str(tmp_path / ".venv" / "bin" / "python"))

    assert called() == ".venv/bin/python -m bot"
