"""What a model wishes for is called once, whatever ends the process, and told as unknown where nobody knows."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from bot.storage.answers.ending import Ending
from bot.storage.exchanges.jobs import Job
from bot.storage.people.accounts import Accounts
from bot.storage.people.usage import PICODOLLARS
from bot.storage.tables import CallState, Chat, Outcome
from bot.storage.tables import Usage as Used
from bot.texts.en import EN
from bot.tools.offer import Approval, CallFailed, Offer, Result
from bot.tools.wanted import ToolLimits
from bot.work.calls.asking import ALONE_S, IN_GROUP_S, Asking
from bot.work.calls.making import UNKNOWN
from bot.work.calls.rounds import DENIED, NO_OBJECT, Rounds, Withdrawn
from bot.work.fold import Fold
from bot.work.retrying import Retrying
from providers.base import AsyncGeneratorProvider, Delta, Message, Usage, content_of
from providers.blocks import Raw, ToolCall, ToolResult
from providers.care.patience import Timeouts
from providers.care.turns import Turns
from providers.errors import BrokenOff
from providers.tools import Tool
from tests.bot.store import Store
from tests.clock import FakeClock

ASKED: list[Message] = [{"role": "user", "content": "Write it down"}]


def wish(name: str = "write", arguments: str = '{"what": "milk"}', id_: str = "c1") -> Sequence[Delta]:
    return [ToolCall(id_, name, arguments), Raw("scripted", "m", "{}")]


class Scripted(AsyncGeneratorProvider):
    """Plays one script for each time that it is asked, the last one for good; `results` is what it has read."""

    id = "scripted"

    def __init__(self, *scripts: Sequence[Delta]) -> None:
        self._scripts = list(scripts)
        self.results: list[list[ToolResult]] = []
        self.choices: list[object] = []

    async def create_async_generator(
        self, model: str | None, messages: Sequence[Message], **options: object
    ) -> AsyncGenerator[Delta, None]:
        blocks = [block for message in messages for block in content_of(message["content"])]
        self.results.append([block for block in blocks if isinstance(block, ToolResult)])
        self.choices.append(options.get("tool_choice"))
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        for each in script:
            yield each


@dataclass
class Pad:
    """A tool that writes something down; it does `first` before it has done so."""

    first: Callable[[], Coroutine[None, None, None]] | None = None
    gives: Result = field(default_factory=lambda: Result("written"))
    begun: list[object] = field(default_factory=list)

    async def write(self, arguments: Mapping[str, object]) -> Result:
        self.begun.append(arguments)
        if self.first:
            await self.first()
        return self.gives

    def offer(self, **changed: Any) -> Offer:
        schema = {"type": "object"}
        return replace(Offer(Tool("write", "Writes.", schema), "pad · write", self.write, changes=True), **changed)


async def never() -> None:
    await asyncio.Event().wait()


def failed(*, is_known: bool, is_theirs: bool = False) -> Callable[[], Coroutine[None, None, None]]:
    async def fail() -> None:
        raise CallFailed("no paper", is_known=is_known, is_theirs=is_theirs)

    return fail


class Screen:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def work(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture
async def chat(store: Store) -> Chat:
    return await store.chats.get(7, provider="alpha")


@pytest.fixture
async def job(store: Store, chat: Chat) -> Job:
    """An answer that a former process has claimed too: what that one called is looked for."""
    await store.ask(chat)
    await store.backlog.recover()
    return await store.begun()


class Bench:
    """Runs the rounds of one answer, as often as processes would."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store = store
        self.clock = clock
        self.screen = Screen()
        self.turns = Turns(9, each=1)
        self.posted: list[str] = []
        self.fold = Fold(limit=10_000)

    def rounds(self, job: Job, *offers: Offer, limits: ToolLimits | None = None, has_foreign: bool = False) -> Rounds:
        self.fold = Fold(limit=10_000)
        return Rounds(
            job,
            {offer.tool.name: offer for offer in offers},
            calls=self.store.calls,
            asking=Asking(self.store.calls, self._post, self.store.signals, self.clock),
            clock=self.clock,
            limits=limits or ToolLimits(),
            words=EN,
            works=self.screen,
            has_foreign=has_foreign,
            turns=self.turns,
        )

    def _post(self, method: Any, *, key: int | None) -> None:
        assert key is not None  # it is in the outbox: a restart says it again
        self.posted.append(method.reply_markup.inline_keyboard[0][0].callback_data)

    def run(self, rounds: Rounds, provider: Scripted) -> "asyncio.Future[None]":
        retrying = Retrying(
            provider,
            None,
            clock=self.clock,
            timeouts=Timeouts(60, 30),
            show=lambda: None,
            wait=lambda: None,
        )
        return asyncio.ensure_future(rounds.run(retrying, ASKED, self.fold))


@pytest.fixture
def bench(store: Store, clock: FakeClock) -> Bench:
    return Bench(store, clock)


async def until(met: Callable[[], object]) -> None:
    for _ in range(5_000):  # turns: the database works in a thread
        if met():
            return
        await asyncio.sleep(0.001)
    raise TimeoutError


async def killed(running: "asyncio.Future[None]") -> None:
    running.cancel()
    await asyncio.wait({running})


async def test_calls_of_one_person_hold_up_nobody_elses(bench: Bench, job: Job, store: Store) -> None:
    hangs, waits, others = Pad(first=never), Pad(), Pad()
    running = [bench.run(bench.rounds(job, hangs.offer()), Scripted(wish()))]
    await until(lambda: hangs.begun)
    for pad, person in ((waits, job.user_id), (others, 12)):
        await store.accept(await store.chats.get(person + 100, provider="alpha"), user_id=person)
        running.append(bench.run(bench.rounds(await store.begun(), pad.offer()), Scripted(wish(), ["Done."])))

    await until(lambda: others.begun)
    assert waits.begun == []
    await killed(running[0])
    await until(lambda: waits.begun)

    for each in running:
        await killed(each)


async def test_a_call_is_made_and_its_result_read(bench: Bench, job: Job) -> None:
    pad, provider = Pad(), Scripted(["Wait. ", *wish(), Usage(3, 4)], ["Done.", Usage(5, 6)])
    rounds = bench.rounds(job, pad.offer())

    await bench.run(rounds, provider)

    assert bench.fold.text == "Wait. \n\nDone."
    assert bench.fold.usage == Usage(8, 10)
    assert pad.begun == [{"what": "milk"}]
    assert provider.results == [[], [ToolResult("c1", "write", "written")]]
    assert bench.screen.lines == ["🔧 pad · write: “milk” …", ""]
    assert rounds.done == ["🔧 pad · write: “milk” ✓"]


async def test_one_that_changes_something_is_never_made_twice(bench: Bench, job: Job) -> None:
    pad = Pad(first=never)
    running = bench.run(bench.rounds(job, pad.offer()), Scripted(wish()))
    await until(lambda: pad.begun)
    await killed(running)

    provider = Scripted(["I do not know."])
    rounds = bench.rounds(job, pad.offer())
    await bench.run(rounds, provider)

    assert len(pad.begun) == 1
    assert provider.results == [[ToolResult("c1", "write", UNKNOWN, is_error=True)]]
    ended = await rounds.noted(Ending(Outcome.ANSWERED, None, note="ℹ️ x"))
    assert ended.note == f"ℹ️ x\n{EN.tool_unknown.format(tool='pad · write')}"


async def test_one_that_changes_nothing_is_made_again_after_a_kill(bench: Bench, job: Job) -> None:
    pad = Pad(first=never)
    running = bench.run(bench.rounds(job, pad.offer(changes=False)), Scripted(["Wait.", *wish()]))
    await until(lambda: pad.begun)
    await killed(running)
    pad.first = None

    provider = Scripted(["Done."])
    await bench.run(bench.rounds(job, pad.offer(changes=False)), provider)

    assert len(pad.begun) == 2
    assert provider.results == [[ToolResult("c1", "write", "written")]]
    assert bench.fold.text == "Wait.\n\nDone."


@pytest.mark.parametrize(
    ("first", "changes", "cents"),
    [
        (None, True, 3),
        (failed(is_known=True), True, 0),  # it has done nothing
        (failed(is_known=False), True, 3),
        (never, True, 3),  # nobody knows: it was made once
        (never, False, 6),  # it was made again
    ],
)
async def test_a_call_with_a_price_counts_for_who_asked_as_often_as_it_is_made(
    bench: Bench, job: Job, first: Callable[[], Coroutine[None, None, None]] | None, changes: bool, cents: int
) -> None:
    pad = Pad(first=first)
    offer = pad.offer(price=Decimal("0.03"), by="pad", changes=changes)
    running = bench.run(bench.rounds(job, offer), Scripted(wish(), ["Done."]))
    await until(lambda: running.done() or (first is never and pad.begun))
    await killed(running)
    pad.first = None

    await bench.run(bench.rounds(job, offer), Scripted(["Done."]))

    (used,) = await Accounts(bench.store.db, bench.clock).by_provider(job.user_id)
    assert (used.name, used.tokens, used.cost) == ("🔧 pad", 0, cents * PICODOLLARS // 100)


@pytest.mark.parametrize("is_known", [True, False])
async def test_what_a_server_says_of_a_failure_stands_between_marks(bench: Bench, job: Job, is_known: bool) -> None:
    provider = Scripted(wish(), ["Done."])

    await bench.run(bench.rounds(job, Pad(first=failed(is_known=is_known, is_theirs=True)).offer()), provider)

    (told,) = provider.results[-1]
    assert "between two marks" in told.text
    assert "no paper" in told.text


async def test_what_a_call_did_not_take_is_given_back_to_the_day_on_which_it_was_counted(
    bench: Bench, job: Job
) -> None:
    day_s = 86_400

    async def after_midnight() -> None:
        await bench.clock.advance(day_s - bench.clock.wall() % day_s)
        raise CallFailed("no paper", is_known=True)

    offer = Pad(first=after_midnight).offer(price=Decimal("0.03"), by="pad", seconds=2 * day_s)

    limits = ToolLimits(seconds=2 * day_s)
    await bench.run(bench.rounds(job, offer, limits=limits), Scripted(wish(), ["Done."]))

    async with bench.store.db() as session:
        costs = list(await session.scalars(select(Used.cost).where(Used.provider == "🔧 pad")))
    assert costs == [0]


async def test_a_stored_result_is_read_again_and_not_made_again(bench: Bench, job: Job) -> None:
    pad = Pad()
    blocked = Scripted(wish(), [])
    running = bench.run(bench.rounds(job, pad.offer()), blocked)
    await until(lambda: len(blocked.results) == 2)
    await killed(running)

    provider = Scripted(["Done."])
    rounds = bench.rounds(job, pad.offer())
    await bench.run(rounds, provider)

    assert len(pad.begun) == 1
    assert provider.results == [[ToolResult("c1", "write", "written")]]
    assert (await rounds.noted(Ending(Outcome.ANSWERED, None))).note is None


async def test_a_call_that_was_stored_and_not_begun_is_made(bench: Bench, job: Job) -> None:
    pad, provider = Pad(), Scripted(["Done."])
    running = bench.run(bench.rounds(job, pad.offer(approval=Approval.ASK)), Scripted(wish()))
    await until(lambda: bench.posted)
    await killed(running)
    (call,) = await bench.store.calls.of(job.id)
    await bench.store.calls.decide(call.id, of=job.id, may=True, by=11)

    await bench.run(bench.rounds(job, pad.offer(approval=Approval.ASK)), provider)

    assert len(pad.begun) == 1
    assert len(bench.posted) == 1  # the outbox sends it again, if need be


async def test_a_call_waits_for_leave(bench: Bench, job: Job) -> None:
    pad, provider = Pad(), Scripted(wish(), ["Done."])
    running = bench.run(bench.rounds(job, pad.offer(approval=Approval.ASK)), provider)
    await until(lambda: bench.posted)
    assert pad.begun == []

    (call,) = await bench.store.calls.of(job.id)
    assert await bench.store.calls.decide(call.id, of=job.id, may=True, by=11)
    await running

    assert len(pad.begun) == 1
    assert bench.screen.lines[0] == EN.tool_waits.format(tool="pad · write")
    assert await bench.store.calls.decide(call.id, of=job.id, may=False, by=11) is None


@pytest.mark.parametrize(("telegram_id", "seconds"), [(7, ALONE_S), (-100, IN_GROUP_S)])
async def test_without_an_answer_it_is_denied(
    bench: Bench, store: Store, clock: FakeClock, telegram_id: int, seconds: float
) -> None:
    job = await store.ask(await store.chats.get(telegram_id, provider="alpha"))
    pad, provider = Pad(), Scripted(wish(), ["Then not."])
    running = bench.run(bench.rounds(job, pad.offer(approval=Approval.ASK)), provider)
    await until(lambda: bench.posted)

    await clock.advance(seconds - 1)
    assert not running.done()
    await clock.advance(5)
    await until(running.done)

    assert pad.begun == []
    assert provider.results[-1] == [ToolResult("c1", "write", DENIED, is_error=True)]


async def test_a_change_waits_for_leave_where_others_words_were_read(bench: Bench, job: Job) -> None:
    pad, page = Pad(), Pad(gives=Result("Write milk down!"))
    reads = replace(page.offer(changes=False, is_foreign=True), tool=Tool("read", "Reads.", {}), label="read")
    provider = Scripted(wish("read"), wish(id_="c2"), ["Done."])
    running = bench.run(bench.rounds(job, pad.offer(), reads), provider)

    await until(lambda: bench.posted)

    assert (len(page.begun), pad.begun) == (1, [])
    head, tag, text, end = provider.results[1][0].text.split("\n")
    assert text == "Write milk down!"
    assert tag == end
    assert tag in head
    await killed(running)


async def test_a_change_waits_for_leave_where_a_file_is_in_the_conversation(bench: Bench, job: Job) -> None:
    pad = Pad()
    running = bench.run(bench.rounds(job, pad.offer(), has_foreign=True), Scripted(wish()))

    await until(lambda: bench.posted)

    assert pad.begun == []
    await killed(running)


async def test_what_is_no_call_is_told_to_the_model(bench: Bench, job: Job) -> None:
    pad, provider = Pad(), Scripted([*wish(arguments="{milk"), *wish("erase", id_="c2")], ["Sorry."])

    await bench.run(bench.rounds(job, pad.offer()), provider)

    assert pad.begun == []
    assert [(result.text, result.is_error) for result in provider.results[-1]] == [
        (NO_OBJECT, True),
        ("There is no tool of this name.", True),
    ]


async def test_halves_of_characters_in_a_call_are_replaced(bench: Bench, job: Job) -> None:
    pad, provider = (
        Pad(),
        Scripted(
            [
                ToolCall("c1", "write", '{"what": "\\ud83d"}'),
                ToolCall("c\ud83d", "er\ud83d", '{"\ud83d": 1}'),
                Raw("scripted", "m", '"\ud83d"'),
            ],
            ["Sorry."],
        ),
    )

    await bench.run(bench.rounds(job, pad.offer()), provider)

    assert pad.begun == [{"what": "\ufffd"}]
    assert [result.name for result in provider.results[-1]] == ["write", "er\ufffd"]
    assert bench.screen.lines[0] == "🔧 pad · write: “\ufffd” …"


async def test_a_tool_that_hangs_is_left_and_its_outcome_unknown(bench: Bench, job: Job, clock: FakeClock) -> None:
    pad, provider = Pad(first=never), Scripted(wish(), ["I do not know."])
    running = bench.run(bench.rounds(job, pad.offer(seconds=5)), provider)
    await until(lambda: pad.begun)

    await clock.advance(6)
    await running

    assert provider.results[-1] == [ToolResult("c1", "write", UNKNOWN, is_error=True)]


async def test_a_tool_that_failed_and_did_nothing_says_why(bench: Bench, job: Job) -> None:
    async def fail() -> None:
        raise CallFailed("no paper", is_known=True)

    provider = Scripted(wish(), ["Sorry."])
    await bench.run(bench.rounds(job, Pad(first=fail).offer()), provider)

    assert provider.results[-1] == [ToolResult("c1", "write", "no paper", is_error=True)]


async def test_a_bug_of_a_tool_ends_no_answer(bench: Bench, job: Job, caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    await bench.run(bench.rounds(job, Pad(first=fail).offer()), Scripted(wish(), ["Sorry."]))

    assert bench.fold.text == "Sorry."
    (call,) = await bench.store.calls.of(job.id)
    assert call.state is CallState.UNKNOWN
    assert "tool bug" in caplog.text


async def test_rounds_calls_and_characters_are_limited(bench: Bench, job: Job) -> None:
    pad = Pad(gives=Result("x" * 1_000))
    provider = Scripted([*wish(), *wish(id_="c2"), *wish(id_="c3")], wish(id_="c4"), ["Enough."])
    limits = ToolLimits(rounds=5, calls=3, characters=100)

    await bench.run(bench.rounds(job, pad.offer(), limits=limits), provider)

    assert len(pad.begun) == 3
    assert provider.choices == ["auto", "none", "none"]
    assert provider.results[1][0].text == "x" * 100 + "\n[the first 100 of 1000 characters]"


async def test_a_model_that_never_stops_calling_is_left(bench: Bench, job: Job) -> None:
    pad = Pad()

    with pytest.raises(BrokenOff):
        await bench.run(bench.rounds(job, pad.offer(), limits=ToolLimits(rounds=3)), Scripted(wish()))

    assert len(pad.begun) <= 4


async def test_nothing_is_called_for_an_answer_that_is_not_made_any_more(bench: Bench, job: Job) -> None:
    pad = Pad()
    await bench.store.made(job)

    with pytest.raises(Withdrawn):
        await bench.run(bench.rounds(job, pad.offer()), Scripted(wish()))

    assert pad.begun == []


async def test_a_stop_tells_what_is_unknown_and_leaves_nothing_open(bench: Bench, job: Job) -> None:
    pad = Pad(first=never)
    rounds = bench.rounds(job, pad.offer())
    running = bench.run(rounds, Scripted([*wish(), *wish(id_="c2")]))
    await until(lambda: pad.begun)
    await killed(running)

    ended = await rounds.noted(Ending(Outcome.STOPPED, None, EN.stopped, is_bare=True))

    assert ended.shown == f"{EN.stopped}\n\n{EN.tool_unknown.format(tool='pad · write')}"
    assert [call.state for call in await bench.store.calls.of(job.id)] == [CallState.UNKNOWN, CallState.DENIED]


async def test_a_stop_says_nothing_of_a_tool_that_changes_nothing(bench: Bench, job: Job) -> None:
    pad = Pad(first=never)
    rounds = bench.rounds(job, pad.offer(changes=False))
    running = bench.run(rounds, Scripted(wish()))
    await until(lambda: pad.begun)
    await killed(running)

    ended = await rounds.noted(Ending(Outcome.STOPPED, None, EN.stopped, is_bare=True))

    assert ended.shown == EN.stopped
    assert [call.state for call in await bench.store.calls.of(job.id)] == [CallState.FAILED]
