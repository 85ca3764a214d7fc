"""/role and /system: who the bot is in a chat or topic."""

from collections.abc import Mapping

import pytest
from aiogram.methods import EditMessageText, SendMessage

from bot.catalog.catalog import Catalog
from bot.settings import Settings
from bot.storage.engine.database import Sessions
from bot.storage.tables import Chat
from bot.texts.en import EN
from tests.bot.door import Door, buttons, data
from tests.bot.raw import ANN, BOB, FORUM, GROUP, Raw, pressed, private, said, shown
from tests.clock import FakeClock

LONG = "Старший преподаватель родного языка"  # more bytes than a button carries
PERSONAS: Mapping[str, str] = {"Teacher": "Explain.", "Pirate": "Arr.", LONG: "Учи."}


@pytest.fixture
async def door(db: Sessions, clock: FakeClock, settings: Settings, catalog: Catalog) -> Door:
    return Door(db, clock, settings, catalog, personas=PERSONAS)


async def row(door: Door) -> Chat:
    return (await door.rows())[0]


async def test_the_roles_are_offered_two_a_row_with_the_present_one_marked(door: Door) -> None:
    await door.knock(said("/role pirate"))

    (menu,) = await door.knock(said("/mode"))

    assert isinstance(menu, SendMessage)
    assert menu.text == "Present role: Pirate. Choose the one I play from now on:"
    keyboard = getattr(menu.reply_markup, "inline_keyboard", [])
    assert [[key.text for key in keys] for keys in keyboard] == [["Teacher", "● Pirate"], [LONG], ["No role"]]


async def test_a_press_stores_the_name(door: Door) -> None:
    (menu,) = await door.knock(said("/role"))

    for button, name in zip(data(menu), [*PERSONAS, None], strict=True):
        _, edit = await door.knock(pressed(button or ""))

        assert (await row(door)).persona == name
        assert isinstance(edit, EditMessageText)
        assert [key.text for key in buttons(edit) if key.text.startswith("● ")] == [f"● {name or EN.role_none}"]


async def test_a_role_takes_the_place_of_a_prompt_of_the_chats_own(door: Door) -> None:
    await door.knock(said("/system Be brief."))
    assert (await row(door)).system_prompt == "Be brief."

    await door.knock(pressed("role:Pirate"))

    assert ((await row(door)).persona, (await row(door)).system_prompt) == ("Pirate", None)


async def test_an_own_prompt_counts_more_and_gives_way_to_the_role_again(door: Door) -> None:
    await door.knock(said("/role Pirate"))
    await door.knock(said("/system Be brief."))
    assert (await door.told(said("/system")))[0].startswith("The system prompt of this chat:\n\nBe brief.")

    told = await door.told(said("/system DEFAULT"))

    assert told == ["Your own system prompt is gone; I answer in the role Pirate again."]
    assert (await door.told(said("/system show")))[0].startswith("In this chat I answer in the role Pirate.")
    assert await door.told(said("/system default")) == [EN.prompt_reset]
    assert (await row(door)).persona is None


async def test_a_button_of_a_role_that_is_gone_brings_the_present_menu(door: Door) -> None:
    toast, edit = await door.knock(pressed("role:Wizard"))

    assert getattr(toast, "text", None) == EN.menu_too_old
    assert len(buttons(edit)) == 4
    assert (await row(door)).persona is None


async def test_a_role_that_is_gone_from_the_file_is_told_once_and_kept(door: Door, db: Sessions) -> None:
    await door.knock(said("/role Pirate"))
    settings, catalog = door.dispatcher["settings"], door.dispatcher["catalog"]
    door = Door(db, FakeClock(), settings, catalog, personas={"Teacher": "Explain."})

    assert await door.told(said("One")) == [
        "⚠️ The role Pirate is not available any more, so I answer without one. /role shows those there are."
    ]
    assert await door.told(said("Two")) == []
    assert (await row(door)).persona == "Pirate"


async def test_each_topic_has_its_own(door: Door) -> None:
    for topic, name in ((3, "Pirate"), (4, "Teacher")):
        where: Raw = {"message_thread_id": topic, "is_topic_message": True, "sender_chat": FORUM}
        await door.knock(said(f"/role@DeltaBot {name}", chat=FORUM, **where))

    assert [(chat.thread_id, chat.persona) for chat in await door.rows()] == [(3, "Pirate"), (4, "Teacher")]


async def test_in_a_group_it_is_for_its_admins(door: Door) -> None:
    door.group_admins = [ANN]

    assert await door.told(said("/role@DeltaBot Pirate", person=BOB, chat=GROUP)) == [EN.group_admins_only]
    assert await door.told(said("/system@DeltaBot Hi", person=BOB, chat=GROUP)) == [EN.group_admins_only]
    assert await door.toast(pressed("role:Pirate", person=BOB, under=shown(chat=GROUP))) == EN.group_admins_only
    assert await door.toast(pressed("role-none", person=BOB, under=shown(chat=GROUP))) == EN.group_admins_only
    assert (await door.told(said("/role@DeltaBot Pirate", chat=GROUP))) == ["From now on I answer as Pirate."]


async def test_settings_show_it_and_lead_there_and_back(door: Door) -> None:
    await door.knock(said("/role Pirate"))
    (overview,) = await door.knock(said("/settings"))
    assert "Role: Pirate" in [key.text for key in buttons(overview)]
    under = shown(chat=private(ANN), reply_markup={"inline_keyboard": []})

    _, menu = await door.knock(pressed("set:role", under=under))

    assert data(menu)[-1] == "set:overview"


async def test_without_a_file_it_says_what_to_do_instead(
    db: Sessions, clock: FakeClock, settings: Settings, catalog: Catalog
) -> None:
    door = Door(db, clock, settings, catalog)

    assert await door.told(said("/role")) == await door.told(said("/role Pirate")) == [EN.role_nobody]
    assert await door.told(said("/role default")) == [EN.role_reset]


class TestRest:
    """A system prompt that is longer than a message comes in several; the client cuts it."""

    @pytest.mark.parametrize("command", ["/system ", "/settings prompt "])
    async def test_what_the_client_cut_off_belongs_to_it(self, door: Door, command: str) -> None:
        first = command + "a" * (4_096 - len(command))

        said_first = await door.told(said(first))
        said_then = await door.told(said("b" * 4_000)), await door.told(said("c"))

        text = first.removeprefix(command) + "b" * 4_000 + "\nc"
        assert ((await row(door)).system_prompt, await door.asked()) == (text, [])
        assert said_first == [EN.prompt_set]
        assert said_then == ([EN.prompt_longer], [EN.prompt_longer])

    async def test_in_one_batch_too(self, door: Door) -> None:
        await door.intake.receive(said("/system " + "a" * 4_088), said("b"))

        assert (await row(door)).system_prompt == "a" * 4_088 + "b"

    async def test_a_process_that_began_between_them_knows(
        self, door: Door, db: Sessions, clock: FakeClock, settings: Settings, catalog: Catalog
    ) -> None:
        await door.knock(said("/system " + "a" * 4_088))
        next_process = Door(db, clock, settings, catalog)

        await next_process.knock(said("b"))

        assert (await row(door)).system_prompt == "a" * 4_088 + "b"

    @pytest.mark.parametrize(
        ("command", "gap_s"), [("/system Be brief.", 0), ("/system " + "a" * 4_088, 5)], ids=["short", "later"]
    )
    async def test_what_comes_after_a_short_one_or_later_is_a_question(
        self, door: Door, command: str, gap_s: int
    ) -> None:
        await door.knock(said(command, date=1_800_000_000))
        await door.knock(said("Hello", date=1_800_000_000 + gap_s))

        assert await door.asked() == ["Hello"]
        assert (await row(door)).system_prompt == command.removeprefix("/system ")

    async def test_one_that_was_taken_back_is_not_gone_on_with(self, door: Door) -> None:
        for text in ("/system " + "a" * 4_088, "/system default", "Hello"):
            await door.knock(said(text))

        assert (await door.asked(), (await row(door)).system_prompt) == (["Hello"], None)

    async def test_in_a_group_only_what_follows_directly_and_is_its_authors(self, door: Door) -> None:
        door.group_admins = [ANN]
        await door.knock(said("/system@DeltaBot " + "a" * 4_079, chat=GROUP, message_id=1))
        await door.knock(said("b", chat=GROUP, message_id=2))
        await door.knock(said("c", person=BOB, chat=GROUP, message_id=3))
        await door.knock(said("d", chat=GROUP, message_id=5))

        assert ((await row(door)).system_prompt, await door.asked()) == ("a" * 4_079 + "b", [])


async def test_under_the_command_there_is_no_way_back_to_where_nobody_was(door: Door) -> None:
    (shown_,) = await door.knock(said("/system"))

    assert isinstance(shown_, SendMessage)
    assert shown_.reply_markup is None
