"""What becomes of one answer: asked for, stored, shown; on a clock that a test moves."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramForbiddenError
from aiogram.methods import SendMessage
from sqlalchemy import select

from bot.catalog.catalog import Catalog
from bot.delivery.delivery import Delivery
from bot.reply.recovery.search import Search
from bot.storage.answers.context import Context
from bot.storage.answers.summaries import Summaries
from bot.storage.engine.faults import DatabaseWithdrawn
from bot.storage.engine.shelf import Shelf
from bot.storage.exchanges.files import Files as FileRows
from bot.storage.exchanges.jobs import Job
from bot.storage.people.accounts import Accounts
from bot.storage.people.usage import Bill, Payer
from bot.storage.questions.questions import Question
from bot.storage.questions.taking import Taken
from bot.storage.tables import Answer, CallState, Chat, Outcome, Overheard
from bot.storage.telegram.pieces import Piece
from bot.texts.en import EN
from bot.tools.offer import Offer, Result
from bot.tools.toolbox import Toolbox
from bot.work.answering import MAX_DEATHS, Answering
from bot.work.attachments.download import Download
from bot.work.attachments.extraction import Extraction
from bot.work.attachments.files import Files
from bot.work.attachments.transcription import Transcription
from bot.work.briefing.summary import Summing
from bot.work.calls.asking import Asking
from bot.work.calls.calling import Calling
from bot.work.extras.voice import Voice
from bot.work.means import Limits, Means
from providers.base import AsyncGeneratorProvider, Delta, Message, ProviderModelMixin, Usage
from providers.blocks import Block, Draw, Raw, Text, ToolCall, text_of
from providers.care.patience import Timeouts
from providers.errors import BrokenOff, NoConnection
from providers.media.speech import Speaker
from providers.media.transcription import Transcriber
from providers.tools import Tool
from tests.bot.room import Room
from tests.bot.store import Store
from tests.bot.telegram import Telegram
from tests.clock import FakeClock

ANN = 7
Step = Delta | Exception | asyncio.Event  # what comes, what goes wrong, what is waited for


class Scripted(AsyncGeneratorProvider, ProviderModelMixin):
    """Plays one script for each time that it is asked, the last one for good; `asked` is what it was sent."""

    id, label, url = "scripted", "Scripted", "http://127.0.0.1"
    models: Sequence[str] = ("s-1", "s-2")
    default_model = "s-1"

    def __init__(self, *scripts: Sequence[Step]) -> None:
        self._scripts = list(scripts)
        self.asked: list[list[tuple[str, str]]] = []
        self.chosen: list[str | None] = []
        self.options: list[dict[str, object]] = []
        self.closed = 0

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        self.asked.append([(each["role"], _plain(each)) for each in messages])
        self.chosen.append(model)
        self.options.append(options)
        try:
            for step in self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]:
                if isinstance(step, asyncio.Event):
                    await step.wait()
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
        finally:
            self.closed += 1


def _plain(message: Message) -> str:
    content = message["content"]
    return content if isinstance(content, str) else "".join(b.text for b in content or () if isinstance(b, Text))


class Desk:
    """Answering with all that it needs, one provider behind it, and the room in which its answers stand."""

    def __init__(self, store: Store, delivery: Delivery, session: Telegram, clock: FakeClock, folder: Path) -> None:
        self.store, self.room, self.clock = store, Room(session), clock
        self._delivery, self._bot = delivery, Bot("1:a", session=session)
        self._folder = folder

    def answering(self, provider: AsyncGeneratorProvider, *offers: Offer) -> Answering:
        """Return one whose only provider this is."""
        catalog = Catalog({provider.id: provider}, provider.id, self.clock, summaries=False)
        rows, shelf = FileRows(self.store.db, self.clock), Shelf(self._folder)
        files = Files(
            rows,
            shelf,
            Download(self._bot, self.clock),
            Extraction(),
            Transcription(Transcriber([], clock=self.clock, silence_s=30)),
            self.clock,
        )
        means = Means(
            catalog=catalog,
            answers=self.store.answers,
            files=files,
            voice=Voice(Speaker((), voice="", clock=self.clock), files),
            calling=Calling(
                Toolbox(configured=offers),
                self.store.calls,
                Asking(self.store.calls, self._delivery.postbox.post, self.store.signals, self.clock),
                self.clock,
            ),
            summing=Summing(Summaries(self.store.db, self.clock), catalog, Timeouts(60, 30)),
            clock=self.clock,
            limits=Limits(Timeouts(60, 30), max_answer=1_000, max_parts=5, system_prompt="Be kind."),
        )
        return Answering(
            means,
            chats=self.store.chats,
            replies=self.store.replies,
            parts=self.store.parts,
            delivery=self._delivery,
            search=Search(self._delivery, self.store.parts),
        )

    async def claim(self, chat: Chat, text: str = "Why?") -> tuple[Job, Context]:
        """Ask a question and claim its answer."""
        await self.store.accept(chat, text)
        (claimed,) = (await self.store.backlog.claim(places=9, places_per_provider=9, most=1)).claimed
        return claimed.job, claimed.context

    async def answer(self, provider: AsyncGeneratorProvider, job: Job, context: Context | None) -> None:
        """Bring an answer to its end."""
        await self.ends(asyncio.ensure_future(self.answering(provider).answer(job, context, asyncio.Event())))

    async def ends(self, work: asyncio.Future[None]) -> None:
        """Let time go by until it has come to an end. Raises what it does."""
        await self.until(work.done)
        await work

    async def until(self, so: Callable[[], object]) -> None:
        """Let time go by, a minute at the most, until something is so."""
        for _ in range(600):
            if so():
                return
            await self.store.parts.of(0)  # what waits for the database goes on: it answers one after the other
            await self.clock.advance(0.1)
        raise AssertionError("it is not so")

    async def row(self, job: Job) -> Answer:
        """Return what is stored of an answer."""
        async with self.store.db() as session:
            return (await session.scalars(select(Answer).where(Answer.id == job.id))).one()


@pytest.fixture
def desk(store: Store, calls: Delivery, session: Telegram, clock: FakeClock, tmp_path: Path) -> Desk:
    return Desk(store, calls, session, clock, tmp_path / "files")


@pytest.fixture
async def chat(store: Store) -> Chat:
    return await store.chats.get(ANN, provider="scripted")


async def test_what_nobody_can_do_is_told_in_a_plain_sentence_and_costs_nothing(
    desk: Desk, store: Store, chat: Chat
) -> None:
    payer = Payer(11, "Ann", messages=9)
    asked = Question(chat.id, Piece(1, (Draw(), Text("fox"))), 11, "en", bill=Bill((payer,), "images"))
    await store.taking.store([Taken(1, asked)])
    (claimed,) = (await store.backlog.claim(places=9, places_per_provider=9, most=1)).claimed
    before = (await Accounts(store.db, desk.clock).use([payer]))[0].messages

    await desk.answer(Scripted(["…"]), claimed.job, claimed.context)

    assert (desk.room.texts, desk.room.buttons) == ([EN.image_nobody], [None])
    assert (before, (await Accounts(store.db, desk.clock).use([payer]))[0].messages) == (1, 0)
    assert (await store.answers.get(claimed.job.id) or claimed.job).is_void


async def test_an_answer_is_shown_whole_and_stored_with_what_it_took(desk: Desk, chat: Chat) -> None:
    provider = Scripted(["Because ", "of *that*.", Usage(12, 5)])
    job, context = await desk.claim(chat)

    await desk.answer(provider, job, context)

    row = await desk.row(job)
    assert desk.room.texts == ["Because of that."]
    assert text_of(row.content or ()) == "Because of *that*."
    assert (row.outcome, row.provider, row.model) == (Outcome.ANSWERED, "scripted", "s-1")
    assert (row.prompt_tokens, row.completion_tokens, row.is_estimated) == (12, 5, False)


async def test_a_service_that_does_not_count_is_counted_for(desk: Desk, chat: Chat) -> None:
    job, context = await desk.claim(chat)

    await desk.answer(Scripted(["Because of that."]), job, context)

    row = await desk.row(job)
    assert row.is_estimated
    assert (row.prompt_tokens or 0) > 0 < (row.completion_tokens or 0)


async def test_it_is_asked_what_was_said_under_the_prompt_with_the_chosen_model(desk: Desk, chat: Chat) -> None:
    provider = Scripted(["One."], ["Two."])
    await desk.answer(provider, *await desk.claim(chat, "First?"))
    job, context = await desk.claim(chat, "Second?")

    await desk.answer(provider, job, Context(context.said, context.prompt, {"scripted": "s-2"}))

    said = [("user", "First?"), ("assistant", "One."), ("user", "Second?")]
    assert provider.asked[1] == [("system", "Be kind."), *said]
    assert provider.chosen[1] == "s-2"


async def test_a_failure_is_told_and_is_no_part_of_what_was_said(desk: Desk, chat: Chat) -> None:
    provider = Scripted([NoConnection("refused", provider="scripted")])
    job, context = await desk.claim(chat)

    await desk.answer(provider, job, context)

    assert [text[:2] for text in desk.room.texts] == ["⚠️"]
    assert "Scripted" in desk.room.texts[0]
    assert (await desk.row(job)).outcome is Outcome.FAILED
    assert (await desk.row(job)).content is None


async def test_what_came_of_one_that_breaks_off_stays_marked_and_counts_as_unsaid(desk: Desk, chat: Chat) -> None:
    provider = Scripted(["Half of ", "it", BrokenOff("gone", provider="scripted")])
    job, context = await desk.claim(chat)

    await desk.answer(provider, job, context)

    (text,) = desk.room.texts
    assert text.startswith("Half of it")
    assert text.splitlines()[-1].startswith("⚠️")
    assert (await desk.row(job)).content is None


@pytest.mark.parametrize("nothing", [[], ["\n "], ["\u200b\u2800"]])
async def test_an_answer_of_nothing_is_told(desk: Desk, chat: Chat, nothing: list[str]) -> None:
    job, context = await desk.claim(chat)

    await desk.answer(Scripted(nothing), job, context)

    assert [text[:2] for text in desk.room.texts] == ["⚠️"]
    assert (await desk.row(job)).outcome is Outcome.FAILED


async def test_a_bug_of_a_provider_is_one_sentence_and_logged_without_what_was_said(
    desk: Desk, chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    job, context = await desk.claim(chat, "my secret")

    with caplog.at_level(logging.DEBUG, logger="bot"):
        await desk.answer(Scripted([KeyError("choices")]), job, context)

    assert desk.room.texts == [EN.internal]
    assert "provider bug" in caplog.text
    assert "my secret" not in caplog.text


async def test_a_database_that_is_lost_is_no_answer_and_no_bug_of_a_provider(
    desk: Desk, chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    job, context = await desk.claim(chat)

    with pytest.raises(ExceptionGroup) as raised:
        await desk.answer(Scripted([DatabaseWithdrawn("gone")]), job, context)

    assert raised.group_contains(DatabaseWithdrawn)
    assert desk.room.texts == []
    assert "provider bug" not in caplog.text


async def test_stopped_before_there_is_text_it_says_so(desk: Desk, chat: Chat) -> None:
    provider, stopped = Scripted([asyncio.Event()]), asyncio.Event()
    job, context = await desk.claim(chat)
    work = asyncio.ensure_future(desk.answering(provider).answer(job, context, stopped))
    await desk.until(lambda: provider.asked)

    stopped.set()
    await desk.ends(work)

    assert desk.room.texts == [EN.stopped]
    assert (await desk.row(job)).outcome is Outcome.STOPPED
    assert provider.closed == 1


async def test_stopped_in_the_middle_what_came_stays_with_its_mark(desk: Desk, chat: Chat) -> None:
    provider, stopped = Scripted(["A first line that is long enough. ", asyncio.Event()]), asyncio.Event()
    job, context = await desk.claim(chat)
    work = asyncio.ensure_future(desk.answering(provider).answer(job, context, stopped))
    await desk.until(lambda: desk.room.texts)

    stopped.set()
    await desk.ends(work)

    (text,) = desk.room.texts
    assert text.startswith("A first line that is long enough.")
    assert text.splitlines()[-1].startswith("⏹")
    assert text_of((await desk.row(job)).content or ()).startswith("A first line")
    assert provider.closed == 1


async def test_one_that_was_made_before_a_death_is_shown_and_not_asked_for_again(desk: Desk, chat: Chat) -> None:
    provider = Scripted(["never"])
    job, _ = await desk.claim(chat)
    made = await desk.store.made(job, text="Made before.")

    await desk.answer(provider, made, None)

    assert desk.room.texts == ["Made before."]
    assert provider.asked == []


async def test_one_that_killed_too_many_processes_is_given_up(desk: Desk, chat: Chat) -> None:
    provider = Scripted(["never"])
    job, context = await desk.claim(chat)
    async with desk.store.db.begin() as session:
        row = (await session.scalars(select(Answer).where(Answer.id == job.id))).one()
        row.deaths = MAX_DEATHS + 1
    (dead,) = await desk.store.queue()

    await desk.answer(provider, dead, context)
    await desk.until(lambda: desk.room.texts)

    assert desk.room.texts == [EN.gave_up]
    assert provider.asked == []


async def test_where_the_chat_is_gone_the_answer_ends_and_the_chat_is_marked(
    desk: Desk, chat: Chat, session: Telegram
) -> None:
    gone = TelegramForbiddenError(SendMessage(chat_id=ANN, text="x"), "Forbidden: bot was blocked by the user")
    session.answers(SendMessage, gone)
    job, context = await desk.claim(chat)

    await desk.answer(Scripted(["Hello there."]), job, context)

    assert (await desk.row(job)).outcome is Outcome.UNDELIVERABLE
    assert (await desk.store.chats.get(ANN, provider="scripted")).gone_at


async def test_an_error_that_passes_is_not_seen(desk: Desk, chat: Chat) -> None:
    provider = Scripted([NoConnection("refused", provider="scripted")], ["There it is."])
    job, context = await desk.claim(chat)

    await desk.answer(provider, job, context)

    assert desk.room.texts == ["There it is."]
    assert len(provider.asked) == 2


class Calls(Scripted):
    """Takes tools."""

    def takes(self, model: str | None = None) -> frozenset[type[Block]]:
        return frozenset({Text, ToolCall})


async def test_a_change_waits_for_leave_where_the_bot_reads_along(desk: Desk, chat: Chat) -> None:
    made: list[object] = []

    async def write(arguments: Mapping[str, object]) -> Result:
        made.append(arguments)
        return Result("written")

    job, context = await desk.claim(chat)
    said = Overheard(chat_id=chat.id, message_id=1, name="Eve", text="Bot, write it!", sent_at=desk.clock.wall())
    offer = Offer(Tool("write", "Writes.", {"type": "object"}), "write", write, changes=True)
    provider = Calls([ToolCall("c1", "write", "{}"), Raw("scripted", "m", "{}")], ["Done."])
    answering = desk.answering(provider, offer)
    work = asyncio.ensure_future(answering.answer(job, replace(context, overheard=[said]), asyncio.Event()))

    for _ in range(600):
        if calls := await desk.store.calls.of(job.id):
            break
        await desk.clock.advance(0.1)

    assert [call.state for call in calls] == [CallState.ASKED]
    assert made == []
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
