"""What an update came to is posted, once."""

import pytest

from bot.storage.tables import Rule
from bot.storage.telegram.notices import Packed
from bot.texts.en import EN
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, GROUP, OLGA, message, pressed, said, shown, update

REFUSAL = "This is a private bot. If you know its owner, ask for access; your id is 12."


class TestPostReturned:
    """What is posted, and what is seen."""

    async def test_every_message_id_is_seen_also_of_what_is_passed_over(self, door: Door) -> None:
        ignored = said("Among ourselves", chat=GROUP)
        edited = update(edited_message=message("Hello"))
        press = pressed("x", under=shown(chat=GROUP))

        for one in (ignored, ignored, edited, press):
            await door.knock(one)

        shown_by = (ignored["message"], edited["edited_message"])  # a pressed one may be the bot's own, looked for
        assert door.seen.lately(ANN["id"]) == {each["message_id"] for each in shown_by}

    async def test_what_only_said_something_is_taken_too(self, door: Door) -> None:
        help_ = said("/help")
        await door.knock(help_)

        assert await door.updates.known(help_["update_id"])

    async def test_what_is_said_stands_in_the_outbox_when_it_is_posted(self, door: Door) -> None:
        (help_,) = await door.knock(said("/help"))

        assert door.outbox.keys == list(await door.notices.waiting())
        before = len(door.outbox.methods)
        await door.saying.recall()
        assert door.outbox.methods[before:] == [help_]

    async def test_a_crowd_of_strangers_is_taken_after_those_who_were_let_in(self, pairing: Door) -> None:
        await pairing.accesses.set(1, ANN["id"], Rule.ALLOW, by=OLGA["id"])
        crowd = [said("Hi", person={**BOB, "id": 900 + number}) for number in range(20)]

        await pairing.intake.receive(*crowd, said("/help"), *crowd[:1])

        assert [getattr(method, "chat_id", None) for method in pairing.outbox.methods][:2] == [ANN["id"], 900]
        assert len(pairing.outbox.methods) == 21

    async def test_after_a_restart_too_words_to_strangers_go_last(self, pairing: Door) -> None:
        await pairing.knock(said("Hi", person=BOB))
        before = len(pairing.outbox.methods)
        pairing.outbox.last.clear()

        await pairing.saying.recall()

        assert pairing.outbox.last == pairing.outbox.methods[before:]
        assert [getattr(method, "chat_id", None) for method in pairing.outbox.last] == [BOB["id"]]

    async def test_an_answer_to_a_press_is_not_kept_and_the_edit_beside_it_is(self, door: Door) -> None:
        await door.knock(pressed("provider:beta"))

        assert [packed.method for packed in (await door.notices.waiting()).values()] == ["editMessageText"]
        assert [key is None for key in door.outbox.keys] == [True, False]

    async def test_a_notice_that_no_version_of_the_bot_can_read_is_dropped(
        self, door: Door, caplog: pytest.LogCaptureFixture
    ) -> None:
        unread = [Packed("sendTelepathy", "{}"), Packed("sendMessage", '{"chat_id": 1}'), Packed("sendMessage", "{")]
        await door.updates.take(1, unread)

        await door.saying.recall()

        assert await door.notices.waiting() == {}
        assert door.outbox.methods == []
        assert len([line for line in caplog.messages if "cannot be read" in line]) == 3

    async def test_what_was_changed_before_a_kill_is_still_told_after_it(self, door: Door, pairing: Door) -> None:
        chat = await door.store.chats.get(ANN["id"], provider="alpha")
        stop, stranger = said("/stop"), said("Hi", person=BOB)
        await door.knock(said("waits"))
        await door.store.stops.stop(stop["update_id"], chat.id)

        assert await door.told(stop) == [EN.dropped.format(count=1)]
        assert await pairing.told(stranger) == [REFUSAL]
        assert await pairing.told(said("Hi?", person=BOB)) == []

    async def test_chatter_costs_no_row(self, door: Door) -> None:
        chatter = said("Among ourselves", chat=GROUP, date=1_800_000_010)  # no rest of what a former process took
        await door.knock(chatter)

        assert not await door.updates.known(chatter["update_id"])
        assert await door.rows() == []
