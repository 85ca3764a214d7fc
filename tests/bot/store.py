"""Store: all rows of a bot, wired as it wires them, and the few steps that tests take with them."""

import itertools

from sqlalchemy import select

from bot.clock import Clock
from bot.storage.answers.answers import Answers
from bot.storage.answers.backlog import Backlog
from bot.storage.answers.calls import Calls
from bot.storage.answers.context import context
from bot.storage.answers.ending import Ending
from bot.storage.answers.orders import Orders
from bot.storage.answers.parts import Parts
from bot.storage.answers.replies import Replies
from bot.storage.answers.stops import Stops
from bot.storage.chats import Chats
from bot.storage.conversations.conversations import Conversations
from bot.storage.conversations.purge import Purge
from bot.storage.conversations.trees import Trees
from bot.storage.engine.database import Sessions
from bot.storage.engine.slack import Slack
from bot.storage.exchanges.finds import Finds
from bot.storage.exchanges.jobs import Job, jobs
from bot.storage.overheard import Overhearing
from bot.storage.questions.choices import Change
from bot.storage.questions.elsewhere import Elsewhere
from bot.storage.questions.prompts import Prompts
from bot.storage.questions.questions import Question, Verdict
from bot.storage.questions.taking import Taken, Taking
from bot.storage.questions.versions import Versions
from bot.storage.signals import Signals
from bot.storage.tables import Answer, Chat, Outcome, Prompt
from bot.storage.telegram.pieces import Piece
from providers.blocks import Text, text_of

_updates = itertools.count(100_001)
_messages = itertools.count(200_001)


class Store:
    """The rows of a bot."""

    def __init__(self, db: Sessions, clock: Clock) -> None:
        self.db = db
        self.clock = clock
        self.signals = Signals()
        self.chats = Chats(db, clock, self.signals)
        self.prompts = Prompts(db, clock, self.signals)
        self.versions = Versions(db, clock, self.signals)
        self.answers = Answers(db, clock, self.signals)
        self.backlog = Backlog(db, clock, self.signals)
        self.replies = Replies(db, clock, self.signals)
        self.stops = Stops(db, clock, self.signals)
        self.orders = Orders(db, clock, self.signals)
        self.calls = Calls(db, clock, self.signals)
        self.parts = Parts(db, clock, self.signals)
        self.conversations = Conversations(db, clock, self.signals)
        self.elsewhere = Elsewhere(db, clock, self.signals)
        self.finds = Finds(db, clock)
        self.trees = Trees(db, clock)
        self.purge = Purge(db, clock, self.signals, Slack(db, clock), keep_days=30)
        self.overhearing = Overhearing(db, clock, self.signals, self.chats)
        self.taking = Taking(db, clock, self.signals)

    async def accept(
        self,
        chat: Chat | int,
        text: str = "Hello",
        *,
        update_id: int = 0,
        message_id: int = 0,
        piece: Piece | None = None,
        replied: int | None = None,
        user_id: int = 11,
        language: str = "en",
        group: bool = False,
        missing: str | None = None,
    ) -> Verdict:
        """Take one update with one question, as intake does."""
        chat_id = chat if isinstance(chat, int) else chat.id
        piece = piece or Piece(message_id or next(_messages), (Text(text),))
        question = Question(chat_id, piece, user_id, language, group=group, missing=missing, replied=replied)
        (receipt,) = await self.taking.store([Taken(update_id or next(_updates), question)])
        return receipt.verdict

    async def choose(self, change: Change, *, update_id: int = 0) -> bool:
        """Take one update that chose something; tell whether it did."""
        (receipt,) = await self.taking.store([Taken(update_id or next(_updates), change)])
        return receipt.verdict is Verdict.ACCEPTED

    async def begin(self, places: int = 99, places_per_provider: int = 99, *, suspect: bool = False) -> Job | None:
        """Claim the next answer."""
        claims = await self.backlog.claim(
            places=places, places_per_provider=places_per_provider, suspect=suspect, most=1
        )
        return claims.claimed[0].job if claims.claimed else None

    async def begun(self) -> Job:
        """Claim the next answer; there is one."""
        job = await self.begin()
        assert job
        return job

    async def ask(self, chat: Chat | int, text: str = "Hello") -> Job:
        """Ask, and claim the answer."""
        await self.accept(chat, text)
        return await self.begun()

    async def made(self, job: Job, outcome: Outcome = Outcome.ANSWERED, text: str | None = "Hi.") -> Job:
        """Have a claimed answer come to an end; return what is to be shown."""
        said = (Text(text),) if text is not None else None
        made = await self.answers.ended(
            job, Ending(outcome, said, text or "⚠️", is_bare=text is None), keeps_former=True
        )
        assert made
        return made

    async def end(self, outcome: Outcome = Outcome.ANSWERED, text: str | None = "Hi.") -> Job:
        """Claim the next answer and bring it to its end on the screen."""
        job = await self.begun()
        await self.replies.stands(await self.made(job, outcome, text))
        return job

    async def show(self, job: Job, message_id: int, number: int = 0) -> None:
        """Have a message show a part of an answer."""
        await self.parts.intend(job.reply_id, number, answer_id=job.id, after=0)
        await self.parts.opened(job.reply_id, number, message_id)

    async def again(self, chat: Chat, *, update_id: int = 0, user_id: int = 11) -> Verdict:
        """Say /retry."""
        return await self.prompts.again(update_id or next(_updates), chat.id, user_id=user_id, language="en")

    async def stop(self, chat: Chat) -> None:
        """Say /stop."""
        await self.stops.stop(next(_updates), chat.id)

    async def history(self, job: Job) -> list[tuple[str, str]]:
        """Return who said what before an answer, its prompt last."""
        async with self.db() as session:
            found = await context(session, job, self.clock.wall())
        said = [pair for asked, answer in found.said for pair in (("user", asked), ("assistant", answer))]
        return [(role, text_of(content)) for role, content in [*said, ("user", found.prompt)]]

    async def queue(self) -> list[Job]:
        """Return all answers, oldest first."""
        async with self.db() as session:
            return await jobs(session, Answer.id > 0)

    async def asked(self) -> list[str]:
        """Return all prompts, oldest first."""
        async with self.db() as session:
            return [text_of(content) for content in await session.scalars(select(Prompt.content).order_by(Prompt.id))]
