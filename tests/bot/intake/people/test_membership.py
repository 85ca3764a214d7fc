"""What a change of the bot's own membership means."""

from typing import Any

import pytest
from aiogram.types import ChatMemberUpdated, Update
from pydantic import ValidationError

from bot.intake.people.membership import completed, is_present, joined
from tests.bot.raw import GROUP, THE_BOT, Raw, member


def change(old: str, new: str) -> ChatMemberUpdated:
    return ChatMemberUpdated.model_validate(completed(member(old, new, chat=GROUP))["my_chat_member"])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("left", "member", True),
        ("kicked", "administrator", True),
        ("member", "administrator", False),
        ("administrator", "member", False),
        ("member", "left", False),
        ("member", "kicked", False),
    ],
)
def test_coming_in_is_not_being_promoted(old: str, new: str, expected: bool) -> None:
    assert joined(change(old, new)) is expected


@pytest.mark.parametrize("is_member", [True, False])
def test_who_is_restricted_may_be_there_or_not(is_member: bool) -> None:
    restricted = {"status": "restricted", "user": THE_BOT, "is_member": is_member, "until_date": 0}
    raw = member("member", "member", chat=GROUP)
    raw["my_chat_member"]["new_chat_member"] = restricted

    found = ChatMemberUpdated.model_validate(completed(raw)["my_chat_member"])

    assert is_present(found.new_chat_member) is is_member


def test_an_older_server_tells_fewer_rights_and_is_understood() -> None:
    raw = member("left", "administrator", chat=GROUP)
    rights = [name for name in raw["my_chat_member"]["new_chat_member"] if name.startswith("can_")]
    for name in rights[3:]:
        del raw["my_chat_member"]["new_chat_member"][name]

    with pytest.raises(ValidationError):
        Update.model_validate(raw)

    assert Update.model_validate(completed(raw)).my_chat_member is not None


def test_a_right_that_is_told_is_kept() -> None:
    raw = member("left", "administrator", chat=GROUP)

    assert completed(raw)["my_chat_member"]["new_chat_member"]["can_manage_chat"] is True


@pytest.mark.parametrize(
    "raw", [None, 7, [], {}, {"my_chat_member": 7}, {"my_chat_member": {"new_chat_member": {"status": []}}}]
)
def test_rubbish_is_left_to_those_who_read_it(raw: Any) -> None:
    found: Raw = completed(raw)

    assert found == raw
