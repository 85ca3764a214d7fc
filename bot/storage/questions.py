"""Questions: the queue takes them in, in their order, and each becomes a prompt, a reply and an answer to make."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.dialect import insert
from bot.storage.tables import Answer, Busy, Chat, Conversation, Prompt, Reply, State
from providers.blocks import Content

MAX_WAITING = 20  # queued answers of a chat
MAX_WAITING_PER_PERSON = 3  # of one person in a group
EVERYBODY = 0  # stands for the chat in `busy`; no person has this id


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


class Queue:
    """How many prompts wait in some chats, who was told that they are too many, and what is to be stored now."""

    def __init__(self, waiting: Counter[tuple[int, int]], busy: set[tuple[int, int]]) -> None:
        self._waiting = waiting
        self._busy = busy
        self._accepted: list[tuple[Question, int]] = []  # and the how-manieth conversation of this batch it is in
        self._begun = Counter[int]()  # conversations by chat, beside the present one
        self.told: list[dict[str, int]] = []

    @classmethod
    async def of(cls, session: AsyncSession, chat_ids: set[int]) -> "Queue":
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
            self._accepted.append((question, self._begun[question.chat_id]))
            return Verdict.ACCEPTED
        if full in self._busy:
            return Verdict.STILL_BUSY
        self._busy.add(full)
        self.told.append({"chat_id": full[0], "user_id": full[1], "update_id": update_id})
        return Verdict.BUSY

    def begin_anew(self, chat_id: int) -> None:
        """Have the next question of a chat begin a conversation."""
        self._begun[chat_id] += 1

    async def store(self, session: AsyncSession, wall: float) -> None:
        """Store what was admitted; each prompt goes on from the answer before it."""
        if self._accepted:
            conversations = await self._conversations(session)
            await self._store(session, conversations, wall)
            last = {key[0]: conversations[key].id for key in sorted(conversations)}
        else:
            conversations, last = {}, {}
        for chat_id, number in self._begun.items():
            present = last.get(chat_id) if (chat_id, number) in conversations else None
            await session.execute(update(Chat).where(Chat.id == chat_id).values(conversation_id=present))
        told = {question.chat_id: question.missing for question, _ in self._accepted if question.missing}
        for chat_id, missing in told.items():
            await session.execute(update(Chat).where(Chat.id == chat_id).values(missing_told=missing))

    async def _store(
        self, session: AsyncSession, conversations: dict[tuple[int, int], Conversation], wall: float
    ) -> None:
        questions = [question for question, _ in self._accepted]
        replies = await session.scalars(
            insert(Reply).returning(Reply.id, sort_by_parameter_order=True),
            [{"chat_id": question.chat_id, "message_id": question.message_id} for question in questions],
        )
        rows = [
            {
                "conversation_id": conversations[question.chat_id, number].id,
                "chat_id": question.chat_id,
                "reply_id": reply_id,
                "user_id": question.user_id,
                "language": question.language,
                "content": question.content,
                "unread": question.unread,
                "created_at": wall,
            }
            for reply_id, (question, number) in zip(replies, self._accepted, strict=True)
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
        for answer_id, prompt_id, row, (question, number) in zip(made, prompts, rows, self._accepted, strict=True):
            conversation = conversations[question.chat_id, number]
            parents.append({"id": prompt_id, "parent_id": conversation.head_id})
            wanted.append({"id": row["reply_id"], "wanted_id": answer_id})
            conversation.head_id = answer_id
        await session.execute(update(Prompt), parents)
        await session.execute(update(Reply), wanted)

    async def _conversations(self, session: AsyncSession) -> dict[tuple[int, int], Conversation]:
        """Return the conversations that the questions are in, by chat and number; begin those that are not there."""
        keys = {(question.chat_id, number) for question, number in self._accepted}
        here = [chat_id for chat_id, number in keys if number == 0]
        there = select(Conversation).join(Chat, Chat.conversation_id == Conversation.id).where(Chat.id.in_(here))
        found = {(conversation.chat_id, 0): conversation for conversation in await session.scalars(there)}
        begun = {key: Conversation(chat_id=key[0]) for key in sorted(keys - found.keys())}
        if begun:
            session.add_all(begun.values())
            await session.flush()
            present = [{"id": chat_id, "conversation_id": row.id} for (chat_id, _), row in begun.items()]
            await session.execute(update(Chat), present)
        return found | begun
