"""/invite: links that let people in, so many, for a while, with a limit."""

import re

import pytest
from aiogram.methods import SendMessage
from sqlalchemy import func, select

from bot.intake.handlers.people.invite import terms_of
from bot.settings import Settings
from bot.storage.people.invites import Terms
from bot.storage.tables import Invite, Rule
from bot.texts.en import EN
from bot.texts.ru import RU
from tests.bot.door import Door, data
from tests.bot.raw import ANN, BOB, GROUP, OLGA, Raw, pressed, said
from tests.clock import FakeClock

IVAN: Raw = {**BOB, "id": 14, "first_name": "Ivan"}


@pytest.fixture
def settings() -> Settings:
    return Settings.load(_env_file=None, access="allowlist", admins="11")


async def invited(door: Door, args: str = "") -> str:
    """Make a link and return its code."""
    (told,) = await door.told(said(f"/invite {args}"))
    found = re.search(r"https://t\.me/DeltaBot\?start=([A-Za-z0-9_-]{20,64})$", told)
    assert found, told
    return found[1]


async def test_a_link_lets_in_as_many_as_it_says(door: Door) -> None:
    code = await invited(door, "2")

    for person in (BOB, IVAN, BOB):
        assert (await door.told(said(f"/start {code}", person=person)))[0].startswith("Hello! I am Delta.")
    refused = await door.told(said(f"/start {code}", person=OLGA))

    assert refused == [RU.invite_over.replace("{id}", "13")]
    assert await door.knock(said(f"/start {code}", person=OLGA)) == []
    await door.knock(said("Hi", person=IVAN))
    assert await door.asked() == ["Hi"]


async def test_who_was_refused_before_comes_in_by_a_link_and_learns_of_one_that_is_over(door: Door) -> None:
    await door.knock(said("Hello", person=BOB))
    over, code = await invited(door), await invited(door)
    await door.knock(said(f"/start {over}", person=IVAN))

    assert await door.told(said(f"/start {over}", person=BOB)) == [EN.invite_over.replace("{id}", "12")]
    assert (await door.told(said(f"/start {code}", person=BOB)))[0].startswith("Hello!")


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [
        ("en", "This link lets 1 person in.", "Each of them may ask 2 questions a day."),
        ("de", "Über diesen Link kommt 1 Person herein.", "Wer so kommt, darf am Tag 2 Fragen stellen."),
        ("ru", "По этой ссылке может войти 1 человек.", "Каждый сможет задавать 2 вопроса в день."),
    ],
)
async def test_a_link_says_in_each_language_whom_it_lets_in(door: Door, language: str, one: str, several: str) -> None:
    (told,) = await door.told(said("/invite 1 7d 2", person={**ANN, "language_code": language}))

    assert told.startswith(one)
    assert several in told


async def test_a_link_ends(door: Door, clock: FakeClock) -> None:
    code = await invited(door, "5 12h")
    await clock.advance(12 * 3600)

    assert await door.told(said(f"/start {code}", person=BOB)) == [EN.invite_over.replace("{id}", "12")]


async def test_it_brings_a_limit_along(door: Door) -> None:
    code = await invited(door, "1 1d 1")
    await door.knock(said(f"/start {code}", person=BOB))

    await door.knock(said("One", person=BOB))

    assert (await door.told(said("Two", person=BOB)))[0].startswith("1 of 1 questions today.")


async def test_a_link_is_taken_back(door: Door) -> None:
    (told,) = await door.knock(said("/invite"))
    (button,) = data(told)
    code = (button or "").partition(":")[2]

    assert await door.toast(pressed(button or "", person=BOB)) == EN.refusal_toast
    assert await door.toast(pressed(button or "")) is None
    assert await door.toast(pressed(button or "")) == EN.invite_is_over
    assert await door.told(said(f"/start {code}", person=BOB)) == [EN.invite_over.replace("{id}", "12")]


async def test_who_was_sent_out_does_not_come_back_by_a_link(door: Door) -> None:
    code = await invited(door, "5")
    await door.knock(said(f"/deny {BOB['id']}"))

    assert await door.knock(said(f"/start {code}", person=BOB)) == []
    assert await door.accesses.rules(12) == {12: Rule.DENY}


@pytest.mark.parametrize("code", ["x", "A" * 64, "A" * 65, "ü", "a b", "'; DROP TABLE invites", "-"])
async def test_no_code_is_the_refusal_of_all_strangers(door: Door, code: str) -> None:
    await invited(door)

    assert await door.told(said(f"/start {code}", person=BOB)) == [
        "This is a private bot. If you know its owner, ask for access; your id is 12."
    ]
    assert await door.knock(said(f"/start {code}", person=BOB)) == []


async def test_it_is_for_admins_in_private(door: Door) -> None:
    code = await invited(door, "2")
    await door.knock(said(f"/start {code}", person=BOB))

    assert await door.told(said("/invite 5", person=BOB)) == [EN.admins_only]
    assert await door.toast(pressed(f"invite:{code}", person=BOB)) == EN.admins_only
    assert await door.told(said("/invite@DeltaBot 5", chat=GROUP)) == [EN.only_private]
    assert isinstance((await door.knock(said("/invite nonsense")))[0], SendMessage)
    async with door.db() as session:
        assert await session.scalar(select(func.count()).select_from(Invite)) == 1


async def test_links_that_were_over_long_ago_are_forgotten(door: Door, clock: FakeClock) -> None:
    await invited(door, "1 1d")
    await clock.advance(32 * 86_400)
    await door.invites.prune()

    async with door.db() as session:
        assert await session.scalar(select(func.count()).select_from(Invite)) == 0


@pytest.mark.parametrize(
    ("args", "terms"),
    [
        ("", Terms(1, 604_800)),
        ("5", Terms(5, 604_800)),
        ("3d", Terms(1, 259_200)),
        ("5 12H 20", Terms(5, 43_200, 20)),
        ("5  2d", Terms(5, 172_800)),
        ("5 20", Terms(5, 604_800, 20)),
        *((wrong, None) for wrong in ("0", "-1", "1001", "99999", "x", "5 0d", "5 400d", "5 1d 0", "1 1d 2 3", "٥")),
    ],
)
def test_what_an_invitation_says(args: str, terms: Terms | None) -> None:
    assert terms_of(args) == terms
