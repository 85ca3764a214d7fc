"""A group that becomes a supergroup keeps its conversation."""

import pytest

from bot.settings import Settings
from bot.storage.tables import Rule
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, Raw, said

OLD: Raw = {"id": -55, "type": "group", "title": "Friends"}
NEW: Raw = {"id": -10055, "type": "supergroup", "title": "Friends"}
LEAVES = said(chat=OLD, migrate_to_chat_id=NEW["id"])
ARRIVES = said(chat=NEW, migrate_from_chat_id=OLD["id"])


async def answer(door: Door, update: Raw, text: str) -> None:
    await door.knock(update)
    job = await door.store.begin()
    assert job
    await door.store.made(job, text=text)
    await door.store.replies.stands(job)


@pytest.mark.parametrize("order", [[LEAVES, ARRIVES], [ARRIVES, LEAVES], [LEAVES], [ARRIVES]])
async def test_the_conversation_goes_on_under_the_new_id(door: Door, order: list[Raw]) -> None:
    door.group_admins = [ANN]
    await answer(door, said("@DeltaBot one", chat=OLD), "re: one")
    await door.knock(said("/provider beta", chat=OLD))

    for update in order:
        assert await door.knock({**update, "update_id": update["update_id"] + 10_000}) == []
    await door.knock(said("@DeltaBot two", chat=NEW))

    (chat,) = await door.rows()
    assert (chat.telegram_id, chat.provider) == (NEW["id"], "beta")
    job = (await door.queue())[-1]
    history = [("user", "Ann: one"), ("assistant", "re: one"), ("user", "Ann: two")]
    assert await door.store.history(job) == history


async def test_a_waiting_prompt_is_answered_in_the_new_group(door: Door) -> None:
    await door.knock(said("@DeltaBot one", chat=OLD))
    await door.knock(LEAVES)

    job = await door.store.begin()

    assert job
    assert (await door.store.chats.row(job.chat.id)).telegram_id == NEW["id"]


async def test_what_was_said_in_the_new_group_already_is_kept(door: Door) -> None:
    door.group_admins = [ANN]
    await door.knock(said("/model a-2", chat=OLD))
    await answer(door, said("@DeltaBot one", chat=OLD), "re: one")
    await answer(door, said("@DeltaBot two", chat=NEW), "re: two")

    await door.knock(ARRIVES)
    await door.knock(said("@DeltaBot three", chat=NEW))

    (chat,) = await door.rows()
    assert await door.store.chats.model(chat.id, "alpha") == "a-2"
    job = (await door.queue())[-1]
    assert [text for _, text in await door.store.history(job)] == [
        "Ann: one",
        "re: one",
        "Ann: two",
        "re: two",
        "Ann: three",
    ]


class TestAccess:
    """The rule about the group goes along."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings.load(_env_file=None, access="allowlist", admins=[ANN["id"]])

    async def test_a_group_that_was_let_in_stays_in(self, door: Door) -> None:
        await door.knock(said(f"/allow {OLD['id']}"))
        await door.knock(LEAVES)

        await door.knock(said("@DeltaBot hi", person=BOB, chat=NEW))

        assert await door.asked() == ["Bob: hi"]

    async def test_a_refusal_in_the_new_group_does_not_outweigh_it(self, door: Door) -> None:
        await door.knock(said(f"/allow {OLD['id']}"))
        await door.knock(said("@DeltaBot hi", person=BOB, chat=NEW))

        await door.knock(ARRIVES)

        assert await door.accesses.rules(OLD["id"], NEW["id"]) == {NEW["id"]: Rule.ALLOW}

    async def test_a_group_that_was_kept_out_stays_out(self, door: Door) -> None:
        await door.knock(said(f"/deny {OLD['id']}"))
        await door.knock(LEAVES)

        assert await door.accesses.rules(OLD["id"], NEW["id"]) == {NEW["id"]: Rule.DENY}


class TestListed:
    """The operator let the group in by its old id."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings.load(_env_file=None, access="allowlist", allowed_chats=[OLD["id"]])

    async def test_a_listed_group_is_let_in_under_its_new_id(self, door: Door) -> None:
        for update in (LEAVES, ARRIVES):
            await door.knock({**update, "update_id": update["update_id"] + 20_000})

        await door.knock(said("@DeltaBot Hello", chat=NEW))

        assert await door.asked() == ["Ann: Hello"]

    async def test_one_that_was_denied_since_is_not(self, door: Door) -> None:
        await door.accesses.set(9_000, OLD["id"], Rule.DENY, by=BOB["id"])
        for update in (LEAVES, ARRIVES):
            await door.knock({**update, "update_id": update["update_id"] + 30_000})

        await door.knock(said("@DeltaBot Hello", chat=NEW))

        assert await door.asked() == []
