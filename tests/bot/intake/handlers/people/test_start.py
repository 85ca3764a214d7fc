"""/start and /help: who the bot is."""

from aiogram.methods import SendMessage
from aiogram.types import ReplyParameters

from bot.catalog.catalog import Catalog
from bot.settings import Settings
from bot.storage.engine.database import Sessions
from bot.texts.en import EN
from tests.bot.door import Door, buttons
from tests.bot.fixed import Fixed
from tests.bot.raw import ANN, GROUP, OLGA, said
from tests.clock import FakeClock

COMMANDS = """\
/new – Start a new conversation
/history – My conversations
/provider – Choose who answers
/model – Choose the model
/stop – Stop the current answer
/settings – Settings of this chat
/help – What I can do

/retry – Answer my last message again
/system – System prompt of this chat: /system TEXT
/image – Have a picture made: /image TEXT
/find – Search what was said here: /find WORDS
/title – Name this conversation: /title TEXT
/export – Save conversations as a file
/forget – Delete all conversations of this chat
/usage – Today's use and limits
/id – My id, and this group's"""


async def test_start_says_who_the_bot_is_and_who_answers(door: Door) -> None:
    (notice,) = await door.knock(said("/start"))

    assert isinstance(notice, SendMessage)
    assert notice.chat_id == ANN["id"]
    assert notice.reply_parameters is None
    assert notice.text == (
        "Hello! I am Delta. Write to me, and you can read the answer while it is being written.\n\n"
        "Now answering: alpha. I remember our conversation until you start a new one with /new. Reply to an older "
        f"answer to go on from there; edit a question to have it answered anew.\n\n{COMMANDS}"
    )


async def test_start_offers_examples_and_a_group_help_does_not(door: Door) -> None:
    (start,) = await door.knock(said("/start"))
    (help_,) = await door.knock(said("/help"))
    (in_group,) = await door.knock(said("/start@DeltaBot", chat=GROUP))

    *examples, group = buttons(start)
    assert [each.text for each in examples] == [EN.example_explain, EN.example_write, EN.example_plan]
    assert group.url == "https://t.me/DeltaBot?startgroup=new"
    assert (buttons(help_), buttons(in_group)) == ([], [])


async def test_who_is_answered_by_the_guide_learns_that_it_is_no_ai(
    db: Sessions, clock: FakeClock, settings: Settings
) -> None:
    door = Door(db, clock, settings, Catalog({"demo": Fixed("demo")}, "demo", clock))

    (text,) = await door.told(said("/start"))
    (in_group,) = await door.told(said("/help@DeltaBot", chat=GROUP))

    assert "Now answering: demo." in text
    assert "demo is my built-in guide and not an AI." in text
    assert "demo is my built-in guide and not an AI." in in_group


async def test_help_is_in_the_language_of_the_person(door: Door) -> None:
    (text,) = await door.told(said("/help", person=OLGA))

    assert text.startswith("Здравствуйте! Я Delta.")
    assert "/new – Начать новый разговор" in text


async def test_in_a_group_it_says_how_to_call_the_bot_and_replies(door: Door) -> None:
    update = said("/help@DeltaBot", chat=GROUP)

    (notice,) = await door.knock(update)

    assert isinstance(notice, SendMessage)
    assert "In this group I answer when you mention me (@DeltaBot) or reply to me." in notice.text
    asked = update["message"]["message_id"]
    assert notice.reply_parameters == ReplyParameters(message_id=asked, allow_sending_without_reply=True)


async def test_in_a_topic_it_answers_in_that_topic(door: Door) -> None:
    (notice,) = await door.knock(said("/help", chat=GROUP, message_thread_id=7, is_topic_message=True))

    assert isinstance(notice, SendMessage)
    assert notice.message_thread_id == 7


async def test_an_admin_sees_how_to_let_people_in(db: Sessions, clock: FakeClock, catalog: Catalog) -> None:
    door = Door(db, clock, Settings.load(_env_file=None, admins=[ANN["id"]]), catalog)

    (text,) = await door.told(said("/start"))

    assert (
        "/allow – Give a person or a chat access: /allow ID\n/deny – Remove a person's or a chat's access: /deny ID"
    ) in text


async def test_a_command_that_comes_again_is_answered_once(door: Door) -> None:
    update = said("/help")

    assert len(await door.knock(update)) == 1
    assert await door.knock(update) == []


async def test_in_a_group_nobody_is_asked_to_write_without_a_mention(door: Door) -> None:
    (told,) = await door.told(said("/help", chat=GROUP))

    assert told.startswith(f"{EN.hello_group.format(bot='Delta')}\n\nIn this group")
