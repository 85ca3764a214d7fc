"""The bot's own membership."""

import asyncio

import pytest
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import GetMe, SendMessage

from bot.catalog.catalog import Catalog
from bot.settings import Settings
from bot.storage.engine.database import Sessions
from bot.storage.tables import Rule
from bot.texts.en import EN
from tests.bot.door import ME, Door, data
from tests.bot.raw import ANN, BOB, GROUP, THE_BOT, member, pressed, private, said, shown
from tests.bot.telegram import Telegram
from tests.clock import FakeClock

GREETING = "Hello! Mention me (@DeltaBot) or reply to one of my messages, and I will answer. /help tells you more."


@pytest.fixture
def private_mode(db: Sessions, clock: FakeClock, settings: Settings, catalog: Catalog) -> Door:
    me = ME.model_copy(update={"can_read_all_group_messages": False})
    return Door(db, clock, settings, catalog, me=me)


@pytest.fixture
def telegram(private_mode: Door) -> Telegram:
    assert isinstance(private_mode.bot.session, Telegram)
    return private_mode.bot.session


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
    await door.store.chats.set_gone(ANN["id"], gone=True)

    await door.knock(said("Hello again"))

    assert not await is_gone(door)


@pytest.mark.parametrize("old", ["left", "kicked"])
async def test_a_group_is_greeted_when_the_bot_comes_in(door: Door, old: str) -> None:
    assert await door.knock(member(old, "member", chat=GROUP)) == [SendMessage(chat_id=GROUP["id"], text=GREETING)]


async def test_a_group_that_the_bot_cannot_hear_is_told_the_mend(private_mode: Door) -> None:
    assert await private_mode.told(member("left", "member", chat=GROUP)) == [f"{EN.privacy}\n\n{EN.added_unheard}"]


async def test_privacy_mode_that_was_switched_off_since_the_start_is_no_longer_told(
    private_mode: Door, telegram: Telegram
) -> None:
    telegram.answers(GetMe, ME)

    assert await private_mode.told(member("left", "member", chat=GROUP)) == [GREETING]


async def test_what_was_known_counts_where_telegram_does_not_say(private_mode: Door, telegram: Telegram) -> None:
    telegram.answers(GetMe, TelegramNetworkError(GetMe(), "gone"))

    assert await private_mode.told(member("left", "member", chat=GROUP)) == [f"{EN.privacy}\n\n{EN.added_unheard}"]


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


class TestConsent:
    """A group that an admin of the bot adds."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings.load(_env_file=None, access="pairing", admins=[ANN["id"]])

    async def test_it_is_let_in_and_said_to_be(self, door: Door) -> None:
        (greeting,) = await door.knock(member("left", "member", chat=GROUP))
        await door.knock(said("@DeltaBot hi", chat=GROUP, person=BOB))

        assert getattr(greeting, "text", "") == f"{GREETING}\n\n{EN.group_opened}"
        assert await door.asked() == ["Bob: hi"]

    async def test_one_button_takes_it_back_but_not_from_those_who_were_let_in_themselves(self, door: Door) -> None:
        (greeting,) = await door.knock(member("left", "member", chat=GROUP))
        (carried,) = data(greeting)
        assert await door.toast(pressed(carried or "", person=BOB, under=shown(chat=GROUP))) == EN.admins_only
        _, edited = await door.knock(pressed(carried or "", under=shown(chat=GROUP)))

        await door.knock(said("@DeltaBot hi", chat=GROUP, person=BOB))
        await door.knock(said("@DeltaBot hi", chat=GROUP))

        assert getattr(edited, "text", "") == EN.group_shut
        assert await door.asked() == ["Ann: hi"]

    async def test_one_that_was_kept_out_is_let_in_again(self, door: Door) -> None:
        await door.accesses.set(1_000_000, GROUP["id"], Rule.DENY, by=ANN["id"])

        await door.knock(member("left", "member", chat=GROUP))

        assert await door.accesses.rules(GROUP["id"]) == {GROUP["id"]: Rule.ALLOW}

    async def test_one_that_somebody_else_adds_is_not(self, door: Door) -> None:
        await door.knock(member("left", "member", chat=GROUP, person=BOB))

        assert await door.accesses.rules(GROUP["id"]) == {GROUP["id"]: Rule.TOLD}


async def test_where_everybody_is_let_in_there_is_nothing_to_let_in(door: Door) -> None:
    await door.knock(member("left", "member", chat=GROUP))

    assert await door.accesses.rules(GROUP["id"]) == {}


async def test_who_administers_a_group_is_asked_when_the_bot_became_an_admin(private_mode: Door) -> None:
    private_mode.group_admins = [ANN]
    (refused,) = await private_mode.told(said("/settings along 20", chat=GROUP))
    assert refused.startswith("⚠️")

    private_mode.group_admins = [ANN, THE_BOT]
    await private_mode.knock(member("member", "administrator", chat=GROUP))
    looked_up = asyncio.Event()

    async def answered(telegram_id: int | None) -> None:
        if telegram_id is not None:
            looked_up.set()

    running = asyncio.ensure_future(private_mode.admins.run(answered))
    await looked_up.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert "I keep the last 20" in (await private_mode.told(said("/settings along 20", chat=GROUP)))[-1]
