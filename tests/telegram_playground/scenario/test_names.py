"""What people, and the tests that were recorded, are called by."""

import unicodedata

import pytest

from telegram_playground.scenario.names import Names, end_of_name
from telegram_playground.world.people import User


def called(*first_names: str) -> list[str]:
    """Return the variables of people who come in this order."""
    names = Names()
    for number, first_name in enumerate(first_names, 1):
        names.meet(User(number, first_name))
    return [names.account(number) for number in range(1, len(first_names) + 1)]


@pytest.mark.parametrize(
    "first_names",
    [
        ("²", "½", "①", "٣", "", "🙂", "_", "class", "İ", "\N{MATHEMATICAL BOLD SMALL I}f", "ͺ", "a·b"),
        ("Ann_3", "Ann", "Ann"),
        ("Ann", "Ann", "Ann_2", "Ann_2", "ann"),
        ("ﬁ", "fi", "FI"),
        ("Message", "Message", "message_2", "Chat", "Chat", "bot", "Bot 2", "telegram"),
        ("²", "²", "Person", "person 2"),
    ],
)
def test_everybody_has_a_variable_of_their_own(first_names: tuple[str, ...]) -> None:
    variables = called(*first_names)

    for each in variables:
        compile(f"{each} = 0", "test.py", "exec")
    assert len({unicodedata.normalize("NFKC", each) for each in variables}) == len(first_names)
    assert not {"telegram", "bot", "bot_2", "chat", "chat_2", "message_2"} & {*variables}


def test_names_that_are_variables_stay_as_they_are() -> None:
    assert called("Ann", "Jörg", "Анна", "Ann Lee") == ["ann", "jörg", "анна", "ann_lee"]


@pytest.mark.parametrize("title", ["²", "x² + y", "½ Club", "🙂"])
def test_a_test_is_called_by_what_python_takes(title: str) -> None:
    compile(f"def test_{end_of_name(title) or 'chat'}(): pass", "test.py", "exec")
