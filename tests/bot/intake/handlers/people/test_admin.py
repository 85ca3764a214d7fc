"""/admin: the bot's admins see and decide who may use it, and how much, by edits of one message."""

import pytest
from aiogram.methods import EditMessageText, SendMessage

from bot.catalog.catalog import Catalog
from bot.intake.notice import Method
from bot.settings import Settings
from bot.storage.tables import Rule
from bot.texts.en import EN
from bot.texts.ru import RU
from tests.bot.door import Door, buttons, data
from tests.bot.raw import ANN, BOB, GROUP, OLGA, Raw, pressed, said, shown


@pytest.fixture
def settings() -> Settings:
    return Settings.load(_env_file=None, access="pairing", admins="11,15", allowed_users="13", limit_messages=30)


def text(edit: EditMessageText) -> str:
    return edit.text or ""


def labels(method: Method) -> list[str]:
    return [button.text for button in buttons(method)]


async def shown_by(door: Door, button: str, *, person: Raw = ANN) -> EditMessageText:
    """Press a button and return what the message shows then."""
    (edit,) = [each for each in await door.knock(pressed(button, person=person)) if isinstance(each, EditMessageText)]
    return edit


async def test_the_menu_counts_who_waits_and_who_is_in(door: Door) -> None:
    await door.knock(said("Hello", person=BOB))
    await door.knock(said(f"/allow {GROUP['id']}"))

    (menu,) = await door.knock(said("/admin"))

    assert isinstance(menu, SendMessage)
    assert labels(menu) == ["Waiting 1", "People 3", "Groups 1", EN.admin_health]
    assert menu.text == "Administration of this bot\n\nAll providers work, as far as I know."


async def test_a_button_shows_how_the_bot_fares_and_looks_again(door: Door) -> None:
    (menu,) = await door.knock(said("/admin"))

    health = await shown_by(door, data(menu)[-1] or "")
    toast, *more = await door.knock(pressed("adm:health", person=OLGA))

    assert (health.text, labels(health)) == (EN.health_ready, [EN.admin_again, EN.admin_reread, EN.back_button])
    assert data(health)[0] == data(menu)[-1]
    assert (getattr(toast, "text", None), more) == (RU.admins_only, [])


async def test_a_button_has_the_configuration_read_anew_and_shows_the_mistake(door: Door, catalog: Catalog) -> None:
    door.mistake = mistake = "providers.toml:3 [x] type=opneai: one of openai" + 200 * "."
    toast, told = await door.knock(pressed("adm:reread"))
    door.mistake = ""
    _, done = await door.knock(pressed("adm:reread"))
    refused = await door.knock(pressed("adm:reread", person=OLGA))

    assert isinstance(told, EditMessageText)
    assert (getattr(toast, "text", None), told.text) == (None, EN.misread.format(mistake=mistake))
    assert isinstance(done, EditMessageText)  # the mistake does not stay there
    assert done.text == EN.admin_reread_done.format(providers=", ".join(map(catalog.label, catalog.ids)))
    assert (labels(told), data(told)) == ([EN.admin_reread, EN.back_button], ["adm:reread", "adm:health"])
    assert [getattr(each, "text", None) for each in refused] == [RU.admins_only]


async def test_from_the_list_to_one_who_waits_and_in(door: Door) -> None:
    await door.knock(said("Hello", person=BOB))

    listed = await shown_by(door, "adm:waiting:0")
    one = await shown_by(door, data(listed)[0] or "")
    told = await door.knock(pressed(data(one)[0] or ""))

    assert labels(listed) == ["Bob", EN.back_button]
    assert one.text == "Bob\n12\nAsks for access.\n\nToday:\nQuestions: 0 of 30\nTokens: 0"
    assert labels(one) == ["Let in", "No", "Limit ▸", EN.back_button]
    assert SendMessage(chat_id=BOB["id"], text=EN.let_in) in told
    assert await door.accesses.rules(BOB["id"]) == {BOB["id"]: Rule.ALLOW}


async def test_two_admins_who_decide_at_once_are_told_what_was_decided(door: Door) -> None:
    await door.knock(said("Hello", person=BOB))
    await door.knock(pressed("adm:out:waiting:0:12"))

    toast, edit, *more = await door.knock(pressed("adm:in:waiting:0:12", person={**ANN, "id": 15}))

    assert (getattr(toast, "text", None), more) == (EN.admin_decided, [])
    assert isinstance(edit, EditMessageText)
    assert "Has no access of their own." in text(edit)
    assert await door.accesses.rules(BOB["id"]) == {BOB["id"]: Rule.DENY}


async def test_people_are_listed_by_their_use_with_the_names_as_last_seen(door: Door) -> None:
    for _ in range(2):
        await door.knock(said("Hi", person={**OLGA, "first_name": "Olga P."}))
    await door.knock(said("Hi"))

    listed = await shown_by(door, "adm:people:0")

    assert labels(listed) == ["Olga P. · 2", "Ann · 1", "15 · 0", EN.back_button]


@pytest.mark.parametrize(
    "update", [said("/start", person=BOB), pressed("adm:people:0", person=BOB)], ids=["message", "press"]
)
async def test_who_was_let_in_has_a_name_from_whatever_they_send(door: Door, update: Raw) -> None:
    await door.knock(said(f"/allow {BOB['id']}"))
    assert "12 · 0" in labels(await shown_by(door, "adm:people:0"))

    await door.knock(update)
    assert "Bob · 0" in labels(await shown_by(door, "adm:people:0"))
    await door.knock(said("/help", person={**BOB, "first_name": "Robert"}))

    listed = await shown_by(door, "adm:people:0")
    assert labels(listed) == ["13 · 0", "15 · 0", "Ann · 0", "Robert · 0", EN.back_button]
    assert text(await shown_by(door, "adm:one:people:0:12")).startswith("Robert\n12\nHas access.")


async def test_who_has_no_name_is_shown_by_the_id_once(door: Door) -> None:
    assert text(await shown_by(door, "adm:one:people:0:15")).startswith("15\nHas access.")


async def test_who_was_let_in_by_a_group_is_not_listed_for_a_command(door: Door) -> None:
    await door.knock(said(f"/allow {GROUP['id']}"))

    await door.knock(said("/help@DeltaBot", chat=GROUP, person=BOB))

    assert "Bob · 0" not in labels(await shown_by(door, "adm:people:0"))


async def test_the_owner_who_paired_can_be_sent_out_by_a_listed_admin_alone(door: Door) -> None:
    await door.accesses.identify(1, "code")
    await door.knock(said("/start code", person=BOB))

    assert EN.admin_remove not in labels(await shown_by(door, "adm:one:people:0:12", person=BOB))
    assert EN.admin_remove in labels(await shown_by(door, "adm:one:people:0:12"))


async def test_many_are_paged_and_a_page_that_is_gone_is_the_last(door: Door) -> None:
    for number in range(20):
        await door.knock(said(f"/allow {1000 + number}"))

    listed = await shown_by(door, "adm:people:999999")

    assert "3/3" in labels(listed)


async def test_a_limit_of_ones_own_holds_at_once_and_goes_again(door: Door) -> None:
    offered = await shown_by(door, "adm:limits:people:0:13")
    assert labels(offered) == ["none", "20", "50", "100", "500", "● as for everybody", EN.back_button]

    one = await shown_by(door, "adm:limit:people:0:13:20")
    assert "Questions: 0 of 20" in text(one)
    for _ in range(25):
        await door.knock(said("Hi", person=OLGA))
    assert len(await door.asked()) == 20
    while await door.store.begin():
        pass
    assert "● 20" in labels(await shown_by(door, "adm:limits:people:0:13"))

    none = await shown_by(door, "adm:limit:people:0:13:none")
    assert "Questions: 20\n" in text(none)
    await door.knock(said("More", person=OLGA))
    assert len(await door.asked()) == 21
    assert "Questions: 21 of 30" in text(await shown_by(door, "adm:limit:people:0:13:usual"))


async def test_who_was_let_in_can_be_sent_out_again_but_for_admins(door: Door) -> None:
    await door.knock(said(f"/allow {BOB['id']}"))
    one = await shown_by(door, "adm:one:people:0:12")
    assert labels(one)[0] == "Remove access"

    assert "Has no access" in text(await shown_by(door, "adm:out:people:0:12"))
    assert labels(await shown_by(door, "adm:one:people:0:15")) == ["Limit ▸", EN.back_button]
    assert "ADMINS" in (await door.toast(pressed("adm:out:people:0:15")) or "")  # of a button from before
    assert await door.accesses.rules(15) == {}


@pytest.mark.parametrize(
    "button",
    ["adm:home", "adm:waiting:0", "adm:one:people:0:12", "adm:in:waiting:0:12", "adm:limit:people:0:12:none"],
)
async def test_a_button_does_nothing_for_others(door: Door, button: str) -> None:
    assert await door.toast(pressed(button, person=OLGA)) == RU.admins_only
    assert await door.toast(pressed(button, person=BOB)) == EN.refusal_toast
    assert await door.accesses.rules(12) == {}
    in_group = pressed(button, under=shown(chat=GROUP))
    assert await door.toast(in_group) == EN.only_private


@pytest.mark.parametrize(
    "button",
    [
        "adm:",
        "adm:x:0",
        "adm:people:-1",
        "adm:one:people:0:",
        "adm:in:all:0:12",
        "adm:limit:people:0:12:x",
        "adm:home:1",
    ],
)
async def test_a_forged_button_is_answered_and_does_nothing(door: Door, button: str) -> None:
    assert await door.toast(pressed(button)) == EN.button_too_old
    assert await door.accesses.rules(12) == {}


@pytest.mark.parametrize("value", ["", ":7", ":0", ":9999"])
async def test_a_limit_that_no_button_offers_is_not_set(door: Door, value: str) -> None:
    assert "Questions: 0 of 30" in text(await shown_by(door, f"adm:limit:people:0:13{value}"))


async def test_the_command_is_for_admins_in_private(door: Door) -> None:
    assert await door.told(said("/admin", person=OLGA)) == ["⚠️ Это могут только администраторы бота."]
    assert await door.told(said("/admin@DeltaBot", chat=GROUP)) == [EN.only_private]
    refused, *_ = await door.told(said("/admin", person=BOB))
    assert refused.startswith("This is a private bot.")


async def test_a_press_that_comes_again_after_a_kill_says_what_it_decided(door: Door) -> None:
    await door.knock(said("Hello", person=BOB))
    press = pressed("adm:in:waiting:0:12")
    await door.accesses.set(press["update_id"], 12, Rule.ALLOW, by=11)  # and then the process died

    said_again = await door.knock(press)

    assert SendMessage(chat_id=BOB["id"], text=EN.let_in) in said_again
