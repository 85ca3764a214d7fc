"""Questions where the bot is no member: who is answered, what is offered, and whose buttons they are."""

import itertools

import pytest
from aiogram.methods import AnswerCallbackQuery, AnswerGuestQuery, AnswerInlineQuery, EditMessageText, SendMessage
from aiogram.types import InlineQueryResultArticle, InputTextMessageContent

from bot.intake.notice import Method
from bot.settings import Settings
from bot.storage.exchanges.jobs import Job
from bot.storage.ids import ELSEWHERE
from bot.texts.en import EN
from bot.texts.ru import RU
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, GROUP, OLGA, OTHER_BOT, Raw, message, said, update

FOREIGN: Raw = {"id": -1007, "type": "supergroup", "title": "Others"}
NOT_YOURS = (EN.not_your_button, RU.not_your_button)
_numbers = itertools.count(1)


@pytest.fixture
def settings() -> Settings:
    listed = {"admins": str(OLGA["id"]), "allowed_users": str(ANN["id"]), "allowed_chats": str(GROUP["id"])}
    return Settings.load(_env_file=None, access="pairing", limit_messages=2, **listed)


def typed(text: str, *, person: Raw = ANN, key: str = "q1") -> Raw:
    return update(inline_query={"id": key, "from": person, "query": text, "offset": "", "chat_type": "group"})


def chosen(text: str, *, person: Raw = ANN, inline_id: str | None = "m1", key: str = "q1") -> Raw:
    told = {"inline_message_id": inline_id} if inline_id else {}
    return update(chosen_inline_result={"result_id": key, "from": person, "query": text, **told})


def pressed(data: str, *, person: Raw = ANN, inline_id: str = "m1") -> Raw:
    query = {"id": str(next(_numbers)), "from": person, "chat_instance": "1", "data": data}
    return update(callback_query={**query, "inline_message_id": inline_id})


def summoned(text: str = "@DeltaBot Why?", *, person: Raw = ANN, chat: Raw = FOREIGN, **fields: object) -> Raw:
    return update(guest_message={**message(text, person=person, chat=chat, **fields), "guest_query_id": "g1"})


def words(methods: list[Method]) -> list[str]:
    """Return the texts that stand in messages after some calls."""
    found = []
    for method in methods:
        if isinstance(method, EditMessageText | SendMessage):
            found.append(method.text or "")
        elif isinstance(method, AnswerGuestQuery) and isinstance(method.result, InlineQueryResultArticle):
            content = method.result.input_message_content
            found.append(content.message_text if isinstance(content, InputTextMessageContent) else "")
    return found


async def stand(door: Door, text: str = "So.") -> Job:
    """Bring the next answer to its end, in its inline message."""
    return await door.store.end(text=text)


class TestTyped:
    """What is offered while somebody types."""

    async def test_it_can_be_asked_and_nothing_is_stored(self, door: Door) -> None:
        (offer,) = await door.knock(typed("Why is the sky blue?"))

        assert isinstance(offer, AnswerInlineQuery)
        (article,) = offer.results
        assert isinstance(article, InlineQueryResultArticle)
        assert (article.description, offer.cache_time, offer.is_personal) == ("Why is the sky blue?", 0, True)
        assert isinstance(article.input_message_content, InputTextMessageContent)
        assert article.input_message_content.message_text == "Why is the sky blue?\n\n…"
        assert article.reply_markup
        assert await door.asked() == []

    @pytest.mark.parametrize("text", ["", "  "])
    async def test_without_words_it_says_how(self, door: Door, text: str) -> None:
        (offer,) = await door.knock(typed(text))

        assert isinstance(offer, AnswerInlineQuery)
        assert (offer.results, offer.button and offer.button.text) == ([], EN.inline_how)

    async def test_a_stranger_is_shown_the_way_and_nobody_is_begged(self, door: Door) -> None:
        for _ in range(3):
            (offer,) = await door.knock(typed("Hello", person=BOB))
            assert isinstance(offer, AnswerInlineQuery)
            assert (offer.results, offer.button and offer.button.text) == ([], EN.inline_private)

    async def test_who_was_sent_away_is_shown_nothing(self, door: Door) -> None:
        await door.knock(said(f"/deny {BOB['id']}", person=OLGA))

        (offer,) = await door.knock(typed("Hello", person=BOB))

        assert isinstance(offer, AnswerInlineQuery)
        assert (offer.results, offer.button) == ([], None)


class TestChosen:
    """What was chosen is asked, once."""

    async def test_it_is_asked_in_its_message(self, door: Door) -> None:
        assert await door.knock(chosen("Why?")) == []

        job = await door.store.begun()
        assert (job.inline_id, job.asked, job.message_id, job.has_parts) == ("m1", "Why?", None, False)
        assert (job.chat.telegram_id, job.chat.thread_id) == (ANN["id"], ELSEWHERE)

    async def test_the_button_asks_what_telegram_did_not_tell_and_only_then(self, door: Door) -> None:
        await door.knock(typed("Why?"))

        assert words(await door.knock(pressed("ask:q1", person=OLGA))) == []
        assert await door.asked() == []
        assert await door.toast(pressed("ask:q1")) is None
        assert await door.toast(pressed("ask:q1")) is None
        assert await door.knock(chosen("Why?")) == []
        assert await door.asked() == ["Why?"]

    async def test_a_question_that_is_not_known_any_more_is_told_so(self, door: Door) -> None:
        assert await door.toast(pressed("ask:q9")) == EN.inline_too_old

    async def test_a_stranger_asks_nothing(self, door: Door) -> None:
        await door.knock(typed("Why?"))
        await door.knock(chosen("Why?", person=BOB))

        assert await door.toast(pressed("ask:q1", person=BOB)) == EN.not_your_button
        assert await door.asked() == []

    async def test_what_cannot_be_edited_is_not_asked(self, door: Door) -> None:
        assert await door.knock(chosen("Why?", inline_id=None)) == []
        assert await door.asked() == []

    async def test_a_limit_is_told_in_each_message_and_can_be_tried_again(self, door: Door) -> None:
        for number in (1, 2):
            await door.knock(chosen("Why?", inline_id=f"m{number}"))
            await stand(door)

        for number in (3, 4):
            (told,) = await door.knock(chosen("Why?", inline_id=f"m{number}"))
            assert isinstance(told, EditMessageText)
            assert told.inline_message_id == f"m{number}"
            assert "2 of 2 questions" in (told.text or "")
            assert told.reply_markup
        await door.knock(typed("Why?"))
        toast, _ = await door.knock(pressed("ask:q1", inline_id="m4"))
        assert isinstance(toast, AnswerCallbackQuery)
        assert toast.text == EN.limit_toast
        assert len(await door.queue()) == 2

    async def test_a_notice_is_said_after_a_restart(self, door: Door) -> None:
        for number in range(3):
            await door.knock(chosen("Why?", inline_id=f"m{number}"))
        (told,) = door.outbox.methods
        door.outbox.methods.clear()

        await door.saying.recall()

        assert door.outbox.methods == [told]


class TestGuest:
    """Where the bot is mentioned and no member."""

    async def test_only_the_words_are_asked_under_what_they_reply_to(self, door: Door) -> None:
        replied = message("The sky is blue.", person=BOB, chat=FOREIGN)

        await door.knock(summoned("@DeltaBot Why?", reply_to_message=replied))

        assert [text.splitlines()[-1] for text in await door.asked()] == ["Why?"]
        assert "The sky is blue." in (await door.asked())[0]
        job = await door.store.begun()
        assert (job.query_id, job.inline_id, job.asked) == ("g1", None, "")

    async def test_access_is_the_persons_own_whatever_the_group(self, door: Door) -> None:
        await door.knock(summoned(person=BOB, chat=GROUP))
        await door.knock(summoned(person=OTHER_BOT, chat=GROUP))

        assert await door.asked() == []

    async def test_a_stranger_is_refused_once(self, door: Door) -> None:
        first = words(await door.knock(summoned(person=BOB)))

        assert first[0].startswith("This is a private bot.")
        assert words(await door.knock(summoned(person=BOB))) == []
        assert await door.told(said("Hello", person=BOB)) == []

    async def test_a_mention_alone_is_asked_back(self, door: Door) -> None:
        assert words(await door.knock(summoned("@DeltaBot"))) == [
            "Yes? Write your question after @DeltaBot, in the same message."
        ]

    async def test_a_private_chat_of_others_is_not_taken_for_its_person(self, door: Door) -> None:
        raw = summoned(chat={"id": ANN["id"], "type": "private", "first_name": "Ann"}, person=BOB)
        del raw["guest_message"]["from"]

        assert await door.knock(raw) == []
        assert await door.asked() == []


class TestButtons:
    """Those under an inline message are the asker's."""

    async def test_others_and_forged_ones_do_nothing(self, door: Door) -> None:
        await door.knock(chosen("Why?"))
        job = await stand(door)

        for data in (f"retry:{job.id}", f"show:{job.id}:{job.id}", f"made:{job.id}", f"more:{job.id}"):
            for person, inline_id in ((OLGA, "m1"), (BOB, "m1"), (ANN, "m2")):
                assert await door.toast(pressed(data, person=person, inline_id=inline_id)) in NOT_YOURS
        for data in ("provider:demo", "set:language:ru", "forget:1", "adm:list", "call:1:1:a", "x", "retry:x"):
            assert await door.toast(pressed(data)) == EN.inline_too_old
        assert await door.toast(pressed("stop:999:0")) == EN.nothing_to_stop
        assert await door.toast(pressed(f"stop:{job.id}:0", person=OLGA)) == RU.not_your_button
        assert len(await door.queue()) == 1

    async def test_others_are_told_whose_stop_button_it_is(self, door: Door) -> None:
        await door.knock(chosen("Why?"))
        job = await door.store.begun()

        for person, inline_id in ((OLGA, "m1"), (BOB, "m1"), (ANN, "m2")):
            assert await door.toast(pressed(f"stop:{job.id}:0", person=person, inline_id=inline_id)) in NOT_YOURS
        assert await door.toast(pressed(f"stop:{job.id}:0")) == EN.stopped

    async def test_while_another_is_answered_nobody_is_sent_to_a_command_that_does_not_reach_it(
        self, door: Door
    ) -> None:
        await door.knock(chosen("Why?"))
        job = await stand(door)
        await door.knock(chosen("How?", inline_id="m2"))

        assert await door.toast(pressed(f"retry:{job.id}")) == EN.version_busy

    async def test_one_of_a_chat_is_none_of_an_inline_message(self, door: Door) -> None:
        await door.knock(said("Hello"))
        job = await door.store.end()

        assert await door.toast(pressed(f"retry:{job.id}")) == EN.not_your_button
        assert await door.toast(pressed(f"stop:{job.id}:0")) == EN.not_your_button

    async def test_all_of_an_answer_is_had_in_private_by_its_asker_alone(self, door: Door) -> None:
        await door.knock(chosen("Why?"))
        job = await stand(door)

        (opened,) = await door.knock(pressed(f"more:{job.id}"))
        assert isinstance(opened, AnswerCallbackQuery)
        assert opened.url == f"https://t.me/DeltaBot?start=more_{job.id}"
        assert await door.told(said(f"/start more_{job.id}", person=OLGA)) == [RU.more_gone]
        assert await door.told(said(f"/start more_{job.id}")) == []
        (shown,) = await door.store.replies.resume()
        assert (shown.shown, shown.chat.thread_id, shown.is_made) == ("So.", 0, True)
        assert await door.told(said("/start more_999")) == [EN.more_gone]


async def test_the_row_is_set_as_the_private_chat_is(door: Door) -> None:
    await door.intake.receive(said("/system Be brief."), said("/settings thinking off"), chosen("Why?"))

    chat = (await door.store.begun()).chat
    assert (chat.system_prompt, chat.thinking) == ("Be brief.", "off")


async def test_forget_and_export_take_it_along(door: Door) -> None:
    await door.knock(chosen("Why?"))
    await stand(door)
    private = await door.store.chats.get(ANN["id"], provider="demo")

    assert await door.store.conversations.count(private.id) == 1
    (conversation_id,) = await door.store.conversations.ids(private.id)
    assert await door.store.trees.of(private.id, conversation_id)
    assert (await door.store.conversations.delete(private.id)).conversations == 1
    assert await door.store.conversations.count(private.id) == 0
