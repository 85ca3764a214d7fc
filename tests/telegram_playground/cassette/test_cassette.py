"""A cassette keeps what people did; played again, it shows what a bot that has changed says otherwise."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from telegram_playground.__main__ import main
from telegram_playground.cassette.__main__ import renamed
from telegram_playground.cassette.replay import Comparison, Patience, Replay
from telegram_playground.cassette.script import scenes
from telegram_playground.cassette.tape import Tape
from telegram_playground.client import PlaygroundClient
from telegram_playground.limits.flood_limits import Limits
from telegram_playground.process.clock import SystemClock
from telegram_playground.server import Playground
from tests.telegram_playground.raw_bot import OTHER_TOKEN, TOKEN, RawBot, answer_of

SHORT = Patience(silence_s=0.6, longest_s=5)
LONG = Patience(silence_s=60, longest_s=120)  # where it says the same, nobody waits for silence
PROGRAM = """
import json, os, urllib.request
def call(method, **parameters):
    url = f"{os.environ['TELEGRAM_API_URL']}/bot{os.environ['BOT_TOKEN']}/{method}"
    body = json.dumps(parameters).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))["result"]
offset = 0
while True:
    for update in call("getUpdates", offset=offset, timeout=20):
        offset = update["update_id"] + 1
        if "message" in update:
            call("sendMessage", chat_id=update["message"]["chat"]["id"], text="You said " + update["message"]["text"])
"""


class Waiter:
    """A bot that takes orders; `words` are what a change of it may change."""

    growing: dict[str, Any]

    def __init__(self, raw: RawBot, words: dict[str, str]) -> None:
        self.raw = raw
        self.words = {"greeting": "Hello, {}!", "question": "Tea?", "yes": "Here you are.", "extra": "", **words}

    async def run(self) -> None:
        offset, kinds = 0, ["message", "callback_query", "poll_answer", "inline_query"]
        while True:
            for update in await self.raw("getUpdates", offset=offset, timeout=20, allowed_updates=kinds):
                offset = update["update_id"] + 1
                if "message" in update:
                    await self._heard(update["message"])
                elif "callback_query" in update:
                    await self._pressed(update["callback_query"])
                elif "poll_answer" in update:
                    await self._voted(update["poll_answer"])
                elif "inline_query" in update:
                    await self._offered(update["inline_query"])

    async def _heard(self, message: dict[str, Any]) -> None:
        chat, name = message["chat"]["id"], message["from"]["first_name"]
        if message.get("text") == "/link":
            link = await self.raw("createChatInviteLink", chat_id=chat)
            await self.raw("sendMessage", chat_id=chat, text="Come" if link else "")
        elif message.get("text") == "/grow":
            sent = await self.raw("sendMessage", chat_id=chat, text="One …")
            self.growing = {"chat_id": chat, "message_id": sent["message_id"]}
        elif message.get("text") == "/vote":
            options = [{"text": "Tea"}, {"text": "Coffee"}]
            await self.raw("sendPoll", chat_id=chat, question="Which?", options=options, is_anonymous=False)
        elif "document" in message:
            await self.raw("sendMessage", chat_id=chat, text=f"{message['document']['file_size']} bytes")
        elif message.get("text") == "/start":
            if self.words["extra"]:
                await self.raw("sendMessage", chat_id=chat, text=self.words["extra"])
            await self.raw("sendMessage", chat_id=chat, text=self.words["greeting"].format(name))
            keys = {"inline_keyboard": [[{"text": "Yes", "callback_data": f"yes:{message['message_id']}"}]]}
            await self.raw("sendMessage", chat_id=chat, text=self.words["question"], reply_markup=keys)
        elif message.get("text") == "faster":
            await self.raw("editMessageText", **self.growing, text="One two three")
        elif "text" in message:
            replied = message.get("reply_to_message", {}).get("text", "nothing")
            await self.raw(
                "sendMessage", chat_id=chat, text=f"{message['text'][:99]} to {replied}, {message['from']['id']}"
            )

    async def _voted(self, answer: dict[str, Any]) -> None:
        await self.raw("sendMessage", chat_id=answer["user"]["id"], text=f"You chose {answer['option_ids']}")

    async def _offered(self, query: dict[str, Any]) -> None:
        content = {"message_text": "A cup"}
        result = {"type": "article", "id": uuid4().hex, "title": "Cup", "input_message_content": content}
        await self.raw("answerInlineQuery", inline_query_id=query["id"], results=[result])

    async def _pressed(self, query: dict[str, Any]) -> None:
        await self.raw("answerCallbackQuery", callback_query_id=query["id"], text="ok")
        message = query["message"]
        for frame in ("…", self.words["yes"]):
            place = {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}
            await self.raw("editMessageText", **place, text=frame)


@asynccontextmanager
async def waiting(session: aiohttp.ClientSession, token: str = TOKEN, **words: str) -> AsyncIterator[PlaygroundClient]:
    """Run a server and the bot; somebody was there before, so ids differ from server to server."""
    server = Playground(limits=Limits.off(), callback_expiry_s=300, guest_expiry_s=300)
    async with server as playground, PlaygroundClient(playground.url) as people:
        await people.bot(token, username="waiter_bot", can_read_all_group_messages=True)
        serving = asyncio.create_task(Waiter(RawBot(session, playground.url, token), words).run())
        for _ in words:
            await people.add_user("Nobody")
        await people.command("reset")
        try:
            yield people
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


@pytest.fixture
async def tape(session: aiohttp.ClientSession) -> Tape:
    """Lead a dialogue and return its cassette."""
    async with waiting(session) as people:
        bot = await people.bot(TOKEN)
        ann, bob = await people.add_user("Ann"), await people.add_user("Bob", language="de")
        chat = await people.private(ann, bot)
        await people.write(chat, ann, "/start")
        question = await people.wait(chat, text="Tea")
        await people.press(chat, ann, question.message_id, "Yes")
        await people.wait(chat, text="Here")
        await people.send_file(chat, ann, "a.txt", b"12345")
        await people.wait(chat, text="5 bytes")
        group = await people.add_group("Club", members=[ann, bob], bots=[bot])
        await people.write(group, bob, "well")
        first = await people.wait(group, text="well to nothing")
        await people.write(group, ann, "and", reply_to=first.message_id)
        await people.wait(group, text="and to well")
        return Tape(json.loads(json.dumps(await people.command("cassette"))))


async def test_two_messages_before_an_answer_are_played_as_they_were(session: aiohttp.ClientSession) -> None:
    """Neither waits for the answer to the first, however soon that comes now, nor is that a difference."""
    async with waiting(session) as people:
        bot, ann = await people.bot(TOKEN), await people.add_user("Ann")
        chat = await people.private(ann, bot)
        await people.command("fault", method="sendMessage", kind="delay", seconds=0.2, times=3)
        for text in ("one", "two", "three"):
            await people.write(chat, ann, text)
        await people.wait(chat, text="three", timeout=60)
        await people.write(chat, ann, "/grow")
        await people.wait(chat, text="One …", timeout=60)
        await people.write(chat, ann, "faster")
        await people.wait(chat, text="One two three", timeout=60)
        raw = json.loads(json.dumps(await people.command("cassette")))
    assert [len(each.seen) for each in scenes(Tape(raw))][-5:] == [0, 0, 3, 1, 1]

    compared = await played(session, Tape.read(raw), nobody="")

    assert changed(compared) == []
    shown = "\n".join(compared.before)
    assert "Ann: one\nAnn: two\nAnn: three\n  waiter_bot: one" in shown
    assert "Ann: /grow\n  waiter_bot: One two three\nAnn: faster" in shown


async def test_a_link_is_followed_when_the_bot_has_made_it(session: aiohttp.ClientSession) -> None:
    async with waiting(session) as people:
        bot, ann = await people.bot(TOKEN), await people.add_user("Ann")
        group = await people.add_group("Club", members=[ann], bots=[bot], forum=True)
        await people.promote(group, bot)
        await people.write(group, ann, "/link")
        carl = await people.add_user("Carl")
        await people.command("join", user=carl, link=await people.link(group, timeout=60))
        await people.wait(group, text="Come", timeout=60)
        await people.command("add_topic", chat=group, name="News")
        await people.write(group, carl, "I came", topic=await people.topic(group, "News"))
        await people.wait(group, text="I came", timeout=60)
        raw = json.loads(json.dumps(await people.command("cassette")))

    compared = await played(session, Tape.read(raw), nobody="")

    assert changed(compared) == []
    assert "waiter_bot in Club: I came" in "\n".join(compared.after)


async def played(
    session: aiohttp.ClientSession, tape: Tape, token: str = TOKEN, *, patience: Patience = LONG, **words: str
) -> Comparison:
    async with waiting(session, token, **words) as people:
        compared, _ = await Replay(tape, people, clock=SystemClock(), tokens={42: token}, patience=patience).run()
        return compared


def changed(compared: Comparison) -> list[str]:
    return [line for line in compared.in_words().splitlines()[2:] if line[0] in "+-"]


async def test_the_same_bot_says_the_same(session: aiohttp.ClientSession, tape: Tape) -> None:
    compared = await played(session, tape, question="Tea?")

    assert compared.in_words() == ""
    shown = "\n".join(compared.after)
    assert "Ann: /start\n  waiter_bot: Hello, Ann!\n  waiter_bot: Tea?\n    [Yes]\nAnn presses [Yes]\n" in shown
    assert "  waiter_bot answers the press: ok\n  waiter_bot edits: Here you are.\n" in shown
    assert "  waiter_bot: 5 bytes" in shown
    assert "Bob in Club: well\n  waiter_bot in Club: well to nothing, Bob\n" in shown  # not Bob's id, which differs
    assert "  waiter_bot in Club: and to well to nothing, Bob, Ann" in shown


async def test_a_bot_that_has_changed_differs_where_it_has(session: aiohttp.ClientSession, tape: Tape) -> None:
    compared = await played(session, tape, patience=SHORT, greeting="Good morning, {}.", extra="News!")

    assert changed(compared) == [
        "-  waiter_bot: Hello, Ann!",
        "+  waiter_bot: News!",
        "+  waiter_bot: Good morning, Ann.",
    ]


async def test_another_token_is_another_bot_that_may_say_the_same(session: aiohttp.ClientSession, tape: Tape) -> None:
    assert changed(await played(session, tape, token="77:" + "C" * 35)) == []


async def test_what_cannot_be_done_any_more_is_told(session: aiohttp.ClientSession, tape: Tape) -> None:
    press = next(deed for deed in tape.deeds if deed["command"] == "press")
    press["arguments"] = {**press["arguments"], "data": None, "label": "No"}
    compared = await played(session, tape, patience=SHORT)

    refused = "Ann presses [No] (refused: Bad Request: there is no such button under the message)"
    assert f"+{refused}" in changed(compared)


async def test_a_dialogue_of_curl_is_played_too(session: aiohttp.ClientSession) -> None:
    """A form gives the same cassette as JSON; votes, long pastes and new ids of inline results are found again."""
    async with waiting(session) as people:
        bot = await people.bot(TOKEN, supports_inline_queries=True)
        url = f"{people.url}/playground"

        async def curl(command: str, **fields: str) -> Any:
            async with session.post(f"{url}/{command}", data=fields) as response:
                return (await answer_of(response)).result

        user = str((await curl("add_user", first_name="Ann"))["id"])
        chat = (await curl("private", user=user, bot=str(bot.id)))["key"]
        ends = {"chat": chat, "user": user}
        await curl("write", **ends, text="/vote", unseen="false", entities="[]", topic="")
        poll = str((await curl("wait", chat=chat, timeout="60"))["message_id"])
        await curl("vote", **ends, message_id=poll, options="[1]")
        await curl("wait", chat=chat, text="You chose", timeout="60")
        last = (await curl("write", **ends, text="word " * 1000))["message_id"]
        heard = (await curl("wait", chat=chat, text="word", after=str(last), timeout="60"))["message_id"]
        await curl("wait", chat=chat, text="word", after=str(heard), timeout="60")
        await curl("delete", **ends, message_id=str(last - 1))  # the first piece of the paste
        query = await curl("inline", **ends, bot=str(bot.id), query="cup", wait="60")
        chosen = {"inline_query_id": query["inline_query_id"], "result_id": query["results"][0]["id"]}
        await curl("choose", **ends, **chosen)
        await curl("write", **ends, text=f"I am {user}", reply_to=poll)
        await curl("wait", chat=chat, text="I am", timeout="60")
        raw = json.loads(json.dumps(await people.command("cassette")))

    assert changed(await played(session, Tape.read(raw), nobody="")) == []
    assert not any(deed.get("refused") for deed in raw["deeds"])


async def test_a_cassette_of_an_older_server_is_played(session: aiohttp.ClientSession, tape: Tape) -> None:
    raw = json.loads(json.dumps(tape.raw))
    for deed in raw["deeds"]:
        given = {name: value for name, value in deed["arguments"].items() if value is not None}
        deed["arguments"] = {name: each if isinstance(each, str) else json.dumps(each) for name, each in given.items()}

    assert changed(await played(session, Tape.read(raw))) == []


def test_programs_record_and_replay_with_an_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bot.py").write_text(PROGRAM)
    (tmp_path / "new.py").write_text(PROGRAM.replace("You said", "I heard"))
    asyncio.run(_talk(tmp_path))
    play = ["replay", str(tmp_path / "talk.json"), "--silence", "0.5", "--bot"]

    assert main([*play, f"{sys.executable} {tmp_path / 'bot.py'}"]) == 0
    assert main([*play, f"{sys.executable} {tmp_path / 'new.py'}"]) == 1
    said = capsys.readouterr().out
    assert "deeds, and the bot says the same" in said
    assert "-  bot42_bot: You said hello\n+  bot42_bot: I heard hello" in said


async def _talk(folder: Path) -> None:
    async with Playground(limits=Limits.off()) as playground, PlaygroundClient(playground.url) as people:
        ann = await people.add_user("Ann")
        chat = await people.private(ann, await people.bot(TOKEN))
        await people.write(chat, ann, "hello")
        async with aiohttp.ClientSession() as session:
            await RawBot(session, playground.url)("sendMessage", chat_id=chat.id, text="You said hello")
        command = ["cassette", playground.url, "-o", str(folder / "talk.json")]
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "telegram_playground", *command)
        assert await process.wait() == 0


EMPTY: dict[str, Any] = {"playground_cassette": 1, "bots": [], "people": [], "chats": [], "calls": [], "deeds": []}
DEED: dict[str, Any] = {"time": 1, "command": "write", "arguments": {}}
WRONG: list[dict[str, Any]] = [
    {"command": "reset"},
    {"arguments": {"user": []}},
    {"arguments": {"txet": ""}},
    {"made": 1},
]


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{}", '{"playground_cassette": 2}', '{"playground_cassette": 1}', "[" * 10_000),
        json.dumps(EMPTY),
        json.dumps(EMPTY | {"transcripts": []}),
        json.dumps(EMPTY | {"transcripts": {"1": [{"kind": "send"}]}}),
        *(json.dumps(EMPTY | {"transcripts": {}, "deeds": [DEED | wrong]}) for wrong in WRONG),
    ],
)
def test_what_is_no_cassette_is_refused(tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text(content)

    assert main(["replay", str(tmp_path / "file"), "--bot", "true"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot be played" in line
    assert main(["replay", str(tmp_path / "none"), "--bot", "true"]) == 2


def of_bots(*names: str) -> Tape:
    bots = [
        {"id": number, "username": name, "first_name": name, "token": f"{number}:{'A' * 35}"}
        for number, name in enumerate(names, 1)
    ]
    chats = [{"key": f"{bot['id']}:9", "bots": [bot["id"]]} for bot in bots if bot["username"] != "idle_bot"]
    return Tape(EMPTY | {"bots": bots, "chats": chats, "transcripts": {}})


def test_a_token_is_of_the_bot_that_has_a_part(capsys: pytest.CaptureFixture[str]) -> None:
    token = "77:" + "C" * 35

    assert renamed(of_bots("idle_bot", "waiter_bot"), [("", token)]) == {2: token}
    assert renamed(of_bots("clerk_bot", "waiter_bot"), [("@Waiter_bot", token)]) == {2: token}
    with pytest.raises(ValueError, match="it is of clerk_bot and waiter_bot: NAME=TOKEN says whose"):
        renamed(of_bots("clerk_bot", "waiter_bot"), [("", token)])
    with pytest.raises(ValueError, match="two bots would have the same"):
        renamed(of_bots("clerk_bot", "waiter_bot"), [("clerk_bot", "2:" + "A" * 35)])


def test_programs_of_two_bots_are_played_each_with_its_token(tmp_path: Path) -> None:
    (tmp_path / "bot.py").write_text(PROGRAM)
    asyncio.run(_talk_to_two(tmp_path))
    command = f"{sys.executable} {tmp_path / 'bot.py'}"
    play = ["replay", str(tmp_path / "talk.json"), "--silence", "5"]

    assert main([*play, "--bot", command, "--bot", command, "--token", "bot43_bot=77:" + "C" * 35]) == 0
    assert main([*play, *["--bot", command] * 3]) == 2


async def _talk_to_two(folder: Path) -> None:
    async with Playground(limits=Limits.off()) as playground, PlaygroundClient(playground.url) as people:
        ann = await people.add_user("Ann")
        await people.bot("41:" + "A" * 35)
        async with aiohttp.ClientSession() as session:
            for token in (TOKEN, OTHER_TOKEN):
                chat = await people.private(ann, await people.bot(token))
                await people.write(chat, ann, "hello")
                await RawBot(session, playground.url, token)("sendMessage", chat_id=chat.id, text="You said hello")
        (folder / "talk.json").write_text(json.dumps(await people.command("cassette")))
