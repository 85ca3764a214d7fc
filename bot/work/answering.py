"""Answering: an answer is generated, stored, and shown by its reply."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from typing import TypeVar

from aiogram.methods import SendMessage

from bot.catalog import GUIDE, Catalog, key_of
from bot.clock import Clock
from bot.delivery.delivery import Delivery
from bot.delivery.refusal import ChatGone
from bot.reply.draft import Draft
from bot.reply.layout import Shot, Versions
from bot.reply.mending import Undeliverable, Unshowable
from bot.reply.methods import Offer
from bot.reply.place import InChat, Place
from bot.reply.reply import Reply
from bot.reply.search import Search
from bot.settings import StreamMode
from bot.storage.answers import Answers, Context, Ending
from bot.storage.chats import Chats
from bot.storage.jobs import Job
from bot.storage.parts import Parts
from bot.storage.replies import Replies
from bot.storage.tables import Chat, Outcome, Thinking
from bot.storage.usage import PICODOLLARS
from bot.tally import Tally
from bot.texts import Texts, texts
from bot.work import ending
from bot.work.calling import Calling
from bot.work.failure import sentence, unread
from bot.work.files import Files, Loaded
from bot.work.fold import Fold
from bot.work.foreign import FOREIGN
from bot.work.gauge import Gauge
from bot.work.handouts import handouts
from bot.work.overheard import talk
from bot.work.retrying import Retrying
from bot.work.rounds import Rounds, Withdrawn
from bot.work.tokens import tokens_in
from bot.work.unread import told, told_parts
from bot.work.voice import VOICE, Voice
from bot.work.window import estimate, fit, legible, room_for_documents, untaken
from providers.base import AsyncGeneratorProvider, Message, Usage
from providers.blocks import Attached, Audio, Block, Content, Document, Draw, Image, line_of, text_of
from providers.capabilities import Capabilities
from providers.cost import cost_of
from providers.errors import (
    EmptyAnswer,
    ModelGone,
    ModelNotSupported,
    NothingToSend,
    NotTaken,
    OnlyThought,
    ProviderError,
    Refused,
    TooLong,
)
from providers.patience import CLOSE_S, Timeouts

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_LABEL = 60  # characters of a button
MAX_DEATHS = 10  # of processes in a row in which an answer was under way, in the end alone: then it is given up

_ONLY_THIS = (
    TooLong,
    Refused,
    NothingToSend,
    NotTaken,
    ModelNotSupported,
    ModelGone,
    OnlyThought,
)  # the next question may do well


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer may take: seconds of silence, characters, messages; what it is told first; how it grows."""

    timeouts: Timeouts
    max_answer: int
    max_parts: int
    system_prompt: str = ""
    drafts: StreamMode = StreamMode.EDIT
    personas: Mapping[str, str] = field(default_factory=dict)  # what else it may be told first, by name


class Answering:
    """Brings answers to their end, one call of `answer` each."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        chats: Chats,
        answers: Answers,
        replies: Replies,
        parts: Parts,
        delivery: Delivery,
        search: Search,
        files: Files,
        voice: Voice,
        calling: Calling,
        clock: Clock,
        limits: Limits,
        tally: Tally | None = None,
    ) -> None:
        self._catalog = catalog
        self._chats = chats
        self._answers = answers
        self._replies = replies
        self._parts = parts
        self._delivery = delivery
        self._search = search
        self._files = files
        self._voice = voice
        self._calling = calling
        self._clock = clock
        self._limits = limits
        self._gauge = Gauge()
        self._tally = tally or Tally()

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
                    ended = await self._generate(job, context, words, reply, stopped)
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
        except* (ChatGone, Undeliverable) as error:
            await self._undeliverable(job, reply.place, words, error)
        else:
            if not reply.stands:
                await self._left(job, ended)
            else:
                await self._replies.stands(job, kept=reply.kept, sentence=reply.sentence)
        log.info("answer done answer=%s chat=%s seconds=%.1f", job.id, job.chat.id, self._clock.now() - started)

    async def _picture(self, job: Job, reply: Reply, words: Texts) -> Job:
        """Have the pictures of an answer stand after its text; a sentence stands for those that are lost."""
        found = await self._files.made(job.pictures)
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
        self._say(InChat.of(job.chat), told)

    async def _undeliverable(
        self, job: Job, place: Place, words: Texts, error: BaseExceptionGroup[BaseException]
    ) -> None:
        log.info("answer undeliverable answer=%s chat=%s", job.id, job.chat.id)
        if error.subgroup(ChatGone):
            await self._chats.set_gone(place.telegram_id, gone=True)
        elif error.subgroup(Unshowable):
            self._say(place, words.unshowable)
        await self._replies.give_up(job, Outcome.UNDELIVERABLE)

    def _say(self, place: Place, told: str) -> None:
        thread_id = place.thread_id or None
        self._delivery.postbox.post(SendMessage(chat_id=place.telegram_id, message_thread_id=thread_id, text=told))

    def _reply(self, job: Job, words: Texts) -> Reply:
        return Reply(
            job,
            InChat.of(job.chat),
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
        place = InChat.of(job.chat)
        wanted = self._limits.drafts is not StreamMode.EDIT and place.has_drafts and job.chat.streaming
        if not wanted or not self._delivery.aside.has_drafts:
            return None
        is_expected = self._limits.drafts is StreamMode.DRAFT
        return Draft(job.id, place, delivery=self._delivery, clock=self._clock, is_expected=is_expected)

    async def _generate(self, job: Job, context: Context, words: Texts, reply: Reply, stopped: asyncio.Event) -> Ending:
        """Ask the provider until there is an answer, a failure or a stop."""
        if job.deaths >= MAX_DEATHS:
            return ending.failed(Fold(limit=0), await reply.outlasting(""), words.gave_up, words, keeps_thought=False)
        if stopped.is_set():
            return ending.stopped(Fold(limit=0), await reply.outlasting(""), words, keeps_thought=False)
        return await self._ask(job, words, reply, stopped, context)

    async def _ask(
        self,
        job: Job,
        words: Texts,
        reply: Reply,
        stopped: asyncio.Event,
        context: Context,
        without: frozenset[type[Block]] = frozenset(),
    ) -> Ending:
        """Ask the chat's provider, `without` what it has just refused; tell what came of it."""
        chat, fold = job.chat, Fold(limit=self._limits.max_answer)
        keeps, thinking = chat.thinking is Thinking.KEPT, partial(ending.thought, fold)
        provider, model = self._asked(chat, context)
        newest = partial(ending.told, fold, keeps_thought=keeps)
        messages: list[Message] = []
        loaded: Loaded | None = None
        retrying: Retrying | None = None
        rounds: Rounds | None = None
        began_at, first_s = self._clock.now(), list[float]()

        def show() -> None:
            if not first_s:
                first_s.append(self._clock.now() - began_at)
            if chat.streaming and fold.thinks and fold.preview and not fold.pictures:
                data = fold.preview.data
                reply.preview(Shot(sha256(data).hexdigest(), fold.preview.media_type, data=data))
            elif chat.streaming:
                reply.show(newest)

        def noted(*, ok: bool, error: Exception | None = None) -> None:
            self._catalog.note(
                provider.id,
                ok,
                error,
                model=self._catalog.model(provider.id, model),
                first_s=retrying.first_text_s if retrying else None,
                seconds=retrying.seconds if retrying else 0.0,
                tokens=fold.usage.completion_tokens if fold.usage else tokens_in(fold.text),
            )

        try:
            room = self._gauge.room(provider, model)
            takes = provider.takes(model) - without
            loaded = await _unless(stopped, self._load(job, context, room, takes))
            if loaded is None:
                return ending.stopped(fold, await reply.outlasting(""), words, keeps_thought=keeps)
            if loaded.quote != (job.quote or ""):
                await self._answers.quote(job, loaded.quote)  # before it is shown: a later process can tell it apart
            reply.quote(loaded.quote)
            if loaded.missed and not _says_anything(context.prompt, loaded):
                nothing = "\n".join(told(loaded.missed, words, is_all=True))
                return ending.failed(fold, await reply.outlasting(""), nothing, words, keeps_thought=keeps)
            retrying = Retrying(
                provider,
                model,
                clock=self._clock,
                timeouts=self._limits.timeouts,
                show=show,
                think=_thinker(chat, lambda: reply.think(thinking)),
                wait=lambda: reply.wait(words.loading),
                leisure=reply.leisure_s if chat.streaming else None,
                files=loaded.pictures,
                options=_wishes(chat, provider.chats_set),
            )
            rounds = await self._calling.rounds(
                job,
                provider,
                model,
                words=words,
                works=reply,
                has_foreign=loaded.has_foreign or bool(context.overheard),
            )
            has_foreign = loaded.has_foreign or rounds.reads_foreign
            messages = self._conversation(job, context, loaded, has_foreign=has_foreign)
            asked = messages[-1]
            messages = fit(legible(messages, provider.takes(model)), room)
            if not await _unless(stopped, _done(rounds.run(retrying, messages, fold))):
                left = await reply.outlasting(ending.shown_of(fold, keeps_thought=keeps))
                ended = ending.stopped(fold, left, words, keeps_thought=keeps)
            elif fold.is_empty:
                raise EmptyAnswer("no text", provider=provider.id)
            else:
                noted(ok=True)
                missed = untaken(asked, provider.takes(model))
                offered = self._offered(job, missed, context, (provider.id, model))
                lines = [job.unread or "", unread(missed, words) if missed else ""]
                lines += [*told(loaded.missed, words, is_all=False), *told_parts(loaded.parts, words)]
                if chat.names_maker:
                    lines.append(self._made_by(words, *(retrying.maker or (provider.id, model))))
                images = await self._files.keep(job.prompt_id, fold.pictures)
                ended = ending.answered(fold, words, keeps_thought=keeps, lines=lines, images=images)
                ended = replace(ended, offered=[*offered, *self._more(job, fold.text)])
        except ProviderError as error:
            if refused := _worded(error, loaded) - without:
                return await self._ask(job, words, reply, stopped, context, without | refused)
            log.warning("provider failed answer=%s error=%s", job.id, error)
            self._tally.failures[provider.id, type(error).__name__] += 1
            noted(ok=isinstance(error, _ONLY_THIS), error=error)
            failure = sentence(
                error, words, provider=self._catalog.label(provider.id), model=self._catalog.model(provider.id, model)
            )
            left = await reply.outlasting(ending.shown_of(fold, keeps_thought=keeps))
            ended = ending.failed(fold, left, failure, words, keeps_thought=keeps)
            ended = self._with_guide(ended, provider.id, words)
            if isinstance(error, NotTaken):
                offered = self._offered(job, error.kinds, context, (provider.id, model))
                ended = replace(ended, offered=offered)
        except Withdrawn:
            raise
        except Exception:
            log.exception("provider bug answer=%s provider=%s", job.id, provider.id)
            self._tally.failures[provider.id, "bug"] += 1
            noted(ok=False)
            left = await reply.outlasting(ending.shown_of(fold, keeps_thought=keeps))
            ended = ending.failed(fold, left, words.internal, words, keeps_thought=keeps)
        if retrying:
            self._gauge.note(provider, model, retrying.sent, fold.round_usage)
        made = (retrying and retrying.maker) or (provider.id, self._catalog.model(provider.id, model))
        ended = _counted(ended, fold, messages, made[0], made[1] or None)
        ended = replace(ended, cost=_cost(ended, fold, provider.capabilities(model)))
        ended = _with_usage(ended, loaded.usage if loaded else None)
        if rounds:
            ended = await rounds.noted(ended)
            if chat.tools_shown and rounds.done:
                await self._answers.quote(job, "\n".join(filter(None, [loaded.quote if loaded else "", *rounds.done])))
        self._count(ended, first_s[0] if first_s else None, self._clock.now() - began_at)
        return ended

    def _count(self, ended: Ending, first_s: float | None, seconds: float) -> None:
        provider = ended.provider or ""
        self._tally.ended(provider, ended.outcome, first_s=first_s, seconds=seconds)
        self._tally.tokens[provider, "prompt"] += ended.prompt_tokens or 0
        self._tally.tokens[provider, "completion"] += ended.completion_tokens or 0

    def _offered(
        self, job: Job, missed: Collection[type[Block]], context: Context, asked: tuple[str, str | None]
    ) -> list[Offer]:
        """Return the buttons of those who see, where the model that was asked did not see the pictures."""
        if Image not in missed or Draw() in context.prompt:
            return []
        beside = asked[0], self._catalog.model(*asked)
        able = self._catalog.takers(Image, context.models, beside=beside)
        labels = [(self._catalog.label(provider), model) for provider, model in able]
        names = [f"{provider} · {model}" if model else provider for provider, model in labels]
        keys = [f"sees:{job.id}:{key_of(*each)}" for each in able]
        return [(f"👁 {name[:MAX_LABEL]}", key) for name, key in zip(names, keys, strict=True)]

    def _made_by(self, words: Texts, provider_id: str, model: str | None) -> str:
        """Return the line that says who answered."""
        model = self._catalog.model(provider_id, model)
        return words.made_by.format(maker=" · ".join(filter(None, [self._catalog.label(provider_id), model])))

    def _more(self, job: Job, text: str) -> list[Offer]:
        """Return the buttons that have an answer read aloud, and give it, or what is in it, as files."""
        spoken = [("🔊", f"{VOICE}{job.id}:0")] if self._voice.is_there and text.strip() else []
        files = enumerate(handouts(text))
        return [*spoken, *((f"📄 {each.name}", f"file:{job.id}:{number}") for number, each in files)]

    def _with_guide(self, ended: Ending, asked: str, words: Texts) -> Ending:
        """Tell how to get the guide, where it is offered beside a provider that fails."""
        if not ended.is_bare or not self._catalog.failing(asked) or GUIDE not in self._catalog.ids or asked == GUIDE:
            return ended
        return replace(ended, shown=f"{ended.shown} {words.guide}")

    async def _load(self, job: Job, context: Context, context_tokens: int, takes: Collection[type[Block]]) -> Loaded:
        """Return what was asked, with what was read of the files; those of the newest question are fetched."""
        asked = [*(asked for asked, _ in context.said), context.prompt]
        room = room_for_documents(context.prompt, context_tokens)
        return await self._files.load(job.prompt_id, asked, room=room, takes=takes)

    def _asked(self, chat: Chat, context: Context) -> tuple[AsyncGeneratorProvider, str | None]:
        """Return who is asked, and for which model: who makes pictures, where one is wanted, else the chat's."""
        if Draw() in context.prompt:
            return self._catalog.painter, None
        provider = self._catalog.get(self._catalog.resolve(chat.provider))
        return provider, context.models.get(provider.id)

    def _conversation(self, job: Job, context: Context, loaded: Loaded, *, has_foreign: bool) -> list[Message]:
        """Return all that was said, under the system prompt; of a picture that is wanted the words alone."""
        if Draw() in context.prompt:
            return [Message(role="user", content=text_of(loaded.contents[-1]))]
        role = self._limits.personas.get(job.chat.persona or "")
        prompt = job.chat.system_prompt or role or self._limits.system_prompt
        if has_foreign:
            prompt = f"{prompt}\n\n{FOREIGN}".strip()
        messages = [Message(role="system", content=prompt)] if prompt else []
        for asked, (_, answer) in zip(loaded.contents, context.said, strict=False):
            messages.append(Message(role="user", content=asked))
            messages.append(Message(role="assistant", content=answer))
        messages += talk(context.overheard, job.chat.telegram_id, self._clock.wall())
        return [*messages, Message(role="user", content=loaded.contents[-1])]


def _of(job: Job) -> Versions:
    """Return which answer stands at the end, and what others there are."""
    return Versions(job.id, job.versions)


async def _unless(stopped: asyncio.Event, work: Coroutine[None, None, T]) -> T | None:
    """Do `work` unless `stopped` is set before it ends; return what it returns, None where it did not end by itself."""
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.cancel()
        ended = task.done()
        if not ended:
            task.cancel()
            await asyncio.wait({task}, timeout=CLOSE_S)
    return await task if ended else None


async def _done(work: Coroutine[None, None, None]) -> bool:
    await work
    return True


def _says_anything(asked: Content, loaded: Loaded) -> bool:
    """Tell whether anything is left of a question without the files that were not read."""
    files = {block.file_id for block in asked if isinstance(block, Attached)}
    has_words = any(not isinstance(block, Attached) and line_of(block).strip() for block in asked)
    return has_words or len({each.file.file_id for each in loaded.missed}) < len(files)


def _worded(error: ProviderError, loaded: Loaded | None) -> frozenset[type[Block]]:
    """Return what a model has just refused as it is and can be sent in words: recordings, PDFs, those also for size."""
    kinds = error.kinds if isinstance(error, NotTaken) else frozenset()
    if isinstance(error, TooLong) and loaded and loaded.has_documents:
        kinds = frozenset({Document})
    return kinds & {Audio, Document}


def _thinker(chat: Chat, think: Callable[[], None]) -> Callable[[], None] | None:
    """Return what is done with a thought; None where the chat wants none."""
    if chat.thinking is Thinking.OFF:
        return None
    return think if chat.streaming else _nothing


def _wishes(chat: Chat, may_set: Collection[str]) -> dict[str, object]:
    """Return what the chat asks of the model, as far as the operator lets it."""
    wished = {"effort": chat.effort, "temperature": chat.temperature}
    return {option: value for option, value in wished.items() if option in may_set and value is not None}


def _nothing() -> None:
    """Show nothing while an answer grows."""


def _counted(ended: Ending, fold: Fold, messages: Sequence[Message], provider: str, model: str | None) -> Ending:
    """Add who was asked and what it took: as the service told, else as estimated."""
    usage = fold.usage
    asked = usage.prompt_tokens if usage else sum(map(estimate, messages))
    said = usage.completion_tokens if usage else tokens_in(fold.text)
    return replace(
        ended,
        provider=provider,
        model=model,
        prompt_tokens=asked,
        completion_tokens=said,
        is_estimated=usage is None,
        cached_tokens=usage.cached_tokens if usage else None,
    )


def _cost(ended: Ending, fold: Fold, able: Capabilities) -> int | None:
    """Return what an answer cost, as the service told or by its prices; nothing is charged where nothing came."""
    if ended.is_estimated and not ended.completion_tokens:
        return None
    usage = fold.usage or Usage(ended.prompt_tokens or 0, ended.completion_tokens or 0)
    dollars = cost_of(usage, able)
    return None if dollars is None else round(dollars * PICODOLLARS)


def _with_usage(ended: Ending, usage: Usage | None) -> Ending:
    """Add the tokens that the transcripts of the question took."""
    if usage is None:
        return ended
    asked, said = (ended.prompt_tokens or 0) + usage.prompt_tokens, (ended.completion_tokens or 0)
    return replace(ended, prompt_tokens=asked, completion_tokens=said + usage.completion_tokens)
