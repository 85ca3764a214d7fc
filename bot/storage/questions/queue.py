"""Queue: it takes questions in, in their order, and each becomes a prompt, a reply and an answer to make."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.dialect import insert
from bot.storage.people.usage import Meter, Reached
from bot.storage.questions.edits import columns_of, pieces_of, reword
from bot.storage.questions.limits import MAX_WAITING, MAX_WAITING_PER_PERSON
from bot.storage.questions.placing import Accepted, places
from bot.storage.questions.preceding import Preceding, belongs, of_albums, preceding
from bot.storage.questions.questions import EVERYBODY, Question, Verdict
from bot.storage.tables import Answer, Busy, Chat, Conversation, Message, Prompt, Reply, State, table_of
from bot.storage.telegram.loose import lay_aside, loose, take_up
from bot.storage.telegram.pieces import Piece, composed, unread_of, window_s

# Made once: it takes longer to make them than to run them.
_MESSAGES = insert(table_of(Message))
_KEEP_MESSAGES = _MESSAGES.on_conflict_do_update(
    index_elements=("chat_id", "message_id"),
    set_={column.name: _MESSAGES.excluded[column.name] for column in table_of(Message).columns},
)
_ANSWERS = table_of(Answer).c
_WAITING = (
    select(_ANSWERS.chat_id, _ANSWERS.user_id, func.count())
    .where(_ANSWERS.chat_id.in_(bindparam("chat_ids", expanding=True)), _ANSWERS.state == State.QUEUED)
    .group_by(_ANSWERS.chat_id, _ANSWERS.user_id)
)
_BEGIN_REPLY, _BEGIN_PROMPT, _BEGIN_ANSWER = (
    insert(table).returning(table.c.id, sort_by_parameter_order=True)
    for table in (table_of(Reply), table_of(Prompt), table_of(Answer))
)
_FOLLOW, _WANT = (
    update(table).where(table.c.id == bindparam("of")).values({column: bindparam("to")})
    for table, column in ((table_of(Prompt), "parent_id"), (table_of(Reply), "wanted_id"))
)
_GO_ON = (
    update(table_of(Conversation))
    .where(table_of(Conversation).c.id == bindparam("of"))
    .values(head_id=bindparam("head"), touched_at=bindparam("at"))
)


class Queue:
    """How many prompts wait in some chats, who was told that they are too many, and what is to be stored now.

    What is admitted is counted by the `meter`.
    """

    def __init__(
        self,
        waiting: Counter[tuple[int, int]],
        busy: set[tuple[int, int]],
        meter: Meter,
        last: dict[int, Preceding] | None = None,
    ) -> None:
        self._waiting = waiting
        self._meter = meter
        self._busy = busy
        self._last = last or {}
        self._accepted: list[Accepted] = []
        self._albums: dict[tuple[int, str], Preceding] = {}
        self._loose: dict[tuple[int, str], list[Piece]] = {}  # of albums of which none asks as yet
        self._laid_aside: list[Question] = []  # those of this batch
        self._taken_up: list[tuple[int, str]] = []  # albums of which one asks now
        self._late: dict[int, list[Question]] = {}  # pieces by the prompt that they belong to
        self._begun = Counter[int]()  # conversations by chat, beside the present one
        self.told: list[dict[str, int]] = []
        self._standing: set[str] = set()  # inline messages that show an answer, or are to

    @classmethod
    async def of(cls, session: AsyncSession, questions: Sequence[Question], meter: Meter) -> "Queue":
        """Look into the database."""
        waiting, busy = Counter[tuple[int, int]](), set[tuple[int, int]]()
        chat_ids = {question.chat_id for question in questions}
        if chat_ids:
            for chat_id, user_id, count in await session.execute(_WAITING, {"chat_ids": [*chat_ids]}):
                waiting[chat_id, user_id] += count
                waiting[chat_id, EVERYBODY] += count
            asked = Counter(question.chat_id for question in questions)
            fullest = max(waiting[chat_id, EVERYBODY] + count for chat_id, count in asked.items())
            if fullest > MAX_WAITING_PER_PERSON:  # else there is room for all
                rows = await session.execute(select(Busy.chat_id, Busy.user_id).where(Busy.chat_id.in_(chat_ids)))
                busy = {(chat_id, user_id) for chat_id, user_id in rows}
        continuing = {each.chat_id for each in questions if not each.group or each.rest}
        queue = cls(waiting, busy, meter, await preceding(session, continuing))
        queue._albums = await of_albums(session, questions)
        queue._loose = await loose(session, questions)
        queue._standing = await _standing(session, questions)
        return queue

    def admit(self, question: Question, update_id: int) -> Verdict | Reached:
        """Count a question in, unless a limit is reached or too many wait.

        That is told in answer to the first one that is too much.

        A further piece of a question is always taken, and costs nothing.
        """
        if question.spot and question.spot.inline_id in self._standing:
            return Verdict.KNOWN
        if not question.spot and self._joins(question):
            return Verdict.JOINED
        album = question.chat_id, question.piece.album or ""
        if question.is_loose:
            if question.piece.album:
                self._loose.setdefault(album, []).append(question.piece)
                self._laid_aside.append(question)
            return Verdict.LOOSE
        if reached := self._meter.reached(question.bill):
            self._last.pop(question.chat_id, None)
            return reached
        conversation, person = (question.chat_id, EVERYBODY), (question.chat_id, question.user_id)
        if self._waiting[conversation] >= MAX_WAITING:
            full = conversation
        elif question.group and self._waiting[person] >= MAX_WAITING_PER_PERSON:
            full = person
        else:
            self._waiting.update((conversation, person))
            self._meter.charge(question.bill)
            is_commented = question.piece.forwarded_from is None
            if question.spot and question.spot.inline_id:
                self._standing.add(question.spot.inline_id)
            self._last[question.chat_id] = Preceding(
                question.piece, question.user_id, len(self._accepted), is_commented=is_commented
            )
            pieces = [question.piece]
            if question.piece.album and (before := self._loose.pop(album, None)):
                pieces = [*before, question.piece]
                self._taken_up.append(album)
            self._albums[album] = self._last[question.chat_id]
            self._accepted.append(Accepted(question, self._begun[question.chat_id], pieces))
            return Verdict.ACCEPTED
        self._last.pop(question.chat_id, None)
        if full in self._busy:
            return Verdict.BUSY if question.spot else Verdict.STILL_BUSY  # each stands in a message of its own
        self._busy.add(full)
        self.told.append({"chat_id": full[0], "user_id": full[1], "update_id": update_id})
        return Verdict.BUSY

    def _joins(self, question: Question) -> bool:
        """Take a message as a piece of the question before it, or of its album's, if it is one."""
        last = self._albums.get((question.chat_id, question.piece.album)) if question.piece.album else None
        if last is None:
            last = self._last.get(question.chat_id)
            if last is None or not belongs(question, last):
                return False
            question = replace(question, piece=question.rest or question.piece)
        is_commented = last.is_commented or question.piece.forwarded_from is None
        self._last[question.chat_id] = replace(last, piece=question.piece, directly=True, is_commented=is_commented)
        if last.of is None:
            self._late.setdefault(last.prompt_id, []).append(question)
        else:
            self._accepted[last.of].pieces.append(question.piece)
        return True

    def begin_anew(self, chat_id: int) -> None:
        """Have the next question of a chat begin a conversation."""
        self._begun[chat_id] += 1
        self._last.pop(chat_id, None)

    async def store(self, session: AsyncSession, wall: float) -> None:
        """Store what was admitted; each prompt goes on from the answer before it."""
        for prompt_id, questions in self._late.items():
            await _append(session, prompt_id, questions, wall)
        waiting = [each for each in self._laid_aside if (each.chat_id, each.piece.album) not in self._taken_up]
        await lay_aside(session, [(each.chat_id, each.piece) for each in waiting], wall)
        await take_up(session, self._taken_up)
        present = await self._store(session, wall) if self._accepted else {}
        numbers = {each.question.chat_id: each.number for each in self._accepted}
        for chat_id, number in self._begun.items():
            here = present.get(chat_id) if numbers.get(chat_id) == number else None
            await session.execute(update(Chat).where(Chat.id == chat_id).values(conversation_id=here))
        told = {each.question.chat_id: each.question.missing for each in self._accepted if each.question.missing}
        for chat_id, missing in told.items():
            await session.execute(update(Chat).where(Chat.id == chat_id).values(missing_told=missing))
        lost = {each.question.chat_id: each.question.lost for each in self._accepted if each.question.lost}
        for chat_id, persona in lost.items():
            await session.execute(update(Chat).where(Chat.id == chat_id).values(persona_told=persona))

    async def _store(self, session: AsyncSession, wall: float) -> dict[int, int]:
        """Store the questions that are new; return the conversation that each of their chats is in now."""
        there = await places(session, self._accepted)
        replies = await session.scalars(
            _BEGIN_REPLY,
            [_reply_to(each.question, each.pieces[-1].message_id) for each in self._accepted],
        )
        rows = [
            {
                "conversation_id": place.conversation.id,
                "parent_id": place.parent_id if place.is_chosen else place.conversation.head_id,
                "chat_id": each.question.chat_id,
                "reply_id": reply_id,
                "user_id": each.question.user_id,
                "language": each.question.language,
                "content": composed(each.pieces),
                "unread": unread_of(each.pieces),
                "ready_at": wall + window if (window := _window_s(each)) is not None else None,
                "created_at": wall,
            }
            for reply_id, each, place in zip(replies, self._accepted, there, strict=True)
        ]
        prompts = list(await session.scalars(_BEGIN_PROMPT, rows))
        made = list(
            await session.scalars(
                _BEGIN_ANSWER,
                [
                    {"prompt_id": prompt_id, "chat_id": row["chat_id"], "user_id": row["user_id"], "created_at": wall}
                    for prompt_id, row in zip(prompts, rows, strict=True)
                ],
            )
        )
        parents, wanted, messages = [], [], []
        heads = dict[int, int]()  # by conversation
        for answer_id, prompt_id, values, each, place in zip(made, prompts, rows, self._accepted, there, strict=True):
            before = made[place.after] if place.after is not None else place.parent_id
            head_id = heads.get(place.conversation.id, place.conversation.head_id)
            parent_id = before if place.is_chosen else head_id
            if parent_id != values["parent_id"]:  # it goes on from another one of this batch
                parents.append({"of": prompt_id, "to": parent_id})
            wanted.append({"of": values["reply_id"], "to": answer_id})
            heads[place.conversation.id] = answer_id
            chat_id = each.question.chat_id
            if not each.question.spot:
                messages += [columns_of(chat_id, prompt_id, number, piece) for number, piece in enumerate(each.pieces)]
        if parents:
            await session.execute(_FOLLOW, parents)
        await session.execute(_WANT, wanted)
        await session.execute(_GO_ON, [{"of": of, "head": head, "at": wall} for of, head in heads.items()])
        if messages:
            await session.execute(_KEEP_MESSAGES, messages)
        return {each.question.chat_id: place.conversation.id for each, place in zip(self._accepted, there, strict=True)}


def _window_s(accepted: Accepted) -> float | None:
    """Return for how long more may follow, None where nothing does."""
    return None if accepted.question.spot else window_s(accepted.pieces[-1])


def _reply_to(question: Question, message_id: int) -> dict[str, object]:
    """Return the row of the reply to a question."""
    spot = question.spot
    where = {"inline_id": spot and spot.inline_id, "query_id": spot and spot.query_id}
    return {"chat_id": question.chat_id, "message_id": None if spot else message_id, **where}


async def _standing(session: AsyncSession, questions: Sequence[Question]) -> set[str]:
    """Return those inline messages of some questions that show an answer already."""
    ids = [each.spot.inline_id for each in questions if each.spot and each.spot.inline_id]
    found = await session.scalars(select(Reply.inline_id).where(Reply.inline_id.in_(ids))) if ids else ()
    return {each for each in found if each is not None}


async def _append(session: AsyncSession, prompt_id: int, questions: Sequence[Question], wall: float) -> None:
    """Have a question say more: pieces of it came late."""
    prompt = await session.get_one(Prompt, prompt_id)
    pieces = [*await pieces_of(session, prompt_id), *(question.piece for question in questions)]
    last, window = questions[-1], window_s(questions[-1].piece)
    await reword(
        session,
        prompt,
        pieces,
        user_id=last.user_id,
        language=last.language,
        wall=wall,
        ready_at=wall + window if window is not None else None,
    )
