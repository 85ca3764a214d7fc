"""/settings: what is chosen in a conversation."""

import pytest
from aiogram.methods import EditMessageText, SendMessage

from bot.catalog.catalog import Catalog
from bot.settings import Settings
from bot.storage.engine.database import Sessions
from bot.storage.questions.choices import Change
from bot.storage.tables import Chat, Thinking
from bot.texts.en import EN
from bot.texts.ru import RU
from tests.bot.door import Door, buttons, data
from tests.bot.raw import ANN, BOB, GROUP, OLGA, pressed, private, said, shown
from tests.clock import FakeClock

BACK = "set:overview"


async def chat_of(door: Door) -> Chat:
    (chat,) = await door.rows()
    return chat


async def labels(door: Door, press: str) -> list[str]:
    """Press a button and return what the buttons say then."""
    _, edit = await door.knock(pressed(press))
    return [button.text for button in buttons(edit)]


async def test_it_shows_what_is_chosen(door: Door) -> None:
    (notice,) = await door.knock(said("/settings"))

    assert [button.text for button in buttons(notice)] == [
        "Provider: alpha",
        "Model: a-1",
        "System prompt: default",
        "Language: as in Telegram",
        "Show answers while they are written: on",
        "Thoughts: shown while it thinks",
        "Show which tools were called: off",
    ]


async def test_a_switch_is_turned_over_and_back(door: Door) -> None:
    await door.knock(said("/settings"))

    assert (await labels(door, "set:streaming:off"))[4] == "Show answers while they are written: off"
    assert (await chat_of(door)).streaming is False
    assert (await labels(door, "set:streaming:on"))[4] == "Show answers while they are written: on"
    assert (await chat_of(door)).streaming is True


async def test_what_is_shown_of_thoughts_goes_round_by_presses_and_is_set_by_words(door: Door) -> None:
    row = 5
    assert (await labels(door, "set:thinking:kept"))[row] == "Thoughts: kept above the answer"
    assert (await labels(door, "set:thinking:off"))[row] == "Thoughts: off"
    assert (await labels(door, "set:thinking:live"))[row] == "Thoughts: shown while it thinks"
    await door.knock(pressed("set:reasoning:on"))  # a button of an older version
    assert (await chat_of(door)).thinking is Thinking.KEPT

    await door.knock(said("/settings thinking off"))

    assert (await chat_of(door)).thinking is Thinking.OFF


async def test_thoughts_are_kept_where_that_is_wanted(door: Door) -> None:
    await door.knock(pressed("set:thinking:kept"))

    assert (await chat_of(door)).thinking is Thinking.KEPT


async def test_the_language_changes_at_once_and_stays(door: Door) -> None:
    assert (await labels(door, "set:language:ru"))[3] == "Язык: Русский"

    assert await door.told(said("/new")) == [RU.new]
    await door.knock(said("Hello"))
    assert (await door.queue())[0].language == "ru"


async def test_each_press_on_the_language_takes_the_next_one(door: Door) -> None:
    seen = []
    press = "set:language:en"
    for _ in range(4):
        _, edit = await door.knock(pressed(press))
        press = data(edit)[3] or ""
        seen.append((buttons(edit)[3].text, press))

    assert seen == [
        ("Language: English", "set:language:de"),
        ("Sprache: Deutsch", "set:language:ru"),
        ("Язык: Русский", "set:language:auto"),
        ("Language: as in Telegram", "set:language:en"),
    ]


@pytest.mark.parametrize(
    ("written", "at", "shown"),
    [
        ("streaming off", 4, "Show answers while they are written: off"),
        ("STREAMING Off", 4, "Show answers while they are written: off"),
        ("thinking kept", 5, "Thoughts: kept above the answer"),
        ("language ru", 3, "Язык: Русский"),
        ("lang Deutsch", 3, "Sprache: Deutsch"),
    ],
)
async def test_a_setting_is_set_by_what_is_written(door: Door, written: str, at: int, shown: str) -> None:
    (notice,) = await door.knock(said(f"/settings {written}"))

    assert buttons(notice)[at].text == shown


@pytest.mark.parametrize("written", ["streaming", "streaming perhaps", "language eo", "x" * 4_000, "sürprise"])
async def test_a_setting_that_is_not_understood_changes_nothing(door: Door, written: str) -> None:
    (text,) = await door.told(said(f"/settings {written}"))

    assert text == EN.setting_unknown
    assert [(row.streaming, row.language, row.open_to_members) for row in await door.rows()] == [(True, None, False)]


async def test_who_reads_german_says_it_in_german(door: Door) -> None:
    await door.knock(said("/settings language de"))

    (notice,) = await door.knock(said("/settings streaming aus"))

    assert buttons(notice)[4].text == "Antworten beim Schreiben zeigen: aus"


async def test_provider_and_model_are_offered_in_the_same_message(door: Door) -> None:
    _, providers = await door.knock(pressed("set:provider"))
    _, models = await door.knock(pressed("set:model"))

    assert data(providers) == ["provider:alpha", "provider:beta", "provider:plain", BACK]
    assert data(models) == ["model:alpha:a-1", "model:alpha:a-2", BACK]


@pytest.mark.parametrize("menu", ["provider", "model", "prompt"])
async def test_each_menu_leads_back(door: Door, menu: str) -> None:
    (overview,) = await door.knock(said("/settings"))

    _, edit = await door.knock(pressed(f"set:{menu}"))
    way = buttons(edit)[-1]
    _, again = await door.knock(pressed(way.callback_data or ""))

    assert way.text == EN.back_button
    assert data(again) == data(overview)


@pytest.mark.parametrize(
    "press", ["provider:beta", "provider-page:0", "model:a-2", "model-page:0", "set:prompt:default"]
)
async def test_the_way_back_stays_after_a_choice(door: Door, press: str) -> None:
    await door.knock(said("/settings prompt Be brief."))
    rows = [[{"text": "« Back", "callback_data": BACK}]]
    menu = shown(chat=private(ANN), reply_markup={"inline_keyboard": rows})

    _, edit = await door.knock(pressed(press, under=menu))

    assert data(edit)[-1] == BACK


async def test_a_provider_without_models_leads_back_too(door: Door) -> None:
    await door.knock(said("/provider plain"))

    _, edit = await door.knock(pressed("set:model"))

    assert data(edit) == [BACK]


@pytest.mark.parametrize("press", ["provider:beta", "model:a-2"])
async def test_a_menu_of_its_own_leads_nowhere_back(door: Door, press: str) -> None:
    _, edit = await door.knock(pressed(press))

    assert BACK not in data(edit)


async def test_a_prompt_that_is_dropped_is_told(door: Door) -> None:
    await door.knock(said("/settings prompt Be brief."))

    assert await door.toast(pressed("set:prompt:default")) == EN.prompt_reset


async def test_a_system_prompt_of_ones_own(door: Door) -> None:
    assert await door.told(said("/settings prompt Answer like\na pirate.")) == [EN.prompt_set]
    assert (await chat_of(door)).system_prompt == "Answer like\na pirate."

    _, edit = await door.knock(pressed("set:prompt"))
    assert isinstance(edit, EditMessageText)
    assert "Answer like\na pirate." in str(edit.text)
    assert data(edit) == ["set:prompt:default", BACK]

    _, edit = await door.knock(pressed("set:prompt:default"))
    assert isinstance(edit, EditMessageText)
    assert str(edit.text).startswith(EN.prompt_default)
    chat = await chat_of(door)
    assert chat.system_prompt is None


async def test_without_a_text_it_says_how_the_prompt_is_set(door: Door) -> None:
    (text,) = await door.told(said("/settings prompt"))

    assert text == f"{EN.prompt_default}\n\n{EN.prompt_how}"


async def test_a_long_prompt_still_fits_into_the_notice(door: Door) -> None:
    await door.knock(said(f"/settings prompt {'x' * 4_070}"))

    (text,) = await door.told(said("/settings prompt"))

    assert len(text) <= 4_096
    assert len((await chat_of(door)).system_prompt or "") == 4_070


async def test_a_long_prompt_of_wide_signs_fits_too(door: Door) -> None:
    await door.knock(said(f"/settings prompt {'😀' * 2_030}"))

    (text,) = await door.told(said("/settings prompt"))

    assert len(text.encode("utf-16-le")) // 2 <= 4_096


async def test_a_long_name_of_a_model_fits_on_its_button(door: Door) -> None:
    (chat,) = [await door.store.chats.get(ANN["id"], provider="alpha")]
    await door.store.choose(Change(chat.id, model=("alpha", "m" * 4_000)))

    (notice,) = await door.knock(said("/settings"))

    assert buttons(notice)[1].text == f"Model: {'m' * 63}…"


async def test_an_unknown_setting_is_told(door: Door) -> None:
    assert await door.told(said("/settings colour blue")) == [EN.setting_unknown]


@pytest.mark.parametrize("press", ["set:streaming:maybe", "set:language:xx", "set:colour:blue", "set:prompt:other"])
async def test_a_value_that_is_none_changes_nothing(door: Door, press: str) -> None:
    await door.knock(said("/settings"))
    before = await chat_of(door)

    assert await door.toast(pressed(press)) == EN.menu_too_old

    after = await chat_of(door)
    assert (after.streaming, after.thinking, after.language) == (before.streaming, before.thinking, before.language)


async def test_in_a_group_only_its_admins_may(door: Door) -> None:
    await door.accesses.set_admins(GROUP["id"], [ANN["id"]])

    assert await door.told(said("/settings", chat=GROUP, person=BOB)) == [EN.group_admins_only]
    assert await door.told(said("/settings", chat=GROUP, person=ANN)) == [EN.settings]
    assert await door.toast(pressed("set:thinking:kept", person=OLGA, under=shown(chat=GROUP))) == RU.group_admins_only
    assert (await chat_of(door)).thinking is Thinking.LIVE


async def test_a_group_whose_admins_are_unknown_is_looked_up_before_the_answer(door: Door) -> None:
    door.group_admins = [ANN]

    assert await door.told(said("/settings", chat=GROUP)) == [EN.settings]
    assert await door.told(said("/settings", chat=GROUP, person=BOB)) == [EN.group_admins_only]
    assert await door.toast(pressed("set:thinking:kept", under=shown(chat=GROUP))) is None
    assert (await chat_of(door)).thinking is Thinking.KEPT


async def test_where_telegram_does_not_say_who_administers_a_group_that_is_told(door: Door) -> None:
    assert await door.told(said("/settings", chat=GROUP)) == [EN.group_admins_unknown]
    assert await door.store.taking.held() == []


async def test_an_anonymous_admin_is_an_admin(door: Door) -> None:
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}

    assert await door.told(said("/settings", person=anonymous, chat=GROUP, sender_chat=GROUP)) == [EN.settings]


async def test_an_admin_of_the_bot_may_everywhere(db: Sessions, clock: FakeClock, catalog: Catalog) -> None:
    door = Door(db, clock, Settings.load(_env_file=None, access="open", admins=[ANN["id"]]), catalog)

    assert await door.told(said("/settings", chat=GROUP)) == [EN.settings]


async def test_the_operators_language_is_everybodys(db: Sessions, clock: FakeClock, catalog: Catalog) -> None:
    door = Door(db, clock, Settings.load(_env_file=None, access="open", language="ru"), catalog)

    (notice,) = await door.knock(said("/settings"))

    assert isinstance(notice, SendMessage)
    assert notice.text == RU.settings


@pytest.mark.parametrize("command", ["/language", "/lang", "/language klingon"])
async def test_the_language_is_found_by_its_name(door: Door, command: str) -> None:
    (shown_settings,) = await door.knock(said(command))

    assert "set:language:en" in data(shown_settings)


async def test_the_language_can_be_named(door: Door) -> None:
    assert await door.told(said("/language RU")) == [RU.settings]
    assert (await door.rows())[0].language == "ru"
    assert await door.told(said("/language auto")) == [EN.settings]
    assert (await door.rows())[0].language is None


async def test_a_chat_sets_of_the_options_those_that_the_operator_lets_it(door: Door, catalog: Catalog) -> None:
    assert not any(label.startswith("Effort") for label in await labels(door, BACK))
    await door.knock(said("/settings effort high"))
    assert (await chat_of(door)).effort is None
    catalog.get("alpha").chats_set = frozenset({"effort", "temperature"})

    assert (await labels(door, BACK))[-2:] == [f"Effort: {EN.default}", f"Temperature: {EN.default}"]
    assert (await labels(door, "set:effort:low"))[-2] == "Effort: low"
    assert (await labels(door, "set:effort:high"))[-2] == "Effort: high"
    await door.knock(said("/settings temperature 0,35"))
    assert ((await chat_of(door)).effort, (await chat_of(door)).temperature) == ("high", 0.35)
    await door.knock(pressed("set:temperature:auto"))
    assert (await chat_of(door)).temperature is None


@pytest.mark.parametrize("value", ["3", "-1", "warm", "nan", "inf", ""])
async def test_a_temperature_that_is_none_changes_nothing(door: Door, catalog: Catalog, value: str) -> None:
    catalog.get("alpha").chats_set = frozenset({"temperature"})

    await door.knock(said(f"/settings temperature {value}"))

    assert (await chat_of(door)).temperature is None


async def test_who_answered_is_told_where_a_chat_wants_that(door: Door, catalog: Catalog) -> None:
    assert not any("who answered" in label for label in await labels(door, BACK))
    await door.knock(said("/settings maker on"))
    assert (await chat_of(door)).names_maker

    assert "Say who answered: on" in await labels(door, BACK)
    await door.knock(pressed("set:maker:off"))
    catalog.get("alpha").has_members = True
    assert "Say who answered: off" in await labels(door, BACK)


async def test_summaries_are_chosen_where_the_operator_offers_them(door: Door, catalog: Catalog) -> None:
    assert not any("Sum up" in label for label in await labels(door, BACK))
    assert await door.told(said("/settings summaries on")) == [EN.setting_unknown]
    assert (await chat_of(door)).summaries is None

    catalog.summaries = True
    assert "Sum up what is too long: on" in await labels(door, BACK)
    await door.knock(pressed("set:summaries:off"))
    assert (await chat_of(door)).summaries is False
    await door.knock(said("/settings summaries on"))
    assert (await chat_of(door)).summaries is True


@pytest.mark.parametrize("text", ["/language klingon", "/settings streaming perhaps"])
async def test_a_value_that_nobody_knows_is_told(door: Door, text: str) -> None:
    assert await door.told(said(text)) == [EN.setting_unknown]


async def test_what_only_groups_have_is_told_so_in_private(door: Door) -> None:
    assert await door.told(said("/settings along 20")) == [EN.setting_of_groups]
    assert await door.told(said("/settings open on")) == [EN.setting_of_groups]
