"""Who may come in, who administers what, and whose database this is."""

import pytest

from bot.storage.chats import Chats
from bot.storage.people.access import Accesses, ForeignDatabaseError
from bot.storage.questions.choices import Change
from bot.storage.tables import Rule
from bot.storage.telegram.updates import Updates
from tests.bot.store import Store
from tests.bot.strangers import refuse

ANN, BOB, GROUP, SUPERGROUP = 11, 12, -55, -10055


class TestRules:
    """What admins decided."""

    async def test_the_last_decision_counts(self, accesses: Accesses) -> None:
        assert await accesses.set(1, ANN, Rule.ALLOW, by=BOB)
        assert await accesses.set(2, ANN, Rule.DENY, by=BOB)

        assert await accesses.rules(ANN, BOB) == {ANN: Rule.DENY}

    async def test_an_update_that_was_taken_decides_nothing(self, accesses: Accesses, updates: Updates) -> None:
        await updates.take(1)

        assert not await accesses.set(1, ANN, Rule.ALLOW, by=BOB)
        assert await accesses.rules(ANN) == {}

    async def test_a_stranger_is_told_once(self, accesses: Accesses) -> None:
        assert await refuse(accesses, 1, ANN)
        assert not await refuse(accesses, 2, ANN)
        assert await accesses.rules(ANN) == {ANN: Rule.TOLD}

    async def test_that_a_stranger_is_let_in_is_news_until_the_update_is_taken(self, accesses: Accesses) -> None:
        await refuse(accesses, 1, ANN)

        for _ in range(2):  # a kill comes before the notice is stored
            assert await accesses.is_news(2, ANN)
            await accesses.set(2, ANN, Rule.ALLOW, by=BOB)

        assert not await accesses.is_news(3, ANN)
        assert not await accesses.is_news(3, BOB)

    async def test_who_was_decided_about_is_not_told(self, accesses: Accesses) -> None:
        await accesses.set(1, ANN, Rule.DENY, by=BOB)

        assert not await refuse(accesses, 2, ANN)
        assert await accesses.rules(ANN) == {ANN: Rule.DENY}

    async def test_a_groups_rule_goes_along_to_its_supergroup(self, accesses: Accesses) -> None:
        await accesses.set(1, GROUP, Rule.ALLOW, by=ANN)

        for _ in range(2):
            await accesses.migrate(GROUP, SUPERGROUP)

        assert await accesses.rules(GROUP, SUPERGROUP) == {SUPERGROUP: Rule.ALLOW}

    async def test_what_was_decided_about_the_supergroup_itself_counts_more(self, accesses: Accesses) -> None:
        await accesses.set(1, GROUP, Rule.ALLOW, by=ANN)
        await accesses.set(2, SUPERGROUP, Rule.DENY, by=ANN)

        await accesses.migrate(GROUP, SUPERGROUP)

        assert (await accesses.rules(SUPERGROUP))[SUPERGROUP] is Rule.DENY


class TestLanguages:
    """Who reads which language."""

    async def test_of_somebody_unknown_none_is_known(self, accesses: Accesses) -> None:
        assert await accesses.languages(ANN) == (None, None)

    async def test_a_strangers_is_kept_when_he_is_let_in(self, accesses: Accesses) -> None:
        await refuse(accesses, 1, ANN, language="ru")
        await accesses.set(2, ANN, Rule.ALLOW, by=BOB)

        assert await accesses.languages(ANN) == (None, "ru")

    async def test_the_one_of_the_last_prompt_and_the_chosen_one_come_before_it(
        self, accesses: Accesses, chats: Chats, store: Store
    ) -> None:
        await accesses.identify(1, "code")
        await accesses.pair(1, "code", ANN, language="de")
        chat = await chats.get(ANN, provider="alpha")
        await store.accept(chat, "Привет", update_id=2, user_id=ANN, language="ru")
        await store.choose(Change(chat.id, {"language": "en"}))

        assert await accesses.languages(ANN) == ("en", "ru")


class TestIdentity:
    """Whose database this is, and who owns the bot."""

    async def test_a_database_belongs_to_the_first_bot_that_ran_on_it(self, accesses: Accesses) -> None:
        await accesses.identify(1)

        with pytest.raises(ForeignDatabaseError) as raised:
            await accesses.identify(2)
        assert raised.value.bot_id == 1

    async def test_the_code_stays_the_same_until_it_is_used(self, accesses: Accesses) -> None:
        assert await accesses.identify(1, "first") == "first"
        assert await accesses.identify(1, "second") == "first"
        assert await accesses.owners() == []

        assert await accesses.pair(1, "first", ANN)

        assert await accesses.identify(1, "third") is None
        assert await accesses.owners() == [ANN]

    async def test_a_code_makes_one_owner(self, accesses: Accesses) -> None:
        await accesses.identify(1, "code")
        await accesses.pair(1, "code", ANN)

        assert not await accesses.pair(2, "code", BOB)
        assert await accesses.owners() == [ANN]

    @pytest.mark.parametrize("code", ["", "Code", "кот", "code "])
    async def test_a_wrong_code_makes_none_and_takes_no_update(
        self, accesses: Accesses, updates: Updates, code: str
    ) -> None:
        await accesses.identify(1, "code")

        assert not await accesses.pair(1, code, ANN)
        assert not await updates.known(1)
        assert await accesses.owners() == []

    async def test_without_a_code_nobody_can_pair(self, accesses: Accesses) -> None:
        assert not await accesses.pair(1, "", ANN)
        await accesses.identify(1)
        assert not await accesses.pair(2, "", ANN)

    async def test_a_stranger_who_was_told_becomes_the_owner(self, accesses: Accesses) -> None:
        await accesses.identify(1, "code")
        await refuse(accesses, 1, ANN)

        assert await accesses.pair(2, "code", ANN)
        assert await accesses.rules(ANN) == {ANN: Rule.OWNER}


class TestAdmins:
    """Who administers a group."""

    async def test_nothing_is_known_at_first(self, accesses: Accesses) -> None:
        assert await accesses.administers(GROUP, ANN) is None

    async def test_the_newest_list_counts(self, accesses: Accesses) -> None:
        await accesses.set_admins(GROUP, [ANN])
        await accesses.set_admins(GROUP, [BOB])

        assert await accesses.administers(GROUP, ANN) is False
        assert await accesses.administers(GROUP, BOB) is True
        assert await accesses.administers(SUPERGROUP, BOB) is None

    async def test_a_new_supergroup_is_looked_up_anew(self, accesses: Accesses) -> None:
        await accesses.set_admins(GROUP, [ANN])

        await accesses.migrate(GROUP, SUPERGROUP)

        assert await accesses.administers(GROUP, ANN) is None
        assert await accesses.administers(SUPERGROUP, ANN) is None
