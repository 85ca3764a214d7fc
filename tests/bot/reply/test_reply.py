"""How a reply comes to stand, on a clock that a test moves: each call, what refuses it, and what is shown instead."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramMigrateToChat, TelegramRetryAfter, TelegramServerError
from aiogram.methods import DeleteMessage, EditMessageText, SendChatAction, SendDocument, SendMessage

from bot.delivery.delivery import Delivery
from bot.delivery.priority import Priority
from bot.delivery.wish import Wish, always
from bot.reply.layout import Versions
from bot.reply.markdown.rendered import Rendered
from bot.reply.marks import CURSOR, PLACEHOLDER
from bot.reply.mending import LATE_S, Undeliverable, Unshowable
from bot.reply.place import InChat
from bot.reply.place.chat import PLACEHOLDER_S
from bot.reply.recovery import kept
from bot.reply.recovery.search import Search
from bot.reply.reply import Reply
from bot.reply.thought import growing
from bot.reply.typing import TYPING_S
from bot.storage.answers.ending import Ending
from bot.storage.answers.parts import Parts
from bot.storage.chats import Chats
from bot.storage.exchanges.jobs import Job
from bot.storage.tables import Outcome
from bot.texts import texts
from providers.blocks import Text
from tests.bot.room import Room
from tests.bot.store import Store
from tests.bot.telegram import Telegram
from tests.clock import FakeClock

ANN, GROUP, SUPERGROUP = 7, -77, -1_000_000_000_077
METHOD = SendMessage(chat_id=ANN, text="x")
REFUSED = TelegramBadRequest(METHOD, "Bad Request: can't parse entities")

Start = Callable[..., Awaitable["Run"]]


class Run:
    """A reply whose calls are being made."""

    def __init__(self, reply: Reply, parts: Parts, clock: FakeClock) -> None:
        self.reply = reply
        self._parts = parts
        self.running = asyncio.ensure_future(reply.run())
        self._clock = clock

    async def say(self, text: str, *, after_s: float = 0.1) -> None:
        """Grow to a text, some time after the one before."""
        await self._clock.advance(after_s)
        self.reply.show(lambda: text)
        await self._settle()

    async def think(self, thought: str, *, after_s: float = 0.1) -> None:
        """Think on, some time after the thought before."""
        await self._clock.advance(after_s)
        self.reply.think(lambda: growing(thought))
        await self._settle()

    async def finish(self, text: str, *, within_s: float = 30) -> None:
        """Finish, and wait until all of it stands."""
        self.reply.finish(text)
        await self.ends(within_s=within_s)

    async def ends(self, *, within_s: float) -> None:
        """Wait until all stands. Raises what the reply does."""
        for _ in range(round(within_s * 10)):
            if self.running.done():
                break
            await self._settle()
            await self._clock.advance(0.1)
        await asyncio.wait_for(self.running, 20)

    async def until(self, is_so: Callable[[], bool], *, within_s: float = 30) -> None:
        """Wait until something is so."""
        for _ in range(round(within_s * 10)):
            if is_so():
                return
            await self._settle()
            await self._clock.advance(0.1)
        raise AssertionError("it is not so")

    async def _settle(self) -> None:
        """Let what waits for the database go on: it answers one after the other."""
        await self._parts.of(0)
        await self._clock.advance(0)


@pytest.fixture
def room(session: Telegram) -> Room:
    return Room(session)


@pytest.fixture
async def start(calls: Delivery, chats: Chats, store: Store, parts: Parts, clock: FakeClock) -> AsyncIterator[Start]:
    runs: list[Run] = []

    async def start(telegram_id: int = ANN, *, max_parts: int = 5, job: Job | None = None) -> Run:
        chat = await chats.get(telegram_id, provider="alpha")
        reply = Reply(
            job or await store.ask(chat),
            InChat.of(chat),
            texts("en"),
            delivery=calls,
            search=Search(calls, parts),
            parts=parts,
            replies=store.replies,
            chats=chats,
            clock=clock,
            max_parts=max_parts,
        )
        runs.append(Run(reply, parts, clock))
        return runs[-1]

    yield start
    for run in runs:
        run.running.cancel()
    await asyncio.gather(*(run.running for run in runs), return_exceptions=True)


async def test_a_text_is_opened_with_a_cursor_and_completed_by_an_edit(start: Start, room: Room) -> None:
    run = await start()

    await run.say("One")
    await run.until(lambda: bool(room.texts))
    opened = room.texts
    await run.finish("One two.")

    assert opened == ["One" + CURSOR]
    assert room.texts == ["One two."]
    assert room.buttons == ["retry:1"]


async def test_from_its_first_line_on_a_text_that_waits_for_a_call_need_not_be_read(
    start: Start, room: Room, calls: Delivery
) -> None:
    for _ in range(5):
        await calls.call(Wish(ANN, always(METHOD)), Priority.FINAL)
    spent = len(room.texts)
    run = await start()

    await run.say("A")
    bare_s = run.reply.leisure_s()
    await run.say("A line of it.\n")

    assert (bare_s, len(room.texts)) == (0.0, spent)
    assert run.reply.leisure_s() > 0.1


async def test_what_comes_during_a_call_is_shown_by_the_next(start: Start, room: Room) -> None:
    run = await start()
    for number in range(1, 40):
        await run.say("word " * number)

    shown = room.texts[0]
    await run.finish("word " * 40)

    assert 1 < shown.count("word") < 40
    assert room.texts == [("word " * 40).strip()]


async def test_where_nothing_comes_for_long_there_is_a_button_to_stop_it(
    start: Start, room: Room, session: Telegram, clock: FakeClock
) -> None:
    run = await start()
    await run.reply.takes_over()

    await clock.advance(PLACEHOLDER_S + TYPING_S)
    await run.until(lambda: bool(room.texts))

    assert room.texts == [PLACEHOLDER]
    assert room.buttons == ["stop:1:0"]
    assert session.made(SendChatAction)


async def test_a_group_is_not_given_a_message_without_words(start: Start, room: Room, clock: FakeClock) -> None:
    run = await start(GROUP)
    await run.reply.takes_over()

    await clock.advance(PLACEHOLDER_S + 1)

    assert room.texts == []
    await run.finish("One.")
    assert room.texts == ["One."]


async def test_a_final_text_goes_right_after_a_pause_that_telegram_wants(
    start: Start, room: Room, clock: FakeClock
) -> None:
    run = await start()
    await run.say("One")
    await run.until(lambda: bool(room.texts))
    began = clock.now()
    room.first(EditMessageText, TelegramRetryAfter(METHOD, "Flood", retry_after=5))

    await run.finish("One two.")

    assert room.texts == ["One two."]
    assert 5 <= clock.now() - began < 7


async def test_a_message_that_somebody_deletes_is_opened_anew_once(start: Start, room: Room) -> None:
    run = await start()
    await run.say("One")
    await run.until(lambda: room.texts == ["One" + CURSOR])
    room.messages.clear()
    await run.say("One two")
    await run.until(lambda: room.texts == ["One two" + CURSOR])
    room.messages.clear()

    with pytest.raises(ExceptionGroup) as raised:
        await run.finish("One two three.")

    assert raised.group_contains(Undeliverable)


@pytest.mark.parametrize(
    ("refusals", "shown"), [(1, "**One**"), (2, "One"), (3, texts("en").unshowable)], ids=["looks", "words", "both"]
)
async def test_what_telegram_does_not_take_is_shown_otherwise(
    refusals: int, shown: str, start: Start, room: Room
) -> None:
    run = await start()
    await run.say("Before")
    await run.until(lambda: bool(room.texts))
    room.first(EditMessageText, *[REFUSED] * refusals)
    run.reply.finish("**One**")
    if refusals == 3:
        with pytest.raises(ExceptionGroup) as raised:
            await run.ends(within_s=30)
        assert raised.group_contains(Unshowable)
        return

    await run.ends(within_s=30)

    assert room.texts == [shown if refusals == 1 else texts("en").unshowable]


async def test_it_goes_on_in_the_supergroup_that_a_group_becomes(start: Start, room: Room) -> None:
    run = await start(GROUP)
    await run.say("One")
    await run.until(lambda: bool(room.texts))
    room.first(EditMessageText, TelegramMigrateToChat(METHOD, "moved", SUPERGROUP))

    await run.finish("One two.")

    assert [message.chat.id for message in room.messages.values()] == [GROUP, SUPERGROUP]
    assert room.texts == ["One" + CURSOR, "One two."]


async def test_a_send_that_was_carried_out_without_an_answer_is_found(start: Start, room: Room) -> None:
    def lost(method: SendMessage) -> object:
        room.send(method)
        raise TelegramServerError(method, "oops")

    room.first(SendMessage, lost)
    run = await start()
    await run.say("One")

    await run.finish("One two.", within_s=LATE_S + 10)

    assert room.texts == ["One two."]


async def test_a_send_that_was_not_carried_out_is_made_again_after_the_search(
    start: Start, room: Room, clock: FakeClock
) -> None:
    room.first(SendMessage, TelegramServerError(METHOD, "oops"))
    run = await start()
    await run.say("One")
    began = clock.now()

    await run.finish("One two.", within_s=LATE_S + 20)

    assert room.texts == ["One two."]
    assert clock.now() - began >= LATE_S


async def test_an_edit_without_an_answer_is_made_again_and_noted(start: Start, room: Room, store: Store) -> None:
    run = await start()
    await run.say("One")
    await run.until(lambda: bool(room.texts))
    room.first(EditMessageText, TelegramServerError(METHOD, "oops"))

    await run.finish("One two.")

    assert room.texts == ["One two."]
    assert store.signals.late.is_set()


async def test_what_does_not_fit_goes_into_further_messages(start: Start, room: Room) -> None:
    text = "\n\n".join(f"Paragraph {number}. " + "word " * 60 for number in range(30))
    run = await start()
    await run.say(text[:100])

    await run.finish(text)

    assert len(room.texts) == 3
    assert "\n\n".join(room.texts).split() == text.split()


async def test_what_must_go_and_cannot_be_deleted_is_emptied(start: Start, room: Room) -> None:
    run = await start()
    await run.say("word " * 1_000)
    await run.until(lambda: len(room.texts) == 2)
    refused = TelegramBadRequest(METHOD, "Bad Request: message can't be deleted for everyone")
    room.first(DeleteMessage, refused)

    await run.finish("Short.")

    assert room.texts == ["Short.", PLACEHOLDER]
    assert room.buttons == ["retry:1", None]


async def test_a_rest_that_is_refused_as_a_file_is_told_in_its_place(start: Start, room: Room) -> None:
    run = await start(max_parts=1)
    await run.say("word " * 500)
    refused = TelegramBadRequest(METHOD, "Bad Request: DOCUMENT_INVALID")
    room.first(SendDocument, refused)

    await run.finish("word " * 3_000)

    assert room.texts[-1] == texts("en").rest_refused
    assert len(room.texts) == 2


async def test_a_message_that_proves_to_be_a_file_makes_room_for_a_text(start: Start, room: Room) -> None:
    run = await start()
    await run.say("One")
    await run.until(lambda: bool(room.texts))
    room.first(EditMessageText, TelegramBadRequest(METHOD, "Bad Request: there is no text in the message to edit"))

    await run.finish("One two.")

    assert room.texts == ["One two."]
    assert sorted(room.messages) == [3]


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_what_a_former_process_left_is_shown_again_where_nothing_comes_in_its_place(
    is_restarted: bool, start: Start, room: Room, store: Store, chats: Chats
) -> None:
    chat = await chats.get(ANN, provider="alpha")
    stopped = await store.ask(chat)
    message = room.send(SendMessage(chat_id=ANN, text="What stood\n\n⏹ Stopped"))
    await store.show(stopped, message.message_id)
    ending = Ending(Outcome.STOPPED, (Text("What stood"),), "", note="⏹ Stopped", keeps=True)
    made = await store.answers.ended(stopped, ending)
    assert made
    await store.replies.stands(made, kept=kept.to_json([Rendered("What stood")]))
    await store.versions.anew(1, chat.id, user_id=ANN, answer_id=stopped.id)
    again = await store.begun()
    run = await start(job=again)
    await run.reply.takes_over()

    former = await store.made(again, Outcome.FAILED, None)
    if is_restarted:
        run.running.cancel()
        run = await start(job=former)
    assert former.kept is not None
    run.reply.keep(former.kept, former.note or "", text=former.shown, otherwise="Nothing.", of=Versions(former.id))
    await run.ends(within_s=30)
    await store.replies.stands(former, kept=run.reply.kept)

    assert room.texts == ["What stood\n\n⚠️"]
    assert room.buttons == [f"retry:{stopped.id}"]
    standing = await store.replies.standing(former.reply_id)
    assert standing
    assert standing[1] == former.kept


async def test_thoughts_grow_until_the_answer_begins_and_are_gone_then(start: Start, room: Room) -> None:
    run = await start()
    await run.think("First I look at the sky above.")
    await run.until(lambda: bool(room.texts))
    thinking = room.texts

    await run.say("Because of the air that is there.")
    await run.until(lambda: room.texts != thinking)
    begun = room.texts
    await run.finish("Because of the air that is there. Always.")

    assert thinking == ["💭 First I look at the sky above." + CURSOR]
    assert begun == ["Because of the air that is there." + CURSOR]
    assert room.texts == ["Because of the air that is there. Always."]


async def test_where_nothing_comes_of_thoughts_nothing_of_them_stays(start: Start, room: Room) -> None:
    run = await start()
    await run.think("First I look at the sky above.")
    await run.until(lambda: bool(room.texts))

    await run.finish("⏹ Stopped.")

    assert room.texts == ["⏹ Stopped."]


async def test_thoughts_leave_a_call_for_the_first_text(
    start: Start, room: Room, session: Telegram, clock: FakeClock
) -> None:
    run = await start(GROUP)
    thought = ""
    for number in range(600):
        thought += f"step {number} of many. "
        await run.think(thought)
    calls = len(session.made(SendMessage)) + len(session.made(EditMessageText))
    began = clock.now()

    await run.say("Because of the air that is there. ")
    await run.until(lambda: room.texts[0].startswith("Because"))

    assert 1 < calls <= 40
    assert clock.now() - began < 3


async def test_thoughts_that_telegram_does_not_take_cost_the_answer_nothing(start: Start, room: Room) -> None:
    room.first(SendMessage, REFUSED)
    run = await start()
    await run.think("First I look at the sky above.")

    await run.say("Because of *air*.")
    await run.finish("Because of *air*.")

    assert room.texts == ["Because of air."]
