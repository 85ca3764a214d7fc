"""What somebody may not, or what is nothing, is said once a minute to one person in a group."""

import pytest
from aiogram.methods import SendMessage

from bot.intake.denials import MANY, Denials
from bot.texts.en import EN
from bot.texts.ru import RU
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, GROUP, OLGA, said
from tests.clock import FakeClock


def unknown(name: str) -> str:
    return EN.unknown_command.format(command=f"/{name}")


async def test_a_refusal_is_told_once_a_minute_to_each_person(door: Door, clock: FakeClock) -> None:
    door.group_admins = [ANN]

    told = [await door.told(said("/new@DeltaBot", person=BOB, chat=GROUP)) for _ in range(30)]
    to_another = await door.told(said("/new@DeltaBot", person=OLGA, chat=GROUP))
    await clock.advance(61)
    later = await door.told(said("/new@DeltaBot", person=BOB, chat=GROUP))

    assert [words for each in told for words in each] == [EN.group_admins_only]
    assert to_another == [RU.group_admins_only]
    assert later == [EN.group_admins_only]


@pytest.mark.parametrize("wish", ["/nonsense@DeltaBot", "/admin", "/invite 5", "/history", "/ask", "/stop", "/find"])
async def test_whatever_comes_to_nothing_is_told_once_a_minute(door: Door, wish: str) -> None:
    told = [await door.told(said(wish, person=BOB, chat=GROUP)) for _ in range(3)]

    assert [len(each) for each in told] == [1, 0, 0]


async def test_each_command_is_refused_by_its_own_words_and_anew_after_something_was_done(door: Door) -> None:
    door.group_admins = [ANN]

    others = [await door.told(said(wish, person=BOB, chat=GROUP)) for wish in ("/role x", "/role y", "/role x")]
    told = [await door.told(said(f"/{name}@DeltaBot", person=BOB, chat=GROUP)) for name in ("one", "two", "one")]
    await door.knock(said("/id", person=BOB, chat=GROUP))
    again = await door.told(said("/one@DeltaBot", person=BOB, chat=GROUP))

    assert others == [[EN.group_admins_only], [EN.group_admins_only], []]
    assert told == [[unknown("one")], [unknown("two")], []]
    assert again == [unknown("one")]


async def test_in_a_private_chat_each_is_told(door: Door) -> None:
    assert [await door.told(said("/one")) for _ in range(3)] == [[unknown("one")]] * 3


async def test_the_words_for_too_much_are_in_the_language_of_the_chat(door: Door) -> None:
    await door.knock(said("/settings language ru"))
    door.outbox.room = False

    assert await door.told(said("/help")) == [RU.too_much]


async def test_what_could_not_be_shown_to_its_person_alone_is_told_openly_and_nothing_of_it(door: Door) -> None:
    command = said("/help", person=BOB, chat=GROUP, message_id=0, ephemeral_message_id=7)
    (seen,) = [await door.knock(command)]

    (openly,) = door.outbox.openly
    assert isinstance(seen[0], SendMessage)
    assert isinstance(openly, SendMessage)
    assert openly.text == EN.not_unseen.format(person=BOB["first_name"])
    assert [(each.type, each.user and each.user.id) for each in openly.entities or []] == [("text_mention", BOB["id"])]
    assert openly.reply_parameters is None


async def test_what_all_may_see_needs_no_other_words(door: Door) -> None:
    await door.knock(said("/help", person=BOB, chat=GROUP))

    assert door.outbox.openly == [None]


def test_of_many_people_who_was_refused_longest_ago_is_forgotten_first(clock: FakeClock) -> None:
    denials = Denials(clock)
    for person in range(MANY + 1):
        denials.are_news(1, person, "/new", "no")

    assert not denials.are_news(1, MANY, "/new", "no")
    assert denials.are_news(1, 0, "/new", "no")
