"""A growing text as Telegram's native draft, on a clock that a test moves."""

import asyncio

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramNotFound
from aiogram.methods import SendMessageDraft

from bot.delivery.delivery import Delivery
from bot.delivery.pace.progress import Progress
from bot.reply.draft import THINK_S, Draft
from bot.reply.markdown.rendered import Rendered
from bot.reply.place import InChat
from tests.bot.telegram import Telegram
from tests.clock import FakeClock

METHOD = SendMessageDraft(chat_id=7, draft_id=1, text="x")


@pytest.fixture
def draft(calls: Delivery, clock: FakeClock) -> Draft:
    return Draft(1, InChat(7), delivery=calls, clock=clock)


async def text() -> Rendered:
    return Rendered("One")


def growing(clock: FakeClock) -> Progress:
    progress = Progress()
    progress.heard(clock.now())
    return progress


async def test_the_first_text_goes_at_once(draft: Draft, session: Telegram, clock: FakeClock) -> None:
    assert await draft.show(text, growing(clock), asyncio.Event())

    assert draft.shown == await text()
    assert [call.text for call in session.made(SendMessageDraft)] == ["One"]


async def test_an_empty_draft_is_shown_while_nothing_comes(draft: Draft, session: Telegram, clock: FakeClock) -> None:
    thinking = asyncio.ensure_future(draft.think())
    await clock.asleep()
    await clock.advance(THINK_S)
    await thinking

    assert [call.text for call in session.made(SendMessageDraft)] == [""]


async def test_nothing_is_drafted_any_more_when_the_final_text_is_there(
    draft: Draft, session: Telegram, clock: FakeClock
) -> None:
    hurry, progress = asyncio.Event(), growing(clock)
    await draft.show(text, progress, hurry)
    progress.called_at = clock.now()
    later = asyncio.ensure_future(draft.show(text, progress, hurry))
    await clock.asleep()

    hurry.set()

    assert await later
    assert len(session.made(SendMessageDraft)) == 1


@pytest.mark.parametrize(
    ("error", "has_drafts"),
    [(TelegramBadRequest(METHOD, "Bad Request: no"), True), (TelegramNotFound(METHOD, "method not found"), False)],
)
async def test_where_there_are_no_drafts_the_text_is_edited(
    error: Exception, has_drafts: bool, draft: Draft, calls: Delivery, session: Telegram, clock: FakeClock
) -> None:
    session.answers(SendMessageDraft, error)

    assert not await draft.show(text, growing(clock), asyncio.Event())

    assert draft.shown is None
    assert calls.aside.has_drafts is has_drafts


async def test_when_it_has_ended_no_frame_goes(draft: Draft, session: Telegram, clock: FakeClock) -> None:
    await draft.end()

    await draft.show(text, growing(clock), asyncio.Event())

    assert session.made(SendMessageDraft) == []
