"""Questions in chats that are not the bot's: typed after its name, and asked of it as a guest; through kills too."""

import asyncio
import itertools
from typing import Any

import pytest

from bot.texts.en import EN
from telegram_playground.client import Bot, Chat, Message, PlaygroundClient, User
from telegram_playground.model import Model
from tests.crash.point import CommitPoint
from tests.thorough import chosen
from tests.walks.conftest import TOKEN, press_when_done
from tests.walks.nursery import Child

pytestmark = pytest.mark.walk

COMMITS = ("insert answers", "update answers generating", "update answers done", "update replies")


@pytest.fixture
async def bob(people: PlaygroundClient) -> User:
    return await people.add_user("Bob", language="en")


@pytest.fixture
async def guest(people: PlaygroundClient, bot: Bot) -> Bot:
    return await people.bot(TOKEN, supports_guest_queries=True, supports_inline_queries=True)


@pytest.fixture
async def friends(people: PlaygroundClient, ann: User, bob: User, guest: Bot) -> Chat:
    """A group of Ann and Bob, in which the bot is not."""
    return await people.add_group("Friends", members=[ann, bob])


async def choose(people: PlaygroundClient, chat: Chat, person: User, bot: Bot, text: str) -> dict[str, Any]:
    """Type a question after the bot's name, and choose what it offers."""
    query = await people.command("inline", chat=chat.key, user=person.id, bot=bot.id, query=text, wait=60)
    (offered,) = query["results"]
    sent = await people.command(
        "choose", inline_query_id=query["inline_query_id"], chat=chat.key, user=person.id, result_id=offered["id"]
    )
    return dict(sent)


async def ask(people: PlaygroundClient, chat: Chat, person: User, bot: Bot, text: str) -> None:
    """Mention the bot where it is no member."""
    await people.command("guest", chat=chat.key, user=person.id, bot=bot.id, text=f"@delta_bot {text}")


def labels(message: Message) -> list[str]:
    return [button.text for button in message.buttons]


@pytest.mark.usefixtures("app")
class TestInline:
    """What is typed after the bot's name and chosen."""

    async def test_the_answer_grows_under_the_question(
        self, people: PlaygroundClient, friends: Chat, ann: User, bob: User, guest: Bot, model: Model
    ) -> None:
        go = asyncio.Event()
        model.says("capital", "It is **Paris**", go, " of course.")
        await choose(people, friends, ann, guest, "The capital of France?")

        growing = await people.wait(friends, by=ann, text="It is Paris ▌")
        assert labels(growing) == [EN.stop_button]
        go.set()
        answer = await people.wait(friends, by=ann, text="of course", complete=True)
        assert answer.text == "The capital of France?\n\nIt is Paris of course."
        assert answer.message_id == growing.message_id
        assert labels(answer) == ["🔄"]
        assert [message["content"] for message in model.requests[-1].messages[1:]] == ["The capital of France?"]
        refused = await press_when_done(people, friends, bob, answer.message_id, "🔄")
        assert refused
        assert refused["text"] == EN.not_your_button

    async def test_versions_stand_under_it_and_the_asker_stops_it(
        self, people: PlaygroundClient, friends: Chat, ann: User, guest: Bot, model: Model
    ) -> None:
        for text in ("One.", "Two."):
            model.says("count", text)
        model.says("count", "Three", asyncio.Event())
        await choose(people, friends, ann, guest, "count")
        first = await people.wait(friends, by=ann, text="One.", complete=True)
        await press_when_done(people, friends, ann, first.message_id, "🔄")
        second = await people.wait(friends, by=ann, text="Two.", complete=True)
        assert labels(second) == ["◀", "2/2", "▶", "🔄"]
        await press_when_done(people, friends, ann, second.message_id, "◀")
        await people.wait(friends, by=ann, text="One.", complete=True)

        assert len(model.requests) == 2
        await press_when_done(people, friends, ann, second.message_id, "🔄")
        await people.wait(friends, by=ann, text="Three ▌")
        await people.press(friends, ann, second.message_id, EN.stop_button)
        stopped = await people.wait(friends, by=ann, text="⏹", complete=True)
        assert stopped.message_id == first.message_id

    @pytest.mark.proof
    async def test_a_long_one_is_whole_in_the_private_chat(
        self, people: PlaygroundClient, friends: Chat, chat: Chat, ann: User, guest: Bot, model: Model
    ) -> None:
        long = "\n\n".join(f"Paragraph {number}. " + "word " * 150 for number in range(8))
        model.says("tell", long)
        await choose(people, friends, ann, guest, "tell me all")
        answer = await people.wait(friends, by=ann, text=EN.more_elsewhere, complete=True)
        assert labels(answer) == ["🔄", EN.more_button]
        opened = await people.press(friends, ann, answer.message_id, EN.more_button)
        assert opened
        start = opened["url"].partition("start=")[2]

        await people.write(chat, ann, f"/start {start}")
        await people.wait(chat, text="Paragraph 7", complete=True)
        await people.write(chat, ann, "and then?")
        await people.wait(chat, text="and then", complete=True)
        assert "Paragraph 7" in str(model.requests[-1].messages)


@pytest.mark.usefixtures("app")
class TestGuest:
    """What is asked of the bot where it is a guest."""

    async def test_the_answer_grows_in_one_message_that_replies(
        self, people: PlaygroundClient, friends: Chat, ann: User, guest: Bot, model: Model
    ) -> None:
        go = asyncio.Event()
        model.says("capital", go, "It is Paris.")
        await ask(people, friends, ann, guest, "The capital of France?")

        waits = await people.wait(friends, by=ann, text="^…$")
        assert labels(waits) == [EN.stop_button]
        go.set()
        answer = await people.wait(friends, by=ann, text="It is Paris.", complete=True)
        assert (answer.message_id, answer.text, labels(answer)) == (waits.message_id, "It is Paris.", ["🔄"])
        assert [message["content"] for message in model.requests[-1].messages[1:]] == ["The capital of France?"]


@pytest.mark.usefixtures("app")
async def test_it_is_answered_as_the_private_chat_is_set_and_forgotten_with_it(
    people: PlaygroundClient, friends: Chat, chat: Chat, ann: User, guest: Bot, model: Model
) -> None:
    await people.write(chat, ann, "/system Talk like a pirate")
    await people.wait(chat, text=EN.prompt_set)
    await choose(people, friends, ann, guest, "hello")
    await people.wait(friends, by=ann, text="You said", complete=True)
    assert model.requests[-1].messages[0]["content"] == "Talk like a pirate"

    await people.write(chat, ann, "/forget")
    sure = await people.wait(chat, text="Delete")
    await people.press(chat, ann, sure.message_id, EN.forget_button)
    await people.wait(chat, text=EN.forgotten)
    await people.write(chat, ann, "/export")
    await people.wait(chat, text=EN.export_nothing)


@pytest.mark.proof
async def test_an_inline_answer_is_whole_though_the_bot_dies_on_its_way(
    people: PlaygroundClient, friends: Chat, ann: User, guest: Bot, model: Model, child: Child
) -> None:
    every = [CommitPoint(label, 1, after) for label, after in itertools.product(COMMITS, (False, True))]
    points = chosen(every, every[1], every[2])
    await child.start()
    typed = [
        await people.command("inline", chat=friends.key, user=ann.id, bot=guest.id, query=f"q{number}.", wait=60)
        for number in range(len(points))
    ]
    await child.kill()
    for number, (point, query) in enumerate(zip(points, typed, strict=True)):
        await child.start(point)
        offered = query["results"][0]["id"]
        await people.command(
            "choose", inline_query_id=query["inline_query_id"], chat=friends.key, user=ann.id, result_id=offered
        )
        assert await child.ended() is not None, point
        await child.start()
        whole = rf"q{number}\.\n\nYou said: q{number}\."
        await people.wait(friends, by=ann, text=whole, complete=True)
        await child.kill()
    answers = [each.text for each in await people.messages(friends)]
    assert answers == [f"q{number}.\n\nYou said: q{number}." for number in range(len(points))]
    assert len({each.messages[-1]["content"] for each in model.requests}) == len(points)


@pytest.mark.proof
async def test_a_guests_answer_whose_sending_was_lost_ends_by_its_button(
    people: PlaygroundClient, friends: Chat, ann: User, guest: Bot, model: Model, child: Child
) -> None:
    goes_on = asyncio.Event()
    model.says("The capital?", "Par", goes_on, "is")  # else the press may find it whole, and bring it
    await people.fault("answerGuestQuery", "hold", execute=True)
    await child.start()
    await ask(people, friends, ann, guest, "The capital?")
    await people.wait_held()
    await child.kill()
    await people.clear_faults()
    await child.start()
    orphan = await people.wait(friends, by=ann, text="^…$")

    await people.press(friends, ann, orphan.message_id, EN.stop_button)

    stopped = await people.wait(friends, by=ann, text="⏹|" + EN.stopped, complete=True)
    assert stopped.message_id == orphan.message_id
    goes_on.set()
    await press_when_done(people, friends, ann, orphan.message_id, "🔄")
    await people.wait(friends, by=ann, text="Paris", complete=True)
