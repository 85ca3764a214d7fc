"""Answering: an answer is generated, stored, and shown by its reply."""

import asyncio
import logging
from dataclasses import replace

from bot.delivery.delivery import Delivery
from bot.delivery.refusal import ChatGone, TopicGone
from bot.reply.draft import Draft
from bot.reply.layout import Shot, Versions
from bot.reply.mending import Undeliverable, Unshowable
from bot.reply.place import InChat, Place, place_of
from bot.reply.recovery.search import Search
from bot.reply.reply import Reply
from bot.settings import StreamMode
from bot.storage.answers.context import Context
from bot.storage.answers.ending import Ending
from bot.storage.answers.parts import Parts
from bot.storage.answers.replies import Replies
from bot.storage.chats import Chats
from bot.storage.exchanges.jobs import Job
from bot.storage.tables import Outcome
from bot.texts import Texts, texts
from bot.work import outcome
from bot.work.calls.rounds import Withdrawn
from bot.work.fold import Fold
from bot.work.generation import Generation
from bot.work.means import Means

log = logging.getLogger(__name__)

MAX_DEATHS = 10  # of processes in a row in which an answer was under way, in the end alone: then it is given up


class Answering:
    """Brings answers to their end, one call of `answer` each."""

    def __init__(
        self,
        means: Means,
        *,
        chats: Chats,
        replies: Replies,
        parts: Parts,
        delivery: Delivery,
        search: Search,
    ) -> None:
        self._means = means
        self._answers = means.answers
        self._chats = chats
        self._replies = replies
        self._parts = parts
        self._delivery = delivery
        self._search = search
        self._clock = means.clock
        self._limits = means.limits

    async def answer(self, job: Job, context: Context | None, stopped: asyncio.Event) -> None:
        """Bring a claimed answer to its end: generate it, unless that is done, and show the whole of it.

        `context` is what it is to be made of, None where it is made.
        """
        words = texts(job.language)
        if job.deaths > MAX_DEATHS:
            await self._give_up(job, words.gave_up)
            return
        started = self._clock.now()
        ended: Ending | None = None
        reply = self._reply(job, words)
        otherwise = words.stopped if job.outcome is Outcome.STOPPED else ""
        try:
            async with asyncio.TaskGroup() as group:
                showing = group.create_task(reply.run())
                if context and not job.is_made:
                    ended = await self._made(job, context, words, reply, stopped)
                    reply.offer(ended.offered)
                    keeps_former = ended.is_bare and await reply.takes_over()
                    if made := await self._answers.ended(job, ended, keeps_former=keeps_former):
                        job = made
                        reply.quote(job.quote or "")
                        otherwise = ended.otherwise
                    elif await self._answers.is_superseded(job):
                        reply.leave()
                    else:
                        raise Withdrawn
                elif job.deaths >= MAX_DEATHS:
                    job = replace(job, shown=words.gave_up, kept=None, note=None)
                if job.is_made and job.pictures:
                    job = await self._picture(job, reply, words)
                if job.kept is not None:
                    otherwise = otherwise or words.gave_up
                    reply.keep(job.kept, job.note or "", text=job.shown, otherwise=otherwise, of=_of(job))
                elif job.is_made:
                    reply.finish(job.shown, job.note or "", of=_of(job), is_cut=job.is_cut)
                if job.is_made and not stopped.is_set():
                    leaving = group.create_task(self._leave(job, reply, stopped))
                    showing.add_done_callback(lambda _: leaving.cancel())
        except* Withdrawn:
            log.info("answer withdrawn answer=%s chat=%s", job.id, job.chat.id)
        except* (ChatGone, TopicGone, Undeliverable) as error:
            await self._undeliverable(job, reply.place, words, error)
        else:
            if not reply.stands:
                await self._left(job, ended)
            else:
                await self._replies.stands(job, kept=reply.kept, sentence=reply.sentence)
        log.info("answer done answer=%s chat=%s seconds=%.1f", job.id, job.chat.id, self._clock.now() - started)

    async def _picture(self, job: Job, reply: Reply, words: Texts) -> Job:
        """Have the pictures of an answer stand after its text; a sentence stands for those that are lost."""
        if not reply.place.is_chat:
            reply.leave_out()
            return job
        found = await self._means.files.made(job.pictures)
        there = [each for each in job.pictures if each.sha256 in found]
        reply.picture([Shot(each.sha256, each.media_type, data=found[each.sha256]) for each in there])
        is_lost = len(there) < len(job.pictures)
        return replace(job, shown=f"{job.shown}\n\n{words.picture_lost}".strip()) if is_lost else job

    async def _leave(self, job: Job, reply: Reply, stopped: asyncio.Event) -> None:
        """Have the reply make no further call when another answer is wanted than the one it shows."""
        await stopped.wait()
        if await self._answers.is_superseded(job):
            reply.leave()

    async def _left(self, job: Job, ended: Ending | None) -> None:
        """Store that an answer has left the messages to the one that is wanted now; `ended`: where it was being made.

        Of one that was cut short what came is kept.
        """
        log.info("answer superseded answer=%s chat=%s", job.id, job.chat.id)
        if ended and not job.is_made:
            await self._answers.leave(job, ended)
        else:
            await self._replies.leave(job)

    async def apologise(self, job: Job) -> Job | None:
        """Have an answer that met a bug of ours end with the general error; return it to be shown.

        None where even showing it met that: then the chat is told by a notice.
        """
        internal = texts(job.language).internal
        if not job.is_made and await self._answers.is_superseded(job):
            await self._answers.leave(job, Ending(Outcome.SUPERSEDED, None))
            return None
        if ended := await self._answers.ended(job, Ending(Outcome.FAILED, None, internal)):
            return ended
        await self._give_up(job, internal)
        return None

    async def _give_up(self, job: Job, told: str) -> None:
        """End an answer of which not even a failure can be shown in its reply."""
        await self._replies.give_up(job, Outcome.FAILED)
        self._say(place_of(job), told)

    async def _undeliverable(
        self, job: Job, place: Place, words: Texts, error: BaseExceptionGroup[BaseException]
    ) -> None:
        log.info("answer undeliverable answer=%s chat=%s", job.id, job.chat.id)
        if error.subgroup(ChatGone) and isinstance(place, InChat):
            await self._chats.set_gone(place.telegram_id, gone=True)
        elif error.subgroup(TopicGone) and isinstance(place, InChat):
            await self._chats.set_gone(place.telegram_id, place.thread_id, gone=True)
        elif error.subgroup(Unshowable):
            self._say(place, words.unshowable)
        await self._replies.give_up(job, Outcome.UNDELIVERABLE)

    def _say(self, place: Place, told: str) -> None:
        if (method := place.say(told)) is not None:
            self._delivery.postbox.post(method)

    def _reply(self, job: Job, words: Texts) -> Reply:
        return Reply(
            job,
            place_of(job),
            words,
            delivery=self._delivery,
            search=self._search,
            parts=self._parts,
            replies=self._replies,
            chats=self._chats,
            clock=self._clock,
            max_parts=self._limits.max_parts,
            draft=self._draft(job),
            quote=job.quote or "",
        )

    def _draft(self, job: Job) -> Draft | None:
        """Return a draft for the growing text where drafts are wanted and there are any."""
        place = place_of(job)
        wanted = self._limits.drafts is not StreamMode.EDIT and place.has_drafts and job.chat.streaming
        if not wanted or not isinstance(place, InChat) or not self._delivery.aside.has_drafts:
            return None
        is_expected = self._limits.drafts is StreamMode.DRAFT
        return Draft(job.id, place, delivery=self._delivery, clock=self._clock, is_expected=is_expected)

    async def _made(self, job: Job, context: Context, words: Texts, reply: Reply, stopped: asyncio.Event) -> Ending:
        """Ask the provider until there is an answer, a failure or a stop."""
        if job.deaths >= MAX_DEATHS:
            return outcome.failed(Fold(limit=0), await reply.outlasting(""), words.gave_up, words, keeps_thought=False)
        if stopped.is_set():
            return outcome.stopped(Fold(limit=0), await reply.outlasting(""), words, keeps_thought=False)
        return await Generation(self._means, job, context, words, reply, stopped).run()


def _of(job: Job) -> Versions:
    """Return which answer stands at the end, and what others there are."""
    return Versions(job.id, job.versions, again=not job.is_void)
