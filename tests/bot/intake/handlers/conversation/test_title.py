"""/title: what the present conversation is called."""

from bot.texts.en import EN
from tests.bot.door import Door
from tests.bot.intake.handlers.talks import talk, titles
from tests.bot.raw import ANN, BOB, GROUP, said


async def test_the_present_conversation_is_named(door: Door) -> None:
    await talk(door, "Dogs?")

    assert await door.told(said("/title  All about\ndogs ")) == ["This conversation is now called All about dogs."]
    assert await titles(door) == ["All about dogs"]


async def test_without_a_name_it_says_how_it_is_called_and_how_to_name_it(door: Door) -> None:
    await talk(door, "Dogs?")

    (told,) = await door.told(said("/title"))

    assert told.startswith("This conversation is called Dogs?.")
    assert "/title NAME" in told


async def test_with_no_conversation_there_is_nothing_to_name(door: Door) -> None:
    await talk(door, "Dogs?")
    await door.knock(said("/new"))

    assert await door.told(said("/title Cats")) == [EN.title_nothing]
    assert await titles(door) == ["Dogs?"]


async def test_a_long_name_is_cut(door: Door) -> None:
    await talk(door, "Dogs?")

    await door.knock(said(f"/title {'x' * 4_000}"))

    assert await titles(door) == [f"{'x' * 99}…"]


async def test_in_a_group_its_admins_name_it(door: Door) -> None:
    await talk(door, "@DeltaBot dogs?", chat=GROUP)
    door.group_admins = [ANN]

    assert await door.told(said("/title@DeltaBot Bob's", person=BOB, chat=GROUP)) == [EN.group_admins_only]
    assert await titles(door) == ["Ann: dogs?"]
    await door.knock(said("/title@DeltaBot Ann's", chat=GROUP))
    assert await titles(door) == ["Ann's"]
