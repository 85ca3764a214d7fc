"""/provider: who answers in a conversation."""

import pytest
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage
from aiogram.types import InlineKeyboardMarkup

from bot.catalog.catalog import Catalog
from bot.intake.handlers.choices.choice import Option, keyboard
from bot.texts.en import EN
from providers.errors import SignInFailed
from tests.bot.door import Door, buttons, data
from tests.bot.raw import ANN, FORUM, Raw, pressed, private, said, shown


async def test_without_an_id_it_offers_all_with_the_present_one_marked(door: Door, catalog: Catalog) -> None:
    catalog.note("beta", ok=False)

    (notice,) = await door.knock(said("/provider"))

    assert [button.text for button in buttons(notice)] == ["● alpha", "beta ⚠️", "plain"]
    assert data(notice) == ["provider:alpha", "provider:beta", "provider:plain"]


async def test_with_an_id_it_switches_and_names_the_model(door: Door) -> None:
    (text,) = await door.told(said("/provider Beta"))

    assert text == "beta answers from now on, with the model b-1. The conversation continues."
    assert [chat.provider for chat in await door.rows()] == ["beta"]


async def test_the_model_last_chosen_there_is_taken_again(door: Door) -> None:
    await door.knock(said("/model a-2"))
    await door.knock(said("/provider beta"))

    (text,) = await door.told(said("/provider alpha"))

    assert text == "alpha answers from now on, with the model a-2. The conversation continues."


async def test_an_unknown_id_is_told_and_changes_nothing(door: Door) -> None:
    (notice,) = await door.knock(said("/provider gamma"))

    assert getattr(notice, "text", None) == "⚠️ There is no provider gamma. Choose one of these:"
    assert data(notice) == ["provider:alpha", "provider:beta", "provider:plain"]
    assert [chat.provider for chat in await door.rows()] == ["alpha"]


@pytest.mark.parametrize("command", ["provider", "model"])
async def test_a_long_argument_is_answered_with_what_telegram_takes(door: Door, command: str) -> None:
    (text,) = await door.told(said(f"/{command} {'x' * 4_080}"))

    assert f"{'x' * 99}… " in text.replace(".", " ")
    assert len(text) < 300


async def test_a_button_switches_and_marks_the_new_one(door: Door) -> None:
    listing = shown(chat=private(ANN))

    toast, edit = await door.knock(pressed("provider:plain", under=listing))

    assert isinstance(toast, AnswerCallbackQuery)
    assert toast.text == "plain answers from now on. The conversation continues."
    assert isinstance(edit, EditMessageText)
    assert (edit.chat_id, edit.message_id) == (ANN["id"], listing["message_id"])
    assert [button.text for button in buttons(edit)] == ["alpha", "beta", "● plain"]
    assert [chat.provider for chat in await door.rows()] == ["plain"]


@pytest.mark.parametrize("stale", ["provider:vanished", "provider:", "provider#0f3c"])
async def test_a_button_of_a_provider_that_is_gone_brings_the_present_menu(door: Door, stale: str) -> None:
    toast, edit = await door.knock(pressed(stale))

    assert isinstance(toast, AnswerCallbackQuery)
    assert toast.text == EN.menu_too_old
    assert isinstance(edit, EditMessageText)
    assert data(edit) == ["provider:alpha", "provider:beta", "provider:plain"]
    assert [chat.provider for chat in await door.rows()] == ["alpha"]


async def test_it_says_how_each_fares_as_far_as_is_known(door: Door, catalog: Catalog) -> None:
    catalog.note("alpha", ok=True, first_s=0.5)
    catalog.note("alpha", ok=True, first_s=1.1)
    catalog.note("beta", ok=False, error=SignInFailed("401"))

    (text,) = await door.told(said("/provider"))

    assert text.endswith("\nalpha · 0.8 s · works\nbeta · ⚠️ key refused")


@pytest.mark.parametrize(("language", "took"), [("de", "0,8 s"), ("ru", "0,8 с")])
async def test_numbers_have_the_sign_of_the_language(door: Door, catalog: Catalog, language: str, took: str) -> None:
    catalog.note("alpha", ok=True, first_s=0.8)

    (text,) = await door.told(said("/provider", person={**ANN, "language_code": language}))

    assert f"alpha · {took} · " in text


async def test_short_labels_stand_in_two_columns(door: Door) -> None:
    (providers,) = await door.knock(said("/provider"))

    assert isinstance(providers, SendMessage)
    assert isinstance(providers.reply_markup, InlineKeyboardMarkup)
    assert [len(row) for row in providers.reply_markup.inline_keyboard] == [2, 1]


@pytest.mark.parametrize(("label", "columns"), [("x" * 14, 2), ("x" * 15, 1)])
def test_one_long_label_puts_all_below_each_other(label: str, columns: int) -> None:
    offered = keyboard("provider", [Option("a", present=True, label=label), Option("b")])

    assert len(offered.inline_keyboard[0]) == columns


async def test_a_topic_has_its_own_provider(door: Door) -> None:
    door.group_admins = [ANN]
    in_topic: Raw = {"message_thread_id": 7, "is_topic_message": True}
    await door.knock(said("/provider", chat=FORUM))
    await door.knock(pressed("provider:beta", under=shown(chat=FORUM, **in_topic)))

    assert {chat.thread_id: chat.provider for chat in await door.rows()} == {0: "alpha", 7: "beta"}


async def test_where_the_stored_one_is_gone_the_default_is_marked(door: Door) -> None:
    await door.store.chats.get(ANN["id"], provider="vanished")

    (notice,) = await door.knock(said("/provider"))

    assert [button.text for button in buttons(notice)] == ["● alpha", "beta", "plain"]


async def test_the_same_press_delivered_twice_switches_once(door: Door) -> None:
    first = pressed("provider:beta")
    await door.knock(first)
    await door.knock(pressed("provider:plain"))

    assert await door.knock(first) == []
    assert [chat.provider for chat in await door.rows()] == ["plain"]
