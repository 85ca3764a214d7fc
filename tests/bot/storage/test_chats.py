"""Conversations and what is chosen in them."""

import itertools

import pytest

from bot.storage.chats import RETURN_S, Chats
from bot.storage.engine.database import Sessions
from bot.storage.questions.choices import Change, to_provider
from bot.storage.questions.limits import MAX_WAITING
from bot.storage.questions.questions import Verdict
from bot.storage.tables import Outcome, State, Thinking
from bot.storage.telegram.updates import Updates
from tests.bot.store import Store
from tests.clock import FakeClock

OLD, NEW = -55, -10055

_updates = itertools.count(1)


async def test_a_conversation_begins_once_per_chat_and_topic(chats: Chats) -> None:
    first = await chats.get(7, provider="alpha")
    again = await chats.get(7, provider="beta")
    topic = await chats.get(7, 3, provider="beta")

    assert (again.id, again.provider) == (first.id, "alpha")
    assert (topic.telegram_id, topic.thread_id, topic.provider) == (7, 3, "beta")
    assert topic.id != first.id


async def test_a_new_conversation_streams_and_shows_thoughts_meanwhile(chats: Chats) -> None:
    chat = await chats.get(7, provider="alpha")

    assert (chat.streaming, chat.thinking, chat.language, chat.system_prompt) == (True, Thinking.LIVE, None, None)


CHANGES: dict[str, object] = {
    "provider": "beta",
    "language": "ru",
    "system_prompt": "Be brief.",
    "streaming": False,
    "thinking": Thinking.KEPT,
}


@pytest.mark.parametrize("column", list(CHANGES))
async def test_a_choice_is_kept_and_touches_no_other_chat(chats: Chats, column: str, store: Store) -> None:
    chat, other = await chats.get(7, provider="alpha"), await chats.get(8, provider="alpha")

    assert await store.choose(Change(chat.id, {column: CHANGES[column]}), update_id=1)

    assert getattr(await chats.row(chat.id), column) == CHANGES[column]
    assert getattr(await chats.row(other.id), column) == getattr(other, column)


async def test_a_choice_is_stored_by_the_commit_that_takes_its_update(
    chats: Chats, updates: Updates, store: Store
) -> None:
    chat = await chats.get(7, provider="alpha")

    await store.choose(to_provider(chat.id, "beta"), update_id=1)

    assert await updates.known(1)


async def test_an_update_that_was_taken_changes_nothing(chats: Chats, updates: Updates, store: Store) -> None:
    chat = await chats.get(7, provider="alpha")
    await updates.take(1)
    change = Change(chat.id, {"language": "ru"}, model=("alpha", "a-1"), is_new=True)

    assert not await store.choose(change, update_id=1)

    assert (await chats.row(chat.id)).language is None
    assert await chats.model(chat.id, "alpha") is None


async def test_what_a_group_chooses_everywhere_holds_in_all_of_its_topics(chats: Chats, store: Store) -> None:
    rows = [await chats.get(-7, provider="alpha"), await chats.get(-7, 3, provider="alpha")]
    other = await chats.get(-8, provider="alpha")

    await store.choose(Change(rows[0].id, {"open_to_members": True}, everywhere=-7), update_id=1)

    assert [(await chats.row(row.id)).open_to_members for row in (*rows, other)] == [True, True, False]


async def test_each_provider_keeps_its_model(chats: Chats, store: Store) -> None:
    chat = await chats.get(7, provider="alpha")
    for update_id, model in enumerate([("alpha", "a-1"), ("beta", "b-1"), ("alpha", "a-2")]):
        await store.choose(Change(chat.id, model=model), update_id=update_id)

    assert await chats.model(chat.id, "alpha") == "a-2"
    assert await chats.model(chat.id, "beta") == "b-1"
    assert await chats.model(chat.id, "gamma") is None


async def test_a_gone_provider_can_be_told_again_after_a_switch(chats: Chats, store: Store) -> None:
    chat = await chats.get(7, provider="gone")
    await store.accept(chat, missing="gone")
    assert (await chats.row(chat.id)).missing_told == "gone"

    await store.choose(to_provider(chat.id, "alpha"), update_id=2)

    assert (await chats.row(chat.id)).missing_told is None


async def test_a_chat_is_gone_with_all_its_topics_until_it_is_back(chats: Chats, clock: FakeClock) -> None:
    rows = [await chats.get(7, provider="alpha"), await chats.get(7, 3, provider="alpha")]
    other = await chats.get(8, provider="alpha")

    await chats.set_gone(7, gone=True)
    assert [(await chats.row(row.id)).gone_at for row in (*rows, other)] == [clock.wall(), clock.wall(), None]

    await chats.set_gone(7, gone=False)
    assert [(await chats.row(row.id)).gone_at for row in rows] == [None, None]


async def test_what_waits_in_a_chat_that_is_gone_ends_and_what_comes_later_is_answered(
    chats: Chats, store: Store, clock: FakeClock
) -> None:
    chat, topic = await chats.get(7, provider="alpha"), await chats.get(7, 3, provider="alpha")
    other = await chats.get(8, provider="alpha")
    for row in (chat, chat, topic, other):
        await store.accept(row.id)
    under_way = await store.begun()
    await clock.advance(RETURN_S + 1)

    await chats.set_gone(7, gone=True)

    assert (await store.begun()).chat.id == other.id
    assert await store.begin() is None
    ended = [job for answer_id in (2, 3) if (job := await store.answers.get(answer_id))]
    assert [(job.state, job.outcome) for job in ended] == [(State.DONE, Outcome.UNDELIVERABLE)] * 2
    await store.replies.give_up(under_way, Outcome.UNDELIVERABLE)
    await chats.set_gone(7, gone=False)
    await store.accept(chat.id, "again")
    assert await store.history(await store.begun()) == [("user", "again")]


async def test_what_was_written_a_moment_before_a_refusal_was_noted_ends_when_it_is_noted_again(
    chats: Chats, store: Store
) -> None:
    chat = await chats.get(7, provider="alpha")
    for _ in range(3):
        await store.accept(chat.id)

    await chats.set_gone(7, gone=True)
    under_way = await store.begun()
    await chats.set_gone(7, gone=True)
    await store.replies.give_up(under_way, Outcome.UNDELIVERABLE)

    assert await store.begin() is None


async def test_who_was_told_to_wait_in_a_chat_that_was_gone_is_told_anew(
    chats: Chats, store: Store, clock: FakeClock
) -> None:
    chat = await chats.get(7, provider="alpha")

    async def fill() -> list[Verdict]:
        return [await store.accept(chat) for _ in range(MAX_WAITING + 1)]

    assert (await fill())[-1] is Verdict.BUSY
    await clock.advance(RETURN_S + 1)
    await chats.set_gone(7, gone=True)
    await chats.set_gone(7, gone=False)

    assert (await fill())[-1] is Verdict.BUSY


class TestMigrate:
    """A group becomes a supergroup."""

    async def test_a_group_without_a_conversation_is_nothing_to_follow(self, chats: Chats) -> None:
        await chats.migrate(OLD, NEW)

        assert (await chats.get(NEW, provider="alpha")).provider == "alpha"

    async def test_what_was_chosen_goes_along(self, chats: Chats, store: Store) -> None:
        old = await chats.get(OLD, provider="alpha")
        await chats.get(NEW, provider="beta")
        await store.choose(Change(old.id, {"tools_shown": True, "summaries": True, "effort": "high"}))

        await chats.migrate(OLD, NEW)

        new = await chats.get(NEW, provider="alpha")
        assert (new.provider, new.tools_shown, new.summaries, new.effort) == ("alpha", True, True, "high")

    async def test_an_open_reply_is_opened_anew(
        self, chats: Chats, store: Store, db: Sessions, clock: FakeClock
    ) -> None:
        parts = store.parts
        chat = await chats.get(OLD, provider="alpha")
        await store.accept(chat.id)
        job = await store.begun()
        await store.show(job, 2)

        await chats.migrate(OLD, NEW)

        assert await parts.of(job.reply_id) == []
        assert (await chats.row(chat.id)).telegram_id == NEW

    async def test_settings_and_models_come_along_where_the_supergroup_is_known(
        self, chats: Chats, store: Store
    ) -> None:
        old, new = await chats.get(OLD, provider="alpha"), await chats.get(NEW, provider="beta")
        change = Change(old.id, {"system_prompt": "Be brief.", "streaming": False}, model=("alpha", "a-2"))
        await store.choose(change, update_id=1)

        await chats.migrate(OLD, NEW)

        row = await chats.row(new.id)
        assert (row.provider, row.system_prompt, row.streaming) == ("alpha", "Be brief.", False)
        assert await chats.model(new.id, "alpha") == "a-2"

    async def test_an_answer_that_is_being_shown_is_not_asked_for_again(self, chats: Chats, store: Store) -> None:
        old = await chats.get(OLD, provider="alpha")
        await chats.get(NEW, provider="alpha")
        await store.accept(old.id)
        job = await store.begun()
        await store.made(job, text="Hi.")

        await chats.migrate(OLD, NEW)

        moved = await store.answers.get(job.id)
        assert moved
        assert (moved.state, moved.outcome) == (State.DONE, Outcome.ANSWERED)
        assert [job.id for job in await store.replies.resume()] == [job.id]

    async def test_two_open_answers_come_one_after_the_other(self, chats: Chats, store: Store) -> None:
        old, new = await chats.get(OLD, provider="alpha"), await chats.get(NEW, provider="alpha")
        await store.accept(old.id, "old")
        await store.accept(new.id, "new")
        first, second = await store.begun(), await store.begun()
        await store.made(first, text="re: old")

        await chats.migrate(OLD, NEW)

        assert await store.begin() is None
        await store.replies.give_up(second, Outcome.FAILED)
        again = await store.begun()
        assert (again.id, again.chat.id, again.shown) == (first.id, new.id, "re: old")
        assert again.is_made  # nobody is asked for it once more
        await store.replies.stands(again)
        await store.accept(new.id, "next")
        history = await store.history(await store.begun())
        assert history == [("user", "old"), ("assistant", "re: old"), ("user", "next")]

    @pytest.mark.parametrize("is_shown", [False, True], ids=["generating", "being shown"])
    async def test_a_made_answer_waits_for_what_is_under_way_and_survives_a_kill(
        self, chats: Chats, store: Store, is_shown: bool
    ) -> None:
        old, new = await chats.get(OLD, provider="alpha"), await chats.get(NEW, provider="alpha")
        await store.accept(old.id, "old")
        await store.accept(new.id, "new")
        first, second = await store.begun(), await store.begun()
        await store.made(first, text="re: old")
        if is_shown:
            second = await store.made(second, text="re: new")

        await chats.migrate(OLD, NEW)
        await store.backlog.recover()

        stood, asked_again = [], []
        while jobs := [*await store.replies.resume(), *filter(None, [await store.begin()])]:
            (job,) = jobs  # one after the other
            if not job.is_made:
                asked_again.append(job.id)
                job = await store.made(job, text="re: new")
            await store.replies.stands(job)
            stood.append(job.shown)
        assert sorted(stood) == ["re: new", "re: old"]
        assert asked_again == ([] if is_shown else [second.id])


async def test_no_part_of_a_chat_that_is_gone_is_searched_for(
    db: Sessions, chats: Chats, store: Store, clock: FakeClock
) -> None:
    parts = store.parts
    chat = await chats.get(7, provider="alpha")
    await store.accept(chat.id)
    job = await store.begun()
    await parts.intend(job.reply_id, 0, answer_id=job.id, after=10)
    assert len(await parts.lost(7)) == 1
    await clock.advance(RETURN_S + 1)

    await chats.set_gone(7, gone=True)
    await store.backlog.recover()

    assert await parts.lost(7) == []
