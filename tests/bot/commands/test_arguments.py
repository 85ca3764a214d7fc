"""What the program calls itself."""

import pytest

from bot.commands.arguments import parser


@pytest.mark.parametrize(
    ("program", "called"),
    [("/opt/venv/bin/deltagram", "deltagram"), ("/src/bot/__main__.py", "python -m bot"), ("", "python -m bot")],
)
def test_help_names_the_command_that_was_typed(program: str, called: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", [program])

    assert parser().format_usage().startswith(f"usage: {called} ")
