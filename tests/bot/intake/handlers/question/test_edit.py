"""Edited messages: a question is answered anew, all else is passed over in silence."""

from typing import Any

import pytest

from bot.settings import Settings
from bot.storage.tables import State
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, GROUP, OTHER_BOT, Raw, message, said, shown, update


def edited(asked: Raw, text: str, **fields: Any) -> Raw:
    """Return the update of an edit of a message."""
    former = asked["message"]
    same = {name: former[name] for name in ("message_id", "chat", "date", "reply_to_message") if name in former}
    return update(edited_message=message(text, person=former["from"], **{**same, "edit_date": 1_800_000_050, **fields}))


async def end(door: Door, text: str = "Hi.") -> None:
    job = await door.store.begin()
    assert job
    await door.store.show(job, 10_000 + job.id)
    await door.store.replies.stands(await door.store.made(job, text=text))


async def test_a_question_that_waits_changes_its_words(door: Door) -> None:
    asked = said("Helo")
    await door.knock(asked)

    assert await door.knock(edited(asked, "Hello")) == []
    assert await door.asked() == ["Hello"]


async def test_the_newest_is_answered_anew_once_however_often_the_update_comes(door: Door) -> None:
    asked = said("Helo")
    await door.knock(asked)
    await end(door)
    edit = edited(asked, "Hello")

    for _ in range(2):
        assert await door.knock(edit) == []
    assert [job.state for job in await door.queue()] == [State.DONE, State.QUEUED]
    assert await door.asked() == ["Helo", "Hello"]


async def test_in_one_batch_with_the_question_too(door: Door) -> None:
    asked = said("Helo")
    await door.intake.receive(asked, edited(asked, "Hello"), said("And?"))

    assert await door.asked() == ["Hello", "And?"]


@pytest.mark.parametrize("text", ["Hello there", " Hello  there\n"])
async def test_no_other_word_is_no_edit(door: Door, text: str) -> None:
    asked = said("Hello there")
    await door.knock(asked)
    await end(door)

    assert await door.knock(edited(asked, text, entities=[{"type": "bold", "offset": 0, "length": 3}])) == []
    assert len(await door.queue()) == 1


@pytest.mark.parametrize("text", ["/new", "/retry Hello", "/nothing", ""])
async def test_a_question_that_becomes_a_command_or_nothing_stays_what_it_was(door: Door, text: str) -> None:
    asked = said("Hello")
    await door.knock(asked)

    assert await door.knock(edited(asked, text)) == []
    assert await door.asked() == ["Hello"]


@pytest.mark.parametrize("text", ["/help", "/settings", "/retry"])
async def test_a_command_that_is_edited_is_passed_over(door: Door, text: str) -> None:
    command = said(text)
    await door.knock(command)

    assert await door.knock(edited(command, "/model")) == []
    assert await door.knock(edited(command, "What?")) == []
    assert await door.asked() == []


async def test_the_words_of_a_retry_are_a_question_too(door: Door) -> None:
    await door.knock(said("Hello"))
    await end(door)
    command = said("/retry Good mornin")
    await door.knock(command)

    await door.knock(edited(command, "Good morning"))
    assert await door.asked() == ["Hello", "Good morning"]


class TestGroup:
    """In a group only the questions of ours count."""

    async def test_the_question_is_known_by_its_message(self, door: Door) -> None:
        asked = said("@DeltaBot Helo", chat=GROUP)
        await door.knock(asked)

        await door.knock(edited(asked, "@DeltaBot Hello"))
        assert await door.asked() == ["Ann: Hello"]
        await door.knock(edited(asked, "Hello you"))
        assert await door.asked() == ["Ann: Hello you"]

    async def test_a_mention_that_comes_later_asks_nothing(self, door: Door) -> None:
        asked = said("Hello", chat=GROUP)
        await door.knock(asked)

        assert await door.knock(edited(asked, "@DeltaBot Hello")) == []
        assert await door.asked() == []

    async def test_a_reply_whose_target_is_not_named_any_more_is_the_same_question(self, door: Door) -> None:
        asked = said("Helo", chat=GROUP, reply_to_message=shown(chat=GROUP))
        await door.knock(asked)

        await door.knock(edited(asked, "Helo", reply_to_message=None))
        await door.knock(edited(asked, "Hello", reply_to_message=None))
        assert await door.asked() == ["Ann: Hello"]

    async def test_a_message_of_another_bot_is_none(self, door: Door) -> None:
        asked = said("@DeltaBot Hello", chat=GROUP, person=OTHER_BOT)
        await door.knock(asked)

        assert await door.knock(edited(asked, "@DeltaBot Hi")) == []


class TestStranger:
    """Who is not let in is told nothing, and nobody is asked about them."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings.load(_env_file=None, access="pairing", admins="11")

    @pytest.mark.parametrize("chat", [None, GROUP])
    async def test_an_edit_is_dropped(self, door: Door, chat: Raw | None) -> None:
        asked = said("@DeltaBot Hello", person=BOB, chat=chat)

        assert await door.knock(edited(asked, "@DeltaBot Hi")) == []
        assert await door.rows() == []


class TestPaste:
    """What a client cut is one question."""

    async def test_its_pieces_are_one_question(self, door: Door) -> None:
        pieces = ["a " * 1_950, "b " * 1_950, "c"]
        for text in pieces:
            await door.knock(said(text.strip()))

        assert await door.asked() == ["\n".join(text.strip() for text in pieces)]
        assert len(await door.queue()) == 1

    async def test_a_command_takes_its_tail_too(self, door: Door) -> None:
        await door.knock(said("Hello"))
        await end(door)
        await door.knock(said("/retry " + "x " * 1_950))
        await door.knock(said("tail"))

        assert (await door.asked())[1:] == ["x " * 1_949 + "x\ntail"]

    async def test_a_forward_and_its_comment_are_one_question_whichever_comes_first(self, door: Door) -> None:
        origin = {"type": "user", "sender_user": BOB, "date": 1}
        await door.knock(said("Is this true?"))
        await door.knock(said("The moon\nis cheese", forward_origin=origin))
        assert await door.asked() == ["Is this true?\n\n> Bob:\n> The moon\n> is cheese"]

        await door.knock(said("/new"))
        later = 1_800_000_100
        hidden = {"type": "hidden_user", "sender_user_name": "Eve", "date": 1}
        await door.knock(said("News", forward_origin=hidden, date=later))
        await door.knock(said("And this?", date=later + 1))
        assert (await door.asked())[1:] == ["> Eve:\n> News\n\nAnd this?"]

    async def test_a_forward_alone_is_asked_as_it_is(self, door: Door) -> None:
        await door.knock(said("News", forward_origin={"type": "user", "sender_user": ANN, "date": 1}))

        assert await door.asked() == ["News"]

    async def test_two_that_are_not_sent_together_are_two_questions(self, door: Door) -> None:
        await door.knock(said("x " * 1_950))
        await door.knock(said("and?", date=1_800_000_010))

        assert len(await door.asked()) == 2
