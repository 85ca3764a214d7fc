"""Whose name the topic of a private chat has."""

import pytest

from tests.bot.door import Door
from tests.bot.raw import ANN, FORUM, THE_BOT, Raw, private, said

IN_TOPIC: Raw = {"message_thread_id": 71, "is_topic_message": True}


def created(*, implicit: bool) -> Raw:
    tells = {"name": "New topic", "icon_color": 1, **({"is_name_implicit": True} if implicit else {})}
    return said(None, forum_topic_created=tells, **IN_TOPIC)


async def title(door: Door) -> str | None:
    return (await door.rows())[-1].topic_title


@pytest.mark.parametrize(("implicit", "expected"), [(True, ""), (False, None)])
async def test_one_that_a_message_opened_has_none(door: Door, implicit: bool, expected: str | None) -> None:
    assert await door.knock(created(implicit=implicit)) == []

    assert await title(door) == expected


async def test_one_that_its_user_renames_keeps_that_name_and_one_that_the_bot_names_goes_on(door: Door) -> None:
    await door.knock(created(implicit=True))
    ours = said(None, person=THE_BOT, chat=private(ANN), forum_topic_edited={"name": "Dogs"}, **IN_TOPIC)
    await door.knock(ours)
    icon = said(None, forum_topic_edited={"icon_custom_emoji_id": "1"}, **IN_TOPIC)
    await door.knock(icon)
    assert await title(door) == ""

    await door.knock(said(None, forum_topic_edited={"name": "My dogs"}, **IN_TOPIC))

    assert await title(door) is None


async def test_those_of_groups_are_the_peoples(door: Door) -> None:
    tells = {"name": "News", "icon_color": 1, "is_name_implicit": True}
    assert await door.knock(said(None, chat=FORUM, forum_topic_created=tells, **IN_TOPIC)) == []

    assert await door.rows() == []
