"""Forged presses: who speaks Telegram's own protocol can press any data under any message of the bot.

Nobody changes by that what somebody else asked, what the bot has answered, or what a menu says to others.
"""

import pytest
from aiogram.methods import AnswerCallbackQuery
from sqlalchemy import select

from bot.settings import AccessMode, Settings
from bot.storage.exchanges.jobs import Job
from bot.storage.tables import Answer, Reply, Rule
from bot.texts.en import EN
from bot.texts.ru import RU
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, GROUP, OLGA, Raw, pressed, said, shown

KINDS = (
    *("set:streaming:off", "set:open:on", "set:along:50", "provider:beta", "provider-page:1", "model:one", "role:x"),
    *("role-none", "sees:1:0123456789ab", "talks:0", "talk:1:0", "talk-go:1:0", "talk-sure:1:0", "talk-gone:1:0"),
    *("export:md:all", "export:json:1", "forget:1800000000", "forget-not", "found:1", "example:en:plan", "shut:-1001"),
    *(
        "adm:home",
        "adm:reread",
        "adm:out:people:0:11",
        "adm:limit:people:0:11:none",
        "allow:12",
        "deny:11",
        "waiting:0",
    ),
    *("invite:abc", "call:1:1:a", "call:2:1:d", "call:999:1:a", "stop:1:0", "stop:2:0", "stop:999:0", "retry:1"),
    *("show:1:2", "show:1:1", "show:2:2", "file:1:0", "voice:1:0", "ask:1", "more:1", "", "⚠️", "show:1", "x" * 64),
)


def answer_of_ann(buttons: bool = True) -> Raw:
    """Return Ann's answer as it stands in the group."""
    keys = [[{"text": "🔄", "callback_data": "retry:1"}]] if buttons else []
    return {**shown("Ann's answer", chat=GROUP), "message_id": 5, "reply_markup": {"inline_keyboard": keys}}


@pytest.fixture
async def asked(door: Door) -> tuple[Job, Job]:
    """The answers of Ann and then of Bob, in a group where Olga is the admin."""
    door.group_admins = [OLGA]
    jobs = []
    for person, message_id in ((ANN, 5), (BOB, 6)):
        await door.knock(said("@DeltaBot Hello", chat=GROUP, person=person))
        job = await door.store.begun()
        await door.store.show(job, message_id)
        await door.store.replies.stands(await door.store.made(job, text="Hi."))
        jobs.append(job)
    return jobs[0], jobs[1]


async def state(door: Door) -> list[object]:
    """Return what a forged press could have changed."""
    async with door.db() as session:
        replies = [(row.wanted_id, row.dirty) for row in await session.scalars(select(Reply).order_by(Reply.id))]
        answers = [(row.state, row.stop) for row in await session.scalars(select(Answer).order_by(Answer.id))]
    chats = [(row.provider, row.streaming, row.open_to_members, row.persona) for row in await door.rows()]
    return [replies, answers, chats, await door.accesses.rules(ANN["id"], BOB["id"], GROUP["id"])]


@pytest.mark.usefixtures("asked")
async def test_a_member_changes_nothing_under_the_answer_of_another(door: Door) -> None:
    before = await state(door)

    for data in KINDS:
        for buttons in (True, False):
            said_to_all = await door.knock(pressed(data, person=BOB, under=answer_of_ann(buttons)))
            assert [type(method) for method in said_to_all] == [AnswerCallbackQuery], data
    assert await state(door) == before


async def test_a_version_of_anothers_answer_is_not_shown_in_the_name_of_an_own_one(
    door: Door, asked: tuple[Job, Job]
) -> None:
    anns, bobs = asked
    before = await state(door)

    toast = await door.toast(pressed(f"show:{anns.id}:{bobs.id}", person=BOB, under=answer_of_ann()))

    assert toast == EN.group_asker_only
    assert await state(door) == before


async def test_a_stop_of_an_own_answer_takes_no_other_message_of_the_bot_away(
    door: Door, asked: tuple[Job, Job]
) -> None:
    menu = {**shown("Settings", chat=GROUP), "message_id": 70}

    for keys in ([], [[{"text": "Off", "callback_data": "set:streaming:off"}]]):
        under = {**menu, "reply_markup": {"inline_keyboard": keys}}
        (answer,) = await door.knock(pressed(f"stop:{asked[1].id}:0", person=BOB, under=under))
        assert isinstance(answer, AnswerCallbackQuery)


@pytest.mark.usefixtures("asked")
async def test_who_is_kept_out_changes_nothing_anywhere(door: Door, settings: Settings) -> None:
    settings.access = AccessMode.ALLOWLIST
    await door.accesses.set(10**9, BOB["id"], Rule.DENY, by=ANN["id"])
    before = await state(door)

    for data in KINDS:
        for person in (BOB, OLGA):  # one was denied, the other never let in
            told = await door.toast(pressed(data, person=person, under=answer_of_ann()))
            assert told == (EN if person is BOB else RU).refusal_toast, data
    assert await state(door) == before


async def test_a_menu_that_just_changed_takes_the_press_that_was_on_its_way(door: Door) -> None:
    door.group_admins = [ANN]
    await door.knock(said("/settings@DeltaBot", chat=GROUP))
    changed = [[{"text": "Other", "callback_data": "provider:alpha"}]]
    under = {**shown("Settings", chat=GROUP), "reply_markup": {"inline_keyboard": changed}}

    methods = await door.knock(pressed("set:streaming:off", person=ANN, under=under))

    assert [type(method).__name__ for method in methods] == ["AnswerCallbackQuery", "EditMessageText"]


@pytest.mark.parametrize("data", ["retry:1", "show:1:1", "stop:1:0", "sees:1:0123456789ab", "file:1:0", "call:1:1:a"])
async def test_where_all_may_choose_what_others_asked_is_theirs_all_the_same(
    door: Door, asked: tuple[Job, Job], data: str
) -> None:
    assert asked[0].id == 1
    await door.knock(said("/settings open on", chat=GROUP, person=OLGA))
    key = {"text": "…", "callback_data": data}
    under = {**answer_of_ann(), "reply_markup": {"inline_keyboard": [[key]]}}

    assert await door.toast(pressed(data, person=BOB, under=under)) == EN.group_asker_only
    assert await door.toast(pressed(data, person=OLGA, under=under)) != RU.group_asker_only
