"""A person goes on with, saves and deletes conversations; what is deleted is gone, whenever the process dies."""

import asyncio
import signal

import pytest

from bot.app.app import App
from bot.texts.en import EN
from telegram_playground.client import Chat, Message, PlaygroundClient, User
from telegram_playground.model import Model
from tests.crash.point import CommitPoint
from tests.database import Database
from tests.thorough import chosen
from tests.walks.nursery import Child

pytestmark = pytest.mark.walk

TABLES = ("conversations", "prompts", "answers", "replies", "parts", "finds")


async def all_gone(database: Database) -> None:
    """Wait until there are no rows of conversations."""
    for table in TABLES:
        await database.says(f"SELECT count(*) FROM {table}", [(0,)])


async def let_late_edits_be_past(database: Database) -> None:
    """Have it be two minutes later: what was under way at a kill may be carried out until then."""
    await database.ask("UPDATE parts SET late_since = NULL")


async def confirm(people: PlaygroundClient, chat: Chat, ann: User) -> Message:
    """Ask for everything to be forgotten; return the message with the button, which is not pressed yet."""
    written = await people.write(chat, ann, "/forget")
    return await people.wait(chat, text="Delete all conversations", after=written.message_id)


async def test_a_conversation_is_found_gone_on_with_and_saved(
    app: App, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("Dogs?", "They see **blue**.")
    model.says("Cats?", "They see in the dark.")
    await people.write(chat, ann, "Dogs?")
    dogs = await people.wait(chat, text="They see blue", complete=True)
    await people.write(chat, ann, "/new")
    await people.wait(chat, text="A new conversation")
    await people.write(chat, ann, "Cats?")
    await people.wait(chat, text="in the dark", complete=True)

    await people.write(chat, ann, "/find BLUE")
    found = await people.wait(chat, text="Found for BLUE")
    await people.write(chat, ann, "/history")
    listing = await people.wait(chat, text="You have ")
    (label,) = [button.text for button in listing.buttons if "Dogs" in button.text]
    await people.press(chat, ann, listing.message_id, label)
    await people.wait(chat, text=r"1 question")
    await people.press(chat, ann, listing.message_id, EN.continue_button)
    continued = await people.wait(chat, text="We go on with")
    before = (await people.calls())[-1]["id"]
    await people.press(chat, ann, listing.message_id, EN.export_button)
    await people.wait_call("editMessageText", since=before)
    await people.press(chat, ann, listing.message_id, "JSON")
    await people.wait_call("sendDocument")

    assert (found.reply_to, continued.reply_to) == (dogs.message_id, dogs.message_id)
    assert continued.text.endswith("They see blue.")


async def test_what_is_being_written_ends_with_its_mark_and_everything_goes(
    app: App, people: PlaygroundClient, chat: Chat, ann: User, model: Model, database: Database
) -> None:
    model.says("one", "The beginning of it", asyncio.Event())
    await people.write(chat, ann, "one")
    growing = await people.wait(chat, text="The beginning of it")
    await people.write(chat, ann, "two")
    asked = await confirm(people, chat, ann)

    await people.press(chat, ann, asked.message_id, EN.forget_button)

    stopped = await people.wait(chat, text=EN.stopped_mark, complete=True)
    assert stopped.message_id == growing.message_id
    await all_gone(database)
    assert len(model.requests) == 1


@pytest.mark.proof
@pytest.mark.parametrize(
    "point",
    chosen(
        [
            CommitPoint("update conversations", 2, after=True),
            CommitPoint("update answers done", 3, after=False),
            CommitPoint("delete conversations", 1, after=False),
        ],
        CommitPoint("update conversations", 2, after=True),
    ),
    ids=lambda point: f"{point.label} {'after' if point.after else 'before'}",
)
async def test_killed_while_it_forgets_the_bot_forgets_all_the_same(
    child: Child,
    people: PlaygroundClient,
    chat: Chat,
    ann: User,
    model: Model,
    database: Database,
    point: CommitPoint,
) -> None:
    model.says("one", "The beginning of it", asyncio.Event())
    model.says("one", "The beginning of it", asyncio.Event())
    await people.set(limits="off")
    await child.start(point)
    await people.write(chat, ann, "one")
    growing = await people.wait(chat, text="The beginning of it")
    asked = await confirm(people, chat, ann)

    pressing = asyncio.create_task(people.press(chat, ann, asked.message_id, EN.forget_button))
    assert await child.ended() == -signal.SIGKILL
    await child.start()
    await pressing

    stopped = await people.wait(chat, text=EN.stopped_mark, complete=True)
    assert stopped.message_id == growing.message_id
    await let_late_edits_be_past(database)
    await all_gone(database)
    await people.wait(chat, text="All conversations of this chat are deleted")
