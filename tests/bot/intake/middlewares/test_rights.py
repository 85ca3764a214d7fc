"""In a group one rule says who may decide for it."""

import asyncio

import pytest

from bot.storage.people.access import REFUSAL_S, RIGHTS_S, Accesses
from bot.storage.tables import Chat, Rule, Thinking
from bot.texts.en import EN
from tests.bot.door import Door, data
from tests.bot.raw import ANN, BOB, BOT_NAME, FORUM, GROUP, OLGA, Raw, pressed, said, shown
from tests.clock import FakeClock

COMMANDS = [
    "/provider beta",
    "/provider",
    "/model a-2",
    "/models",
    "/new",
    "/reset",
    "/settings",
    "/settings prompt Be brief",
]
PRESSES = [
    "provider:beta",
    "provider-page:0",
    "model:alpha:a-2",
    "set:thinking:kept",
    "set:open:on",
    "set:prompt:default",
]


@pytest.fixture
async def group(door: Door) -> Raw:
    """A group that Ann administers, with a conversation."""
    door.group_admins = [ANN]
    await door.knock(said("@DeltaBot hi", chat=GROUP, person=BOB))
    return GROUP


async def row(door: Door) -> Chat:
    return (await door.rows())[0]


def chosen(chat: Chat) -> tuple[object, ...]:
    return chat.provider, chat.system_prompt, chat.thinking, chat.conversation_id, chat.open_to_members


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_member_decides_nothing_by_command(door: Door, group: Raw, command: str) -> None:
    before = chosen(await row(door))

    assert await door.told(said(command, chat=group, person=BOB)) == [EN.group_admins_only]
    assert chosen(await row(door)) == before


@pytest.mark.parametrize("press", PRESSES)
async def test_a_member_decides_nothing_by_button(door: Door, group: Raw, press: str) -> None:
    before = chosen(await row(door))

    refused = EN.group_switch_only if press.startswith("set:open") else EN.group_admins_only
    assert await door.toast(pressed(press, person=BOB, under=shown(chat=group))) == refused
    assert chosen(await row(door)) == before


@pytest.mark.parametrize("command", COMMANDS)
async def test_an_admin_decides(door: Door, group: Raw, command: str) -> None:
    assert EN.group_admins_only not in await door.told(said(command, chat=group))


async def test_all_decide_where_an_admin_says_so_but_only_admins_about_that(door: Door, group: Raw) -> None:
    (shown_settings,) = await door.knock(said("/settings", chat=group))
    assert "set:open:on" in data(shown_settings)
    await door.knock(pressed("set:open:on", under=shown(chat=group)))

    assert await door.told(said("/provider beta", chat=group, person=BOB)) != [EN.group_admins_only]
    assert (await row(door)).provider == "beta"
    assert await door.toast(pressed("set:open:off", person=BOB, under=shown(chat=group))) == EN.group_switch_only
    assert await door.toast(pressed("set:open:off", under=shown(chat=group))) is None
    assert await door.told(said("/new", chat=group, person=BOB)) == [EN.group_admins_only]


async def test_what_an_admin_says_counts_in_all_topics_also_later_ones(door: Door) -> None:
    door.group_admins = [ANN]
    topics: list[Raw] = [{"message_thread_id": number, "is_topic_message": True} for number in (7, 8)]
    await door.knock(said("/settings", chat=FORUM, **topics[0]))
    await door.knock(pressed("set:open:on", under=shown(chat=FORUM, **topics[0])))

    await door.knock(said("/provider beta", chat=FORUM, person=BOB, **topics[1]))

    assert [chat.provider for chat in await door.rows()] == ["alpha", "beta"]


async def test_who_was_demoted_decides_nothing_any_more_and_who_was_promoted_does(
    door: Door, group: Raw, clock: FakeClock
) -> None:
    await door.knock(said("/settings", chat=group))
    await clock.advance(RIGHTS_S + 1)
    door.group_admins = [BOB]

    assert await door.told(said("/settings prompt Mine", chat=group)) == [EN.group_admins_only]
    assert await door.told(said("/settings prompt Ours", chat=group, person=BOB)) == [EN.prompt_set]
    assert (await row(door)).system_prompt == "Ours"


@pytest.mark.parametrize("wish", ["command", "press"])
async def test_who_became_an_admin_just_now_is_asked_about_before_being_refused(
    door: Door, group: Raw, clock: FakeClock, wish: str
) -> None:
    await door.knock(said("/settings", chat=group, person=BOB))
    await clock.advance(REFUSAL_S + 1)
    door.group_admins = [ANN, BOB]

    if wish == "command":
        assert await door.told(said("/settings prompt Ours", chat=group, person=BOB)) == [EN.prompt_set]
    else:
        assert await door.toast(pressed("set:thinking:kept", person=BOB, under=shown(chat=group))) is None
        assert (await row(door)).thinking is Thinking.KEPT


async def test_who_is_no_admin_makes_the_bot_ask_only_now_and_then(door: Door, group: Raw) -> None:
    await door.knock(said("/settings", chat=group, person=BOB))

    await door.intake.receive(said("/settings", chat=group, person=BOB))

    assert door.wanted == []


async def test_rights_that_are_old_do_not_count_where_telegram_does_not_answer(
    door: Door, group: Raw, clock: FakeClock
) -> None:
    await door.knock(said("/settings", chat=group))
    await clock.advance(RIGHTS_S + 1)
    door.group_admins = []

    assert await door.told(said("/new", chat=group)) == [EN.group_admins_unknown]


async def test_rights_that_a_clock_ahead_has_seen_do_not_count_when_it_is_right_again(door: Door, group: Raw) -> None:
    ahead = Accesses(door.db, FakeClock(wall=1_900_000_000.0))
    await ahead.set_admins(group["id"], [ANN["id"]])
    door.group_admins = [BOB]

    assert await door.told(said("/settings prompt Mine", chat=group)) == [EN.group_admins_only]


async def test_what_waits_for_an_answer_survives_a_kill_and_is_done_once(door: Door, group: Raw) -> None:
    command = said("/provider beta", chat=group)
    await door.intake.receive(command, command)
    assert (await row(door)).provider == "alpha"
    door.wanted.clear()  # the process dies

    await door.intake.resume(None)
    assert door.wanted == [group["id"]]
    assert len(await door.knock(said("nobody asks", chat=group))) == 1

    assert (await row(door)).provider == "beta"
    assert await door.told(command) == []
    assert await door.store.taking.held() == []


@pytest.mark.parametrize("comes", ["with it", "after it", "after a kill"])
async def test_what_is_written_after_it_waits_too(door: Door, group: Raw, comes: str) -> None:
    command = said("/provider beta", chat=group)
    question = said(f"@{BOT_NAME} who are you?", chat=group, person=BOB)
    if comes == "with it":
        await door.intake.receive(command, question)
    else:
        await door.intake.receive(command)
        door.wanted.clear()
        again = door if comes == "after it" else Door(door.db, door.store.clock, door.settings, door.catalog)
        again.group_admins = door.group_admins
        await again.intake.receive(question)
        assert again.wanted == [group["id"]]
    assert await door.asked() == ["Bob: hi"]

    await door.admins.look_up(group["id"])
    await door.intake.resume(group["id"])

    assert await door.asked() == ["Bob: hi", "Bob: who are you?"]
    assert (await row(door)).provider == "beta"


async def test_nothing_waits_in_other_chats_or_when_it_is_known(door: Door, group: Raw) -> None:
    await door.intake.receive(said("/provider beta", chat=group))
    await door.knock(said("elsewhere"))
    assert await door.asked() == ["Bob: hi", "elsewhere"]
    await door.admins.look_up(group["id"])
    await door.intake.resume(group["id"])

    await door.intake.receive(said(f"@{BOT_NAME} here", chat=group))

    assert await door.asked() == ["Bob: hi", "elsewhere", "Ann: here"]


async def test_what_waited_for_somebody_who_was_denied_meanwhile_waits_no_more(door: Door, group: Raw) -> None:
    command = said("/provider beta", chat=group, person=BOB)
    await door.intake.receive(command)
    await door.accesses.set(9_000, BOB["id"], Rule.DENY, by=ANN["id"])

    await door.intake.resume(group["id"])

    assert await door.store.taking.held() == []
    assert await door.saying.known([command["update_id"]]) == {command["update_id"]}


async def test_two_answers_about_a_group_at_once_handle_what_waits_once(door: Door, group: Raw) -> None:
    await door.intake.receive(said("/provider beta", chat=group, person=BOB))
    await door.accesses.set_admins(group["id"], [ANN["id"]])
    before = len(await door.notices.waiting())

    await asyncio.gather(*(door.intake.resume(group["id"]) for _ in range(8)))

    assert len(await door.notices.waiting()) == before + 1


class TestAsker:
    """What concerns one answer is for who asked it, and for admins."""

    async def test_others_neither_stop_nor_repeat_an_answer(self, door: Door, group: Raw) -> None:
        job = (await door.queue())[0]
        for press in (f"stop:{job.id}:0", f"retry:{job.id}"):
            assert await door.toast(pressed(press, person=OLGA, under=shown(chat=group))) is not None
        assert await door.told(said("/retry@DeltaBot", chat=group, person={**OLGA, "language_code": "en"})) == [
            EN.group_asker_only
        ]
        assert [each.stop for each in await door.queue()] == [False]

    async def test_who_asked_and_admins_do(self, door: Door, group: Raw) -> None:
        job = (await door.queue())[0]
        for person in (BOB, ANN):
            told = await door.toast(pressed(f"retry:{job.id}", person=person, under=shown(chat=group)))
            assert told == EN.retry_busy

    async def test_in_private_nobody_else_is_there(self, door: Door) -> None:
        await door.knock(said("Hello"))

        assert await door.told(said("/retry")) == [EN.retry_busy]
