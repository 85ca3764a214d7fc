"""Who is heard, and who is told."""

import pytest
from aiogram.methods import SendMessage

from bot.catalog.catalog import Catalog
from bot.intake.handlers.menu import admin_menus
from bot.storage.engine.database import Sessions
from bot.storage.tables import Rule
from bot.texts.en import EN
from bot.texts.ru import RU
from tests.bot.door import Door, buttons, data
from tests.bot.intake.middlewares.conftest import guarded
from tests.bot.raw import ANN, BOB, FORUM, GROUP, OLGA, member, message, pressed, private, said, shown, update
from tests.clock import FakeClock

REFUSAL = "This is a private bot. If you know its owner, ask for access; your id is 12."
GROUP_REFUSAL = "This is a private bot. If you know its owner, ask for access for this group; its id is -1001."


class TestAccess:
    """Strangers."""

    async def test_a_stranger_is_refused_once_for_all_he_sends(self, closed: Door) -> None:
        (refusal,) = await closed.knock(said("Hello", person=BOB))

        assert isinstance(refusal, SendMessage)
        assert (refusal.chat_id, refusal.text) == (BOB["id"], REFUSAL)
        for later in ("Hello?", "/start", "/provider beta", "/allow 12"):
            assert await closed.knock(said(later, person=BOB)) == []
        assert await closed.asked() == []
        assert await closed.rows() == []

    async def test_what_a_stranger_sends_after_that_costs_no_row(self, closed: Door) -> None:
        await closed.knock(said("Hello", person=BOB))
        later = said("Hello?", person=BOB)
        await closed.knock(later)

        assert not await closed.updates.known(later["update_id"])

    async def test_the_refusal_survives_a_restart(
        self, closed: Door, db: Sessions, clock: FakeClock, catalog: Catalog
    ) -> None:
        await closed.knock(said("Hello", person=BOB))

        assert await Door(db, clock, guarded("pairing"), catalog).knock(said("Hello", person=BOB)) == []

    async def test_the_refusal_is_in_the_strangers_language(self, closed: Door) -> None:
        assert await closed.told(said("Привет", person=OLGA)) == [RU.refusal.format(id=OLGA["id"])]

    async def test_a_foreign_group_is_refused_once_and_only_if_it_calls_the_bot(self, closed: Door) -> None:
        assert await closed.knock(said("Hello all", chat=GROUP)) == []
        assert await closed.knock(said("/start", chat=GROUP)) == []
        assert await closed.told(said("@DeltaBot hi", chat=GROUP)) == [GROUP_REFUSAL]
        assert await closed.knock(said("@DeltaBot hi", chat=GROUP, person=BOB)) == []
        assert await closed.knock(said("/start@DeltaBot", chat=GROUP, person=BOB)) == []

    async def test_a_foreign_group_that_takes_the_bot_in_is_refused_and_not_greeted(self, closed: Door) -> None:
        assert await closed.told(member("left", "member", chat=GROUP)) == [GROUP_REFUSAL]
        assert await closed.knock(said("@DeltaBot hi", chat=GROUP)) == []

    async def test_in_a_forum_the_refusal_stays_in_the_topic(self, closed: Door) -> None:
        (refusal,) = await closed.knock(said("@DeltaBot hi", chat=FORUM, message_thread_id=7, is_topic_message=True))

        assert isinstance(refusal, SendMessage)
        assert refusal.message_thread_id == 7

    async def test_a_strangers_press_is_answered_and_does_nothing(self, closed: Door) -> None:
        assert await closed.toast(pressed("provider:beta", person=BOB)) == EN.refusal_toast
        assert await closed.toast(pressed("provider:beta", person=BOB, under=shown(chat=GROUP))) == EN.refusal_toast
        assert await closed.rows() == []

    @pytest.mark.parametrize("setting", ["allowed_users", "allowed_chats", "admins"])
    async def test_the_configuration_lets_people_in(
        self, db: Sessions, clock: FakeClock, catalog: Catalog, setting: str
    ) -> None:
        door = Door(db, clock, guarded("allowlist", **{setting: [BOB["id"]]}), catalog)

        await door.knock(said("Hello", person=BOB))
        await door.knock(said("Hello", person=ANN))

        assert await door.asked() == ["Hello"]

    async def test_a_listed_group_lets_in_everybody_in_it(
        self, db: Sessions, clock: FakeClock, catalog: Catalog
    ) -> None:
        door = Door(db, clock, guarded("allowlist", allowed_chats=[GROUP["id"]]), catalog)

        await door.knock(said("@DeltaBot hi", chat=GROUP, person=BOB))
        await door.knock(said("Hello", person=BOB))

        assert await door.asked() == ["Bob: hi"]

    async def test_an_open_bot_keeps_out_whom_an_admin_denied(
        self, db: Sessions, clock: FakeClock, catalog: Catalog
    ) -> None:
        door = Door(db, clock, guarded("open", admins=[ANN["id"]]), catalog)
        await door.knock(said(f"/deny {BOB['id']}"))

        assert await door.knock(said("Hello", person=BOB)) == []
        assert await door.asked() == []

    @pytest.mark.parametrize("access", ["open", "pairing"])
    async def test_who_is_kept_out_is_not_answered_in_a_group(
        self, db: Sessions, clock: FakeClock, catalog: Catalog, access: str
    ) -> None:
        door = Door(db, clock, guarded(access, admins=[ANN["id"]], allowed_chats=[GROUP["id"]]), catalog)
        await door.knock(said(f"/deny {BOB['id']}"))

        assert await door.knock(said("@DeltaBot hi", person=BOB, chat=GROUP)) == []
        assert await door.knock(member("left", "member", chat=FORUM, person=BOB)) == []
        await door.knock(said("@DeltaBot hi", person=OLGA, chat=GROUP))
        assert await door.asked() == ["Ольга: hi"]


class TestPairing:
    """The first start: nobody owns the bot."""

    async def test_who_opens_the_link_owns_the_bot(self, pairing: Door) -> None:
        await pairing.accesses.identify(1, "s3cret-code")

        (welcome,) = await pairing.told(said("/start s3cret-code", person=BOB))
        assert welcome.startswith(EN.paired)

        await pairing.knock(said("Hello", person=BOB))
        await pairing.knock(said(f"/allow {ANN['id']}", person=BOB))
        assert await pairing.asked() == ["Hello"]
        assert await pairing.accesses.rules(ANN["id"], BOB["id"]) == {ANN["id"]: Rule.ALLOW, BOB["id"]: Rule.OWNER}

    async def test_the_link_works_once(self, pairing: Door) -> None:
        await pairing.accesses.identify(1, "s3cret-code")
        await pairing.knock(said("/start s3cret-code", person=BOB))

        (refusal, _request) = await pairing.told(said("/start s3cret-code", person=ANN))

        assert refusal == EN.refusal.format(id=ANN["id"])
        assert await pairing.accesses.owners() == [BOB["id"]]

    async def test_a_stranger_who_was_refused_can_still_pair(self, pairing: Door) -> None:
        await pairing.accesses.identify(1, "s3cret-code")
        await pairing.knock(said("/start", person=BOB))

        (welcome,) = await pairing.told(said("/start s3cret-code", person=BOB))
        assert welcome.startswith(EN.paired)

    @pytest.mark.parametrize("code", ["wrong", "", "S3CRET-CODE", "s3cret-code x"])
    async def test_a_wrong_code_is_refused_like_any_stranger(self, pairing: Door, code: str) -> None:
        await pairing.accesses.identify(1, "s3cret-code")

        assert await pairing.told(said(f"/start {code}", person=BOB)) == [REFUSAL]
        assert await pairing.accesses.owners() == []

    async def test_the_code_is_not_taken_in_a_group(self, pairing: Door) -> None:
        await pairing.accesses.identify(1, "s3cret-code")

        await pairing.knock(said("/start@DeltaBot s3cret-code", person=BOB, chat=GROUP))

        assert await pairing.accesses.owners() == []

    async def test_the_code_is_not_taken_where_no_link_is_printed(
        self, db: Sessions, clock: FakeClock, catalog: Catalog
    ) -> None:
        door = Door(db, clock, guarded("allowlist"), catalog)
        await door.accesses.identify(1, "s3cret-code")

        assert await door.told(said("/start s3cret-code", person=BOB)) == [REFUSAL]

    async def test_the_owner_is_asked_about_a_stranger_once(self, pairing: Door) -> None:
        await pairing.accesses.identify(1, "s3cret-code")
        await pairing.knock(said("/start s3cret-code", person=ANN))

        _, request = await pairing.knock(said("Hello", person=BOB))

        assert isinstance(request, SendMessage)
        assert (request.chat_id, request.text) == (
            ANN["id"],
            "Bob would like to talk to me. Allow it? Their id is 12.",
        )
        assert data(request) == ["allow:12", "deny:12"]
        assert await pairing.knock(said("Hello", person=BOB)) == []
        assert pairing.outbox.unasked == [request]

    async def test_a_new_owner_gets_the_menu_of_an_admin_at_once(self, pairing: Door) -> None:
        await pairing.accesses.identify(1, "s3cret-code")

        _, *menus = await pairing.knock(said("/start s3cret-code", person=OLGA))

        assert menus == admin_menus("auto", OLGA["id"], has_roles=False)

    async def test_the_owner_is_asked_in_his_own_language(self, pairing: Door) -> None:
        await pairing.accesses.identify(1, "s3cret-code")
        await pairing.knock(said("/start s3cret-code", person=ANN))

        refusal, request = await pairing.told(said("Привет", person=OLGA))

        assert refusal == RU.refusal.format(id=OLGA["id"])
        assert request == EN.request.format(name=OLGA["first_name"], id=OLGA["id"])

    async def test_an_owner_who_chose_a_language_is_asked_in_that(self, pairing: Door) -> None:
        await pairing.accesses.identify(1, "s3cret-code")
        await pairing.knock(said("/start s3cret-code", person=ANN))
        await pairing.knock(pressed("set:language:ru", person=ANN))

        _, request = await pairing.knock(said("Hello", person=BOB))

        assert isinstance(request, SendMessage)
        assert request.text == RU.request.format(name="Bob", id=BOB["id"])
        assert [button.text for button in buttons(request)] == [RU.allow_button, RU.deny_button]

    async def test_where_nothing_is_known_of_an_admin_the_operators_language_counts(
        self, db: Sessions, clock: FakeClock, catalog: Catalog
    ) -> None:
        door = Door(db, clock, guarded("pairing", admins=[ANN["id"]], language="ru"), catalog)

        _, request = await door.told(said("Hello", person=BOB))

        assert request == RU.request.format(name="Bob", id=BOB["id"])

    async def test_the_owner_is_asked_about_a_foreign_group(self, pairing: Door) -> None:
        await pairing.accesses.identify(1, "s3cret-code")
        await pairing.knock(said("/start s3cret-code", person=ANN))

        _, request = await pairing.told(said("@DeltaBot hi", person=BOB, chat=GROUP))

        assert request == "Bob would like to use me in the group Friends. Allow it for this group? Its id is -1001."


class TestPress:
    """Buttons."""

    async def test_a_press_in_somebody_elses_private_chat_does_nothing(self, door: Door) -> None:
        under = shown(chat=private(ANN))

        assert await door.toast(pressed("provider:beta", person=BOB, under=under)) == EN.not_your_button
        assert await door.rows() == []

    async def test_a_button_under_a_message_that_is_not_the_bots_does_nothing(self, door: Door) -> None:
        under = message("x", person=BOB, chat=GROUP)

        assert await door.toast(pressed("provider:beta", under=under)) == EN.not_your_button

    async def test_a_message_too_old_to_be_shown_is_told(self, door: Door) -> None:
        under = {"chat": private(ANN), "message_id": 5, "date": 0}

        assert await door.toast(pressed("provider:beta", under=under)) == EN.button_too_old

    async def test_a_press_without_a_message_is_answered(self, door: Door) -> None:
        query = {"id": "1", "from": ANN, "chat_instance": "1", "data": "stop:1:0"}

        assert await door.toast(update(callback_query=query)) == EN.not_your_button
        inline = {**query, "inline_message_id": "x"}
        assert await door.toast(update(callback_query=inline)) == EN.nothing_to_stop

    async def test_a_press_without_data_is_answered(self, door: Door) -> None:
        query = {
            "id": "1",
            "from": ANN,
            "chat_instance": "1",
            "message": shown(chat=private(ANN)),
            "game_short_name": "g",
        }

        assert await door.toast(update(callback_query=query)) == EN.button_too_old
