"""The bot's own membership."""

import pytest
from aiogram.methods import SendMessage

from bot.catalog import Catalog
from bot.settings import Settings
from bot.storage.database import Sessions
from bot.texts.en import EN
from tests.bot.door import ME, Door
from tests.bot.raw import ANN, GROUP, member, private, said
from tests.clock import FakeClock

GREETING = "Hello! Mention me (@DeltaBot) or reply to one of my messages, and I will answer. /help tells you more."


@pytest.fixture
def private_mode(db: Sessions, clock: FakeClock, settings: Settings, catalog: Catalog) -> Door:
    me = ME.model_copy(update={"can_read_all_group_messages": False})
    return Door(db, clock, settings, catalog, me=me)


async def is_gone(door: Door) -> bool:
    (chat,) = await door.rows()
    return chat.gone_at is not None


@pytest.mark.parametrize("change", [("member", "kicked"), ("member", "left")])
async def test_a_chat_that_shut_the_bot_out_is_marked(door: Door, change: tuple[str, str]) -> None:
    await door.knock(said("Hello"))

    assert await door.knock(member(*change, chat=private(ANN))) == []

    assert await is_gone(door)


async def test_a_chat_that_takes_the_bot_back_is_not_gone(door: Door) -> None:
    await door.knock(said("Hello"))
    await door.knock(member("member", "kicked", chat=private(ANN)))

    assert await door.knock(member("kicked", "member", chat=private(ANN))) == []

    assert not await is_gone(door)


async def test_who_writes_is_there(door: Door) -> None:
    await door.knock(said("Hello"))
    await door.chats.set_gone(ANN["id"], gone=True)

    await door.knock(said("Hello again"))

    assert not await is_gone(door)


@pytest.mark.parametrize("old", ["left", "kicked"])
async def test_a_group_is_greeted_when_the_bot_comes_in(door: Door, old: str) -> None:
    assert await door.knock(member(old, "member", chat=GROUP)) == [SendMessage(chat_id=GROUP["id"], text=GREETING)]


async def test_a_group_that_the_bot_cannot_hear_is_told_the_mend(private_mode: Door) -> None:
    assert await private_mode.told(member("left", "member", chat=GROUP)) == [f"{GREETING}\n\n{EN.privacy}"]


async def test_an_admin_hears_everything(private_mode: Door) -> None:
    assert await private_mode.told(member("left", "administrator", chat=GROUP)) == [GREETING]


async def test_a_promotion_is_no_arrival(door: Door) -> None:
    assert await door.knock(member("member", "administrator", chat=GROUP)) == []


async def test_a_channel_is_not_written_to(door: Door) -> None:
    channel = {"id": -1009, "type": "channel", "title": "News"}

    assert await door.knock(member("left", "administrator", chat=channel)) == []


async def test_a_greeting_is_said_once(door: Door) -> None:
    update = member("left", "member", chat=GROUP)

    assert len(await door.knock(update)) == 1
    assert await door.knock(update) == []
