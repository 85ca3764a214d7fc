"""Taking: all that a batch of updates asks and says, stored by one commit, so that a backlog costs few of them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.changes import Change, change
from bot.storage.database import Sessions
from bot.storage.notices import Packed
from bot.storage.patience import patient
from bot.storage.signals import Signals
from bot.storage.tables import (
    Access,
    Answer,
    Busy,
    Chat,
    Conversation,
    Held,
    Outgoing,
    Prompt,
    Reply,
    Rule,
    State,
    Update,
)
from bot.storage.updates import take_all
from providers.blocks import Content

MAX_WAITING = 20  # queued answers of a chat
MAX_WAITING_PER_PERSON = 3  # of one person in a group
EVERYBODY = 0  # stands for the conversation in `busy`; no person has this id


class Verdict(StrEnum):
    """What became of a request."""

    ACCEPTED = "accepted"
    KNOWN = "known"  # the update was taken before, or the stranger told: do nothing
    BUSY = "busy"  # too many wait: it is told
    STILL_BUSY = "still busy"  # and that was told
    NOTHING = "nothing"  # there is nothing to answer again
    STALE = "stale"  # not the last answer of the conversation


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt for the queue of a conversation (`chat_id`, our own id).

    In a `group` a person's own prompts are counted too. `missing` is the provider whose absence is told with it.
    """

    chat_id: int
    message_id: int
    user_id: int
    content: Content
    language: str
    group: bool = False
    missing: str | None = None
    unread: str | None = None  # the last line of the answer


@dataclass(frozen=True, slots=True)
class Hold:
    """An update that is handled again when it is known who administers a group."""

    telegram_id: int
    body: str


@dataclass(frozen=True, slots=True)
class Stranger:
    """A person, or a group that somebody asks for (`title`), who has to be let in first; `by`, `name`: who asks."""

    telegram_id: int
    by: int
    name: str
    title: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What one update comes to: a question, a change, a stranger, only words, or that it has to wait; what is said.

    `notices` are kept where it is accepted, `if_busy` where too much waits.
    """

    update_id: int
    of: Question | Change | Stranger | Hold | None = None
    notices: tuple[Packed, ...] = ()
    if_busy: tuple[Packed, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of it, and the keys in the outbox of what was kept."""

    verdict: Verdict
    keys: tuple[int, ...] = ()


@patient
class Taking:
    """Takes updates."""

    def __init__(self, sessions: Sessions, clock: Clock, signals: Signals) -> None:
        self._sessions = sessions
        self._clock = clock
        self._signals = signals

    async def known(self, update_ids: Sequence[int]) -> set[int]:
        """Return those of some updates that were taken before."""
        async with self._sessions() as session:
            taken = await session.scalars(select(Update.update_id).where(Update.update_id.in_(update_ids)))
            held = await session.scalars(select(Held.update_id).where(Held.update_id.in_(update_ids)))
            return {*taken, *held}

    async def held(self, telegram_id: int | None = None) -> list[Held]:
        """Return the updates that wait for an answer about a group, or about any; oldest first."""
        rows = select(Held).order_by(Held.update_id)
        async with self._sessions() as session:
            return list(await session.scalars(rows.where(Held.telegram_id == telegram_id) if telegram_id else rows))

    async def release(self, update_id: int) -> None:
        """Put an update aside no more: it is taken. Nothing to do where it was stored with what it came to."""
        async with self._sessions.begin() as session:
            is_held = delete(Held).where(Held.update_id == update_id).returning(Held.update_id)
            if await session.scalar(is_held) is not None:
                await take_all(session, [update_id], self._clock.wall())

    async def store(self, batch: Sequence[Taken]) -> list[Receipt]:
        """Take some updates, in their order; one receipt for each."""
        wall = self._clock.wall()
        async with self._sessions.begin() as session:
            receipts = [receipt for part in _parts(batch) for receipt in await _store(session, part, wall)]
        if any(receipt.verdict is Verdict.ACCEPTED for receipt in receipts):
            self._signals.work.set()
        return receipts


def _parts(batch: Sequence[Taken]) -> Iterator[Sequence[Taken]]:
    """Cut a batch before what is chosen behind a question of the same chat: the question is stored before it."""
    start, asked = 0, set[int]()
    for index, taken in enumerate(batch):
        if isinstance(taken.of, Change) and taken.of.chat_id in asked:
            yield batch[start:index]
            start, asked = index, set()
        if isinstance(taken.of, Question):
            asked.add(taken.of.chat_id)
    yield batch[start:]


async def _store(session: AsyncSession, batch: Sequence[Taken], wall: float) -> list[Receipt]:
    ids = list(dict.fromkeys(taken.update_id for taken in batch if not isinstance(taken.of, Hold)))
    new = await take_all(session, ids, wall)
    old = set(ids) - new
    if ids:
        await session.execute(delete(Held).where(Held.update_id.in_(ids)))
    held = [
        {"update_id": taken.update_id, "telegram_id": taken.of.telegram_id, "body": taken.of.body}
        for taken in batch
        if isinstance(taken.of, Hold)
    ]
    if held:
        await session.execute(insert(Held).on_conflict_do_nothing(), held)
    await change(
        session,
        [taken.of for taken in batch if isinstance(taken.of, Change) and taken.update_id in new],
    )
    verdicts = await _judge(session, batch, old, wall)
    kept = [
        taken.if_busy if verdict is Verdict.BUSY else taken.notices if verdict is Verdict.ACCEPTED else ()
        for taken, verdict in zip(batch, verdicts, strict=True)
    ]
    keys = iter(await _keep(session, [notice for notices in kept for notice in notices], wall))
    return [
        Receipt(verdict, tuple(next(keys) for _ in notices)) for verdict, notices in zip(verdicts, kept, strict=True)
    ]


async def _judge(session: AsyncSession, batch: Sequence[Taken], old: set[int], wall: float) -> list[Verdict]:
    """Store questions and strangers; tell what became of each."""
    strangers = [taken.of.telegram_id for taken in batch if isinstance(taken.of, Stranger)]
    decided = set[int]()
    if strangers:
        decided |= set(await session.scalars(select(Access.telegram_id).where(Access.telegram_id.in_(strangers))))
    queue = await _Queue.of(session, {taken.of.chat_id for taken in batch if isinstance(taken.of, Question)})
    verdicts: list[Verdict] = []
    accepted: list[tuple[int, Question]] = []
    asking: list[dict[str, object]] = []
    for taken in batch:
        of, verdict = taken.of, Verdict.ACCEPTED
        if of is not None and taken.update_id in old:
            verdict = Verdict.KNOWN
        elif isinstance(of, Question):
            verdict = queue.admit(of, taken.update_id)
            if verdict is Verdict.ACCEPTED:
                accepted.append((taken.update_id, of))
        elif isinstance(of, Stranger):
            verdict = Verdict.KNOWN if of.telegram_id in decided else verdict
            decided.add(of.telegram_id)
            if verdict is Verdict.ACCEPTED:
                row = {"telegram_id": of.telegram_id, "rule": Rule.TOLD, "at": wall, "update_id": taken.update_id}
                asking.append(row | {"by": of.by, "language": of.language, "name": of.name, "title": of.title})
        old.add(taken.update_id)
        verdicts.append(verdict)
    if asking:
        await session.execute(insert(Access), asking)
    if queue.told:
        await session.execute(insert(Busy).on_conflict_do_nothing(), queue.told)
    if accepted:
        await _queue(session, accepted, wall)
    return verdicts


class _Queue:
    """How many prompts wait in some conversations, and who was told that they are too many."""

    def __init__(self, waiting: Counter[tuple[int, int]], busy: set[tuple[int, int]]) -> None:
        self._waiting = waiting
        self._busy = busy
        self.told: list[dict[str, int]] = []

    @classmethod
    async def of(cls, session: AsyncSession, chat_ids: set[int]) -> "_Queue":
        """Look into the database."""
        waiting, busy = Counter[tuple[int, int]](), set[tuple[int, int]]()
        if chat_ids:
            is_here = (Answer.chat_id.in_(chat_ids), Answer.state == State.QUEUED)
            grouped = select(Answer.chat_id, Answer.user_id, func.count()).where(*is_here)
            for chat_id, user_id, count in await session.execute(grouped.group_by(Answer.chat_id, Answer.user_id)):
                waiting[chat_id, user_id] += count
                waiting[chat_id, EVERYBODY] += count
            rows = await session.execute(select(Busy.chat_id, Busy.user_id).where(Busy.chat_id.in_(chat_ids)))
            busy = {(chat_id, user_id) for chat_id, user_id in rows}
        return cls(waiting, busy)

    def admit(self, question: Question, update_id: int) -> Verdict:
        """Count a question in, unless too many wait; that is told in answer to the first one that is too much."""
        conversation, person = (question.chat_id, EVERYBODY), (question.chat_id, question.user_id)
        if self._waiting[conversation] >= MAX_WAITING:
            full = conversation
        elif question.group and self._waiting[person] >= MAX_WAITING_PER_PERSON:
            full = person
        else:
            self._waiting.update((conversation, person))
            return Verdict.ACCEPTED
        if full in self._busy:
            return Verdict.STILL_BUSY
        self._busy.add(full)
        self.told.append({"chat_id": full[0], "user_id": full[1], "update_id": update_id})
        return Verdict.BUSY


async def _queue(session: AsyncSession, accepted: Sequence[tuple[int, Question]], wall: float) -> None:
    """Store questions, each as a prompt that goes on from the answer before it, with a reply and an answer to make."""
    questions = [question for _, question in accepted]
    conversations = await _present(session, {question.chat_id for question in questions})
    replies = await session.scalars(
        insert(Reply).returning(Reply.id, sort_by_parameter_order=True),
        [{"chat_id": question.chat_id, "message_id": question.message_id} for question in questions],
    )
    rows = [
        {
            "conversation_id": conversations[question.chat_id].id,
            "chat_id": question.chat_id,
            "reply_id": reply_id,
            "user_id": question.user_id,
            "language": question.language,
            "content": question.content,
            "unread": question.unread,
            "created_at": wall,
        }
        for reply_id, question in zip(replies, questions, strict=True)
    ]
    prompts = list(await session.scalars(insert(Prompt).returning(Prompt.id, sort_by_parameter_order=True), rows))
    made = await session.scalars(
        insert(Answer).returning(Answer.id, sort_by_parameter_order=True),
        [
            {"prompt_id": prompt_id, "chat_id": row["chat_id"], "user_id": row["user_id"], "created_at": wall}
            for prompt_id, row in zip(prompts, rows, strict=True)
        ],
    )
    parents, wanted = [], []
    for answer_id, prompt_id, row in zip(made, prompts, rows, strict=True):
        conversation = conversations[int(str(row["chat_id"]))]
        parents.append({"id": prompt_id, "parent_id": conversation.head_id})
        wanted.append({"id": row["reply_id"], "wanted_id": answer_id})
        conversation.head_id = answer_id
    await session.execute(update(Prompt), parents)
    await session.execute(update(Reply), wanted)
    told = {question.chat_id: question.missing for _, question in accepted if question.missing}
    for chat_id, missing in told.items():
        await session.execute(update(Chat).where(Chat.id == chat_id).values(missing_told=missing))


async def _present(session: AsyncSession, chat_ids: set[int]) -> dict[int, Conversation]:
    """Return the present conversation of each chat; begin one where there is none."""
    there = select(Conversation).join(Chat, Chat.conversation_id == Conversation.id).where(Chat.id.in_(chat_ids))
    found = {conversation.chat_id: conversation for conversation in await session.scalars(there)}
    begun = [Conversation(chat_id=chat_id) for chat_id in sorted(chat_ids - found.keys())]
    if begun:
        session.add_all(begun)
        await session.flush()
        present = [{"id": conversation.chat_id, "conversation_id": conversation.id} for conversation in begun]
        await session.execute(update(Chat), present)
    return found | {conversation.chat_id: conversation for conversation in begun}


async def _keep(session: AsyncSession, notices: Sequence[Packed], wall: float) -> list[int]:
    """Put notices into the outbox; return their keys."""
    if not notices:
        return []
    rows = [{"method": notice.method, "body": notice.body, "stored_at": wall} for notice in notices]
    return list(await session.scalars(insert(Outgoing).returning(Outgoing.id, sort_by_parameter_order=True), rows))
