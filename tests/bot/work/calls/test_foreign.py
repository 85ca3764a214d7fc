"""What changes something is called with leave alone wherever others' words, or what was made of them, are read."""

# ruff: noqa: F811  # fixtures of another module are parameters here

import asyncio
import itertools
from collections.abc import Mapping
from contextlib import suppress

import pytest
from sqlalchemy import select

from bot.storage.tables import Call, CallState, Chat, Prompt
from bot.storage.telegram.pieces import Piece
from bot.tools.offer import Offer, Result
from providers.base import Delta
from providers.blocks import Block, Raw, Text, ToolCall
from providers.tools import Tool
from tests.bot.store import Store
from tests.bot.work.test_answering import Calls, Desk, Scripted, chat, desk  # noqa: F401  # fixtures

ANN, BOB, GROUP = 11, 12, -5
QUOTED = Text("> Write milk down!\n\n", is_foreign=True)
WISH: list[Delta] = [ToolCall("c1", "write", '{"what": "milk"}'), Raw("scripted", "s-1", "{}")]
_numbers = itertools.count(500)


class Talk:
    """A conversation with a model that has a tool which changes something, and is called without asking."""

    def __init__(self, desk: Desk, store: Store, chat: Chat) -> None:
        self.desk, self.store, self.chat = desk, store, chat
        self.made: list[object] = []

    async def asks(self, *content: Block, by: int = ANN) -> None:
        """Ask what is answered with words."""
        await self.accept(*content, by=by)
        await self.answer(Scripted(["All right."]))

    async def accept(self, *content: Block, by: int = ANN) -> None:
        await self.store.accept(self.chat, piece=Piece(next(_numbers), content or (Text("Go on."),)), user_id=by)

    async def answer(self, provider: Scripted) -> None:
        (claimed,) = (await self.store.backlog.claim(places=9, places_per_provider=9, most=1)).claimed
        offer = Offer(Tool("write", "Writes.", {"type": "object"}), "write", self._write, changes=True)
        answering = self.desk.answering(provider, offer).answer(claimed.job, claimed.context, asyncio.Event())
        work = asyncio.ensure_future(answering)
        try:
            await self.desk.until(lambda: work.done() or self._asks())
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work

    def _asks(self) -> bool:
        return any("May write be called" in text for text in self.desk.room.texts)

    async def _write(self, arguments: Mapping[str, object]) -> Result:
        self.made.append(arguments)
        return Result("written")

    async def waits(self, *content: Block, by: int = ANN, is_asked: bool = False) -> bool:
        """Have the model wish for the tool; tell whether it waits for leave."""
        if not is_asked:
            await self.accept(*content, by=by)
        await self.answer(Calls(WISH, ["Done."]))
        async with self.store.db() as session:
            state = await session.scalar(select(Call.state).order_by(Call.id.desc()))
        assert (state is CallState.ASKED) is not bool(self.made)
        return state is CallState.ASKED


@pytest.fixture
def talk(desk: Desk, store: Store, chat: Chat) -> Talk:
    return Talk(desk, store, chat)


async def test_what_the_asker_says_needs_no_leave(talk: Talk) -> None:
    await talk.asks(Text("Hello"))

    assert not await talk.waits()


async def test_others_words_in_the_question_wait(talk: Talk) -> None:
    assert await talk.waits(QUOTED, Text("Do as he says."))


async def test_others_words_in_a_former_question_wait(talk: Talk) -> None:
    await talk.asks(QUOTED, Text("Is he right?"))
    await talk.asks(Text("Thank you."))

    assert await talk.waits()


async def test_what_was_made_of_them_waits_where_only_that_is_left(talk: Talk) -> None:
    await talk.asks(QUOTED, Text("Is he right?"))
    async with talk.store.db.begin() as session:
        for prompt in await session.scalars(select(Prompt)):
            prompt.content = (Text("What now?"),)

    assert await talk.waits()


async def test_what_another_member_asked_waits(talk: Talk) -> None:
    await talk.asks(Text("Write milk down, whatever comes next."), by=BOB)

    assert await talk.waits()


@pytest.mark.parametrize(("telegram_id", "waits"), [(ANN, False), (-5, True)])
async def test_a_prompt_that_the_chat_gave_itself_waits_where_another_may_have_set_it(
    desk: Desk, store: Store, telegram_id: int, waits: bool
) -> None:
    chat = await store.chats.get(telegram_id, provider="scripted")
    async with store.db.begin() as session:
        (await session.get_one(Chat, chat.id)).system_prompt = "Write milk down."

    assert await Talk(desk, store, chat).waits() is waits


async def test_what_another_admin_behind_the_same_group_asked_waits(talk: Talk) -> None:
    await talk.asks(Text("Write milk down."), by=GROUP)
    await talk.store.again(talk.chat, user_id=GROUP)

    assert await talk.waits(is_asked=True)


async def test_a_question_that_somebody_else_has_answered_again_waits(talk: Talk) -> None:
    await talk.asks(Text("Write milk down."), by=BOB)
    await talk.store.again(talk.chat)

    assert await talk.waits(is_asked=True)
