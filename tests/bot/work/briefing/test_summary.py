"""What a model takes no more of a conversation is summed up once, by the cheapest model, where that is wanted."""

# ruff: noqa: F811  # fixtures of another module are parameters here

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from bot.catalog.catalog import Catalog
from bot.intake.export import JSON, body, from_json, markdown, tail
from bot.intake.export import head as head_of
from bot.storage.questions.choices import Change
from bot.storage.tables import Answer, Chat, State, Summary, Usage
from bot.storage.telegram.pieces import Piece
from bot.texts.en import EN
from bot.work.briefing.summary import PAST, Brief, cheapest
from providers.base import Usage as Counted
from providers.blocks import Text, holds_foreign
from providers.capabilities import Capabilities
from providers.errors import NoConnection
from tests.bot.store import Store
from tests.bot.work.test_answering import ANN, Desk, Scripted, Step, _plain, chat, desk  # noqa: F401  # fixtures
from tests.clock import FakeClock

LONG = "word " * 300  # 375 tokens
ROOM = 2_000  # tokens: three such exchanges, not four, beside the answer and what is told first


class Small(Scripted):
    """A service of models that take little, of which one is cheap."""

    url = "https://llm.example.org/v1"
    models, default_model = ["s-1", "s-mini", "s-guard"], "s-1"
    context_tokens = ROOM

    def capabilities(self, model: str | None) -> Capabilities:
        price = Decimal({"s-mini": 1, "s-guard": 0}.get(model or "", 8))
        return Capabilities(ROOM, input_price=price, output_price=price)

    @property
    def summed(self) -> list[str]:
        """What was asked of who sums up."""
        return [asked[-1][1] for asked in self.asked if asked[0][1].startswith("Sum up")]


@pytest.fixture
async def wishing(store: Store, chat: Chat) -> Chat:
    await store.choose(Change(chat.id, {"summaries": True}))
    return await store.chats.get(ANN, provider="scripted")


async def talk(desk: Desk, chat: Chat, provider: Scripted, count: int, *, begins: int = 0) -> None:
    for number in range(begins, begins + count):
        await desk.answer(provider, *await desk.claim(chat, f"Question {number}? {LONG}"))


async def rows(store: Store) -> list[Summary]:
    async with store.db() as session:
        return [*await session.scalars(select(Summary).order_by(Summary.answer_id))]


def service(*summaries: list[Step], gate: asyncio.Event | None = None) -> Small:
    """Return one that answers, once the third question may go on, and sums up so."""
    found = Small()
    left = [*summaries]

    async def create(model, messages, **options):  # type: ignore[no-untyped-def]  # as the protocol's
        waits: list[Step] = [gate] if gate and _plain(messages[-1]).startswith("Question 2") else []
        is_sum = messages[0]["content"].startswith("Sum up")
        script = (left.pop(0) if len(left) > 1 else left[0]) if is_sum else [*waits, f"Yes. {LONG}"]
        playing = Scripted(script)
        try:
            async for delta in playing.create_async_generator(model, messages, **options):
                yield delta
        finally:
            found.asked += playing.asked
            found.chosen += playing.chosen

    found.create_async_generator = create  # type: ignore[method-assign]
    return found


async def test_without_a_wish_nothing_is_summed_up(desk: Desk, chat: Chat, store: Store) -> None:
    provider = service(["In short."])

    await talk(desk, chat, provider, 3)

    assert not provider.summed
    assert not await rows(store)


async def test_it_is_made_once_by_the_cheapest_model_told_once_and_sent_from_then_on(
    desk: Desk,
    wishing: Chat,
    store: Store,
) -> None:
    provider = service(["They spoke of words.", Counted(900, 20)])

    await talk(desk, wishing, provider, 5)

    made = [row for row in await rows(store) if row.text]
    assert len(provider.summed) == len(made) == 2  # half of the room is left to what comes
    assert "Question 0?" in provider.summed[0]
    assert "Question 4?" not in provider.summed[0]
    assert {provider.chosen[at] for at, asked in enumerate(provider.asked) if asked[0][1].startswith("Sum up")} == {
        "s-mini"
    }
    last = provider.asked[-1]
    assert last[0][1].startswith(f"Be kind.\n\n{PAST}")
    assert "They spoke of words." in last[0][1]
    assert last[-1][1].startswith("Question 4?")
    told = [text for text in desk.room.texts if text.endswith(EN.summed_up)]
    assert len(told) == 2  # once each
    async with store.db() as session:
        used = (await session.scalars(select(Usage.tokens).where(Usage.telegram_id == 11))).one()
        answers = [*await session.scalars(select(Answer))]
    spent = sum((each.prompt_tokens or 0) + (each.completion_tokens or 0) for each in answers)
    assert used == spent + 2 * 920


async def test_of_what_is_too_long_for_who_sums_up_both_ends_are_told(desk: Desk, wishing: Chat) -> None:
    provider = service(["In short."])

    for number in range(4):
        await desk.answer(provider, *await desk.claim(wishing, f"File {number}: {LONG * 3}So what is {number}?"))

    assert "File 0: word" in provider.summed[0]
    assert "So what is 0?" in provider.summed[0]
    assert LONG * 2 not in provider.summed[0]


@pytest.mark.parametrize("is_foreign", [True, False])
async def test_what_is_summed_up_of_others_words_is_theirs(
    desk: Desk, wishing: Chat, store: Store, is_foreign: bool
) -> None:
    provider = service(["They spoke of words."])
    await store.accept(wishing, piece=Piece(500, (Text(f"> Obey! {LONG}", is_foreign),)))
    (claimed,) = (await store.backlog.claim(places=9, places_per_provider=9, most=1)).claimed
    await desk.answer(provider, claimed.job, claimed.context)
    await talk(desk, wishing, provider, 4)

    (*_, made) = [row for row in await rows(store) if row.text]
    last = await desk.row(claimed.job)

    assert made.is_foreign is is_foreign
    assert last.content
    assert holds_foreign(last.content) is is_foreign
    assert holds_foreign(Brief("In short.", 1, None, is_foreign).under(Text("Be kind."))) is is_foreign


async def test_killed_while_it_is_made_it_is_not_made_again_and_the_answer_comes(
    desk: Desk,
    wishing: Chat,
    store: Store,
) -> None:
    provider = service([asyncio.Event()], ["They spoke."])
    await talk(desk, wishing, provider, 2)
    job, context = await desk.claim(wishing, f"Question 2? {LONG}")
    work = asyncio.ensure_future(desk.answering(provider).answer(job, context, asyncio.Event()))
    while not await rows(store):
        await desk.clock.advance(0.1)
    work.cancel()
    await asyncio.wait({work})

    await store.backlog.recover()
    (again,) = (await store.backlog.claim(places=9, places_per_provider=9, most=1)).claimed
    await desk.answer(provider, again.job, again.context)

    assert [row.text for row in await rows(store)] == [None]
    assert not any(EN.summed_up in text for text in desk.room.texts)
    assert (await desk.row(job)).content
    await talk(desk, wishing, provider, 1, begins=3)
    assert [row.text for row in await rows(store)] == [None, "They spoke."]


async def test_killed_after_it_was_made_it_is_told_by_the_answer_that_made_it(
    desk: Desk,
    wishing: Chat,
    store: Store,
) -> None:
    gate = asyncio.Event()
    provider = service(["They spoke."], gate=gate)
    await talk(desk, wishing, provider, 2)
    job, context = await desk.claim(wishing, f"Question 2? {LONG}")
    work = asyncio.ensure_future(desk.answering(provider).answer(job, context, asyncio.Event()))
    while not any(row.text for row in await rows(store)):
        await desk.clock.advance(0.1)
    work.cancel()
    await asyncio.wait({work})
    gate.set()

    await store.backlog.recover()
    (again,) = (await store.backlog.claim(places=9, places_per_provider=9, most=1)).claimed
    await desk.answer(provider, again.job, again.context)

    assert len(provider.summed) == 1
    assert len([text for text in desk.room.texts if EN.summed_up in text]) == 1


async def test_a_service_that_fails_to_sum_up_answers_all_the_same(desk: Desk, wishing: Chat, store: Store) -> None:
    provider = service([NoConnection("gone", provider="scripted")])

    await talk(desk, wishing, provider, 3)

    assert [row.text for row in await rows(store)] == [None]
    assert len(desk.room.texts) == 3
    assert all(text.startswith("Yes.") and EN.summed_up not in text for text in desk.room.texts)


async def test_it_is_marked_in_what_is_exported_and_goes_with_the_conversation(
    desk: Desk,
    wishing: Chat,
    store: Store,
    clock: FakeClock,
) -> None:
    await talk(desk, wishing, service(["They spoke\nof words."]), 3)
    (conversation,) = await store.conversations.ids(wishing.id)
    tree = await store.trees.of(wishing.id, conversation)
    assert tree

    sign = "{} {}".format
    text, json = markdown(tree, EN, sign), head_of(JSON) + body(tree, JSON, EN, sign, is_first=True) + tail(JSON)

    assert f"*{EN.export_summary}:*\n\n> They spoke\n> of words." in text
    assert from_json(json) == [tree]
    await store.conversations.delete(wishing.id)
    await clock.advance(4_000)
    while await store.purge.step():
        pass
    assert not await rows(store)


def test_of_a_makers_models_the_cheapest_sums_up() -> None:
    assert cheapest(Small(), None) == "s-mini"
    assert cheapest(Small(), "s-mini") == "s-mini"

    unpriced = Scripted()
    unpriced.url, unpriced.models = "https://llm.example.org", ["big-1", "big-mini", "big-nano-tts", "other/nano"]
    unpriced.default_model = "big-1"
    assert cheapest(unpriced, None) == "big-mini"
    unpriced.url = "http://localhost:11434"
    assert cheapest(unpriced, "big-1") == "big-1"


def test_the_operator_decides_what_a_chat_that_chose_nothing_has(clock: FakeClock) -> None:
    assert Catalog({"scripted": Scripted()}, "scripted", clock).summaries is None


@pytest.mark.proof
async def test_killed_at_any_commit_nobody_is_asked_for_the_same_summary_twice(desk: Desk, store: Store) -> None:
    at, is_whole = 0, False
    while not is_whole:
        at += 1
        here = await store.chats.get(1_000 + at, provider="scripted")
        await store.choose(Change(here.id, {"summaries": True}))
        provider = service([f"They spoke of {at}.", Counted(900, 20)])
        await talk(desk, here, provider, 2)
        job, context = await desk.claim(here, f"Question 2? {LONG}")
        work = asyncio.ensure_future(desk.answering(provider).answer(job, context, asyncio.Event()))

        is_whole = not await killed(desk, work, at)
        if not is_whole:
            await store.backlog.recover()
            for claimed in (await store.backlog.claim(places=9, places_per_provider=9, most=9)).claimed:
                await desk.answer(provider, claimed.job, claimed.context)
            for each in await store.replies.resume():
                await desk.answer(provider, each, None)

        row = await desk.row(job)
        assert (row.state, bool(row.content)) == (State.DONE, True), at

        async with store.db() as session:
            kept = [*await session.scalars(select(Summary).join(Answer).where(Answer.chat_id == here.id))]
        assert len(provider.summed) <= len(kept) <= 1, at  # begun, and so never again
    assert at > 3


async def killed(desk: Desk, work: "asyncio.Future[None]", at: int) -> bool:
    """End it at the commit of this number; tell whether it came so far."""
    left = at

    def count(_connection: object) -> None:
        nonlocal left
        left -= 1
        if not left:
            work.cancel()

    event.listen(Engine, "commit", count)
    try:
        await desk.until(work.done)
    finally:
        event.remove(Engine, "commit", count)
    return work.cancelled()
