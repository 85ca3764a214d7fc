"""What each act does to a reply, its answers and the history: a line of the table in docs/architecture.md each."""

import itertools
from dataclasses import dataclass, field
from random import Random

import pytest
from sqlalchemy import func, select

from bot.storage.chats import RETURN_S
from bot.storage.exchanges.jobs import Job
from bot.storage.questions.choices import Change
from bot.storage.questions.questions import Verdict
from bot.storage.tables import Answer, Chat, Conversation, Outcome, Part, Reply, State
from bot.storage.telegram.pieces import Piece
from providers.blocks import Text
from tests.bot.store import Store
from tests.clock import FakeClock
from tests.thorough import times

ANN = 11
GROUP, SUPERGROUP = -55, -1_000_000_000_055

_numbers = itertools.count(1)


@pytest.fixture
async def chat(store: Store) -> Chat:
    return await store.chats.get(7, provider="alpha")


async def anew(store: Store, chat: Chat, answer_id: int) -> Verdict:
    """Press 🔄 under an answer."""
    return await store.versions.anew(next(_numbers), chat.id, user_id=ANN, answer_id=answer_id)


async def retry(store: Store, chat: Chat, words: str) -> Verdict:
    """Say /retry with other words."""
    wording = Piece(next(_numbers), (Text(words),))
    return await store.prompts.again(next(_numbers), chat.id, user_id=ANN, language="en", wording=wording)


async def begin_anew(store: Store, chat: Chat) -> None:
    """Say /new."""
    await store.choose(Change(chat.id, is_new=True))


async def answered(store: Store, chat: Chat, asked: str = "one", text: str = "1") -> Job:
    """Ask, and have an answer that stands in a message."""
    job = await store.ask(chat, asked)
    await store.show(job, next(_numbers))
    await store.replies.stands(await store.made(job, text=text))
    return job


async def reply(store: Store, job: Job) -> Reply:
    async with store.db() as session:
        return await session.get_one(Reply, job.reply_id)


async def head(store: Store, chat: Chat) -> int | None:
    """Return the answer that the next question of the present conversation goes on from."""
    async with store.db() as session:
        at = select(Conversation.head_id).join(Chat, Chat.conversation_id == Conversation.id)
        found: int | None = await session.scalar(at.where(Chat.id == chat.id))
        return found


async def said(store: Store, chat: Chat) -> list[str]:
    """Return the texts that a further question is sent with, its own left out."""
    await store.accept(chat, "next")
    return [text for _, text in await store.history(await store.begun())][:-1]


class TestQuestion:
    """A question has a reply of its own."""

    async def test_it_is_the_head_and_wanted_before_anything_came(self, store: Store, chat: Chat) -> None:
        job = await store.ask(chat)

        row = await reply(store, job)
        assert (row.wanted_id, row.shown_id, row.dirty, row.note) == (job.id, None, False, None)
        assert await head(store, chat) == job.id

    async def test_a_made_answer_is_dirty_until_it_stands(self, store: Store, chat: Chat) -> None:
        job = await store.ask(chat)
        made = await store.made(job)
        assert (await reply(store, job)).dirty

        await store.replies.stands(made)

        row = await reply(store, job)
        assert (row.wanted_id, row.shown_id, row.dirty) == (job.id, job.id, False)

    async def test_one_that_was_dropped_is_not_said(self, store: Store, chat: Chat) -> None:
        first = await answered(store, chat)
        await store.accept(chat, "two")
        await store.stop(chat)

        assert await said(store, chat) == ["one", "1"]
        assert (await reply(store, first)).wanted_id == first.id

    async def test_one_that_cannot_be_shown_is_not_said(self, store: Store, chat: Chat) -> None:
        await answered(store, chat)
        job = await store.made(await store.ask(chat, "two"), text="2")
        await store.replies.give_up(job, Outcome.UNDELIVERABLE)

        assert not (await reply(store, job)).dirty
        assert await said(store, chat) == ["one", "1"]


class TestAnew:
    """🔄: a further answer in the same reply."""

    async def test_it_is_wanted_in_the_same_reply_and_the_former_stands_until_then(
        self, store: Store, chat: Chat
    ) -> None:
        first = await answered(store, chat)

        assert await anew(store, chat, first.id) is Verdict.ACCEPTED

        job = await store.begun()
        row = await reply(store, first)
        assert (job.reply_id, job.former, row.wanted_id, row.shown_id) == (first.reply_id, first.id, job.id, first.id)
        assert await head(store, chat) == job.id
        assert [text for _, text in await store.history(job)] == ["one"]

    async def test_the_newest_is_said_once(self, store: Store, chat: Chat) -> None:
        first = await answered(store, chat)
        await anew(store, chat, first.id)
        await store.end(text="1 again")

        assert await said(store, chat) == ["one", "1 again"]

    async def test_one_that_was_dropped_leaves_the_former(self, store: Store, chat: Chat) -> None:
        first = await answered(store, chat)
        await anew(store, chat, first.id)
        await store.stop(chat)

        row = await reply(store, first)
        assert (row.wanted_id, row.shown_id, row.dirty) == (first.id, first.id, False)
        assert await head(store, chat) == first.id
        assert await said(store, chat) == ["one", "1"]

    async def test_one_that_failed_with_nothing_shows_the_former_and_a_line(self, store: Store, chat: Chat) -> None:
        first = await answered(store, chat)
        await anew(store, chat, first.id)
        shown = await store.made(await store.begun(), Outcome.FAILED, None)

        row = await reply(store, first)
        assert (shown.id, shown.shown, shown.note) == (first.id, "1", "⚠️")
        assert (row.wanted_id, row.dirty, row.note) == (first.id, True, "⚠️")
        await store.replies.stands(shown)
        assert await said(store, chat) == ["one", "1"]

    async def test_the_line_goes_with_the_next_wish(self, store: Store, chat: Chat) -> None:
        first = await answered(store, chat)
        await anew(store, chat, first.id)
        await store.end(Outcome.FAILED, None)

        assert await anew(store, chat, first.id) is Verdict.ACCEPTED

        assert (await reply(store, first)).note is None

    async def test_one_that_was_stopped_with_nothing_shows_the_former_without_a_line(
        self, store: Store, chat: Chat
    ) -> None:
        first = await answered(store, chat)
        await anew(store, chat, first.id)
        shown = await store.made(await store.begun(), Outcome.STOPPED, None)

        assert (shown.id, shown.note) == (first.id, None)
        await store.replies.stands(shown)
        assert await said(store, chat) == ["one", "1"]

    async def test_one_that_was_stopped_with_text_is_said(self, store: Store, chat: Chat) -> None:
        first = await answered(store, chat)
        await anew(store, chat, first.id)
        job = await store.end(Outcome.STOPPED, "hal")

        assert (await reply(store, first)).shown_id == job.id
        assert await said(store, chat) == ["one", "hal"]

    @pytest.mark.parametrize("has_failed", [False, True], ids=["made", "failed"])
    async def test_where_it_cannot_be_shown_the_former_is_still_said(
        self, store: Store, chat: Chat, has_failed: bool
    ) -> None:
        first = await answered(store, chat)
        await anew(store, chat, first.id)
        job = await store.begun()
        shown = await store.made(job, Outcome.FAILED, None) if has_failed else await store.made(job, text="2")

        await store.replies.give_up(shown, Outcome.UNDELIVERABLE)

        assert await said(store, chat) == ["one", "1"]

    async def test_it_waits_for_nothing_else(self, store: Store, chat: Chat) -> None:
        first = await answered(store, chat)
        await store.accept(chat, "two")

        assert await anew(store, chat, first.id) is Verdict.STALE
        await store.stop(chat)
        job = await store.ask(chat, "three")
        assert await anew(store, chat, job.id) is Verdict.BUSY

    async def test_a_bug_of_ours_is_told_in_its_place_and_the_former_still_said(self, store: Store, chat: Chat) -> None:
        first = await answered(store, chat)
        await anew(store, chat, first.id)
        job = await store.begun()
        await store.replies.give_up(job, Outcome.FAILED)

        assert await said(store, chat) == ["one", "1"]
        assert await store.begin() is None


class TestRetry:
    """/retry: a further prompt beside the last one, with a reply of its own."""

    async def test_its_answer_is_said_in_place_of_the_former(self, store: Store, chat: Chat) -> None:
        first = await answered(store, chat)
        await store.again(chat)
        job = await store.end(text="1 again")

        assert job.reply_id != first.reply_id
        assert (await reply(store, first)).shown_id == first.id
        assert await said(store, chat) == ["one", "1 again"]

    async def test_other_words_are_said_in_place_of_the_former(self, store: Store, chat: Chat) -> None:
        await answered(store, chat)
        await retry(store, chat, "uno")
        await store.end(text="1 again")

        assert await said(store, chat) == ["uno", "1 again"]

    async def test_one_that_failed_leaves_the_former_said(self, store: Store, chat: Chat) -> None:
        await answered(store, chat)
        await retry(store, chat, "uno")
        job = await store.end(Outcome.FAILED, None)

        assert (await reply(store, job)).shown_id == job.id
        assert await said(store, chat) == ["one", "1"]

    async def test_one_that_was_dropped_leaves_the_former_said(self, store: Store, chat: Chat) -> None:
        await answered(store, chat)
        await retry(store, chat, "uno")
        await store.stop(chat)

        assert await said(store, chat) == ["one", "1"]

    async def test_one_that_cannot_be_shown_leaves_the_former_said(self, store: Store, chat: Chat) -> None:
        await answered(store, chat)
        await store.again(chat)
        await store.replies.give_up(await store.made(await store.begun(), text="2"), Outcome.UNDELIVERABLE)

        assert await said(store, chat) == ["one", "1"]


class TestGone:
    """A chat that cannot be written to."""

    @pytest.mark.parametrize("is_begun", [False, True], ids=["waits", "generating at a crash"])
    @pytest.mark.parametrize("in_place", [False, True], ids=["/retry", "🔄"])
    async def test_what_ends_with_it_leaves_the_former_said(
        self, store: Store, chat: Chat, clock: FakeClock, is_begun: bool, in_place: bool
    ) -> None:
        first = await answered(store, chat)
        assert await (anew(store, chat, first.id) if in_place else store.again(chat)) is Verdict.ACCEPTED
        if is_begun:
            await store.begin()
        await clock.advance(RETURN_S + 1)
        await store.chats.set_gone(chat.telegram_id, gone=True)
        await store.backlog.recover()
        await store.chats.set_gone(chat.telegram_id, gone=False)

        assert (await reply(store, first)).wanted_id == first.id
        assert await said(store, chat) == ["one", "1"]


class TestNew:
    """/new: the next question begins a conversation."""

    async def test_what_was_said_before_is_not_sent(self, store: Store, chat: Chat) -> None:
        await answered(store, chat)
        await begin_anew(store, chat)

        assert await said(store, chat) == []

    async def test_an_answer_under_way_goes_on_in_its_conversation(self, store: Store, chat: Chat) -> None:
        await answered(store, chat)
        job = await store.ask(chat, "two")
        await begin_anew(store, chat)

        assert [text for _, text in await store.history(job)] == ["one", "1", "two"]
        await store.replies.stands(await store.made(job, text="2"))
        assert await said(store, chat) == []
        assert await anew(store, chat, job.id) is Verdict.STALE

    async def test_questions_that_wait_keep_their_conversation(self, store: Store, chat: Chat) -> None:
        await answered(store, chat)
        await store.ask(chat, "two")
        await store.accept(chat, "three")
        await begin_anew(store, chat)
        (running,) = [job for job in await store.queue() if job.state is State.GENERATING]
        await store.replies.stands(await store.made(running, text="2"))

        waited = await store.begun()
        assert [text for _, text in await store.history(waited)] == ["one", "1", "two", "2", "three"]
        await store.replies.stands(await store.made(waited, text="3"))
        assert await said(store, chat) == []

    async def test_there_is_nothing_to_ask_again_after_it(self, store: Store, chat: Chat) -> None:
        await answered(store, chat)
        await begin_anew(store, chat)

        assert await store.again(chat) is Verdict.NOTHING


class TestSupergroup:
    """A group becomes a supergroup: its messages are no longer reached, what was said still is."""

    async def test_what_is_under_way_goes_on_with_no_message(self, store: Store) -> None:
        group = await store.chats.get(GROUP, provider="alpha")
        await answered(store, group)
        job = await store.ask(group, "two")
        await store.show(job, next(_numbers))
        await store.chats.migrate(GROUP, SUPERGROUP)

        assert await store.parts.of(job.reply_id) == []
        (again,) = [each for each in await store.queue() if each.state is State.GENERATING]
        assert (again.id, again.chat.telegram_id, again.message_id) == (job.id, SUPERGROUP, None)
        await store.replies.stands(await store.made(again, text="2"))
        assert await said(store, await store.chats.get(SUPERGROUP, provider="alpha")) == ["one", "1", "two", "2"]

    @pytest.mark.parametrize("made", [False, True], ids=["generating", "dirty"])
    async def test_both_go_on_where_each_had_something_under_way(self, store: Store, made: bool) -> None:
        group = await store.chats.get(GROUP, provider="alpha")
        other = await store.chats.get(SUPERGROUP, provider="alpha")
        await answered(store, group)
        mine, theirs = await store.ask(group, "two"), await store.ask(other, "three")
        if made:
            for job in (mine, theirs):
                await store.made(job, text=f"{job.id}")
        await store.chats.migrate(GROUP, SUPERGROUP)

        await store.backlog.recover()
        for job in await store.replies.resume():
            await store.replies.stands(job)
        while claimed := await store.begin():
            await store.replies.stands(claimed if claimed.is_made else await store.made(claimed, text=f"{claimed.id}"))
        expected = ["one", "1", "two", f"{mine.id}", "three", f"{theirs.id}"]
        assert await said(store, await store.chats.get(SUPERGROUP, provider="alpha")) == expected


@dataclass
class Asked:
    """A question of the model: what was said to it and its repetitions, oldest first; None where nothing was."""

    message_id: int = 0
    said: dict[int, tuple[str, str] | None] = field(default_factory=dict)

    def counts(self) -> list[str]:
        """Return the pair that a later question is sent with."""
        pairs = [pair for pair in self.said.values() if pair]
        return list(pairs[-1]) if pairs else []


class Talks:
    """Some conversations, and what has to be so whatever happens in them."""

    def __init__(self, store: Store, chats: list[Chat], random: Random) -> None:
        self._store, self._chats, self._random = store, chats, random
        self._asked: dict[int, list[Asked]] = {chat.id: [] for chat in chats}
        self._words: dict[int, str] = {}
        self._of: dict[int, tuple[list[Asked], Asked]] = {}

    async def act(self) -> None:
        """Let something happen."""
        chat, store = self._random.choice(self._chats), self._store
        acts = {"ask": 8, "end": 14, "anew": 3, "retry": 3, "edit": 6, "show": 3, "stop": 1, "new": 1, "crash": 1}
        match self._random.choices(list(acts), list(acts.values()))[0]:
            case "ask":
                words, asked = f"p{next(_numbers)}", Asked(next(_numbers))
                await store.accept(chat, words, message_id=asked.message_id)
                self._asked[chat.id].append(asked)
                await self._note(words, self._asked[chat.id], asked)
            case "end":
                if job := await store.begin():
                    await self._end(job)
            case "anew":
                at = await head(store, chat)
                if at is not None and await anew(store, chat, at) is Verdict.ACCEPTED:
                    await self._note(self._words[at], *self._of[at])
            case "retry":
                words = f"p{next(_numbers)}"
                if await retry(store, chat, words) is Verdict.ACCEPTED:
                    await self._note(words, self._asked[chat.id], self._asked[chat.id][-1])
            case "edit":
                if self._asked[chat.id]:
                    await self._edit(chat, self._random.choice(self._asked[chat.id]))
            case "show":
                if (at := await head(store, chat)) is not None and at in self._of:
                    await self._show(chat, self._of[at][1])
            case "stop":
                await store.stop(chat)
            case "new":
                await begin_anew(store, chat)
                self._asked[chat.id] = []
            case "crash":
                await store.backlog.recover()
                for job in await store.replies.resume():
                    await store.replies.stands(job)
        await self._hold()

    async def finish(self) -> None:
        """Have all that waits answered; there is nothing then that is not whole."""
        await self._store.backlog.recover()
        for answer_id in (None, *await self._store.replies.suspected()):
            for job in await self._store.replies.resume(answer_id):
                await self._store.replies.stands(job)
        while left := await self._store.begin() or await self._store.begin(suspect=True):
            await self._end(left, "answered")
        assert {job.state for job in await self._store.queue()} <= {State.DONE}
        for chat in self._chats:
            expected = [text for asked in self._asked[chat.id] for text in asked.counts()]
            assert await said(self._store, chat) == expected

    async def _note(self, words: str, talk: list[Asked], asked: Asked) -> None:
        newest = max(job.id for job in await self._store.queue())
        self._words[newest], self._of[newest] = words, (talk, asked)
        asked.said[newest] = None

    async def _edit(self, chat: Chat, asked: Asked) -> None:
        """Say a question in other words: it waits, or gets a further version, or is a branch."""
        words, store = f"p{next(_numbers)}", self._store
        before = {job.id: job for job in await store.queue()}
        piece = Piece(asked.message_id, (Text(words),))
        verdict = await store.prompts.revise(next(_numbers), chat.id, piece, user_id=ANN, language="en")
        newest = max(await store.queue(), key=lambda job: job.id)
        if verdict is not Verdict.ACCEPTED:
            return
        if newest.id in before:
            (waits,) = [answer_id for answer_id in asked.said if before[answer_id].state is State.QUEUED]
            self._words[waits] = words
        elif newest.reply_id in {before[answer_id].reply_id for answer_id in asked.said}:
            await self._note(words, self._of[max(asked.said)][0], asked)
        else:
            talk = self._asked[chat.id]
            branch = Asked(asked.message_id, dict(asked.said))
            self._asked[chat.id] = [*talk[: talk.index(asked)], branch]
            await self._note(words, self._asked[chat.id], branch)

    async def _show(self, chat: Chat, asked: Asked) -> None:
        """Choose another version of the last answer."""
        answer_id = self._random.choice(list(asked.said))
        async with self._store.db() as session:
            job = next(each for each in await self._store.queue() if each.id == answer_id)
            row = await session.get_one(Reply, job.reply_id)
            message_id = await session.scalar(select(Part.message_id).where(Part.reply_id == row.id).limit(1))
        verdict = await self._store.versions.show(
            next(_numbers), chat.id, answer_id=answer_id, message_id=message_id or 0
        )
        if verdict is not Verdict.ACCEPTED:
            return
        asked.said[answer_id] = asked.said.pop(answer_id)
        for job in await self._store.replies.resume():
            if job.id == answer_id and self._random.random() < 0.8:
                await self._store.replies.stands(job)

    async def _end(self, job: Job, how: str = "") -> None:
        talk, asked = self._of[job.id]
        before = [text for each in talk[: talk.index(asked)] for text in each.counts()]
        assert [text for _, text in await self._store.history(job)] == [*before, self._words[job.id]]
        usual = ("answered",) * 4
        hows = (*usual, "failed", "bare", "stopped", "halted", "lost", "unshown", "killed", "made")
        how = how or self._random.choice(hows)
        text, store = f"a{next(_numbers)}", self._store
        if how == "killed":
            return
        if not job.has_parts:
            await store.show(job, next(_numbers))
        outcome = Outcome.FAILED if how in ("failed", "bare") else Outcome.STOPPED
        outcome = outcome if how in ("failed", "bare", "stopped", "halted") else Outcome.ANSWERED
        if how == "lost":
            await store.replies.give_up(job, Outcome.UNDELIVERABLE)
            return
        made = await store.made(job, outcome, None if how in ("bare", "halted", "failed") else text)
        if how == "unshown":
            await store.replies.give_up(made, Outcome.UNDELIVERABLE)
            return
        if how in ("answered", "stopped", "made"):
            asked.said[job.id] = self._words[job.id], text
        if how != "made":
            await store.replies.stands(made)

    async def _hold(self) -> None:
        async with self._store.db() as session:
            for column, where in ((Answer.chat_id, Answer.state == State.GENERATING), (Reply.chat_id, Reply.dirty)):
                most = select(func.count()).where(where).group_by(column).order_by(func.count().desc()).limit(1)
                assert (await session.scalar(most) or 0) <= 1


@pytest.mark.parametrize("seed", range(times(2, 50)))
async def test_whatever_happens_no_exchange_is_lost_or_doubled_and_all_is_answered(store: Store, seed: int) -> None:
    random = Random(seed)
    talks = Talks(store, [await store.chats.get(number, provider="alpha") for number in (7, 8)], random)

    for _ in range(40):
        await talks.act()

    await talks.finish()
