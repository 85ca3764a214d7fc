"""What Telegram's ids tell by themselves."""

import sys

import pytest
import sqlalchemy

import bot.app.rows  # noqa: F401  # all of storage
from bot.storage.ids import is_person, is_supergroup


@pytest.mark.parametrize(
    ("telegram_id", "person", "supergroup"),
    [
        (7, True, False),
        (5_000_000_000, True, False),
        (-77, False, False),
        (-999_999_999_999, False, False),
        (-1_000_000_000_077, False, True),
        (-1_997_852_516_352, False, True),
    ],
)
def test_persons_groups_and_supergroups(telegram_id: int, person: bool, supergroup: bool) -> None:
    assert (is_person(telegram_id), is_supergroup(telegram_id)) == (person, supergroup)


def test_every_number_in_a_statement_holds_an_id() -> None:
    """`NUMBER`, not `Integer`, which has 32 bits on a PostgreSQL; SQLite, on which most tests run, knows but one."""
    short = {name for name, module in sys.modules.items() if getattr(module, "Integer", None) is sqlalchemy.Integer}

    assert {name for name in short if name.startswith("bot.storage")} == {
        "bot.storage.dialect",  # where NUMBER is made of it
        "bot.storage.engine.soundness",  # asks what columns are
    }
