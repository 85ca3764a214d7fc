"""Scenarios at the start, a dialogue as a test, and time that jumps."""

from pathlib import Path

import pytest

from telegram_playground.__main__ import main
from telegram_playground.client import Bot, Chat, PlaygroundClient, PlaygroundError, User
from telegram_playground.scenario import seed
from tests.telegram_playground.raw_bot import TOKEN, RawBot

SCENARIO = f"""
[bots.helper]
token = "{TOKEN}"
username = "helper_bot"
[people.ann]
first_name = "Ann"
language = "de"
[people.bob]
first_name = "Bob"
[groups.club]
title = "Club"
members = ["ann", "bob"]
bots = ["helper"]
[[messages]]
from = "ann"
to = "helper"
text = "/start"
[[messages]]
from = "bob"
to = "club"
text = "hello"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "scenario.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


async def test_a_scenario_is_played(people: PlaygroundClient, file: Path) -> None:
    made = await seed.play(seed.read(file), lambda name, arguments: people.command(name, **arguments))

    state = await people.command("state")
    assert {user["first_name"] for user in state["users"]} == {"Ann", "Bob"}
    private = f"{made['helper']['id']}:{made['ann']['id']}"
    texts = {chat["key"]: [message.get("text") for message in chat["messages"]] for chat in state["chats"]}
    assert texts[private] == ["/start"]
    assert "hello" in texts[made["club"]["key"]]
    assert state["bots"][0]["pending"] >= 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x =", "Invalid value"),
        ("[cats.tom]", "unknown tables cats"),
        (
            '[groups.club]\ntitle = "Club"\nmembers = ["nobody"]',
            "line 3: [groups.club]: members: 'nobody' is nobody's name",
        ),
        ('[people.ann]\nlast_name = "x"', "line 1: [people.ann]: first_name must be a text"),
        (
            '[people.ann]\nfirst_name = "A"\n\n# her language\nlangauge = "de"',
            "line 5: [people.ann]: add_user has no parameter langauge; did you mean language?",
        ),
        ("[people.ann]\nfirst_name = 2001-01-01", "line 2: [people.ann]: first_name must be a text"),
        ('[people]\nann = "Ann"', "people must be tables"),
        (SCENARIO + "entities = [{type = 2001-01-01}]", "a date or a number without end"),
        ('messages = "x"', "messages must be tables"),
        ('[bots.b]\nusername = "b_bot"', "line 1: [bots.b]: token must be a text"),
        (SCENARIO + "reply_too = 1", "line 22: [[messages]] number 2: write has no parameter reply_too"),
        (SCENARIO.replace('to = "club"', 'to = "clib"'), "line 20: [[messages]] number 2: to: 'clib' is nobody's name"),
        (
            SCENARIO.replace('["ann", "bob"]', '["helper"]'),
            "line 12: [groups.club]: members must name a person",
        ),
        (SCENARIO.replace('["helper"]', '["ann"]'), "line 13: [groups.club]: bots: [people.ann] is none of bots"),
        (
            SCENARIO.replace('["ann", "bob"]', '["ann", "club"]'),
            "line 12: [groups.club]: members: [groups.club] is none of people and bots",
        ),
        (
            SCENARIO.replace('from = "bob"', 'from = "helper"'),
            "line 19: [[messages]] number 2: from: [bots.helper] is none of people",
        ),
        (
            SCENARIO.replace('to = "club"', 'to = "ann"'),
            "line 20: [[messages]] number 2: to: [people.ann] is none of bots and groups",
        ),
        (
            SCENARIO.replace('first_name = "Bob"', 'first_name = "Bob"\nusername = "helper_bot"'),
            "line 10: [people.bob]: the username helper_bot is taken",
        ),
        (SCENARIO + "reply_to = 99", "[[messages]] number 2: message to be replied not found"),
        ("[groups.club]\ntitle = 'Club'", "line 1: [groups.club]: members must name a person"),
        (SCENARIO + "user = 5", "line 22: [[messages]] number 2: user is not said here"),
        (SCENARIO + '[people.helper]\nfirst_name = "H"', "[people.helper]: the name is that of [bots.helper] already"),
    ],
)
def test_a_scenario_that_cannot_be_played_is_told_in_one_line(
    file: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text, encoding="utf-8")

    assert main(["--port", "0", "--seed", str(file)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


async def test_a_dialogue_becomes_a_test(
    raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User, bot: Bot
) -> None:
    keys = {"inline_keyboard": [[{"text": "More", "callback_data": "m"}]]}
    menu = await raw("sendMessage", chat_id=chat.id, text="Welcome!\nChoose.", reply_markup=keys)
    await people.command("press", chat=chat.key, user=ann.id, message_id=menu["message_id"], label="More")
    await raw("editMessageText", chat_id=chat.id, message_id=menu["message_id"], text="Here is more")
    await people.command("advance", seconds=2)
    await people.write(chat, ann, "It's fine")
    await raw("sendMessage", chat_id=chat.id, text="Bye")

    saved = (await people.command("save_as_test", chat=chat.key))["text"]

    compile(saved, "test_private.py", "exec")
    assert saved.partition("\n\n\n")[2] == (
        "def test_ann(telegram, expect):\n"
        "    bot = telegram.bot(TOKEN, username='test_bot')\n"
        "    ann = telegram.add_user('Ann', username='anna', language='en')\n"
        "    chat = telegram.private(ann, bot)\n"
        "\n"
        "    message_1 = telegram.write(chat, ann, '/start')\n"
        "    message_2 = expect(chat).to_have_text('Welcome!', after=message_1)\n"
        "    expect(chat).to_have_button('More', message=message_2)\n"
        "    telegram.command('press', chat=chat, user=ann, message_id=message_2, label='More')\n"
        "    message_2 = expect(chat).to_have_text('Here is more', message=message_2)\n"
        "    telegram.command('advance', seconds=2)\n"
        '    message_3 = telegram.write(chat, ann, "It\'s fine")\n'
        "    message_4 = expect(chat).to_have_text('Bye', after=message_3)\n"
    )


async def test_a_topic_has_the_name_that_it_had_by_then(
    raw: RawBot, people: PlaygroundClient, ann: User, bot: Bot
) -> None:
    forum = await people.add_group("²", members=[ann], bots=[bot], forum=True)
    await people.promote(forum, bot)
    await people.command("add_topic", chat=forum.key, name="News")
    thread_id = (await people.topic(forum, "News")).thread_id
    await people.write(forum, ann, "one", topic=thread_id)
    await raw("editForumTopic", chat_id=forum.id, message_thread_id=thread_id, name="Cats")
    await people.write(forum, ann, "two", topic=thread_id)

    saved = (await people.command("save_as_test", chat=forum.key))["text"]

    compile(saved, "test_supergroup.py", "exec")
    assert "'one', topic=telegram.topic(chat, 'News').thread_id" in saved
    assert "'two', topic=telegram.topic(chat, 'Cats').thread_id" in saved


async def test_time_jumps_when_told(raw: RawBot, people: PlaygroundClient, chat: Chat, ann: User) -> None:
    await raw("sendMessageDraft", chat_id=chat.id, draft_id=1, text="a")
    before = (await people.command("state"))["wall"]

    told = await people.command("advance", seconds=3600)
    arrived = await people.write(chat, ann, "I am late")

    assert told["wall"] - before >= 3600
    assert arrived.raw["date"] >= int(before) + 3600
    assert "expired" in [entry.get("reason") for entry in await people.transcript(chat)]
    with pytest.raises(PlaygroundError, match="seconds must be"):
        await people.command("advance", seconds=-1)


async def test_a_person_changes_names_and_language(people: PlaygroundClient, ann: User) -> None:
    changed = await people.command("edit_user", user=ann.id, first_name="Anna", last_name="Berg")
    assert (changed["first_name"], changed["last_name"], changed["language_code"]) == ("Anna", "Berg", "en")

    changed = await people.command("edit_user", user=ann.id, language="")
    assert "language_code" not in changed
    assert changed["first_name"] == "Anna"
