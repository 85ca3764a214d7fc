"""Whatever happens to a call, a chat or a provider, each message gets exactly one whole answer, or one clear error."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.app.app import App
from bot.clock import Clock
from bot.reply.marks import CURSOR
from bot.storage.tables import Outcome
from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.model import HEADERS, Item, Model, Refusal, Reset
from telegram_playground.server import Playground
from tests.database import Database
from tests.stopwatch import PATIENCE_S, Stopwatch
from tests.thorough import chosen
from tests.walks.conftest import Hasty, Start, answers, press_when_done
from tests.walks.hasty import running, settings
from tests.walks.nursery import Child

pytestmark = pytest.mark.walk
LONG_S = 150.0  # for many at once
LATE_S = 3_600.0  # or when it is released
BROUGHT = [(words, screen) for words in (20, 1_500) for screen in ("read late", "not read")]


class Leaps(Clock):
    """Real time that a test lets leap; what waits looks at it again within a moment."""

    def __init__(self, *, ahead: float = 0.0) -> None:
        self._leapt = 0.0
        self._ahead = ahead

    def leap(self, seconds: float) -> None:
        """Have so many seconds pass at once."""
        self._leapt += seconds

    def now(self) -> float:
        """Return seconds from a monotonic source."""
        return super().now() + self._leapt

    def wall(self) -> float:
        """Return Unix seconds, as a clock that may be wrong shows them."""
        return super().wall() + self._leapt + self._ahead

    async def wait(self, event: asyncio.Event, seconds: float | None) -> bool:
        """Wait until `event` is set, at most `seconds`, and at most a moment; tell whether it is."""
        return await super().wait(event, min(seconds, 0.05) if seconds is not None else None)


@pytest.mark.parametrize("method", ["sendMessage", pytest.param("editMessageText", marks=pytest.mark.proof)])
@pytest.mark.usefixtures("quick")
async def test_a_call_that_fails_costs_neither_the_answer_nor_a_second_one(
    method: str, people: PlaygroundClient, bot: Bot, model: Model
) -> None:
    faults: list[dict[str, Any]] = [
        {"kind": "429", "seconds": 3},
        {"kind": "500", "times": 2},
        {"kind": "502html"},
        {"kind": "error", "code": 401, "description": "Unauthorized", "times": 2},
        {"kind": "error", "code": 404, "description": "Not Found", "times": 2},
        {"kind": "error", "code": 413, "description": "Request Entity Too Large"},
        {"kind": "error", "code": 400, "description": "Logged out", "times": 5},
        {"kind": "error", "code": 429, "description": "Too Many Requests", "times": 2},
        {"kind": "body", "code": 403, "description": "<html>blocked</html>", "times": 2},
        {"kind": "body", "code": 200, "description": '{"ok":true}', "execute": True},
        {"kind": "reset"},
        {"kind": "lost"},
        {"kind": "hang", "seconds": 0.3},
        {"kind": "hang", "seconds": 0.3, "execute": True},
    ]
    model.says("text", "The beginning", 0.2, " and the end.")

    async def ask(fault: dict[str, Any]) -> tuple[Chat, User]:
        ann = await people.add_user("Ann")
        chat = await people.private(ann, bot)
        await people.fault(method, chat=chat.id, **fault)
        await people.write(chat, ann, "text")
        await people.write(chat, ann, "next")
        await people.wait(chat, text="You said: next", complete=True, timeout=LONG_S)
        return chat, ann

    told = []
    for chat, ann in await asyncio.gather(*map(ask, faults)):
        while "The beginning" + CURSOR in (found := await answers(people, chat, ann)):
            pass  # what three probes did not find of a send whose answer was lost is taken away a little later
        told.append(found)

    assert told == [["The beginning and the end.", "You said: next"]] * len(faults)
    assert {call["fault"] for call in await people.calls(method=method)} >= {fault["kind"] for fault in faults}


@pytest.mark.proof
@pytest.mark.parametrize(
    ("code", "description"),
    chosen(
        [(401, "Unauthorized"), (404, "Not Found"), (400, "Logged out"), (500, "Internal Server Error")],
        (401, "Unauthorized"),
    ),
)
async def test_an_answer_outlasts_a_server_that_is_not_itself_and_a_restart_meanwhile(
    code: int, description: str, hasty: Hasty, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    go_on = asyncio.Event()
    model.says("text", "The beginning", go_on, " and the end.")
    async with hasty():
        await people.write(chat, ann, "text")
        await people.wait(chat, text="The beginning")
        for method in ("sendMessage", "editMessageText", "editMessageReplyMarkup"):
            await people.fault(method, "error", code=code, description=description, times=None)
        go_on.set()
        since = (await people.wait_call("editMessageText"))["id"]
        for _ in range(8):  # tries, which would have been enough to give up
            since = (await people.wait_call("editMessageText", since=since))["id"]
    async with hasty():
        await people.wait_call("editMessageText", since=since)
        await people.clear_faults()
        await people.wait(chat, text="and the end", complete=True)

    assert await answers(people, chat, ann) == ["The beginning and the end."]


async def test_the_bot_starts_although_a_gateway_said_once_that_nobody_knows_its_token(
    hasty: Hasty, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await people.fault("getMe", "error", code=401, description="Unauthorized", times=2)

    async with hasty():
        await people.write(chat, ann, "/help")
        await people.wait(chat, text="/settings")


async def test_a_revoked_token_ends_the_bot_in_order_and_the_answer_comes_with_a_good_one(
    child: Child, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    go_on = asyncio.Event()
    model.says("text", "The beginning", go_on, " and the end.")
    await child.start()
    await people.write(chat, ann, "text")
    await people.wait(chat, text="The beginning")
    await people.fault("*", "error", code=401, description="Unauthorized", times=None)
    go_on.set()
    code = await child.ended()
    log = child.log()
    await people.clear_faults()
    await child.start()
    await people.wait(chat, text="and the end", complete=True)

    assert code == 2
    assert log.splitlines()[-1].startswith("BOT_TOKEN is '123")
    assert "Traceback" not in log
    assert await answers(people, chat, ann) == ["The beginning and the end."]


@pytest.mark.proof
@pytest.mark.usefixtures("quick")
async def test_of_a_file_that_is_always_too_large_its_reader_is_told_in_its_place(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    await people.fault("sendDocument", "error", code=413, description="Request Entity Too Large", times=None)
    model.says("text", "word " * 8_000)

    await people.write(chat, ann, "text")
    told = await people.wait(chat, text="does not accept the rest", complete=True)
    await people.write(chat, ann, "next")
    await people.wait(chat, text="You said: next", complete=True)

    assert [button.text for button in told.buttons] == ["🔄", "📄 answer.md"]
    assert len(await people.calls(method="sendDocument")) == 3
    assert not [text for text in await answers(people, chat, ann) if "▌" in text]


@pytest.mark.proof
@pytest.mark.usefixtures("quick")
async def test_of_an_answer_that_is_refused_in_every_form_its_reader_is_told_in_its_place(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("text", "The **beginning**")
    await people.fault("editMessageText", "error", code=413, description="Request Entity Too Large", times=6)

    await people.write(chat, ann, "text")
    await people.wait(chat, text="Telegram does not accept this answer", complete=True)
    await people.write(chat, ann, "next")
    await people.wait(chat, text="You said: next", complete=True)

    assert len(await answers(people, chat, ann)) == 2


@pytest.mark.proof
@pytest.mark.usefixtures("quick")
async def test_where_no_edit_passes_at_all_a_message_of_its_own_tells_so(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("text", "The **beginning**")
    await people.fault("editMessageText", "error", code=400, description="Bad Request: MESSAGE_TOO_LONG", times=None)

    await people.write(chat, ann, "text")
    await people.wait(chat, text="Telegram does not accept this answer", complete=True)


@pytest.mark.usefixtures("quick")
async def test_an_edit_that_lands_late_does_not_stay(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("text", "The beginning", 0.4, " and more", 0.4, " and the end.")
    await people.set(order="shuffled")
    await people.fault("editMessageText", "hang", chat=chat.id, seconds=0.2, execute=True, times=2)

    await people.write(chat, ann, "text")
    await people.write(chat, ann, "next")
    await people.wait(chat, text="You said: next", complete=True)

    assert (await answers(people, chat, ann))[0] == "The beginning and more and the end."


async def given_up(people: PlaygroundClient, chat: Chat, goes_on: asyncio.Event) -> None:
    """Have an answer grow by an edit, and wait until that has had no answer."""
    await people.wait(chat, text="\\w")
    goes_on.set()
    await people.wait_call("editMessageText")


async def restored(people: PlaygroundClient, chat: Chat) -> None:
    """Wait until a text that has landed late was written over."""
    shown: list[str] = []
    while not any(one.endswith("▌") and not other.endswith("▌") for one, other in itertools.pairwise(shown)):
        await asyncio.sleep(0.02)
        shown = [entry["text"] for entry in await people.transcript(chat) if entry["kind"] == "edit"]
        whole = next(at for at, text in enumerate(shown) if not text.endswith("▌"))
        shown = shown[whole:]


@pytest.mark.proof
@pytest.mark.usefixtures("quick")
async def test_an_edit_that_was_given_up_and_lands_on_a_complete_answer_does_not_stay(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    goes_on, ends = asyncio.Event(), asyncio.Event()
    model.says("text", "The beginning", goes_on, " and more", ends, " and the end.")
    await people.fault("editMessageText", "late", chat=chat.id, seconds=LATE_S)

    await people.write(chat, ann, "text")
    await given_up(people, chat, goes_on)
    ends.set()
    await people.wait(chat, text="the end\\.$", complete=True)
    await people.command("release")
    await restored(people, chat)
    await people.wait(chat, text="the end\\.$", complete=True)

    assert await answers(people, chat, ann) == ["The beginning and more and the end."]


@pytest.mark.proof
async def test_an_edit_that_lands_late_does_not_stay_over_a_restart_either(
    hasty: Hasty, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    goes_on, ends = asyncio.Event(), asyncio.Event()
    model.says("text", "The beginning", goes_on, " and more", ends, " and the end.")
    await people.fault("editMessageText", "late", chat=chat.id, seconds=LATE_S)
    async with hasty():
        await people.write(chat, ann, "text")
        await given_up(people, chat, goes_on)
        ends.set()
        await people.wait(chat, text="the end\\.$", complete=True)
    await people.command("release")
    await people.wait(chat, text="▌$")

    async with hasty():
        await people.wait(chat, text="the end\\.$", complete=True)

    assert await answers(people, chat, ann) == ["The beginning and more and the end."]


@pytest.mark.proof
async def test_an_edit_that_lands_late_on_an_answer_with_a_note_does_not_stay(
    hasty: Hasty, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    goes_on, never = asyncio.Event(), asyncio.Event()
    model.says("text", "```python\nprint(1)", goes_on, "\nprint(2)", never)
    await people.fault("editMessageText", "late", chat=chat.id, seconds=LATE_S)
    async with hasty():
        await people.write(chat, ann, "text")
        await given_up(people, chat, goes_on)
        growing = await people.wait(chat, text="print\\(2\\)")
        await people.press(chat, ann, growing.message_id, growing.buttons[0].text)
        stopped = await people.wait(chat, text="⏹ Stopped$", complete=True)
        await people.command("release")
        await restored(people, chat)
        again = await people.wait(chat, text="⏹ Stopped$", complete=True)

    assert stopped.text == again.text == "print(1)\nprint(2)\n\n⏹ Stopped"
    assert [entity["type"] for entity in again.raw["entities"]] == ["pre"]
    assert again.raw["entities"][0]["length"] == len("print(1)\nprint(2)")


async def test_a_chat_that_is_refused_for_an_hour_holds_no_place(
    hasty: Hasty, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, model: Model
) -> None:
    bob = await people.add_user("Bob")
    other = await people.private(bob, bot)
    model.says("broken", "The beginning", asyncio.Event())
    model.says("broken", Refusal(401, "{}"))
    async with hasty(max_turns=1):
        await people.write(chat, ann, "broken")
        await people.wait(chat, text="The beginning")
    await people.fault("*", "429", chat=chat.id, seconds=3600, times=None)

    async with hasty(max_turns=1):
        await people.wait_call("editMessageReplyMarkup")
        await people.write(other, bob, "hello")
        answer = await people.wait(other, text="You said", complete=True)

    assert answer.text == "You said: hello"


@pytest.mark.proof
async def test_a_chat_that_is_refused_for_a_day_is_asked_about_after_an_hour_also_across_a_restart(
    people: PlaygroundClient,
    telegram: Playground,
    bot: Bot,
    chat: Chat,
    ann: User,
    model: Model,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await people.set(limits="off")
    given = settings(bot_token=bot.token, telegram_api_url=telegram.url, database_url=database.url)
    await people.fault("sendMessage", "429", chat=chat.id, seconds=86_400)
    clock = Leaps()
    async with running(given, clock):
        await people.write(chat, ann, "hello")
        await people.wait_call("sendMessage")
        clock.leap(1_000)
    clock.leap(2_500)  # the wall clock goes on while the bot is down
    async with running(given, clock):
        await people.wait_call("sendChatAction")
        await asyncio.sleep(0.5)  # it would have been sent by now
        assert len(await people.calls(method="sendMessage")) == 1
        clock.leap(101)
        await people.wait(chat, text="You said: hello", complete=True)

    assert model.prompts() == ["hello"]
    assert any("retry_after=86400" in line and "asking again in 3600 s" in line for line in caplog.messages)


@pytest.mark.proof
async def test_a_pause_that_a_wrong_clock_made_does_not_outlast_a_start(
    people: PlaygroundClient,
    telegram: Playground,
    bot: Bot,
    chat: Chat,
    ann: User,
    model: Model,
    database: Database,
) -> None:
    await people.set(limits="off")
    given = settings(bot_token=bot.token, telegram_api_url=telegram.url, database_url=database.url)
    await people.fault("sendMessage", "429", chat=chat.id, seconds=5)
    clock = Leaps(ahead=365 * 86_400.0)
    async with running(given, clock):
        await people.write(chat, ann, "hello")
        await people.wait_call("sendMessage")
    async with running(given, Leaps()):
        await people.wait(chat, text="You said: hello", complete=True)

    assert model.prompts()[-1] == "hello"


async def test_after_an_outage_the_newest_text_is_there_at_once(
    start: Start, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, model: Model
) -> None:
    bob = await people.add_user("Bob")
    other = await people.private(bob, bot)
    words = [f"word{number} " for number in range(100)]
    goes_on, ends = asyncio.Event(), asyncio.Event()
    slowly = [item for word in words[60:] for item in (word, 0.05)]
    model.says("story", *words[:10], goes_on, *words[10:60], ends, *slowly)
    async with start():
        await people.write(chat, ann, "story")
        await people.wait(chat, text="word9 ")
        await people.set(offline=True)
        goes_on.set()
        await asyncio.sleep(3)  # so long lasts the outage, and the provider goes on
        await people.write(other, bob, "hello")
        back = time.monotonic()
        await people.set(offline=False)
        watch = Stopwatch()
        await people.wait(chat, text="word55 ")
        ends.set()
        await people.wait(other, text="You said: hello", complete=True)
        assert watch.seconds <= 5
        whole = await people.wait(chat, text="word99$", complete=True)

    first = next(entry for entry in await people.transcript(chat, since=back) if entry["kind"] == "edit")
    assert "word55 " in first["text"]
    assert await answers(people, chat, ann) == [whole.text]
    assert await answers(people, other, bob) == ["You said: hello"]


@pytest.mark.parametrize("kind", chosen(["reset", "502html", "hang", "lost"], "lost"))
async def test_nothing_is_sent_twice_in_an_outage_of_any_kind(
    kind: str, hasty: Hasty, people: PlaygroundClient, bot: Bot, chat: Chat, ann: User, model: Model
) -> None:
    bob = await people.add_user("Bob")
    other, begin = await people.private(bob, bot), asyncio.Event()
    model.says("story", *(item for number in range(40) for item in (f"word{number} ", 0.05)))
    model.says("opening", begin, "Here it is.")
    async with hasty():
        await people.write(chat, ann, "story")
        await people.write(other, bob, "opening")
        await people.wait(chat, text="word9 ")
        await people.fault("*", kind, times=None, seconds=0.2)
        begin.set()
        await asyncio.sleep(1.5)  # so long lasts the outage: a quarter of a minute for this bot
        await people.clear_faults()
        await people.write(other, bob, "hello")
        await people.wait(chat, text="word39$", complete=True)
        await people.wait(other, text="You said: hello", complete=True)

    assert await answers(people, chat, ann) == [" ".join(f"word{number}" for number in range(40))]
    assert await answers(people, other, bob) == ["Here it is.", "You said: hello"]


async def test_a_dead_provider_holds_no_places_of_another(
    hasty: Hasty, people: PlaygroundClient, bot: Bot, model: Model
) -> None:
    model.says("dead", asyncio.Event())
    users = [await people.add_user(name) for name in ("Ann", "Bob", "Cid")]
    chats = [await people.private(user, bot) for user in users]
    async with hasty(max_turns=2):
        await people.write(chats[2], users[2], "/provider demo")
        told = await people.wait(chats[2], text="demo answers")
        for user, chat in zip(users[:2], chats[:2], strict=True):
            await people.write(chat, user, "dead")
        await people.write(chats[2], users[2], "hello")
        answer = await people.wait(chats[2], text="\\w", complete=True, after=told.message_id)

    assert model.prompts() == ["dead"]
    assert not answer.text.startswith("⚠️")


@pytest.mark.usefixtures("app")  # it is told after 8 s; of a quicker clock they may be over before
async def test_a_provider_that_dies_before_its_first_word_is_asked_again(
    people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("text", Refusal(503, "overloaded"))
    model.says("text", HEADERS, Reset())
    model.says("text", "Here it is.")

    await people.write(chat, ann, "text")
    await people.wait(chat, text="Here it is", complete=True)

    assert await answers(people, chat, ann) == ["Here it is."]


@pytest.mark.parametrize("end", [Reset(), asyncio.Event()], ids=["breaks off", "falls silent"])
async def test_what_a_provider_said_before_it_died_is_kept_and_marked_with_a_button_to_ask_again(
    end: Item, hasty: Hasty, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.says("text", "The beginning", 0.3, " and more", end)
    model.says("text", "The beginning and the end.")
    async with hasty(token_timeout=1):
        await people.write(chat, ann, "text")
        broken = await people.wait(chat, text="⚠️", complete=True)
        requests = len(model.requests)
        await press_when_done(people, chat, ann, broken.message_id, "🔄")
        await people.wait(chat, text="and the end", complete=True)

    assert requests == 1
    assert broken.text.startswith("The beginning and more\n\n⚠️")
    assert await answers(people, chat, ann) == ["The beginning and the end."]


@pytest.mark.proof
@pytest.mark.parametrize(("words", "screen"), chosen(BROUGHT, (20, "not read"), (1_500, "read late")))
async def test_what_a_second_attempt_brought_before_it_broke_off_is_kept_whatever_the_first_one_left(
    screen: str, words: int, hasty: Hasty, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    brought = [f"word{number}" for number in range(words)]
    model.says("text", "word0", asyncio.Event())
    model.says("text", " ".join(brought), Reset())
    async with hasty():
        await people.write(chat, ann, "text")
        await people.wait(chat, text="word0")

    if screen == "read late":
        await people.fault("editMessageReplyMarkup", "hold")
    else:
        await people.fault("editMessageReplyMarkup", "429", seconds=15)  # a failure waits 10 s for what stands
    async with hasty():
        await model.wait(lambda: len(model.requests) == 2 and model.requests[1].ended_at, PATIENCE_S)
        await people.clear_faults()
        await people.wait(chat, text="⚠️", complete=True)

    shown = " ".join(await answers(people, chat, ann)).split()
    assert [word for word in shown if word.startswith("word")] == brought
    assert shown.count("⚠️") == 1


async def blocked(people: PlaygroundClient, chat: Chat, _: Bot) -> None:
    await people.block(chat)


async def left(people: PlaygroundClient, chat: Chat, bot: Bot) -> None:
    await people.remove_member(chat, bot)


async def deleted(people: PlaygroundClient, chat: Chat, _: Bot) -> None:
    await people.fault("*", "error", chat=chat.id, times=None, code=400, description="Bad Request: chat not found")


async def deactivated(people: PlaygroundClient, chat: Chat, _: Bot) -> None:
    told = "Forbidden: user is deactivated"
    await people.fault("*", "error", chat=chat.id, times=None, code=403, description=told)


@pytest.mark.parametrize("goes", chosen([blocked, left, deleted, deactivated], blocked, deleted))
async def test_a_chat_that_is_gone_is_marked_and_left_alone(
    goes: Callable[[PlaygroundClient, Chat, Bot], Awaitable[None]],
    quick: App,
    people: PlaygroundClient,
    bot: Bot,
    chat: Chat,
    ann: User,
    model: Model,
    database: Database,
) -> None:
    here = await people.add_group("Club", members=[ann], bots=[bot]) if goes is left else chat
    go_on = asyncio.Event()
    model.says("text", "The beginning", go_on, " and the end.")
    await people.write(here, ann, "@delta_bot text")
    await people.wait(here, text="The beginning")

    await goes(people, here, bot)
    go_on.set()
    while (answer := await quick.rows.answers.get(1)) and answer.outcome is not Outcome.UNDELIVERABLE:
        await people.messages(here)  # takes its time

    refused = [call for call in await people.calls() if call.get("error_code")]
    assert {call["error_code"] for call in refused} <= {400, 403}
    methods = [call["method"] for call in refused]
    told = next((at for at, method in enumerate(methods) if method != "sendChatAction"), len(methods) - 1)
    assert 1 <= len(methods[told:]) <= 2  # by one call it is told, and typing goes beside it
    assert {*methods[told + 1 :]} <= {"sendChatAction"}
    assert await database.ask("SELECT telegram_id FROM chats WHERE gone_at IS NOT NULL") == [(here.id,)]


@pytest.mark.parametrize("fault", chosen(["429", "500", "502html"], "500"))
@pytest.mark.usefixtures("quick")
async def test_a_notice_that_the_server_did_not_send_is_said_once(
    fault: str, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await people.fault("sendMessage", fault, times=2)

    await people.write(chat, ann, "/new")
    await people.wait(chat, text="A new conversation begins")
    await people.write(chat, ann, "hello")
    await people.wait(chat, text="You said: hello", complete=True)

    told = [message.text for message in await people.messages(chat) if message.sender != ann.id]
    assert len([text for text in told if "A new conversation begins" in text]) == 1


@pytest.mark.usefixtures("quick")
async def test_a_bug_under_way_is_told_and_the_next_message_works(
    people: PlaygroundClient, chat: Chat, ann: User, database: Database
) -> None:
    await people.write(chat, ann, "hello")
    await people.wait(chat, text="You said: hello", complete=True)
    await database.ask("ALTER TABLE parts RENAME COLUMN after TO lost")

    await people.write(chat, ann, "are you well?")
    await people.wait(chat, text="⚠️ Something went wrong", complete=True)
    await database.ask("ALTER TABLE parts RENAME COLUMN lost TO after")
    await people.write(chat, ann, "and now?")
    await people.wait(chat, text="You said: and now", complete=True)


@pytest.mark.usefixtures("quick")
async def test_a_bug_in_a_handler_is_told_and_the_next_message_works(
    people: PlaygroundClient, chat: Chat, ann: User, database: Database
) -> None:
    await people.write(chat, ann, "hello")
    await people.wait(chat, text="You said: hello", complete=True)
    await database.ask("ALTER TABLE busy RENAME TO lost")

    await people.write(chat, ann, "/stop")
    await people.wait(chat, text="⚠️ Something went wrong")
    await database.ask("ALTER TABLE lost RENAME TO busy")
    await people.write(chat, ann, "and now?")
    await people.wait(chat, text="You said: and now", complete=True)
