"""Generation: a provider is asked until there is an answer, a failure or a stop."""

import asyncio
import logging
from dataclasses import replace
from functools import partial
from hashlib import sha256

from bot.reply.layout import Shot
from bot.reply.place import place_of
from bot.reply.reply import Reply
from bot.storage.answers.context import Context
from bot.storage.answers.ending import Ending
from bot.storage.engine.faults import Lost
from bot.storage.exchanges.jobs import Job
from bot.storage.tables import Thinking
from bot.texts import Texts
from bot.work import outcome
from bot.work.attachments.loading import Loaded
from bot.work.attachments.unread import is_hopeless, told
from bot.work.briefing.briefing import briefing, says_anything
from bot.work.briefing.summary import NO_BRIEF, Brief
from bot.work.calls.foreign import reads_foreign
from bot.work.calls.rounds import Rounds, Withdrawn
from bot.work.closing import Closing
from bot.work.expense import expense
from bot.work.fold import Fold
from bot.work.means import Means
from bot.work.options import options, thinker
from bot.work.retrying import Retrying
from bot.work.unless import done, unless
from bot.work.window.tokens import tokens_in
from bot.work.window.window import fit, legible, room_for_documents
from providers.base import AsyncGeneratorProvider, Message, as_taken
from providers.blocks import Audio, Block, Document, Draw, as_foreign
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

log = logging.getLogger(__name__)

_ONLY_THIS = (
    TooLong,
    Refused,
    NothingToSend,
    NotTaken,
    ModelNotSupported,
    ModelGone,
    OnlyThought,
)  # the next question may do well


class Generation:
    """One answer while it is made, `without` what the model has just refused as it is."""

    def __init__(
        self,
        means: Means,
        job: Job,
        context: Context,
        words: Texts,
        reply: Reply,
        stopped: asyncio.Event,
        *,
        without: frozenset[type[Block]] = frozenset(),
    ) -> None:
        self._means = means
        self._job = job
        self._context = context
        self._words = words
        self._reply = reply
        self._stopped = stopped
        self._without = without
        self._fold = Fold(limit=means.limits.max_answer)
        self._keeps = job.chat.thinking is Thinking.KEPT
        self._provider, self._model = self._asked()
        self._messages: list[Message] = []
        self._retrying: Retrying | None = None
        self._rounds: Rounds | None = None
        self._began_at = means.clock.now()
        self._first_s: float | None = None
        self._brief = NO_BRIEF
        self._closing = Closing(means, job, context, words, reply, self._fold, (self._provider, self._model))

    def _asked(self) -> tuple[AsyncGeneratorProvider, str | None]:
        """Return who is asked, and for which model: who makes pictures, where one is wanted, else the chat's."""
        catalog = self._means.catalog
        if Draw() in self._context.prompt:
            return catalog.painter, None
        provider = catalog.get(catalog.resolve(self._job.chat.provider))
        return provider, self._context.models.get(provider.id)

    async def run(self) -> Ending:
        """Ask the chat's provider; tell what came of it."""
        loaded: Loaded | None = None
        try:
            loaded = await unless(self._stopped, self._load())
            if loaded is None:
                return await self._closing.stopped()
            if loaded.quote != (self._job.quote or ""):
                await self._means.answers.quote(self._job, loaded.quote)  # before it is shown: a later process can tell
            self._reply.quote(loaded.quote)
            if loaded.missed and not says_anything(self._context.prompt, loaded):
                failed = await self._closing.failed("\n".join(told(loaded.missed, self._words, is_all=True)))
                return replace(failed, is_void=is_hopeless(loaded.missed))
            brief = await unless(self._stopped, self._summed_up(loaded))
            if brief is None:
                return await self._closing.stopped()
            self._brief = brief
            ended = await self._ask(loaded)
        except ProviderError as error:
            if refused := _worded(error, loaded) - self._without:
                return await self._again(self._without | refused).run()
            ended = await self._ended_by(error)
        except (Withdrawn, Lost):
            raise
        except Exception:
            log.exception("provider bug answer=%s provider=%s", self._job.id, self._provider.id)
            self._means.tally.failures[self._provider.id, "bug"] += 1
            self._note(ok=False)
            ended = await self._closing.failed(self._words.internal)
        return await self._accounted(ended, loaded)

    def _again(self, without: frozenset[type[Block]]) -> "Generation":
        means, words = self._means, self._words
        return Generation(means, self._job, self._context, words, self._reply, self._stopped, without=without)

    @property
    def _takes(self) -> frozenset[type[Block]]:
        return self._provider.takes(self._model)

    async def _load(self) -> Loaded:
        """Return what was asked, with what was read of the files; those of the newest question are fetched."""
        prompt = self._context.prompt
        asked = [*(asked for asked, _ in self._context.said), prompt]
        room = room_for_documents(prompt, self._room())
        takes, payer = self._takes - self._without, (self._job.user_id, self._job.chat.telegram_id)
        return await self._means.files.load(self._job.prompt_id, asked, room=room, takes=takes, payer=payer)

    async def _summed_up(self, loaded: Loaded) -> Brief:
        """Return what stands for the beginning of a conversation that is too long."""
        if not self._means.summing.is_wanted(self._job.chat):
            return NO_BRIEF
        messages, asked = self._conversation(loaded, NO_BRIEF), (self._provider, self._model)
        is_foreign = reads_foreign(messages[:-1]) or not place_of(self._job).is_private  # others of it read it too
        taken = as_taken(messages, self._takes)
        return await self._means.summing.brief(
            self._job, self._context, taken, self._room(), asked, is_foreign=is_foreign
        )

    def _conversation(self, loaded: Loaded, brief: Brief, *, tells_foreign: bool = False) -> list[Message]:
        return briefing(
            self._context,
            loaded.contents,
            self._means.limits.prompt_of(self._job.chat, is_own=place_of(self._job).is_set_by_asker),
            brief,
            tells_foreign=tells_foreign,
            telegram_id=self._job.chat.telegram_id,
            wall=self._means.clock.wall(),
        )

    def _room(self) -> int:
        return self._means.gauge.room(self._provider, self._model)

    async def _ask(self, loaded: Loaded) -> Ending:
        """Ask until there is an answer or a stop. Raises ProviderError, Withdrawn."""
        retrying = self._retrying = self._asker(loaded)
        is_foreign = reads_foreign(self._conversation(loaded, self._brief))
        rounds = self._rounds = await self._means.calling.rounds(
            self._job,
            self._provider,
            self._model,
            words=self._words,
            works=self._reply,
            has_foreign=is_foreign,
        )
        messages = self._conversation(loaded, self._brief, tells_foreign=rounds.may_read_foreign)
        self._messages = fit(legible(messages, self._takes), self._room())
        if not await unless(self._stopped, done(rounds.run(retrying, self._messages, self._fold))):
            return await self._closing.stopped()
        if self._fold.is_empty:
            raise EmptyAnswer("no text", provider=self._provider.id)
        self._note(ok=True)
        return await self._closing.answered(loaded, messages[-1], retrying.maker, self._brief)

    def _asker(self, loaded: Loaded) -> Retrying:
        chat, reply, fold = self._job.chat, self._reply, self._fold
        thinking, newest = partial(outcome.thought, fold), partial(outcome.told, fold, keeps_thought=self._keeps)

        def show() -> None:
            if self._first_s is None:
                self._first_s = self._means.clock.now() - self._began_at
            if chat.streaming and fold.preview and not fold.pictures and fold.thinks:
                data = fold.preview.data
                reply.preview(Shot(sha256(data).hexdigest(), fold.preview.media_type, data=data))
            elif chat.streaming:
                reply.show(newest)

        return Retrying(
            self._provider,
            self._model,
            clock=self._means.clock,
            timeouts=self._means.limits.timeouts,
            show=show,
            think=thinker(chat, lambda: reply.think(thinking)),
            wait=lambda: reply.wait(self._words.loading),
            leisure=reply.leisure_s if chat.streaming else None,
            files=loaded.pictures,
            options=options(chat, self._provider.chats_set, asker=self._job.user_id),
        )

    async def _ended_by(self, error: ProviderError) -> Ending:
        """End with what a failure is in words, and what may help."""
        log.warning("provider failed answer=%s error=%s", self._job.id, error)
        self._means.tally.failures[self._provider.id, type(error).__name__] += 1
        self._note(ok=isinstance(error, _ONLY_THIS), error=error)
        return await self._closing.by(error)

    def _note(self, *, ok: bool, error: Exception | None = None) -> None:
        """Tell the catalog how the provider did."""
        retrying, usage = self._retrying, self._fold.usage
        self._means.catalog.note(
            self._provider.id,
            ok,
            error,
            model=self._means.catalog.model(self._provider.id, self._model),
            first_s=retrying.first_text_s if retrying else None,
            seconds=retrying.seconds if retrying else 0.0,
            tokens=usage.completion_tokens if usage else tokens_in(self._fold.text),
        )

    async def _accounted(self, ended: Ending, loaded: Loaded | None) -> Ending:
        """Add who answered and what it took; note what was called on the way, and what was learned."""
        means, retrying, rounds = self._means, self._retrying, self._rounds
        if retrying:
            means.gauge.note(self._provider, self._model, retrying.sent, self._fold.round_usage)
        maker = (retrying and retrying.maker) or (
            self._provider.id,
            means.catalog.model(self._provider.id, self._model),
        )
        able = self._provider.capabilities(self._model)
        ended = expense(ended, self._fold, self._messages, maker, able)
        if ended.said is not None and (rounds is None or rounds.holds_foreign):
            ended = replace(ended, said=as_foreign(ended.said))  # the next question reads it
        if rounds:
            ended = await rounds.noted(ended)
            if self._job.chat.tools_shown and rounds.done:
                above = [loaded.quote if loaded else "", *rounds.done]
                await means.answers.quote(self._job, "\n".join(filter(None, above)))
        means.tally.ended(
            ended.provider or "",
            ended.outcome,
            first_s=self._first_s,
            seconds=means.clock.now() - self._began_at,
            tokens=(ended.prompt_tokens or 0, ended.completion_tokens or 0),
            cost=ended.cost or 0,
        )
        return ended


def _worded(error: ProviderError, loaded: Loaded | None) -> frozenset[type[Block]]:
    """Return what a model has just refused as it is and can be sent in words: recordings, PDFs, those also for size."""
    kinds = error.kinds if isinstance(error, NotTaken) else frozenset()
    if isinstance(error, TooLong) and loaded and loaded.has_documents:
        kinds = frozenset({Document})
    return kinds & {Audio, Document}
