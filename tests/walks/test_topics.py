"""A place that is lost in mid-answer: its answer ends, what waits there too, and others go on.

Where the bot is back, what it had begun there is ended as stopped: no message keeps its cursor.
"""

import asyncio

import aiohttp
import pytest

from bot.app.app import App
from bot.storage.tables import Outcome
from bot.texts.en import EN
from telegram_playground.client import Bot, Chat, PlaygroundClient, Topic, User
from telegram_playground.model import Model
from telegram_playground.server import Playground
from tests.database import Database
from tests.thorough import chosen
from tests.walks.conftest import Hasty, all_taken

pytestmark = pytest.mark.walk

MOD = "987654321:AAEhBP0av28abcdefghijklmnopqrstuvwx"
BEGINNING = "Once upon a time"


@pytest.fixture(params=chosen(["forum", "private"], "forum"))
async def place(request: pytest.FixtureRequest, people: PlaygroundClient, bot: Bot, ann: User) -> tuple[Chat, str]:
    """A chat with topics, and the token of a bot that may delete them, as people do."""
    if request.param == "private":
        await people.command("bot", id=bot.id, has_topics_enabled=True)
        return await people.private(ann, bot), bot.token
    moderator = await people.bot(MOD, username="mod_bot")
    forum = await people.add_group("Club", members=[ann], bots=[bot, moderator], forum=True)
    await people.promote(forum, moderator)
    return forum, MOD


async def lose(telegram: Playground, place: tuple[Chat, str], topic: Topic) -> None:
    chat, token = place
    fields = {"chat_id": chat.id, "message_thread_id": topic.thread_id}
    url = f"{telegram.url}/bot{token}/deleteForumTopic"
    async with aiohttp.ClientSession() as session, session.post(url, json=fields) as response:
        assert response.status == 200


@pytest.mark.parametrize("restarts", chosen([False, True], False))
async def test_what_is_asked_in_a_topic_that_is_deleted_ends_and_another_topic_goes_on(
    restarts: bool,
    telegram: Playground,
    place: tuple[Chat, str],
    hasty: Hasty,
    people: PlaygroundClient,
    ann: User,
    model: Model,
    database: Database,
) -> None:
    chat, go_on = place[0], asyncio.Event()
    lost, other = await people.add_topic(chat, "Lost"), await people.add_topic(chat, "Other")
    model.says("story", BEGINNING, go_on, " there was an end.")
    async with hasty():
        await people.write(chat, ann, "@delta_bot story", topic=lost)
        await people.wait(chat, text=BEGINNING)
        await people.write(chat, ann, "@delta_bot and then?", topic=lost)
        await all_taken(people)
        if not restarts:
            await _goes_on(telegram, place, lost, other, people, ann, go_on, database)
    if restarts:
        async with hasty():
            await _goes_on(telegram, place, lost, other, people, ann, go_on, database)

    refused = [call["method"] for call in await people.calls() if call.get("error_code")]
    assert sorted(set(refused) - {"sendChatAction"}) == [
        "editMessageReplyMarkup" if restarts else "editMessageText",
        "sendMessage",
    ]
    assert refused.count("sendMessage") == 1
    assert not [prompt for prompt in model.prompts() if "and then?" in prompt]
    assert await database.ask("SELECT count(*) FROM outbox") == [(0,)]


async def _goes_on(
    telegram: Playground,
    place: tuple[Chat, str],
    lost: Topic,
    other: Topic,
    people: PlaygroundClient,
    ann: User,
    go_on: asyncio.Event,
    database: Database,
) -> None:
    await lose(telegram, place, lost)
    go_on.set()
    await people.write(place[0], ann, "@delta_bot elsewhere", topic=other)
    answer = await people.wait(place[0], text="You said: .*elsewhere", complete=True)
    assert answer.raw["message_thread_id"] == other.thread_id
    open_ = "SELECT count(*) FROM answers WHERE outcome IS NULL OR state <> 'done'"
    while await database.ask(open_) != [(0,)]:
        await people.messages(place[0])  # takes its time


async def test_an_answer_in_a_group_that_the_bot_is_taken_out_of_is_ended_when_it_is_back(
    quick: App, people: PlaygroundClient, bot: Bot, ann: User, model: Model
) -> None:
    go_on = asyncio.Event()
    group = await people.add_group("Club", members=[ann], bots=[bot])
    model.says("story", BEGINNING, go_on, " there was an end.")
    await people.write(group, ann, "@delta_bot story")
    begun = await people.wait(group, text=BEGINNING)

    await people.remove_member(group, bot)
    go_on.set()
    while (answer := await quick.rows.answers.get(1)) and answer.outcome is not Outcome.UNDELIVERABLE:
        await people.messages(group)  # takes its time
    await people.add_member(group, bot)
    await people.wait(group, text=EN.stopped_mark)

    ended = await people.message(group, begun.message_id)
    assert ended.text == f"{BEGINNING}\n\n{EN.stopped_mark}"
    assert [button.text for button in ended.buttons] == [EN.retry_button]
    assert len([each for each in await people.messages(group) if BEGINNING in each.text]) == 1
    assert len(model.requests) == 1


async def test_in_a_topic_that_is_closed_what_stands_stays_and_a_line_says_that_there_is_more(
    quick: App, people: PlaygroundClient, bot: Bot, ann: User, model: Model
) -> None:
    go_on = asyncio.Event()
    forum = await people.add_group("Club", members=[ann], bots=[bot], forum=True)
    topic = await people.add_topic(forum, "T")
    model.says("story", BEGINNING, go_on, " word" * 1_500)
    await people.write(forum, ann, "@delta_bot story", topic=topic)
    begun = await people.wait(forum, text=BEGINNING)

    await people.command("close_topic", chat=forum.key, message_thread_id=topic.thread_id)
    go_on.set()
    await people.wait(forum, text=EN.rest_refused)

    ended = await people.message(forum, begun.message_id)
    assert ended.text.startswith(f"{BEGINNING} word word")
    assert len(ended.text) > 3_000
    assert ended.text.endswith(f"\n\n{EN.rest_refused}")
    assert EN.more_button not in [button.text for button in ended.buttons]
