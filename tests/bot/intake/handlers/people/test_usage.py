"""Limits per person, group and day: who is held to them, what is said, and what /usage and /id show."""

import json

import pytest
from aiogram.methods import AnswerCallbackQuery, SendMessage
from sqlalchemy import func, select

from bot.catalog.catalog import key_of
from bot.intake.bill import limit_reached, money
from bot.intake.message.mention import Author
from bot.settings import Settings
from bot.storage.answers.ending import Ending
from bot.storage.people.usage import DAY_S, KEPT_DAYS, PICODOLLARS, Limited, Reached
from bot.storage.tables import Outcome, Outgoing, Update, Usage
from bot.storage.telegram.pieces import PASTE_S
from bot.texts import LANGUAGES
from providers.blocks import Text
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, FORUM, GROUP, OLGA, Raw, pressed, private, said, shown, update
from tests.clock import FakeClock

UNTIL_MIDNIGHT_S = DAY_S - 1_800_000_000 % DAY_S  # 16 h
CHANNEL: Raw = {"id": -1009, "type": "channel", "title": "News"}


@pytest.fixture
def settings() -> Settings:
    return Settings.load(
        _env_file=None,
        access="open",
        admins=str(OLGA["id"]),
        limit_messages=2,
        limit_tokens=1_000,
        group_limit_messages=3,
        group_limit_tokens=5_000,
    )


def asked(text: str = "@DeltaBot hi", *, person: Raw = ANN, chat: Raw = GROUP, **fields: object) -> Raw:
    return said(text, person=person, chat=chat, **fields)


async def answered(door: Door, tokens: int | None = 10) -> None:
    """Bring the next answer to its end."""
    job = await door.store.begun()
    ending = Ending(Outcome.ANSWERED, (Text("Hi."),), prompt_tokens=tokens, completion_tokens=0)
    made = await door.store.answers.ended(job, ending)
    assert made
    await door.store.replies.stands(made)


@pytest.mark.parametrize("whose", [ANN, GROUP], ids=["person", "group"])
@pytest.mark.parametrize("of", Limited)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_limit_is_told_in_each_language(language: str, of: Limited, whose: Raw) -> None:
    spent = PICODOLLARS if of is Limited.COST else 1
    reached = Reached(whose["id"], spent, spent, of, 3600.0)

    told = limit_reached(reached, Author(ANN["id"], "Ann"), LANGUAGES[language]).as_kwargs()["text"]

    assert ("$1.00" if of is Limited.COST else "1") in told
    assert ".." not in told


async def test_a_person_who_has_asked_enough_is_told_once_with_the_time_until_more(door: Door) -> None:
    await door.knock(said("One"))
    await door.knock(said("Two"))

    (told,) = await door.knock(said("Three"))

    assert isinstance(told, SendMessage)
    assert told.text == "2 of 2 questions today. Next ones in 16 h 0 min."
    assert told.reply_parameters is not None
    assert await door.knock(said("Four")) == []
    assert await door.asked() == ["One", "Two"]


async def test_he_is_told_in_his_own_language(door: Door) -> None:
    ivan = {**BOB, "language_code": "ru"}
    for text in ("раз", "два"):
        await door.knock(said(text, person=ivan))

    assert await door.told(said("три", person=ivan)) == [
        "Сегодня задано вопросов: 2 из 2. Следующие — через 16 ч 0 мин."
    ]


async def test_at_midnight_utc_all_begins_anew(door: Door, clock: FakeClock) -> None:
    for text in ("One", "Two"):
        await door.knock(said(text))
    await clock.advance(UNTIL_MIDNIGHT_S - 0.5)
    assert await door.told(said("Late")) == ["2 of 2 questions today. Next ones in 1 min."]
    await clock.advance(0.5)

    for text in ("Three", "Four"):
        assert await door.knock(said(text)) == []
        await door.store.end()
    assert len(await door.told(said("Five"))) == 1
    assert await door.asked() == ["One", "Two", "Three", "Four"]


async def test_the_notice_waits_in_the_outbox_from_the_moment_that_the_update_is_taken(door: Door) -> None:
    for text in ("One", "Two", "Three"):
        await door.knock(last := said(text))

    assert door.outbox.keys == [1]
    async with door.db() as session:
        assert json.loads((await session.scalars(select(Outgoing.body))).one())["text"].startswith("2 of 2")
        assert await session.get(Update, last["update_id"]) is not None
    assert await door.knock(last) == []


async def test_questions_of_one_batch_are_counted_one_by_one(door: Door) -> None:
    await door.intake.receive(*(said(str(number)) for number in range(9)), said("Bob's", person=BOB))

    assert await door.asked() == ["Bob's", "0", "1"]  # who asked little goes first
    assert [getattr(method, "text", "") for method in door.outbox.methods] == [
        "2 of 2 questions today. Next ones in 16 h 0 min."
    ]


async def test_tokens_are_counted_as_the_service_tells_them(door: Door) -> None:
    await door.knock(said("One"))
    await answered(door, 1_234)

    assert await door.told(said("Two")) == ["1234 of 1000 tokens today. Next questions in 16 h 0 min."]


async def test_what_failed_before_its_first_word_costs_no_tokens(door: Door) -> None:
    await door.knock(said("One"))
    job = await door.store.begun()
    failed = Ending(Outcome.FAILED, None, "⚠️", prompt_tokens=5_000, completion_tokens=0, is_estimated=True)
    await door.store.answers.ended(job, failed)

    async with door.db() as session:
        assert await session.scalar(select(func.sum(Usage.tokens))) in (0, None)


async def test_admins_of_the_bot_are_counted_and_never_refused(door: Door) -> None:
    for number in range(4):
        assert await door.knock(asked(person=OLGA, text=f"@DeltaBot {number}")) == []
        await door.store.end()
    assert len(await door.asked()) == 4

    assert await door.told(asked()) == ["This group has asked 4 of 3 questions today. Next ones in 16 h 0 min."]


async def test_a_group_is_told_once_whoever_asks(door: Door) -> None:
    for person in (ANN, BOB, BOB):
        await door.knock(asked(person=person))

    assert await door.told(asked()) == ["This group has asked 3 of 3 questions today. Next ones in 16 h 0 min."]
    assert await door.told(asked(person=BOB)) == ["2 of 2 questions today. Next ones in 16 h 0 min."]
    assert await door.knock(asked()) == []
    assert await door.knock(asked(person=OLGA, text="@DeltaBot an admin may")) == []
    assert await door.knock(asked()) == []


async def test_all_topics_of_a_forum_share_the_groups_limit(door: Door) -> None:
    for topic in (3, 4, 5):
        person = {**ANN, "id": 100 + topic}
        await door.knock(asked(chat=FORUM, person=person, message_thread_id=topic, is_topic_message=True))

    told = await door.told(asked(chat=FORUM, message_thread_id=6, is_topic_message=True))

    assert told == ["This group has asked 3 of 3 questions today. Next ones in 16 h 0 min."]


async def test_an_anonymous_admin_counts_for_the_group_alone_and_a_channel_for_itself(door: Door) -> None:
    for number in range(3):
        await door.knock(asked(text=f"@DeltaBot {number}", sender_chat=GROUP))
        await door.store.end()
    assert len(await door.asked()) == 3
    assert len(await door.told(asked(sender_chat=GROUP))) == 1

    for _ in range(2):
        await door.knock(asked(chat=FORUM, sender_chat=CHANNEL))
    told = await door.told(asked(chat=FORUM, sender_chat=CHANNEL))

    assert told == ["2 of 2 questions today. Next ones in 16 h 0 min."]


async def test_another_answer_counts_as_a_question(door: Door) -> None:
    await door.knock(said("One"))
    first = await door.store.end()
    await door.knock(said("/retry"))
    again = await door.store.end()

    toast = await door.toast(pressed(f"retry:{again.id}", under=shown(chat=private(ANN))))
    told = await door.told(said("/retry"))

    assert toast == "Today's limit is reached. /usage shows when it ends."
    assert told == ["2 of 2 questions today. Next ones in 16 h 0 min."]
    assert await door.knock(said("/retry in other words")) == []
    assert await door.told(said("Two")) == []
    assert [job.id for job in await door.queue()] == [first.id, again.id]


async def test_the_button_counts_too(door: Door) -> None:
    await door.knock(said("One"))
    first = await door.store.end()
    under = shown(chat=private(ANN))

    assert await door.toast(pressed(f"retry:{first.id}", under=under)) is None
    again = await door.store.end()

    assert isinstance((await door.knock(pressed(f"retry:{again.id}", under=under)))[0], AnswerCallbackQuery)
    assert len(await door.queue()) == 2


def reworded(sent: Raw, text: str) -> Raw:
    """Return the update of an edit of a message."""
    return update(edited_message={**sent["message"], "text": text, "edit_date": sent["message"]["date"] + 1})


async def test_an_edit_that_is_answered_anew_counts_as_a_question(door: Door) -> None:
    await door.knock(sent := said("One"))
    await door.store.end()
    await door.knock(reworded(sent, "Two"))
    await door.store.end()

    told = await door.told(reworded(sent, "Three"))

    assert told == ["2 of 2 questions today. Next ones in 16 h 0 min."]
    assert await door.told(reworded(sent, "Four")) == []
    assert await door.asked() == ["One", "Two"]


async def test_an_edit_of_what_still_waits_costs_nothing(door: Door) -> None:
    await door.knock(sent := said("One"))

    for text in ("Two", "Three", "Four"):
        await door.knock(reworded(sent, text))

    assert await door.asked() == ["Four"]
    assert await messages_used(door) == 1


@pytest.mark.parametrize("at_once", [True, False])
async def test_the_pieces_of_a_paste_are_one_question(door: Door, at_once: bool) -> None:
    pieces = [said("x" * 4_000), said("y" * 4_000), said("z")]
    if at_once:
        await door.intake.receive(*pieces)
    else:
        for each in pieces:
            await door.knock(each)

    assert [len(text) for text in await door.asked()] == [8_003]
    assert await messages_used(door) == 1


async def test_a_late_piece_is_taken_where_the_limit_is_reached_and_costs_nothing(door: Door, clock: FakeClock) -> None:
    await door.knock(said("One"))
    await door.store.end()
    await door.knock(said("x" * 4_000))
    await clock.advance(PASTE_S)
    await door.store.begun()

    assert await door.told(said("y")) == []

    assert len(await door.asked()) == 3
    assert await messages_used(door) == 2


async def test_the_tail_of_a_refused_paste_is_not_asked(door: Door) -> None:
    await door.intake.receive(said("One"), said("Two"), said("x" * 4_000), said("y"))

    assert await door.asked() == ["One", "Two"]


async def test_another_model_that_sees_pictures_is_asked_on_the_same_bill(door: Door) -> None:
    await door.knock(said("One"))
    await door.knock(said("Two"))
    await door.store.end()
    last = await door.store.end()
    button = f"sees:{last.id}:{key_of('beta', '')}"

    toast = await door.toast(pressed(button, under=shown(chat=private(ANN))))

    assert toast == "Today's limit is reached. /usage shows when it ends."
    assert (await door.rows())[0].provider == "alpha"


async def test_what_nobody_wants_any_more_has_cost_tokens_too(door: Door, settings: Settings) -> None:
    object.__setattr__(settings, "limit_messages", 100)
    await door.knock(sent := said("One"))
    job = await door.store.begun()
    await door.knock(reworded(sent, "Two"))
    assert await door.store.answers.is_superseded(job)

    await door.store.answers.leave(
        job, Ending(Outcome.STOPPED, (Text("Hi"),), prompt_tokens=1_000, completion_tokens=5)
    )

    assert await door.told(said("Three")) == ["1005 of 1000 tokens today. Next questions in 16 h 0 min."]


async def messages_used(door: Door) -> int:
    """Return how many questions were counted."""
    async with door.db() as session:
        return await session.scalar(select(func.sum(Usage.messages))) or 0


async def test_what_is_not_taken_because_too_much_waits_is_not_counted(door: Door, settings: Settings) -> None:
    object.__setattr__(settings, "limit_messages", 100)
    for number in range(25):
        await door.knock(said(str(number)))

    async with door.db() as session:
        assert await session.scalar(select(func.sum(Usage.messages))) == 20


async def test_usage_shows_what_is_left(door: Door) -> None:
    await door.knock(said("One"))
    await answered(door, 321)

    (told,) = await door.told(said("/usage"))

    assert told == (
        "Now answering: alpha, model a-1.\nIt works, as far as I know.\n\nYou (id 11) today:\nQuestions: 1 of 2\n"
        "Tokens: 321 of 1000\n\nA new day begins in 16 h 0 min."
    )
    assert await door.told(said("/status")) == await door.told(said("/whoami")) == [told]


async def test_a_provider_without_models_is_told_without_one(door: Door) -> None:
    await door.knock(said("/provider plain"))

    (told,) = await door.told(said("/usage"))

    assert told.startswith("Now answering: plain.\nIt works")


async def test_usage_in_a_group_is_the_persons_and_the_groups(door: Door) -> None:
    await door.knock(asked())

    (told,) = await door.told(said("/usage@DeltaBot", chat=GROUP))

    assert "You (id 11) today:\nQuestions: 1 of 2" in told
    assert "This group (id -1001) today:\nQuestions: 1 of 3" in told


async def test_usage_of_an_admin_knows_no_limit(door: Door) -> None:
    await door.knock(said("One", person=OLGA))

    assert "Вопросов: 1\nТокенов: 0" in (await door.told(said("/usage", person=OLGA)))[0]


@pytest.mark.parametrize(
    ("update", "told"),
    [
        (said("/id"), "Your id: 11"),
        (said("/id@DeltaBot", chat=GROUP), "Your id: 11\nId of this group: -1001"),
        (
            said("/id@DeltaBot", chat=FORUM, message_thread_id=7, is_topic_message=True),
            "Your id: 11\nId of this group: -1002\nId of this topic: 7",
        ),
    ],
)
async def test_id_tells_the_ids(door: Door, update: Raw, told: str) -> None:
    assert await door.told(update) == [told]


async def test_what_was_used_long_ago_is_forgotten(door: Door, clock: FakeClock) -> None:
    await door.knock(said("One"))
    await clock.advance(KEPT_DAYS * DAY_S)
    await door.accounts.prune()
    async with door.db() as session:
        assert await session.scalar(select(func.count()).select_from(Usage)) == 1

    await clock.advance(DAY_S)
    await door.accounts.prune()

    async with door.db() as session:
        assert await session.scalar(select(func.count()).select_from(Usage)) == 0


async def spent(door: Door, cost: int | None, *, provider: str = "alpha", tokens: int = 10) -> None:
    job = await door.store.begun()
    ending = Ending(Outcome.ANSWERED, (Text("Hi."),), provider=provider, prompt_tokens=tokens, cost=cost)
    made = await door.store.answers.ended(job, ending)
    assert made
    await door.store.replies.stands(made)


async def test_money_is_told_where_prices_are_known(door: Door, clock: FakeClock) -> None:
    await door.knock(said("One"))
    await spent(door, 3 * PICODOLLARS // 1_000)
    (text,) = await door.told(said("/usage"))
    assert "Cost: $0.0030" in text

    await clock.advance(UNTIL_MIDNIGHT_S)
    await door.knock(said("Two"))
    await spent(door, None, provider="beta")
    await door.knock(said("Three"))
    await spent(door, PICODOLLARS)
    (text,) = await door.told(said("/usage"))

    assert "Cost: at least $1.00" in text
    assert "· alpha: 2 questions, 10 tokens, $1.00" in text
    assert "· beta: 0 questions, 10 tokens\n" in text
    assert "· 2027-01-15: 1 question, 10 tokens, $0.0030" in text


async def test_money_is_told_where_only_what_has_no_tokens_has_a_price(door: Door) -> None:
    await door.knock(said("One"))
    await spent(door, None)
    await door.knock(said("Two"))
    await spent(door, 3 * PICODOLLARS // 100, provider="🔧 files", tokens=0)

    (text,) = await door.told(said("/usage"))

    assert "Cost: at least $0.03" in text
    assert "· 🔧 files: 0 questions, 0 tokens, $0.03" in text


async def test_where_no_price_is_known_no_money_is_told(door: Door) -> None:
    await door.knock(said("One"))
    await spent(door, None)

    (text,) = await door.told(said("/usage"))

    assert "$" not in text
    assert "Cost" not in text


async def test_sums_are_exact(door: Door) -> None:
    for number in range(10):
        await door.knock(asked(f"@DeltaBot {number}", person=OLGA, chat=private(OLGA)))
        await spent(door, PICODOLLARS // 10)

    (text,) = await door.told(said("/usage", person=OLGA))

    assert "$1.00" in text


def test_amounts_are_told_to_the_cent_and_small_ones_to_two_digits() -> None:
    amounts = [0, 1, 4_200_000_000, 10**11, 1_234_567_000_000_000]

    assert [money(each) for each in amounts] == [
        "$0.00",
        "$0.0000000000010",
        "$0.0042",
        "$0.10",
        "$1,234.57",
    ]


class TestCostLimit:
    """Limits in dollars."""

    @pytest.fixture
    def settings(self) -> Settings:
        return Settings.load(_env_file=None, access="open", limit_cost="0.5", group_limit_cost="1")

    async def test_who_has_spent_it_is_told(self, door: Door) -> None:
        await door.knock(said("One"))
        await spent(door, PICODOLLARS // 2)

        told = await door.told(said("Two"))

        assert told == ["$0.50 of $0.50 spent today. Next questions in 16 h 0 min."]
        (text,) = await door.told(said("/usage"))
        assert "Cost: $0.50 of $0.50" in text

    async def test_a_group_that_has_spent_it_is_told(self, door: Door) -> None:
        for person in (ANN, BOB):
            await door.knock(asked(person=person))
            await spent(door, PICODOLLARS // 2 - 1)
        await door.knock(asked(person={**ANN, "id": 77}))
        await spent(door, PICODOLLARS)

        told = await door.told(asked(person={**ANN, "id": 78}))

        assert told == ["This group has spent $2.00 of $1.00 today. Next questions in 16 h 0 min."]
