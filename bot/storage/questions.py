"""Questions: the queue takes them in, in their order, and each becomes a prompt, a reply and an answer to make."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import bindparam, exists, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.storage.dialect import insert
from bot.storage.loose import lay_aside, loose, take_up
from bot.storage.overheard import Heard
from bot.storage.pieces import FULL, Piece, composed, continues, follows, unread_of, window_s
from bot.storage.tables import Answer, Busy, Chat, Conversation, Message, Part, Prompt, Reply, State
from bot.storage.usage import NOBODYS, Bill, Meter, Reached
from bot.storage.wordings import columns_of, pieces_of, reword
from bot.storage.words import title_of

MAX_WAITING = 20  # queued answers of a chat
MAX_WAITING_PER_PERSON = 3  # of one person in a group
EVERYBODY = 0  # stands for the chat in `busy`; no person has this id


# Made once: it takes longer to make them than to run them.
_LATER = aliased(Message)
_NEWEST = select(
    Message.chat_id,
    Message.prompt_id,
    Message.message_id,
    Message.length_utf16,
    Message.sent_at,
    Message.forwarded_from,
    select(Prompt.user_id).where(Prompt.id == Message.prompt_id).scalar_subquery().label("user_id"),
    exists().where(_LATER.prompt_id == Message.prompt_id, _LATER.forwarded_from.is_(None)).label("is_commented"),
).where(
    Message.chat_id.in_(bindparam("chat_ids", expanding=True)),
    Message.message_id
    == select(func.max(_LATER.message_id)).where(_LATER.chat_id == Message.chat_id).scalar_subquery(),
    exists().where(
        Prompt.id == Message.prompt_id, Conversation.id == Prompt.conversation_id, Conversation.deleted_at.is_(None)
    ),
)
_MESSAGES = insert(Message)
_KEEP_MESSAGES = _MESSAGES.on_conflict_do_update(
    index_elements=("chat_id", "message_id"),
    set_={column.name: _MESSAGES.excluded[column.name] for column in Message.__table__.columns},
)


class Verdict(StrEnum):
    """What became of a request."""

    ACCEPTED = "accepted"
    JOINED = "joined"  # a further piece of the question before it
    LOOSE = "loose"  # nothing asks for it
    KNOWN = "known"  # the update was taken before, or the stranger told: do nothing
    BUSY = "busy"  # too many wait: it is told
    STILL_BUSY = "still busy"  # and that was told
    LIMITED = "limited"  # a limit of the day is reached
    NOTHING = "nothing"  # there is nothing to answer again
    STALE = "stale"  # not the last answer of the conversation
    HERE = "here"  # it stands there already


@dataclass(frozen=True, slots=True)
class Question:
    """A message for the queue of a conversation (`chat_id`, our own id): a question, or a `piece` of the one before it.

    In a `group` a person's own questions are counted too, and each message is one. `replied`: the message that it
    replies to without pointing at a passage; where that is of ours, it goes on from there. `missing` is the provider
    whose absence is told with it. A loose one, which is not meant for the bot by itself, asks nothing unless it is of
    the same album as one that does, or the rest of one. `bill`: for whom it counts. `lost`: the persona whose absence
    is told with it. `rest`: how it reads, in a group, where it is the rest of the question before it; `heard`: what it
    is to people there where it is not.
    """

    chat_id: int
    piece: Piece
    user_id: int
    language: str
    group: bool = False
    missing: str | None = None
    replied: int | None = None
    is_loose: bool = False
    bill: Bill = NOBODYS
    lost: str | None = None
    rest: Piece | None = None
    heard: Heard | None = None


@dataclass(frozen=True, slots=True)
class _Last:
    """The newest message of a chat that is a question's, or a piece of it.

    `of`: the place of its question in this batch; else it is one of the prompt `prompt_id`. `directly`: nothing of ours
    stands after it. `is_commented`: its question has words beside what it forwards.
    """

    piece: Piece
    user_id: int = 0
    of: int | None = None
    prompt_id: int = 0
    directly: bool = True
    is_commented: bool = True


@dataclass(slots=True)
class _Accepted:
    """A question, the how-manieth conversation of this batch it is in, and the pieces that follow it."""

    question: Question
    number: int
    pieces: list[Piece]


class Queue:
    """How many prompts wait in some chats, who was told that they are too many, and what is to be stored now.

    What is admitted is counted by the `meter`.
    """

    def __init__(
        self,
        waiting: Counter[tuple[int, int]],
        busy: set[tuple[int, int]],
        meter: Meter,
        last: dict[int, _Last] | None = None,
    ) -> None:
        self._waiting = waiting
        self._meter = meter
        self._busy = busy
        self._last = last or {}
        self._accepted: list[_Accepted] = []
        self._albums: dict[tuple[int, str], _Last] = {}
        self._loose: dict[tuple[int, str], list[Piece]] = {}  # of albums of which none asks as yet
        self._laid_aside: list[Question] = []  # those of this batch
        self._taken_up: list[tuple[int, str]] = []  # albums of which one asks now
        self._late: dict[int, list[Question]] = {}  # pieces by the prompt that they belong to
        self._begun = Counter[int]()  # conversations by chat, beside the present one
        self.told: list[dict[str, int]] = []

    @classmethod
    async def of(cls, session: AsyncSession, questions: Sequence[Question], meter: Meter) -> "Queue":
        """Look into the database."""
        waiting, busy = Counter[tuple[int, int]](), set[tuple[int, int]]()
        chat_ids = {question.chat_id for question in questions}
        if chat_ids:
            is_here = (Answer.chat_id.in_(chat_ids), Answer.state == State.QUEUED)
            grouped = select(Answer.chat_id, Answer.user_id, func.count()).where(*is_here)
            for chat_id, user_id, count in await session.execute(grouped.group_by(Answer.chat_id, Answer.user_id)):
                waiting[chat_id, user_id] += count
                waiting[chat_id, EVERYBODY] += count
            asked = Counter(question.chat_id for question in questions)
            fullest = max(waiting[chat_id, EVERYBODY] + count for chat_id, count in asked.items())
            if fullest > MAX_WAITING_PER_PERSON:  # else there is room for all
                rows = await session.execute(select(Busy.chat_id, Busy.user_id).where(Busy.chat_id.in_(chat_ids)))
                busy = {(chat_id, user_id) for chat_id, user_id in rows}
        continuing = {each.chat_id for each in questions if not each.group or each.rest}
        queue = cls(waiting, busy, meter, await _last(session, continuing))
        queue._albums = await _albums(session, questions)
        queue._loose = await loose(session, questions)
        return queue

    def admit(self, question: Question, update_id: int) -> Verdict | Reached:
        """Count a question in, unless a limit is reached or too many wait.

        That is told in answer to the first one that is too much.

        A further piece of a question is always taken, and costs nothing.
        """
        if self._joins(question):
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
            self._last[question.chat_id] = _Last(
                question.piece, question.user_id, len(self._accepted), is_commented=is_commented
            )
            pieces = [question.piece]
            if question.piece.album and (before := self._loose.pop(album, None)):
                pieces = [*before, question.piece]
                self._taken_up.append(album)
            self._albums[album] = self._last[question.chat_id]
            self._accepted.append(_Accepted(question, self._begun[question.chat_id], pieces))
            return Verdict.ACCEPTED
        self._last.pop(question.chat_id, None)
        if full in self._busy:
            return Verdict.STILL_BUSY
        self._busy.add(full)
        self.told.append({"chat_id": full[0], "user_id": full[1], "update_id": update_id})
        return Verdict.BUSY

    def _joins(self, question: Question) -> bool:
        """Take a message as a piece of the question before it, or of its album's, if it is one."""
        last = self._albums.get((question.chat_id, question.piece.album)) if question.piece.album else None
        if last is None:
            last = self._last.get(question.chat_id)
            if last is None or not _belongs(question, last):
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
        places = await self._places(session)
        replies = await session.scalars(
            insert(Reply).returning(Reply.id, sort_by_parameter_order=True),
            [{"chat_id": each.question.chat_id, "message_id": each.pieces[-1].message_id} for each in self._accepted],
        )
        rows = [
            {
                "conversation_id": place.conversation.id,
                "chat_id": each.question.chat_id,
                "reply_id": reply_id,
                "user_id": each.question.user_id,
                "language": each.question.language,
                "content": composed(each.pieces),
                "unread": unread_of(each.pieces),
                "ready_at": wall + window if (window := window_s(each.pieces[-1])) is not None else None,
                "created_at": wall,
            }
            for reply_id, each, place in zip(replies, self._accepted, places, strict=True)
        ]
        prompts = list(await session.scalars(insert(Prompt).returning(Prompt.id, sort_by_parameter_order=True), rows))
        made = list(
            await session.scalars(
                insert(Answer).returning(Answer.id, sort_by_parameter_order=True),
                [
                    {"prompt_id": prompt_id, "chat_id": row["chat_id"], "user_id": row["user_id"], "created_at": wall}
                    for prompt_id, row in zip(prompts, rows, strict=True)
                ],
            )
        )
        parents, wanted, messages = [], [], []
        for answer_id, prompt_id, values, each, place in zip(made, prompts, rows, self._accepted, places, strict=True):
            before = made[place.after] if place.after is not None else place.parent_id
            parents.append({"id": prompt_id, "parent_id": before if place.is_chosen else place.conversation.head_id})
            wanted.append({"id": values["reply_id"], "wanted_id": answer_id})
            place.conversation.head_id = answer_id
            place.conversation.touched_at = wall
            chat_id = each.question.chat_id
            messages += [columns_of(chat_id, prompt_id, number, piece) for number, piece in enumerate(each.pieces)]
        await session.execute(update(Prompt), parents)
        await session.execute(update(Reply), wanted)
        await session.execute(_KEEP_MESSAGES, messages)
        return {
            each.question.chat_id: place.conversation.id for each, place in zip(self._accepted, places, strict=True)
        }

    async def _places(self, session: AsyncSession) -> list["_Place"]:
        """Return where each question goes on; begin the conversations that are not there."""
        replied = await _replied(session, [each.question for each in self._accepted])
        chats = {each.question.chat_id for each in self._accepted}
        rows = select(Conversation).join(Chat, Chat.conversation_id == Conversation.id).where(Chat.id.in_(chats))
        present = {(row.chat_id, 0): row for row in await session.scalars(rows)}
        before = dict(present)
        places: list[_Place] = []
        asked: dict[tuple[int, int], int] = {}  # questions of this batch by their messages
        for at, each in enumerate(self._accepted):
            question = each.question
            key, message = (question.chat_id, each.number), (question.chat_id, question.replied or 0)
            if message in asked:
                place = _Place(places[asked[message]].conversation, after=asked[message], is_chosen=True)
            elif message in replied:
                parent_id, conversation_id = replied[message]
                conversation = await session.get_one(Conversation, conversation_id)
                place = _Place(conversation, parent_id=parent_id, is_chosen=True)
            else:
                place = _Place(present.get(key) or _begun(each))
            present[key] = place.conversation
            places.append(place)
            asked.update(((question.chat_id, piece.message_id), at) for piece in each.pieces)
        session.add_all(place.conversation for place in places)
        await session.flush()
        last = {chat_id: row.id for (chat_id, _), row in sorted(present.items(), key=lambda entry: entry[0])}
        changed = [
            {"id": chat_id, "conversation_id": conversation_id}
            for chat_id, conversation_id in last.items()
            if (chat_id, 0) not in before or before[chat_id, 0].id != conversation_id
        ]
        if changed:
            await session.execute(update(Chat), changed)
        return places


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a question goes on: after the head of a conversation, or where that `is_chosen` after an answer.

    `after`: that is the one to so-manieth question of this batch.
    """

    conversation: Conversation
    parent_id: int | None = None
    after: int | None = None
    is_chosen: bool = False


def _belongs(question: Question, last: _Last) -> bool:
    """Tell whether a message is a piece of the question before it; in a group only what was cut is."""
    if not question.group:
        return follows(question.piece, last.piece, directly=last.directly, is_commented=last.is_commented)
    rest = question.rest
    return rest is not None and last.user_id == question.user_id and continues(rest, last.piece)


def _begun(accepted: "_Accepted") -> Conversation:
    return Conversation(chat_id=accepted.question.chat_id, title=title_of([composed(accepted.pieces)]))


async def _last(session: AsyncSession, chat_ids: set[int]) -> dict[int, _Last]:
    """Return the newest message of each chat that is a question's."""
    if not chat_ids:
        return {}
    found: dict[int, _Last] = {}
    rows = await session.execute(_NEWEST, {"chat_ids": list(chat_ids)})
    for chat_id, prompt_id, message_id, length_utf16, sent_at, forwarded_from, user_id, is_commented in rows:
        piece = Piece(message_id, (), length_utf16, sent_at, forwarded_from=forwarded_from)
        directly = False
        if length_utf16 >= FULL:
            shown = select(Part.number).join(Reply, Reply.id == Part.reply_id)
            after = shown.where(Part.message_id > message_id, Reply.chat_id == chat_id).limit(1)
            directly = (await session.execute(after)).first() is None
        found[chat_id] = _Last(piece, user_id, prompt_id=prompt_id, directly=directly, is_commented=is_commented)
    return found


async def _albums(session: AsyncSession, questions: Sequence[Question]) -> dict[tuple[int, str], _Last]:
    """Return the questions that the albums are of which some messages belong to."""
    albums = {each.piece.album for each in questions if each.piece.album}
    if not albums:
        return {}
    here = Message.chat_id.in_({each.chat_id for each in questions}), Message.album.in_(albums)
    rows = select(Message.chat_id, Message.album, Message.message_id, Message.prompt_id).where(*here)
    return {
        (chat_id, album or ""): _Last(Piece(message_id, ()), prompt_id=prompt_id)
        for chat_id, album, message_id, prompt_id in await session.execute(rows.order_by(Message.message_id))
    }


async def _replied(session: AsyncSession, questions: Sequence[Question]) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the answer and its conversation that stand in the messages which are replied to, or answer them."""
    keys = [(question.chat_id, question.replied) for question in questions if question.replied is not None]
    if not keys:
        return {}
    ids = [message_id for _, message_id in keys]
    shown = select(Reply.chat_id, Part.message_id, Reply.wanted_id).join(Part, Part.reply_id == Reply.id)
    asked = select(Message.chat_id, Message.message_id, Reply.wanted_id).join(Prompt, Prompt.id == Message.prompt_id)
    asked = asked.join(Reply, Reply.id == Prompt.reply_id)
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for query in (
        shown.where(Part.message_id.in_(ids)),
        asked.where(tuple_(Message.chat_id, Message.message_id).in_(keys)),
    ):
        meant = query.subquery()
        conversation = select(meant, Prompt.conversation_id).join(Answer, Answer.id == meant.c.wanted_id)
        conversation = conversation.join(Prompt, Prompt.id == Answer.prompt_id).join(Conversation)
        for chat_id, message_id, answer_id, conversation_id in await session.execute(
            conversation.where(Conversation.deleted_at.is_(None))
        ):
            if (chat_id, message_id) in keys:
                found[chat_id, message_id] = answer_id, conversation_id
    return found


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
