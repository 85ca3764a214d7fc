"""What Telegram's ids tell by themselves."""

import pytest

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
