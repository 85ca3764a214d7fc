"""What becomes of a question whose messages say something else: it waits, is being answered, is done, is older."""

import itertools

import pytest

from bot.storage.answers.ending import Ending
from bot.storage.answers.parts import Parts
from bot.storage.exchanges.jobs import Job
from bot.storage.questions.choices import Change
from bot.storage.questions.edits import IN_PLACE
from bot.storage.questions.limits import MAX_WAITING
from bot.storage.questions.questions import Question, Verdict
from bot.storage.questions.taking import Taken
from bot.storage.tables import Answer, Chat, Outcome, Reply, State
from bot.storage.telegram.pieces import FULL, PASTE_S, Piece
from providers.blocks import Text
from tests.bot.store import Store
from tests.clock import FakeClock

ANN, BOB = 11, 12

_updates = itertools.count(1)


@pytest.fixture
async def chat(store: Store) -> Chat:
    return await store.chats.get(7, provider="alpha")


def piece(message_id: int, text: str, *, sent_at: float = 0, length: int = 0, forwarded: str | None = None) -> Piece:
    return Piece(message_id, (Text(text),), length or len(text), sent_at, text, forwarded)


async def edit(store: Store, chat: Chat, message_id: int, text: str, *, group: bool = False) -> Verdict:
    return await store.prompts.revise(
        next(_updates), chat.id, piece(message_id, text), user_id=ANN, language="en", group=group
    )


async def ask(store: Store, chat: Chat, *pieces: Piece) -> None:
    for each in pieces:
        await store.accept(chat, piece=each)


async def answer(store: Store, text: str) -> Job:
    job = await store.begun()
    await store.show(job, 1000 + job.id)
    await store.replies.stands(await store.made(job, text=text))
    return job


async def reply(store: Store, job: Job) -> Reply:
    async with store.db() as session:
        return await session.get_one(Reply, job.reply_id)


async def row(store: Store, job: Job) -> Answer:
    async with store.db() as session:
        return await session.get_one(Answer, job.id)


async def said(store: Store, job: Job) -> list[str]:
    return [text for _, text in await store.history(job)]


async def leave(store: Store, job: Job, text: str | None = None) -> None:
    """Have a generation that nobody wants any more end, as the work does."""
    assert await store.answers.ended(job, Ending(Outcome.ANSWERED, (Text("late"),))) is None
    assert await store.answers.is_superseded(job)
    content = (Text(text),) if text else None
    await store.answers.leave(job, Ending(Outcome.STOPPED, content, text, note="⏹"))


async def test_one_that_waits_changes_its_words_and_nothing_else(store: Store, chat: Chat) -> None:
    await ask(store, chat, piece(1, "one"), piece(2, "two"))
    assert await edit(store, chat, 2, "deux") is Verdict.ACCEPTED
    assert await edit(store, chat, 2, "zwei") is Verdict.ACCEPTED

    assert len(await store.queue()) == 2
    await answer(store, "1")
    assert await said(store, await store.begun()) == ["one", "1", "zwei"]


async def test_an_edit_that_changes_no_word_changes_nothing(store: Store, chat: Chat) -> None:
    await ask(store, chat, piece(1, "one"))
    await answer(store, "1")

    assert await edit(store, chat, 1, "one") is Verdict.NOTHING
    assert await edit(store, chat, 99, "no question") is Verdict.NOTHING
    assert len(await store.queue()) == 1


async def test_the_newest_is_answered_anew_in_place(store: Store, chat: Chat) -> None:
    await ask(store, chat, piece(1, "one"))
    first = await answer(store, "1")
    await edit(store, chat, 1, "uno")

    job = await store.begun()
    assert (job.reply_id, job.former) == (first.reply_id, first.id)
    assert await said(store, job) == ["uno"]
    shown = await store.made(job, text="I")
    assert shown.versions == (first.id, job.id)
    await store.replies.stands(shown)
    await ask(store, chat, piece(3, "two"))
    assert await said(store, await store.begun()) == ["uno", "I", "two"]


async def test_one_that_is_being_answered_leaves_and_keeps_its_place(store: Store, chat: Chat) -> None:
    await ask(store, chat, piece(1, "one"), piece(2, "two"))
    old = await store.begun()
    await store.show(old, 50)
    await edit(store, chat, 1, "uno")
    assert await store.backlog.stopping([old.id]) == [old.id]
    assert await store.begin() is None  # its messages are in use

    await leave(store, old, "o")
    job = await store.begun()
    assert (job.reply_id, await said(store, job)) == (old.reply_id, ["uno"])
    assert job.is_further
    assert (await row(store, old)).outcome is Outcome.SUPERSEDED
    shown = await store.made(job, text="I")
    assert shown.versions == (old.id, job.id)
    await store.replies.stands(shown)
    assert await said(store, await store.begun()) == ["uno", "I", "two"]


async def test_one_that_is_being_shown_leaves_its_messages_too(store: Store, chat: Chat) -> None:
    await ask(store, chat, piece(1, "one"))
    old = await store.made(await store.begun(), text="1")
    await edit(store, chat, 1, "uno")
    assert await store.backlog.stopping([old.id]) == [old.id]
    assert await store.begin() is None

    await store.replies.leave(old)
    job = await store.begun()
    assert (job.reply_id, await said(store, job)) == (old.reply_id, ["uno"])


async def test_an_older_one_is_a_branch_at_the_bottom(store: Store, chat: Chat) -> None:
    await ask(store, chat, piece(1, "one"))
    first = await answer(store, "1")
    await ask(store, chat, piece(3, "two"))
    await answer(store, "2")
    await edit(store, chat, 1, "uno")

    job = await answer(store, "I")
    assert job.reply_id != first.reply_id
    assert job.message_id == 1
    await ask(store, chat, piece(5, "three"))
    assert await said(store, await store.begun()) == ["uno", "I", "three"]
    assert (await reply(store, first)).wanted_id == first.id


async def test_an_edit_of_the_branch_is_one_in_place(store: Store, chat: Chat) -> None:
    await ask(store, chat, piece(1, "one"))
    await answer(store, "1")
    await ask(store, chat, piece(3, "two"))
    await answer(store, "2")
    await edit(store, chat, 1, "uno")
    branch = await answer(store, "I")
    await edit(store, chat, 1, "eins")

    assert (await answer(store, "i")).reply_id == branch.reply_id


async def test_a_storm_of_edits_makes_one_version(store: Store, chat: Chat) -> None:
    await ask(store, chat, piece(1, "one"))
    old = await store.begun()
    for text in ("u", "un", "uno"):
        await edit(store, chat, 1, text)
    assert [job.state for job in await store.queue()] == [State.GENERATING, State.QUEUED]
    await leave(store, old)
    assert await said(store, await store.begun()) == ["uno"]


@pytest.mark.parametrize("made", [False, True], ids=["generating", "being shown"])
async def test_after_a_crash_what_was_superseded_is_not_made_again(store: Store, chat: Chat, made: bool) -> None:
    await ask(store, chat, piece(1, "one"), piece(2, "two"))
    old = await store.begun()
    await store.show(old, 50)
    if made:
        await store.made(old, text="1")
    await edit(store, chat, 1, "uno")
    await store.backlog.recover()
    assert await store.replies.resume() == []

    job = await answer(store, "I")
    assert job.reply_id == old.reply_id
    assert await said(store, await store.begun()) == ["uno", "I", "two"]


async def test_what_nobody_holds_is_not_made_again_either(store: Store, chat: Chat) -> None:
    await ask(store, chat, piece(1, "one"))
    old = await store.begun()
    await edit(store, chat, 1, "uno")
    await store.backlog.adrift([old.reply_id])
    assert await store.begin() is None
    await store.backlog.adrift([])

    assert await said(store, await store.begun()) == ["uno"]


async def test_a_further_version_that_is_dropped_leaves_the_former(store: Store, chat: Chat) -> None:
    await ask(store, chat, piece(1, "one"))
    first = await answer(store, "1")
    await edit(store, chat, 1, "uno")
    await store.stop(chat)

    assert (await reply(store, first)).wanted_id == first.id
    await ask(store, chat, piece(3, "two"))
    assert await said(store, await store.begun()) == ["one", "1", "two"]


async def test_one_that_stands_over_a_torn_text_is_stopped_on_the_screen(store: Store, chat: Chat) -> None:
    await ask(store, chat, piece(1, "one"))
    old = await store.begun()
    await store.show(old, 50)
    await edit(store, chat, 1, "uno")
    await leave(store, old, "o")
    await store.stop(chat)

    job = await store.begun()
    assert job.stop


async def test_after_new_an_edit_in_place_goes_on_in_its_own_conversation(store: Store, chat: Chat) -> None:
    await ask(store, chat, piece(1, "one"))
    await answer(store, "1")
    await store.choose(Change(chat.id, is_new=True))
    await edit(store, chat, 1, "uno")
    await answer(store, "I")
    await ask(store, chat, piece(3, "two"))

    assert await said(store, await store.begun()) == ["two"]


async def test_where_too_much_waits_it_is_told_once(store: Store, chat: Chat) -> None:
    await ask(store, chat, piece(1, "one"))
    await answer(store, "1")
    await ask(store, chat, *(piece(10 + number, f"q{number}") for number in range(MAX_WAITING)))

    assert await edit(store, chat, 1, "uno") is Verdict.BUSY
    assert await edit(store, chat, 1, "eins") is Verdict.STILL_BUSY
    assert len(await store.queue()) == 1 + MAX_WAITING


async def test_a_further_wording_keeps_its_place_before_those_that_wait(store: Store, chat: Chat) -> None:
    await ask(store, chat, piece(1, "one"), piece(2, "two"))
    old = await store.begun()
    await edit(store, chat, 1, "uno")
    await leave(store, old)
    job = await answer(store, "I")
    assert job.message_id == 1


async def test_in_a_group_who_edits_again_and_again_keeps_nobody_waiting(store: Store, chat: Chat) -> None:
    await store.accept(chat, piece=piece(1, "one"), group=True)
    for number in range(IN_PLACE):
        job = await store.begun()
        await edit(store, chat, 1, f"one {number}", group=True)
        if number == 0:
            await store.accept(chat, piece=piece(2, "two"), user_id=BOB, group=True)
        if number < IN_PLACE - 1:
            await leave(store, job)
    await edit(store, chat, 1, "the last", group=True)

    assert not await store.answers.is_superseded(job)
    await store.show(job, 50)
    await store.replies.stands(await store.made(job, text="1"))
    asked = [await answer(store, "2"), await answer(store, "3")]
    assert [each.message_id for each in asked] == [2, 1]
    assert await said(store, asked[0]) == ["one 1", "1", "two"]
    assert await said(store, asked[1]) == ["the last"]
    assert await store.begin() is None


async def test_where_nobody_waits_each_edit_is_answered_in_place(store: Store, chat: Chat) -> None:
    await store.accept(chat, piece=piece(1, "one"), group=True)
    await store.accept(chat, piece=piece(2, "mine too"), group=True)
    first = await store.begun()
    job = first
    for number in range(IN_PLACE + 2):
        await edit(store, chat, 1, f"one {number}", group=True)
        await leave(store, job)
        job = await store.begun()

    assert job.reply_id == first.reply_id


class TestPaste:
    """The pieces of a text that the client cut."""

    async def test_they_are_one_question_that_waits_for_the_rest(
        self, store: Store, chat: Chat, clock: FakeClock
    ) -> None:
        await ask(store, chat, piece(1, "a", length=FULL))
        claims = await store.backlog.claim(places=9, places_per_provider=9)
        assert (claims.claimed, claims.opens_at) == ([], clock.wall() + PASTE_S)
        await ask(store, chat, piece(2, "b", length=FULL), piece(3, "c"))

        job = await store.begun()
        assert (job.message_id, await said(store, job)) == (3, ["a\nb\nc"])
        assert len(await store.queue()) == 1

    async def test_without_a_rest_it_is_asked_when_the_window_is_over(
        self, store: Store, chat: Chat, clock: FakeClock
    ) -> None:
        await ask(store, chat, piece(1, "a", length=FULL), piece(2, "later", sent_at=20))
        assert await store.begin() is None  # the next question overtakes nothing
        await clock.advance(PASTE_S)

        await answer(store, "1")
        assert await said(store, await store.begun()) == ["a", "1", "later"]

    async def test_a_clock_that_was_wrong_keeps_nobody_waiting(
        self, store: Store, chat: Chat, clock: FakeClock
    ) -> None:
        await ask(store, chat, piece(1, "a", length=FULL))
        before = Store(store.db, FakeClock(wall=clock.wall() - 3600))

        assert await before.begin()

    async def test_in_one_batch_too(self, store: Store, chat: Chat) -> None:
        pieces = [piece(1, "a", length=FULL), piece(2, "b"), piece(3, "c")]
        batch = [Taken(next(_updates), Question(chat.id, each, ANN, "en")) for each in pieces]
        receipts = await store.taking.store(batch)

        assert [each.verdict for each in receipts] == [Verdict.ACCEPTED, Verdict.JOINED, Verdict.ACCEPTED]
        assert await store.asked() == ["a\nb", "c"]

    async def test_a_late_one_has_the_question_answered_anew(self, store: Store, chat: Chat, clock: FakeClock) -> None:
        await ask(store, chat, piece(1, "a", length=FULL))
        await clock.advance(PASTE_S)
        old = await store.begun()
        await ask(store, chat, piece(2, "b", sent_at=4))
        await leave(store, old)

        job = await store.begun()
        assert (job.reply_id, await said(store, job)) == (old.reply_id, ["a\nb"])

    async def test_one_that_comes_after_the_answer_began_is_a_question_of_its_own(
        self, store: Store, chat: Chat, clock: FakeClock
    ) -> None:
        await ask(store, chat, piece(1, "a", length=FULL))
        await clock.advance(PASTE_S)
        old = await store.begun()
        await store.show(old, 2)
        await ask(store, chat, piece(3, "b", sent_at=4))

        assert await store.asked() == ["a", "b"]

    async def test_an_edited_piece_changes_only_its_part(self, store: Store, chat: Chat) -> None:
        await ask(store, chat, piece(1, "a", length=FULL), piece(2, "b"))
        await answer(store, "1")
        await store.prompts.revise(
            next(_updates), chat.id, piece(1, "A", length=FULL), user_id=ANN, language="en", group=False
        )

        assert await said(store, await store.begun()) == ["A\nb"]

    async def test_a_forward_joins_the_comment_that_came_before(self, store: Store, chat: Chat) -> None:
        await ask(store, chat, piece(1, "true?"))
        old = await store.begun()
        await ask(store, chat, piece(2, "news", forwarded="Bob"), piece(3, "more", forwarded="Bob"))
        await leave(store, old)

        assert await store.begin() is None  # a comment may come yet
        assert len(await store.queue()) == 2

    @pytest.mark.parametrize("at_once", [True, False])
    async def test_what_is_said_after_a_forward_with_its_comment_is_another_question(
        self, store: Store, chat: Chat, clock: FakeClock, at_once: bool
    ) -> None:
        commented = piece(1, "true?"), piece(2, "news", forwarded="Bob")
        if at_once:
            await ask(store, chat, *commented, piece(3, "hello"))
        else:
            await ask(store, chat, *commented)
            await ask(store, chat, piece(3, "hello"))
        await clock.advance(PASTE_S)

        await answer(store, "Yes.")
        assert await said(store, await store.begun()) == ["true?\n\n> Bob:\n> news", "Yes.", "hello"]


class TestReplied:
    """A reply to an older answer, or to a question, goes on from there."""

    async def test_to_an_answer_branches(self, store: Store, chat: Chat) -> None:
        await ask(store, chat, piece(1, "one"))
        first = await answer(store, "1")
        await ask(store, chat, piece(3, "two"))
        await answer(store, "2")
        await store.accept(chat, "and one?", replied=1000 + first.id)

        job = await answer(store, "1!")
        assert await said(store, job) == ["one", "1", "and one?"]
        await ask(store, chat, piece(10**6, "go on"))
        assert await said(store, await store.begun()) == ["one", "1", "and one?", "1!", "go on"]

    async def test_to_a_question_goes_on_from_its_answer(self, store: Store, chat: Chat) -> None:
        await ask(store, chat, piece(1, "one"))
        await answer(store, "1")
        await ask(store, chat, piece(3, "two"))
        await answer(store, "2")
        await store.accept(chat, "and?", replied=1)

        assert await said(store, await store.begun()) == ["one", "1", "and?"]

    async def test_its_conversation_becomes_the_present_one(self, store: Store, chat: Chat) -> None:
        await ask(store, chat, piece(1, "one"))
        first = await answer(store, "1")
        await store.choose(Change(chat.id, is_new=True))
        await ask(store, chat, piece(3, "two"))
        await answer(store, "2")
        await store.accept(chat, "back", replied=1000 + first.id)
        await answer(store, "b")
        await ask(store, chat, piece(10**6, "on"))

        assert await said(store, await store.begun()) == ["one", "1", "back", "b", "on"]

    async def test_to_something_else_goes_on_from_the_newest(self, store: Store, chat: Chat) -> None:
        other = await store.chats.get(8, provider="alpha")
        await ask(store, other, piece(1, "theirs"))
        await answer(store, "x")
        await ask(store, chat, piece(2, "mine"))
        await answer(store, "y")
        await store.accept(chat, "next", replied=1)

        assert await said(store, await store.begun()) == ["mine", "y", "next"]


class TestVersions:
    """◀ ▶: what is there stands in the same messages."""

    async def versions(self, store: Store, chat: Chat) -> tuple[Job, Job]:
        await ask(store, chat, piece(1, "one"))
        first = await answer(store, "1")
        await store.versions.anew(next(_updates), chat.id, user_id=ANN, answer_id=first.id)
        return first, await answer(store, "2")

    async def show(self, store: Store, chat: Chat, version: Job, under: Job) -> Verdict:
        return await store.versions.show(next(_updates), chat.id, answer_id=version.id, message_id=1000 + under.id)

    async def test_a_former_one_is_shown_and_the_conversation_follows(self, store: Store, chat: Chat) -> None:
        first, second = await self.versions(store, chat)
        assert await self.show(store, chat, first, second) is Verdict.ACCEPTED

        (job,) = await store.replies.resume()
        assert (job.id, job.is_made, job.shown, job.versions) == (first.id, True, "1", (first.id, second.id))
        await store.replies.stands(job)
        await ask(store, chat, piece(10**6, "next"))
        assert await said(store, await store.begun()) == ["one", "1", "next"]

    async def test_it_is_refused_while_something_is_under_way(self, store: Store, chat: Chat) -> None:
        first, second = await self.versions(store, chat)
        await self.show(store, chat, first, second)
        assert await self.show(store, chat, second, second) is Verdict.BUSY
        for job in await store.replies.resume():
            await store.replies.stands(job)
        await ask(store, chat, piece(10**6, "next"))
        assert await self.show(store, chat, second, second) is Verdict.BUSY

    async def test_only_what_belongs_to_the_message_is_shown(self, store: Store, chat: Chat) -> None:
        first, second = await self.versions(store, chat)
        await ask(store, chat, piece(10**6, "next"))
        third = await answer(store, "3")

        assert await self.show(store, chat, first, third) is Verdict.STALE
        assert await self.show(store, chat, first, second) is Verdict.STALE
        assert await self.show(store, chat, third, third) is Verdict.HERE

    async def test_one_that_cannot_be_shown_has_been_said_all_the_same(self, store: Store, chat: Chat) -> None:
        first, second = await self.versions(store, chat)
        await self.show(store, chat, first, second)
        (job,) = await store.replies.resume()
        await store.replies.give_up(job, Outcome.UNDELIVERABLE)

        assert (await row(store, first)).outcome is Outcome.ANSWERED
        await ask(store, chat, piece(10**6, "next"))
        assert await said(store, await store.begun()) == ["one", "2", "next"]

    async def test_a_repetition_of_the_former_one_that_fails_leaves_that(self, store: Store, chat: Chat) -> None:
        first, second = await self.versions(store, chat)
        await self.show(store, chat, first, second)
        for job in await store.replies.resume():
            await store.replies.stands(job)
        await store.versions.anew(next(_updates), chat.id, user_id=ANN, answer_id=first.id)
        shown = await store.made(await store.begun(), Outcome.FAILED, None)

        assert shown.id == first.id
        await store.replies.stands(shown)
        await ask(store, chat, piece(10**6, "next"))
        assert await said(store, await store.begun()) == ["one", "1", "next"]


async def test_an_answer_anew_above_others_is_to_lose_its_buttons(store: Store, chat: Chat, parts: Parts) -> None:
    await ask(store, chat, piece(1, "one"))
    first = await answer(store, "1")
    await store.choose(Change(chat.id, is_new=True))
    await ask(store, chat, piece(3, "two"))
    second = await store.begun()
    await store.show(second, 1000 + second.id)
    await store.replies.stands(await store.made(second))
    assert await parts.spent() == [(chat.telegram_id, 1000 + first.id)]
    await parts.stripped(chat.telegram_id, 1000 + first.id)
    await edit(store, chat, 1, "uno")

    job = await store.begun()
    assert job.reply_id == first.reply_id
    await store.replies.stands(await store.made(job))
    assert await parts.spent() == [(chat.telegram_id, 1000 + first.id)]


async def test_a_further_version_takes_no_buttons_that_the_first_has_taken(
    store: Store, chat: Chat, parts: Parts
) -> None:
    await ask(store, chat, piece(1, "one"))
    first = await answer(store, "1")
    await ask(store, chat, piece(3, "two"))
    second = await answer(store, "2")
    await parts.stripped(chat.telegram_id, 1000 + first.id)
    await store.versions.anew(next(_updates), chat.id, user_id=ANN, answer_id=second.id)

    await store.replies.stands(await store.made(await store.begun()))

    assert await parts.spent() == []


class TestTitle:
    """A conversation is called after its first question as that reads now."""

    async def title(self, store: Store, chat: Chat) -> str:
        present = await store.conversations.present(chat.id)
        assert present
        return present.title

    @pytest.mark.parametrize("is_answered", [False, True])
    async def test_it_follows_an_edit(self, store: Store, chat: Chat, is_answered: bool) -> None:
        await ask(store, chat, piece(1, "How do dgos see?"))
        if is_answered:
            await answer(store, "1")

        await edit(store, chat, 1, "How do dogs see?")

        assert await self.title(store, chat) == "How do dogs see?"

    async def test_it_follows_a_retry_in_other_words(self, store: Store, chat: Chat) -> None:
        await ask(store, chat, piece(1, "How do dgos see?"))
        await answer(store, "1")

        await store.prompts.again(
            next(_updates), chat.id, user_id=ANN, language="en", wording=piece(2, "How do dogs see?")
        )

        assert await self.title(store, chat) == "How do dogs see?"

    async def test_it_follows_a_comment_that_comes_late(self, store: Store, chat: Chat) -> None:
        await ask(store, chat, piece(1, "Dogs bark.", forwarded="Bob"), piece(2, "Why?"))

        assert await self.title(store, chat) == "Why?"

    async def test_a_name_that_somebody_gave_stays(self, store: Store, chat: Chat) -> None:
        await ask(store, chat, piece(1, "How do dgos see?"))
        await store.conversations.rename(chat.id, "Dogs")

        await edit(store, chat, 1, "How do dogs see?")

        assert await self.title(store, chat) == "Dogs"

    async def test_a_later_question_changes_nothing(self, store: Store, chat: Chat) -> None:
        await ask(store, chat, piece(1, "Dogs?"))
        await answer(store, "1")
        await ask(store, chat, piece(2, "Dogs?", sent_at=60))
        await edit(store, chat, 2, "Cats?")

        assert await self.title(store, chat) == "Dogs?"
