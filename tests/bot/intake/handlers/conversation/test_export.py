"""/export: what is offered, who may, and the file."""

import pytest
from aiogram.methods import SendDocument
from aiogram.types import BufferedInputFile

from bot.intake.export import from_json
from bot.texts.en import EN
from tests.bot.door import Door, buttons, data
from tests.bot.intake.handlers.talks import talk
from tests.bot.raw import ANN, BOB, GROUP, pressed, said, shown


async def file(door: Door) -> tuple[SendDocument, str]:
    """Return the document that is being made."""
    await door.exports.next()
    document = door.outbox.methods[-1]
    assert isinstance(document, SendDocument)
    assert isinstance(document.document, BufferedInputFile)
    return document, document.document.data.decode()


async def test_one_conversation_or_all_in_two_forms(door: Door) -> None:
    await talk(door, "Dogs?")
    (one,) = await door.knock(said("/export"))
    assert data(one) == ["export:md:1", "export:json:1"]

    await door.knock(said("/new"))
    (all_,) = await door.knock(said("/export"))
    assert [button.text for button in buttons(all_)] == ["All · Markdown", "All · JSON"]
    await talk(door, "Cats?")
    (both,) = await door.knock(said("/export"))
    assert data(both) == ["export:md:2", "export:json:2", "export:md:all", "export:json:all"]


async def test_the_file_comes_where_it_was_asked_for(door: Door) -> None:
    await talk(door, "Dogs?", "They see blue.")

    assert await door.toast(pressed("export:json:1")) == EN.export_begun
    document, text = await file(door)

    assert (document.chat_id, document.caption) == (ANN["id"], None)
    assert isinstance(document.document, BufferedInputFile)
    assert document.document.filename == "conversation-1.json"
    (tree,) = from_json(text)
    assert tree == await door.store.trees.of(1, 1)


async def test_all_conversations_come_newest_first_in_one_file(door: Door) -> None:
    await talk(door, "Dogs?")
    await door.knock(said("/new"))
    await talk(door, "Cats?")
    await talk(door, "Bob's", person=BOB)

    await door.knock(pressed("export:json:all"))

    _, text = await file(door)
    assert [tree.title for tree in from_json(text)] == ["Cats?", "Dogs?"]
    await door.knock(pressed("export:md:all"))
    document, text = await file(door)
    assert isinstance(document.document, BufferedInputFile)
    assert document.document.filename == "conversations.md"
    assert text.index("# Cats?") < text.index("---") < text.index("# Dogs?")


async def test_a_second_press_waits_for_the_first(door: Door) -> None:
    await talk(door, "Dogs?")

    assert await door.toast(pressed("export:md:1")) == EN.export_begun
    assert await door.toast(pressed("export:json:1")) == EN.export_busy
    await file(door)
    assert await door.toast(pressed("export:json:1")) == EN.export_begun


async def test_what_is_deleted_meanwhile_is_not_sent(door: Door) -> None:
    await talk(door, "Dogs?")
    await door.knock(pressed("export:md:1"))
    await door.store.conversations.delete(1)

    said_before = len(door.outbox.methods)
    await door.exports.next()

    assert len(door.outbox.methods) == said_before


@pytest.mark.parametrize(
    ("forged", "told"),
    [
        ("export:md:2", EN.history_gone),  # Bob's
        ("export:md:99", EN.history_gone),
        ("export:pdf:1", EN.button_too_old),
        ("export:md:", EN.button_too_old),
        ("export:md:all:1", EN.button_too_old),
    ],
)
async def test_a_forged_or_stale_button_gives_nothing(door: Door, forged: str, told: str) -> None:
    await talk(door, "Dogs?")
    await talk(door, "Secret", person=BOB)

    assert await door.toast(pressed(forged)) == told


async def test_in_a_group_only_its_admins_may(door: Door) -> None:
    await talk(door, "@DeltaBot dogs?", chat=GROUP)
    door.group_admins = [ANN]

    assert await door.told(said("/export@DeltaBot", person=BOB, chat=GROUP)) == [EN.group_admins_only]
    under = shown(chat=GROUP)
    assert await door.toast(pressed("export:md:1", person=BOB, under=under)) == EN.group_admins_only
    assert await door.toast(pressed("export:md:1", under=under)) == EN.export_begun
